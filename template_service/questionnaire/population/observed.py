"""One Observation of a context: whether it may be used, and what it says of itself.

R4 Observation (https://hl7.org/fhir/R4/observation.html); which count: SDC "Form population",
observation-based.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from template_service.questionnaire.population.periods import Span, effective, span

_STATUSES = ("final", "amended", "corrected")


@dataclass(frozen=True, slots=True)
class Observed:
    """One Observation that may be used, and the names others call it by."""

    json: Mapping[str, Any]
    when: Span
    issued: datetime | None
    names: frozenset[str]


def usable(
    json: Mapping[str, Any], full_url: Any, subject: str | None, authored: datetime
) -> Observed | None:
    """An Observation that may be used, or None.

    SDC: the statuses below, of the subject (if one is given), and with no other focus. FHIR: what
    has a modifierExtension nobody here understands must not be used.
    """
    when = effective(json, authored)
    if when is None or json.get("status") not in _STATUSES or "modifierExtension" in json:
        return None
    if subject is not None and not same(subject_of(json), subject):
        return None
    if "focus" in json and not _is_of_itself(json):
        return None
    issued = span(json.get("issued"), UTC)
    name = json.get("id")
    names = [full_url, f"Observation/{name}" if isinstance(name, str) else None]
    known = frozenset(each for each in names if isinstance(each, str))
    return Observed(json, when, issued.at if issued else None, known)


def is_related(observed: Observed, bound: Observed) -> bool:
    """Whether one Observation is a member of another, or derived from it."""
    return not (
        observed.names.isdisjoint(_references(bound.json.get("hasMember")))
        and bound.names.isdisjoint(_references(observed.json.get("derivedFrom")))
    )


def same(reference: str | None, wanted: str | None) -> bool:
    """Whether two references name one resource; the server may stand in one of them only."""
    if reference is None or wanted is None:
        return reference == wanted
    if "://" in reference and "://" in wanted:
        return reference == wanted
    return _tail(reference) == _tail(wanted)


def _tail(reference: str) -> list[str]:
    """`Patient/1`, without the server before it and the version after it."""
    return reference.partition("/_history/")[0].split("/")[-2:]


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


def subject_of(observation: Mapping[str, Any]) -> str | None:
    """Whom it is about, as a reference."""
    return next(_references([observation.get("subject")]), None)


def _is_of_itself(observation: Mapping[str, Any]) -> bool:
    """Whether its focus is its subject: the heartbeat of a fetus is not the mother's."""
    focus = list(_references(observation["focus"]))
    of = subject_of(observation)
    return bool(focus) and all(of is not None and same(each, of) for each in focus)


def _references(given: Any) -> Iterator[str]:
    for each in given if isinstance(given, list) else ():
        reference = each.get("reference") if isinstance(each, dict) else None
        if isinstance(reference, str):
            yield reference


def lateness(observed: Observed) -> tuple[datetime, datetime]:
    """What puts Observations in order: when they hold, then when they were issued."""
    return observed.when.at, observed.issued or observed.when.at
