"""Observation-based population (SDC "Form population"): the mirror image of extraction.

An item with a code and an observationLinkPeriod takes the value of the latest Observation of the
subject with that code, or of a component with it. What is looked through is the caller's context.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from template_service.questionnaire.elements import value_of
from template_service.questionnaire.extensions import extensions
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.population.fitting import Answer, Unfit
from template_service.questionnaire.population.observed import (
    Observed,
    codes,
    component_codes,
    holders,
    is_related,
    lateness,
    usable,
)
from template_service.questionnaire.population.people import Person, several
from template_service.questionnaire.population.periods import back
from template_service.questionnaire.population.values import answer_of

LOOK_LIMIT = 100_000
"""Values of a context looked at for Observations; a long life's record has some 20,000."""

_OF_OPTIONS = (
    "valueCodeableConcept",
    "valueString",
    "valueInteger",
    "valueDateTime",
    "valueTime",
)
_KINDS: Mapping[str, tuple[str, ...]] = {
    "boolean": ("valueBoolean",),
    "integer": ("valueInteger", "valueQuantity"),
    "decimal": ("valueQuantity", "valueInteger"),
    "string": ("valueString",),
    "text": ("valueString",),
    "url": ("valueString",),
    "date": ("valueDateTime",),
    "dateTime": ("valueDateTime",),
    "time": ("valueTime",),
    "quantity": ("valueQuantity",),
    "choice": _OF_OPTIONS,
    "open-choice": _OF_OPTIONS,
}
"""The value[x] of an Observation that has the type of an item. An Observation has no decimal (that
is a Quantity), no date (a dateTime), and nothing for a Reference or an Attachment."""


_OF_SEVERAL = "The Observations are of several people, and no subject is named; none is used."
_UNKNOWN = "The patient has no id that says whose Observations are theirs; none is used."
_NO_SUCH_VALUE = "The latest Observation has no value of the item's type; no older one is used."


@dataclass(frozen=True, slots=True)
class Match:
    """An answer and the Observation it came from."""

    answer: Answer
    observed: Observed


def link_period(item: Item) -> Any:
    """The observationLinkPeriod of an item (a Duration), or None."""
    for extension in extensions(item.raw, "sdc-questionnaire-observationLinkPeriod"):
        return extension.get("valueDuration", {})
    return None


_Said = tuple[Observed, Mapping[str, Any]]
"""An Observation, and itself or the component of it that has the code."""


