"""Each domain through the rule (rules.md, rule 4): its state, its level, its needs, and the cards.

A level is the maximum of the weights chosen, a need has a floor, a disclosure counts wherever it
arrives, modifiers raise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from template_service.questionnaire.form import (
    ASKED_REST,
    Answers,
    Card,
    Domain,
    Facts,
    Form,
    Modifier,
    Option,
)

State = Literal["not-asked", "not-offered", "no-need", "need", "unsure", "declined"]
Method = Literal["asked", "batch"]

# Of several answers to one row (a response that is not valid), the one that discloses most counts.
_SCREENED: tuple[State, ...] = ("need", "unsure", "no-need", "declined")
_OPEN = ("need", "unsure")
_RAISED_TO = 3
"""Circumstances raise a level, but only a disclosure makes it urgent (rules.md, rule 4e)."""


@dataclass(slots=True)
class Assessed:
    """One domain on its way through the rule; `chosen` are its options that count.

    `by_row`: it is a need by its row or a disclosure, not by an urgent tick alone.
    """

    domain: Domain
    state: State
    method: Method | None
    chosen: list[Option]
    level: int | None = None
    by_row: bool = False


class Assessment:
    """The domains of one response, one after the other; `raised` are the cards so far, by id."""

    __slots__ = ("_batch", "_cards", "_counted", "_facts", "_ticked", "raised")

    def __init__(self, form: Form, facts: Facts) -> None:
        self._cards = form.cards
        self._facts = facts
        self._counted = counted = facts.counted
        self._batch = counted.get(ASKED_REST) == (True,)
        self._ticked = tuple(_ticked(form, counted))
        # What is worked out of safety is known to the cards of the form only.
        self.raised: dict[str, Card] = {card.id: form.cards[card.id] for card in self._ticked}
        for link_id in form.alarms:
            for option in _options(counted, link_id):
                if option.urgent is not None:
                    self._raise(option.urgent)

    def assess(self, domain: Domain, *, offered: bool) -> Assessed:
        """One domain; `offered`: a live service covers it for this person."""
        counted = self._counted
        chosen: list[Option] = []
        discloses = False
        for link_id in domain.scored:
            for option in counted.get(link_id, ()):
                if type(option) is Option:
                    chosen.append(option)
                    discloses = discloses or option.discloses
        state, method = ("need", "asked") if discloses else self._state(domain, offered=offered)
        one = Assessed(domain, state, method, chosen)
        if state == "no-need":
            one.level = 0
        elif state in _OPEN:
            self._level(one)
        if self._ticked:
            self._apply_ticks(one)
        if domain.modifiers and one.state in _OPEN:
            for modifier in domain.modifiers:
                self._apply_modifier(one, modifier)
        return one

    def _state(self, domain: Domain, *, offered: bool) -> tuple[State, Method | None]:
        """The state of a domain where nothing discloses: by its row, the offer, `asked-rest`."""
        screened = self._counted.get(domain.screen.link_id, ())
        for state in _SCREENED if screened else ():
            for each in screened:
                if type(each) is Option and each.code == state:
                    return state, "asked"
        if not (offered or domain.always_offered or domain.masked):
            return "not-offered", None
        if self._batch and not domain.masked:
            return "no-need", "batch"
        return "not-asked", None

    def _level(self, one: Assessed) -> None:
        """Rules 4b, 4c and the cards that chosen options raise (4d)."""
        level: int | None = None
        if one.state == "need":
            one.by_row = True
            level = one.domain.floor
            if one.domain.floor_card is not None:
                self._raise(one.domain.floor_card)
        for option in one.chosen:
            weight = option.weight
            if weight is not None and (level is None or weight > level):
                level = int(weight)
            if option.urgent is not None:
                self._raise(option.urgent)
        one.level = level

    def _apply_ticks(self, one: Assessed) -> None:
        """Rule 4d: an urgent tick makes its domain a need, whatever its row says."""
        for card in self._ticked:
            if card.domain == one.domain.id:
                one.state, one.method = "need", "asked"
                one.level = max(one.level or 0, one.domain.floor, card.level or 0)

    def _apply_modifier(self, one: Assessed, modifier: Modifier) -> None:
        """Rule 4e. No effect ever lowers a level."""
        if not modifier.holds(one.level, self._facts):
            return
        if modifier.effect == "raise":
            if one.level is not None:
                one.level = max(one.level, min(one.level + 1, _RAISED_TO))
        else:
            one.level = max(one.level or 0, modifier.level or 0)
        if modifier.card is not None:
            self._raise(modifier.card)

    def _raise(self, card_id: str) -> None:
        self.raised[card_id] = self._cards[card_id]


def _options(counted: Answers, link_id: str) -> Iterator[Option]:
    return (each for each in counted.get(link_id, ()) if isinstance(each, Option))


def _ticked(form: Form, counted: Answers) -> Iterator[Card]:
    for link_id in form.ticks:
        for option in _options(counted, link_id):
            if option.card is not None:
                yield option.card


def needs_of(
    one: Assessed, household: frozenset[str], of_cards: tuple[str, ...]
) -> tuple[str, ...]:
    """The needs of a domain whose level is 1 or more, sorted (rules.md, rule 4i).

    Those of the chosen options; the domain's default ones when it is a need by its row and the
    options name none; those its household brings; `of_cards`, those of its raised cards.
    """
    named = [option.needs for option in one.chosen if option.needs]
    if one.by_row and not named:
        named.append(one.domain.default_needs)
    for members, needs in one.domain.household_needs:
        if not members.isdisjoint(household):
            named.append(needs)
    if of_cards:
        named.append(of_cards)
    return _united(tuple(named))


@lru_cache(maxsize=4096)
def _united(named: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    # The same few needs meet again and again.
    return tuple(sorted({need for needs in named for need in needs}))
