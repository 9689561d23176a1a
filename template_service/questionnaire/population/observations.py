"""Observation-based population (SDC "Form population"): the mirror image of extraction.

An item with a code and an observationLinkPeriod takes the value of the latest Observation of the
subject with that code, or of a component with it. What is looked through is the caller's context.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

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
    subject_of,
    usable,
)
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


@dataclass(slots=True)
class Observations:
    """The Observations of a context, latest first.

    `subject` is the reference they must be of; without one they must all be of the same.
    `too_many`: the context held more than is looked through.
    """

    subject: str | None
    authored: datetime
    too_many: bool = False
    _found: list[Observed] = field(default_factory=list)
    _by_code: dict[tuple[Any, str], list[Observed]] = field(default_factory=dict)

    def read(self, context: Iterable[Any]) -> None:
        """Takes in every Observation of a context: resources, Bundles, lists of them."""
        for full_url, each in self._walk(context):
            observed = usable(each, full_url, self.subject, self.authored)
            if observed is not None:
                self._found.append(observed)
        self._found.sort(key=lateness, reverse=True)
        for observed in self._found:
            for code in {*codes(observed.json), *component_codes(observed.json)}:
                self._by_code.setdefault(code, []).append(observed)

    def answer(self, item: Item, bound: Observed | None) -> Match | Unfit:
        """The answer of an item from the latest Observation that has a value of its type.

        `bound` is the Observation an item around it is filled from: then only its components, its
        members and what is derived from it are looked at. One that is not in the item's unit, or
        not among its options, is not passed over for an older one.
        """
        candidates = self._candidates(item, bound)
        if isinstance(candidates, Unfit):
            return candidates
        for index, (observed, holder) in enumerate(candidates):
            kind = next((kind for kind in _kinds(item) if kind in holder), None)
            if kind is None:
                continue
            try:
                answer = answer_of(item, holder[kind])
            except Unfit as reason:
                return reason
            if self._contradicted(item, answer, observed, candidates[index + 1 :]):
                return Unfit("multiple-matches", "Observations of the same moment differ.")
            return Match(answer, observed)
        return Unfit("not-found", "No Observation of the period has the code and a value for it.")

    def panel(self, item: Item, bound: Observed | None) -> Observed | None:
        """The latest Observation that a group stands for, with a value or without."""
        candidates = self._candidates(item, bound)
        if isinstance(candidates, Unfit):
            return None
        wanted = set(codes(item.raw))
        return next((each for each, _ in candidates if wanted & set(codes(each.json))), None)

    def _candidates(
        self, item: Item, bound: Observed | None
    ) -> list[tuple[Observed, Mapping[str, Any]]] | Unfit:
        """(Observation, itself or the component with the code) in the period, latest first."""
        wanted = set(codes(item.raw))
        start = back(self.authored, link_period(item))
        if not wanted:
            return Unfit("not-supported", "It has an observationLinkPeriod but no code.")
        if start is None:
            return Unfit("value", "Its observationLinkPeriod cannot be read.")
        found = [
            (observed, holder)
            for observed in self._reachable(wanted, bound)
            if observed is bound
            or (observed.when.last >= start and observed.when.first <= self.authored)
            for holder in holders(observed, wanted, itself=observed is not bound)
        ]
        if self.subject is None and len({subject_of(each.json) for each, _ in found}) > 1:
            reason = "The Observations are of several subjects, and none is named."
            return Unfit("multiple-matches", reason)
        return found

    def _reachable(self, wanted: set[tuple[Any, str]], bound: Observed | None) -> list[Observed]:
        if bound is not None:
            return [bound, *(each for each in self._found if is_related(each, bound))]
        lists = [self._by_code.get(code, []) for code in wanted]
        if len(lists) == 1:
            return lists[0]
        distinct = {id(each): each for some in lists for each in some}
        return sorted(distinct.values(), key=lateness, reverse=True)

    def _contradicted(
        self,
        item: Item,
        answer: Answer,
        observed: Observed,
        others: Iterable[tuple[Observed, Mapping[str, Any]]],
    ) -> bool:
        """Whether another Observation, just as late, says something else."""
        for other, holder in others:
            if lateness(other) != lateness(observed):
                return False
            kind = next((kind for kind in _kinds(item) if kind in holder), None)
            try:
                if kind is not None and answer_of(item, holder[kind]) != answer:
                    return True
            except Unfit:
                return True
        return False

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


def _kinds(item: Item) -> tuple[str, ...]:
    if item.options:
        return _OF_OPTIONS
    return _KINDS.get(item.type, ())
