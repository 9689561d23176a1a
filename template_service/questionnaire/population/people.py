"""Whom a resource is about: one person's record must never fill another person's form.

FHIR R4 (references.html): a Reference names somebody by an address, by an identifier or by both. A
relative address is of the server that holds the resource; the same id at an absolute address is
somebody else, unless that is the very server.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from template_service.questionnaire.problems import Problem, Severity

_IN_SERVER = "/Observation/"

_OTHER = "The patient of the context is not the subject; nothing is filled in."
_UNSURE = "Nothing says that the patient of the context is the subject, so it was not used."


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as far as a Reference or a resource says: an address, identifiers."""

    reference: str | None = None
    identifiers: frozenset[tuple[str | None, str]] = frozenset()

    def __bool__(self) -> bool:
        return self.reference is not None or bool(self.identifiers)

    def contradicts(self, other: "Person") -> bool:
        """Whether the two are two people: another address, or another number of one system.

        An address and an identifier that one of them lacks say nothing.
        """
        if None not in (self.reference, other.reference):
            if not same(self.reference, other.reference):
                return True
        elif self.identifiers & other.identifiers:
            return False
        systems = {system for system, _ in self.identifiers}
        shared = systems & {system for system, _ in other.identifiers}
        return bool(shared) and not (self.identifiers & other.identifiers)

    def is_same(self, other: "Person") -> bool:
        """Whether it is known that the two are one person."""
        if self.contradicts(other):
            return False
        if None not in (self.reference, other.reference):
            return True
        return bool(self.identifiers & other.identifiers)

    def joined(self, other: "Person") -> "Person":
        """All that is known of one person from both."""
        return Person(self.reference or other.reference, self.identifiers | other.identifiers)


NOBODY = Person()


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose data may be used (None: nobody is named), of which context, and what is wrong."""

    context: Any
    person: Person | None
    problem: Problem | None = None


def named(reference: Any, full_url: Any = None) -> Person:
    """Whom a Reference names, or a text that is its address; nobody for any other JSON.

    `full_url` is that of the Observation the Reference stands in: an address on its own server is
    read as a relative one.
    """
    if isinstance(reference, str):
        return Person(_local(reference, full_url)) if reference else NOBODY
    if not isinstance(reference, Mapping):
        return NOBODY
    address = reference.get("reference")
    known = _local(address, full_url) if isinstance(address, str) and address else None
    return Person(known, frozenset(_identifiers([reference.get("identifier")])))


def is_patient(reference: Any) -> bool:
    """Whether a Reference, or an address, may be of a Patient, as far as it says."""
    person = named(reference)
    type_ = reference.get("type") if isinstance(reference, Mapping) else None
    parts = (person.reference or "").split("/")
    if len(parts) > 1 and parts[-2][:1].isupper():
        return parts[-2] == "Patient"
    return not isinstance(type_, str) or type_ == "Patient"


def whose_data(context: Any, subject: str | Mapping[str, Any] | None) -> Whose:
    """Whose data may fill a form for a subject, and what of the context is theirs.

    An error: the patient of the context is another than the subject. A warning: it is not known
    that they are the same, so the context that is left has no patient.
    """
    wanted = named(subject)
    patient = _patient_of(context)
    if patient is None or (wanted and not is_patient(subject)):
        return Whose(context, wanted or None)
    if not wanted:
        return Whose(context, patient)
    if wanted.contradicts(patient):
        return Whose(context, wanted, _problem("error", "invariant", _OTHER))
    if wanted.is_same(patient):
        return Whose(context, wanted.joined(patient))
    left = {name: each for name, each in context.items() if name != "patient"}
    return Whose(left, wanted, _problem("warning", "value", _UNSURE))


def _patient_of(context: Any) -> Person | None:
    patient = context.get("patient") if isinstance(context, Mapping) else None
    if not isinstance(patient, dict) or patient.get("resourceType") != "Patient":
        return None
    return person_of(patient)


def person_of(patient: Mapping[str, Any]) -> Person:
    """Who a Patient is."""
    name, given = patient.get("id"), patient.get("identifier")
    reference = f"Patient/{name}" if isinstance(name, str) and name else None
    return Person(reference, frozenset(_identifiers(given if isinstance(given, list) else [])))


def _problem(severity: Severity, code: str, message: str) -> Problem:
    return Problem(severity, code, "Questionnaire", None, message)


def same(reference: str | None, wanted: str | None) -> bool:
    """Whether two addresses name one resource, whatever its version."""
    if reference is None or wanted is None:
        return reference == wanted
    return _unversioned(reference) == _unversioned(wanted)


def several(people: Iterator[Person]) -> bool:
    """Whether it is not known that all of them are one person."""
    first: Person | None = None
    for each in people:
        if first is None:
            first = each
        elif each != first and not first.is_same(each):
            return True
    return False


def _unversioned(reference: str) -> str:
    return reference.partition("/_history/")[0]


def _local(reference: str, full_url: Any) -> str:
    server, found, _ = (
        full_url.rpartition(_IN_SERVER) if isinstance(full_url, str) else ("", "", "")
    )
    return reference.removeprefix(f"{server}/") if found and server else reference


def _identifiers(given: list[Any]) -> Iterator[tuple[str | None, str]]:
    for each in given:
        value = each.get("value") if isinstance(each, dict) else None
        if isinstance(value, str) and value:
            system = each.get("system")
            yield system if isinstance(system, str) else None, value
