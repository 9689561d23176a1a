"""One Observation of a context: whether it may be used, and what it says of itself.

R4 Observation (https://hl7.org/fhir/R4/observation.html); which count: SDC "Form population",
observation-based.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from template_service.questionnaire.population.people import Person, named
from template_service.questionnaire.population.periods import Span, effective, span

_STATUSES = ("final", "amended", "corrected")


@dataclass(frozen=True, slots=True)
class Observed:
    """One Observation that may be used, whom it is of, and the names others call it by."""

    json: Mapping[str, Any]
    when: Span
    issued: datetime | None
    names: frozenset[str]
    of: Person


def usable(
    json: Mapping[str, Any], full_url: Any, person: Person | None, authored: datetime
) -> Observed | None:
    """An Observation that may be used, or None.

    SDC: the statuses below, of the person (if one is given), and with no other focus. FHIR: what
    has a modifierExtension nobody here understands must not be used.
    """
    when = effective(json, authored)
    if when is None or json.get("status") not in _STATUSES or "modifierExtension" in json:
        return None
    of = named(json.get("subject"), full_url)
    if person is not None and not person.is_same(of):
        return None
    if "focus" in json and not _is_of_itself(json, of, full_url):
        return None
    issued = span(json.get("issued"), UTC)
    name = json.get("id")
    names = [full_url, f"Observation/{name}" if isinstance(name, str) else None]
    known = frozenset(each for each in names if isinstance(each, str))
    return Observed(json, when, issued.at if issued else None, known, of)


def is_related(observed: Observed, bound: Observed) -> bool:
    """Whether one Observation is a member of another, or derived from it."""
    return not (
        observed.names.isdisjoint(_references(bound.json.get("hasMember")))
        and bound.names.isdisjoint(_references(observed.json.get("derivedFrom")))
    )


def codes(element: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """The (system, code) pairs of an element's `code`: a list of codings or a CodeableConcept."""
    code = element.get("code")
    codings = code.get("coding") if isinstance(code, dict) else code
    for coding in codings if isinstance(codings, list) else ():
        if not isinstance(coding, dict) or not isinstance(coding.get("code"), str):
            continue
        system = coding.get("system")
        if coding["code"] and isinstance(system, str | None):
            yield system, coding["code"]


def _components(observation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = observation.get("component")
    return [
        each
        for each in (found if isinstance(found, list) else ())
        if isinstance(each, dict) and "modifierExtension" not in each
    ]


def component_codes(observation: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """The (system, code) pairs of its components."""
    for component in _components(observation):
        yield from codes(component)


def holders(
    observed: Observed, wanted: set[tuple[Any, str]], *, itself: bool
) -> Iterator[Mapping[str, Any]]:
    """What of an Observation has one of the codes: itself, its components."""
    if itself and not wanted.isdisjoint(codes(observed.json)):
        yield observed.json
    for component in _components(observed.json):
        if not wanted.isdisjoint(codes(component)):
            yield component


def _is_of_itself(observation: Mapping[str, Any], of: Person, full_url: Any) -> bool:
    """Whether its focus is its subject: the heartbeat of a fetus is not the mother's."""
    focus = observation["focus"]
    found = focus if isinstance(focus, list) else []
    return bool(found) and all(of.is_same(named(each, full_url)) for each in found)


def _references(given: Any) -> Iterator[str]:
    for each in given if isinstance(given, list) else ():
        reference = each.get("reference") if isinstance(each, dict) else None
        if isinstance(reference, str):
            yield reference


def lateness(observed: Observed) -> tuple[datetime, datetime]:
    """What puts Observations in order: when they hold, then when they were issued."""
    return observed.when.at, observed.issued or observed.when.at
