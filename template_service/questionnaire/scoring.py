"""From answers to states, levels, urgent cards, order and needs (rules.md, rule 4).

The engine knows the generic rule only: a level is the maximum of the weights chosen, a need has a
floor, a disclosure counts wherever it arrives, modifiers raise. What the questions, weights, cards
and modifiers are is in the Questionnaire. Nothing is ever summed across domains.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from template_service.questionnaire.answers import codes, read_answers, to_response
from template_service.questionnaire.assessing import (
    Assessed,
    Assessment,
    Method,
    State,
    needs_of,
)
from template_service.questionnaire.conditions import counted_answers
from template_service.questionnaire.counts import counts
from template_service.questionnaire.form import (
    HOUSEHOLD,
    INFORMAL_INTERPRETER,
    INTERPRETER,
    PRIORITY,
    SEEN_ALONE,
    Answers,
    Card,
    Facts,
    Form,
    Option,
    Value,
)

YES_NOW = "yes-now"
OLDEST_AGE = 130
"""The oldest verified human age is 122 years; the rest is room, and a typing slip is refused."""


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


def score(
    form: Form,
    answers: Answers,
    context: Context = Context(),
    not_offered: frozenset[str] = frozenset(),
) -> Score:
    """Score answers. `not_offered` are the domains no live service covers for this person."""
    counted = counted_answers(form, answers)
    facts = Facts(
        context.age,
        context.conditions,
        counted,
        lambda: to_response(form, counted, status="in-progress"),
    )
    assessment = Assessment(form, facts)
    assessed = [
        assessment.assess(domain, offered=domain.id not in not_offered) for domain in form.domains
    ]
    return _result(counted, assessed, assessment.raised)


def _result(counted: Answers, assessed: list[Assessed], raised: dict[str, Card]) -> Score:
    household = frozenset(codes(counted.get(HOUSEHOLD, ())))
    priority = codes(counted.get(PRIORITY, ()))
    domains: dict[str, DomainScore] = {}
    keys: dict[str, int] = {}
    chosen: dict[str, tuple[Option, ...]] = {}
    card_needs: dict[str | None, tuple[str, ...]] = {}
    for card in raised.values():
        card_needs[card.domain] = card_needs.get(card.domain, ()) + card.needs
    # A card that stands in no domain is a need all the same.
    unplaced = frozenset(card_needs.get(None, ()))
    for one in assessed:
        domain = one.domain
        needs: tuple[str, ...] = ()
        wants_help = None
        if domain.wants_help.link_id in counted:
            wants_help = _first_code(counted[domain.wants_help.link_id])
        if one.level:
            needs = needs_of(one, household, card_needs.get(domain.id, ()))
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
        needs=tuple(sorted(unplaced.union(*[each.needs for each in domains.values()]))),
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
    of the weights chosen, of each answered question with weights), and the score: all of the same
    answers, those that count. The response is read leniently, so a flat one scores like a nested
    one. `problems` are there only where not all of it could be worked out.
    """
    counted = counts(form, read_answers(form, resource)[0], resource)
    report = {
        "calculated": counted.values,
        "scores": dict(totals(form, counted.answers)),
        **score(form, counted.answers, context).as_json(),
    }
    told = [{"code": each.code, "message": each.message} for each in counted.problems]
    return report | ({"problems": told} if told else {})


def totals(form: Form, answers: Answers) -> Iterator[tuple[str, int | float]]:
    """Each answered item whose options carry weights, with the total of the weights chosen.

    Each answer counts, as in FHIRPath's sum(): an option that is there twice counts twice.
    """
    for link_id in form.weighted:
        weights = [
            option.weight
            for option in answers.get(link_id, ())
            if isinstance(option, Option) and option.weight is not None
        ]
        if weights:
            total = sum(weights)
            yield link_id, total if isinstance(total, int) else float(total)
