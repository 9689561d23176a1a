"""From answers to states, levels, urgent cards, order and needs (rules.md, rule 4).

The engine knows the generic rule only: a level is the maximum of the weights chosen, a need has a
floor, a disclosure counts wherever it arrives, modifiers raise. What the questions, weights, cards
and modifiers are is in the Questionnaire. Nothing is ever summed across domains.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from template_service.questionnaire.answers import codes, read_answers, to_response
from template_service.questionnaire.conditions import counted_answers
from template_service.questionnaire.expressions.scoring import calculated
from template_service.questionnaire.form import (
    ASKED_REST,
    HOUSEHOLD,
    INFORMAL_INTERPRETER,
    INTERPRETER,
    PRIORITY,
    SEEN_ALONE,
    Answers,
    Card,
    Domain,
    Facts,
    Form,
    Modifier,
    Option,
    Value,
)
from template_service.questionnaire.needs import needs_of

State = Literal["not-asked", "not-offered", "no-need", "need", "unsure", "declined"]
Method = Literal["asked", "batch"]

# Of several answers to one row (a response that is not valid), the one that discloses most counts.
_SCREENED: tuple[State, ...] = ("need", "unsure", "no-need", "declined")
_RAISED_TO = 3
"""Circumstances raise a level, but only a disclosure makes it urgent (rules.md, rule 4e)."""

YES_NOW = "yes-now"


@dataclass(frozen=True, slots=True)
class Context:
    """What is known besides the answers: age in years, condition codes from the record."""

    age: int | None = None
    conditions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DomainScore:
    """One domain: its state, its level 0 to 4 (None: unknown or not asked), the help wanted.

    `method` is how it was asked: `asked`, `batch` ("nothing else") or None. `needs` are sorted.
    """

    id: str
    state: State
    level: int | None
    wants_help: str | None
    method: Method | None
    needs: tuple[str, ...]


# Scores repeat endlessly and are immutable: looking one up costs a fifth of making it.
_domain_score = lru_cache(maxsize=4096)(DomainScore)


@dataclass(frozen=True, slots=True)
class Score:
    """A scored template: `domains` in template order, `urgent`, `masked_on_screen`, `needs` sorted.

    `order` lists the domains with a level of 1 or more, most pressing first; `chosen` has, for each
    of them, the options above level 0 that count, in the order of the template.
    """

    domains: dict[str, DomainScore]
    urgent: tuple[str, ...]
    masked_on_screen: tuple[str, ...]
    order: tuple[str, ...]
    needs: tuple[str, ...]
    chosen: dict[str, tuple[Option, ...]] = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """The shape of the command line; without `domains` for a form that defines none."""
        domains = {
            domain.id: {
                "state": domain.state,
                "level": domain.level,
                "wants_help": domain.wants_help,
            }
            for domain in self.domains.values()
        }
        return ({"domains": domains} if domains else {}) | {
            "urgent": list(self.urgent),
            "masked_on_screen": list(self.masked_on_screen),
            "order": list(self.order),
            "needs": list(self.needs),
        }


@dataclass(slots=True)
class _Assessed:
    """One domain on its way through the rule.

    `by_row`: it is a need by its row or a disclosure, not by an urgent tick alone.
    """

    domain: Domain
    state: State
    method: Method | None
    chosen: list[Option]
    level: int | None = None
    by_row: bool = False


def score(
    form: Form,
    answers: Answers,
    context: Context = Context(),
    not_offered: frozenset[str] = frozenset(),
) -> Score:
    """Score answers. `not_offered` are the domains no live service covers for this person."""
    counted = counted_answers(form, answers)
    raised: dict[str, Card] = {}
    ticked = list(_ticked(form, counted))
    for card in ticked:
        raised[card.id] = card
    for card in _alarmed(form, counted):
        raised[card.id] = card
    batch = counted.get(ASKED_REST) == (True,)
    facts = Facts(
        context.age,
        context.conditions,
        counted,
        lambda: to_response(form, counted, status="in-progress"),
    )
    assessed: list[_Assessed] = []
    for domain in form.domains:
        one = _assess(domain, counted, batch=batch, offered=domain.id not in not_offered)
        _level(form, one, raised)
        if ticked:
            _apply_ticks(one, ticked)
        for modifier in domain.modifiers if one.state in ("need", "unsure") else ():
            _apply_modifier(form, one, modifier, facts, raised)
        assessed.append(one)
    return _result(counted, assessed, raised)


def _ticked(form: Form, counted: Answers) -> Iterator[Card]:
    for link_id in form.ticks:
        for option in counted.get(link_id, ()):
            if isinstance(option, Option) and option.card is not None:
                yield option.card


def _alarmed(form: Form, counted: Answers) -> Iterator[Card]:
    """The cards that urgent options outside every domain raise."""
    for link_id in form.alarms:
        for option in counted.get(link_id, ()):
            if isinstance(option, Option) and option.urgent is not None:
                yield form.cards[option.urgent]


def _assess(domain: Domain, counted: Answers, *, batch: bool, offered: bool) -> _Assessed:
    """The state of a domain by its row, its disclosures, `asked-rest` and the offer."""
    chosen: list[Option] = []
    discloses = False
    for link_id in domain.scored:
        for option in counted.get(link_id, ()):
            if type(option) is Option:
                chosen.append(option)
                discloses = discloses or option.discloses
    if discloses:
        return _Assessed(domain, "need", "asked", chosen)
    screened = counted.get(domain.screen.link_id)
    if screened and (state := _row_state(screened)) is not None:
        return _Assessed(domain, state, "asked", chosen)
    if not (offered or domain.always_offered or domain.masked):
        return _Assessed(domain, "not-offered", None, chosen)
    if batch and not domain.masked:
        return _Assessed(domain, "no-need", "batch", chosen)
    return _Assessed(domain, "not-asked", None, chosen)


def _row_state(screened: tuple[Value, ...]) -> State | None:
    for state in _SCREENED:
        for each in screened:
            if type(each) is Option and each.code == state:
                return state
    return None


def _level(form: Form, one: _Assessed, raised: dict[str, Card]) -> None:
    """Rules 4b, 4c and the cards that chosen options raise (4d)."""
    if one.state == "no-need":
        one.level = 0
        return
    if one.state not in ("need", "unsure"):
        return
    level: int | None = None
    if one.state == "need":
        one.by_row = True
        level = one.domain.floor
        if one.domain.floor_card is not None:
            raised[one.domain.floor_card] = form.cards[one.domain.floor_card]
    for option in one.chosen:
        weight = option.weight
        if weight is not None and (level is None or weight > level):
            level = int(weight)
        if option.urgent is not None:
            raised[option.urgent] = form.cards[option.urgent]
    one.level = level


def _apply_ticks(one: _Assessed, ticked: list[Card]) -> None:
    """Rule 4d: an urgent tick makes its domain a need, whatever its row says."""
    for card in ticked:
        if card.domain == one.domain.id:
            one.state, one.method = "need", "asked"
            one.level = max(one.level or 0, one.domain.floor, card.level or 0)


def _apply_modifier(
    form: Form, one: _Assessed, modifier: Modifier, facts: Facts, raised: dict[str, Card]
) -> None:
    """Rule 4e. No effect ever lowers a level."""
    if not modifier.holds(one.level, facts):
        return
    if modifier.effect == "raise":
        if one.level is not None:
            one.level = max(one.level, min(one.level + 1, _RAISED_TO))
    else:
        one.level = max(one.level or 0, modifier.level or 0)
    if modifier.card is not None:
        raised[modifier.card] = form.cards[modifier.card]


def _result(counted: Answers, assessed: list[_Assessed], raised: dict[str, Card]) -> Score:
    household = frozenset(codes(counted.get(HOUSEHOLD, ())))
    priority = codes(counted.get(PRIORITY, ()))
    domains: dict[str, DomainScore] = {}
    keys: dict[str, int] = {}
    chosen: dict[str, tuple[Option, ...]] = {}
    card_needs: dict[str | None, tuple[str, ...]] = {}
    for card in raised.values():
        card_needs[card.domain] = card_needs.get(card.domain, ()) + card.needs
    for one in assessed:
        domain = one.domain
        needs: tuple[str, ...] = ()
        wants_help = _first_code(counted.get(domain.wants_help.link_id, ()))
        if one.level:
            of_cards = card_needs.get(domain.id, ())
            needs = needs_of(domain, one.chosen, household, of_cards, is_need=one.by_row)
            # A sort key (rule 4g), never shown or stored.
            bonus = 10 * (wants_help == YES_NOW) + 10 * (domain.id in priority)
            keys[domain.id] = 100 * one.level + bonus + domain.weight
            chosen[domain.id] = tuple([option for option in one.chosen if option.weight])
        domains[domain.id] = _domain_score(
            domain.id, one.state, one.level, wants_help, one.method, needs
        )
    return Score(
        domains=domains,
        urgent=tuple(sorted(raised)),
        masked_on_screen=_masked_on_screen(counted, raised),
        order=tuple(sorted(keys, key=keys.__getitem__, reverse=True)),
        needs=tuple(sorted(set().union(*[each.needs for each in domains.values()]))),
        chosen=chosen,
    )


def _first_code(given: tuple[Value, ...]) -> str | None:
    for each in given:
        if type(each) is Option:
            return each.code
    return None


def _masked_on_screen(counted: Answers, raised: dict[str, Card]) -> tuple[str, ...]:
    """Rule 4f: the cards nobody else in the room may see."""
    alone = counted.get(SEEN_ALONE) == (True,)
    if alone and INFORMAL_INTERPRETER not in codes(counted.get(INTERPRETER, ())):
        return ()
    return tuple(sorted(card.id for card in raised.values() if card.gate == SEEN_ALONE))


def score_report(form: Form, resource: Any, context: Context = Context()) -> dict[str, Any]:
    """The JSON of `template-service questionnaire score` for a response as received.

    `calculated` (linkId -> value by the form's calculatedExpressions), `scores` (linkId -> total
    of the weights chosen, of each answered question with weights), and the score. The response is
    read leniently, so a flat one scores like a nested one.
    """
    answers, _ = read_answers(form, resource)
    head = resource if isinstance(resource, dict) else {}
    items = to_response(form, answers, status="in-progress").get("item", [])
    return {
        "calculated": calculated(form, {**head, "item": items}),
        "scores": dict(totals(form, answers)),
        **score(form, answers, context).as_json(),
    }


def totals(form: Form, answers: Answers) -> Iterator[tuple[str, int | float]]:
    """Each answered item whose options carry weights, with the total of the weights chosen."""
    for link_id in form.weighted:
        weights = [
            option.weight
            for option in answers.get(link_id, ())
            if isinstance(option, Option) and option.weight is not None
        ]
        if weights:
            total = sum(weights)
            yield link_id, total if isinstance(total, int) else float(total)