@dataclass(slots=True)
class Observations:
    """The Observations of a context, latest first.

    `person` is whom they must be of; without one they must all be of the same. `too_many`: the
    context held more than is looked through.
    """

    person: Person | None
    authored: datetime
    too_many: bool = False
    _of_several: bool = False
    _unknown: bool = False
    _found: list[Observed] = field(default_factory=list)
    _by_code: dict[tuple[Any, str], list[Observed]] = field(default_factory=dict)
    # By what is asked for; an Observation by its id, which holds as long as it is in `_found`.
    _known: dict[tuple[Any, str, int], list[_Said]] = field(default_factory=dict)
    _related: dict[int, list[Observed]] = field(default_factory=dict)

    def read(self, context: Iterable[Any]) -> None:
        """Takes in every Observation of a context: resources, Bundles, lists of them."""
        for full_url, each in self._walk(context):
            self._unknown = self.person is not None and not self.person
            observed = usable(each, full_url, self.person, self.authored)
            if observed is not None:
                self._found.append(observed)
        if self.person is None and several(each.of for each in self._found):
            self._of_several, self._found = True, []
        self._found.sort(key=lateness, reverse=True)
        for observed in self._found:
            for code in {*codes(observed.json), *component_codes(observed.json)}:
                self._by_code.setdefault(code, []).append(observed)

    def answer(self, item: Item, bound: Observed | None) -> Match | Unfit:
        """The answer of an item from the latest Observation of the period with its code.

        `bound` is the Observation an item around it is filled from: then only its components, its
        members and what is derived from it are looked at. One that says nothing the item can take
        (no value, one of another type or unit, none of its options) is not passed over for an
        older one: what was known before may not be so any more.
        """
        candidates = self._latest(item, bound)
        if isinstance(candidates, Unfit):
            return candidates
        if not candidates:
            return Unfit("not-found", "No Observation of the period has the code.")
        observed, holder = candidates[0]
        try:
            answer = _said(item, holder)
        except Unfit as reason:
            return reason
        if _contradicted(item, answer, candidates[1:]):
            return Unfit("multiple-matches", "Observations of the same moment differ.")
        return Match(answer, observed)

    def _latest(self, item: Item, bound: Observed | None) -> list[_Said] | Unfit:
        """Of the latest moment each thing that is said once, for all items that ask for the same.

        Forms ask for one code many times, and records hold a moment's value many times.
        """
        period = link_period(item)
        key = (frozenset(codes(item.raw)), repr(period), id(bound))
        if key not in self._known:
            candidates = self._candidates(item, bound)
            if isinstance(candidates, Unfit):
                return candidates
            self._known[key] = _of_one_moment(candidates)
        return self._known[key]

    def panel(self, item: Item, bound: Observed | None) -> Observed | None:
        """The latest Observation that a group stands for, with a value or without."""
        candidates = self._candidates(item, bound)
        if isinstance(candidates, Unfit):
            return None
        wanted = set(codes(item.raw))
        return next((each for each, _ in candidates if wanted & set(codes(each.json))), None)

    def _candidates(self, item: Item, bound: Observed | None) -> list[_Said] | Unfit:
        """(Observation, itself or the component with the code) in the period, latest first.

        A date that may be before the period (a year, a month, the day it begins) is not in it.
        """
        wanted = set(codes(item.raw))
        start = back(self.authored, link_period(item))
        if not wanted:
            return Unfit("not-supported", "It has an observationLinkPeriod but no code.")
        if self._of_several:
            return Unfit("multiple-matches", _OF_SEVERAL)
        if self._unknown:
            return Unfit("value", _UNKNOWN)
        if start is None:
            return Unfit("value", "Its observationLinkPeriod cannot be read.")
        return [
            (observed, holder)
            for observed in self._reachable(wanted, bound)
            if observed is bound
            or (observed.when.at >= start and observed.when.first <= self.authored)
            for holder in holders(observed, wanted, itself=observed is not bound)
        ]

    def _reachable(self, wanted: set[tuple[Any, str]], bound: Observed | None) -> list[Observed]:
        if bound is not None:
            if id(bound) not in self._related:
                self._related[id(bound)] = [each for each in self._found if is_related(each, bound)]
            return [bound, *self._related[id(bound)]]
        lists = [self._by_code.get(code, []) for code in wanted]
        if len(lists) == 1:
            return lists[0]
        distinct = {id(each): each for some in lists for each in some}
        return sorted(distinct.values(), key=lateness, reverse=True)

    def _walk(self, context: Iterable[Any]) -> Iterator[tuple[Any, Mapping[str, Any]]]:
        """(fullUrl, Observation) of everything in a context, however Bundles hold each other."""
        waiting: list[tuple[Any, Any]] = [(None, each) for each in context]
        looked = 0
        while waiting:
            full_url, each = waiting.pop()
            looked += 1
            if looked > LOOK_LIMIT:
                self.too_many = True
                return
            if isinstance(each, list | tuple):
                waiting.extend((None, inner) for inner in each)
            elif isinstance(each, dict) and each.get("resourceType") == "Observation":
                yield full_url, each
            elif isinstance(each, dict) and each.get("resourceType") == "Bundle":
                entries = each.get("entry")
                waiting.extend(
                    (entry.get("fullUrl"), entry.get("resource"))
                    for entry in (entries if isinstance(entries, list) else ())
                    if isinstance(entry, dict)
                )


def stands_alone(form: Form, item: Item) -> bool:
    """Whether extraction makes an Observation of this item that those around it do not refer to.

    SDC, observationExtract: true (or independent) on the item, else on the nearest thing around it.
    """
    around: Item | None = item
    while around is not None:
        if (said := _extraction(around.raw)) is not None:
            return said in _ALONE
        around = form.items[around.parent] if around.parent else None
    return _extraction(form.resource) in _ALONE


_ALONE = (True, "independent")


def _extraction(element: Mapping[str, Any]) -> Any:
    for extension in extensions(element, "sdc-questionnaire-observationExtract"):
        return extension.get("valueCode", extension.get("valueBoolean"))
    return None


def _of_one_moment(candidates: list[_Said]) -> list[_Said]:
    """Those of the latest moment that say something, each thing said once."""
    found: list[_Said] = []
    said: set[str] = set()
    for observed, holder in candidates:
        if _is_only_a_holder(holder):
            continue
        if found and lateness(observed) != lateness(found[0][0]):
            break
        value = repr((value_of(holder), "dataAbsentReason" in holder))
        if value not in said:
            said.add(value)
            found.append((observed, holder))
    return found


def _contradicted(item: Item, answer: Answer, others: Iterable[_Said]) -> bool:
    """Whether another Observation of the same moment says something else."""
    for _, holder in others:
        try:
            if _said(item, holder) != answer:
                return True
        except Unfit:
            return True
    return False


def _said(item: Item, holder: Mapping[str, Any]) -> Answer:
    """What an Observation or a component says, as the answer of an item. Raises Unfit."""
    kind = next((kind for kind in _kinds(item) if kind in holder), None)
    if kind is None:
        raise Unfit("value", _NO_SUCH_VALUE)
    return answer_of(item, holder[kind])


def _is_only_a_holder(holder: Mapping[str, Any]) -> bool:
    """Whether it says nothing itself, as the Observation that its parts refer to does."""
    says = "dataAbsentReason" in holder or value_of(holder)[0]
    return not says and ("component" in holder or "hasMember" in holder)


def _kinds(item: Item) -> tuple[str, ...]:
    if item.options:
        return _OF_OPTIONS
    return _KINDS.get(item.type, ())
