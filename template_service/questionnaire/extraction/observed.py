"""The parts of an Observation: what it takes from the response, and the value of an answer.

HL7 SDC 4, "Observation-based extraction", names where each element comes from; what an element of
R4's Observation may hold is from https://hl7.org/fhir/R4/observation.html.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from template_service.questionnaire.elements import objects
from template_service.questionnaire.extensions import value
from template_service.questionnaire.extraction.work import Work
from template_service.questionnaire.problems import Problem
from template_service.questionnaire.structures import referenced_type

UNIT = "questionnaire-unit"

_SUBJECTS = frozenset(("Patient", "Group", "Device", "Location"))
_PERFORMERS = frozenset(
    ("Practitioner", "PractitionerRole", "Organization", "CareTeam", "Patient", "RelatedPerson")
)
_BASES = frozenset(
    (
        *("CarePlan", "DeviceRequest", "ImmunizationRecommendation", "MedicationRequest"),
        *("NutritionOrder", "ServiceRequest"),
    )
)
_WHOLES = frozenset(
    (
        *("MedicationAdministration", "MedicationDispense", "MedicationStatement", "Procedure"),
        *("Immunization", "ImagingStudy"),
    )
)
_PLACE = "QuestionnaireResponse"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

_UNFINISHED = "in-progress"
# R4, questionnaire-answers-status: made in error, or given up before it was finished.
_NOT_EXTRACTED = frozenset(("entered-in-error", "stopped"))
_NO_LONGER_SO = "The response is {}: it is not to be relied on, so nothing is extracted from it."
_PROVISIONAL = (
    "The response is in progress, and extraction is for what is completed: what was answered so"
    " far may change, and Observations made from it are preliminary."
)
_NO_ID = "The response has no id, so the Observations do not refer to it (derivedFrom)."
_NO_SUBJECT = "The response has no subject, so the Observations have none."
_NO_AUTHORED = "The response has no authored date, so the Observations say no time."
_NOT_ALLOWED = "An Observation cannot have a {} as {}; it is left out."


class Head:
    """What every Observation of one response has in common; what is missing is told once."""

    def __init__(self, response: Mapping[str, Any], work: Work) -> None:
        self._response = response
        self._work = work
        self._made: dict[str, Any] | None = None
        # R4, observation-status: preliminary is what is not yet complete or verified.
        self._status = "preliminary" if response.get("status") == _UNFINISHED else "final"

    def observation(self, codes: list[Any], categories: tuple[Any, ...]) -> dict[str, Any]:
        """A new Observation without a value."""
        if self._made is None:
            self._made = self._make()
        made: dict[str, Any] = self._work.copy(self._made)
        # The order of R4's page, for people who read the Bundle.
        ahead: dict[str, Any] = {
            name: made.pop(name) for name in ("basedOn", "partOf") if name in made
        }
        category: dict[str, Any] = (
            {"category": self._work.copy(list(categories))} if categories else {}
        )
        return {
            "resourceType": "Observation",
            **ahead,
            "status": self._status,
            **category,
            "code": {"coding": self._work.copy(codes)},
            **made,
        }

    def _make(self) -> dict[str, Any]:
        response = self._response
        authored = response.get("authored")
        identity = response.get("id")
        source = f"QuestionnaireResponse/{identity}" if isinstance(identity, str) else None
        moment = authored if isinstance(authored, str) else None
        made = {
            "basedOn": self._references("basedOn", _BASES),
            "partOf": self._references("partOf", _WHOLES),
            "subject": self._reference("subject", "subject", _SUBJECTS),
            "encounter": response.get("encounter"),
            "effectiveDateTime": moment,
            "issued": moment if moment and _INSTANT.fullmatch(moment) else None,
            "performer": _single(self._reference("author", "performer", _PERFORMERS)),
            "derivedFrom": _single({"reference": source} if source else None),
        }
        for name, message in (
            ("derivedFrom", _NO_ID),
            ("subject", _NO_SUBJECT),
            ("effectiveDateTime", _NO_AUTHORED),
        ):
            if not made[name]:
                self._work.tell("information", "incomplete", _PLACE, None, message)
        return {name: each for name, each in made.items() if each}

    def _references(self, name: str, types: frozenset[str]) -> list[Any]:
        given = objects(self._response.get(name))
        return [each for each in given if self._allowed(each, name, name, types)]

    def _reference(self, name: str, element: str, types: frozenset[str]) -> Any:
        return self._allowed(self._response.get(name), name, element, types)

    def _allowed(self, given: Any, name: str, element: str, types: frozenset[str]) -> Any:
        """The Reference, None when it is none or to what the element may not refer to (told)."""
        if not isinstance(given, dict):
            return None
        type_ = referenced_type(given, {})
        if type_ is None or type_ in types:
            return given
        message = _NOT_ALLOWED.format(name, element)
        self._work.tell("warning", "not-supported", f"{_PLACE}.{name}", None, message)
        return None


def status_problem(response: Mapping[str, Any]) -> Problem | None:
    """What the status of a response means for what is extracted from it; an error: nothing is."""
    status, place = response.get("status"), f"{_PLACE}.status"
    if status == _UNFINISHED:
        return Problem("warning", "business-rule", place, None, _PROVISIONAL)
    if not isinstance(status, str) or status not in _NOT_EXTRACTED:
        return None
    return Problem("error", "business-rule", place, None, _NO_LONGER_SO.format(status))


def may_be_subject(reference: Any) -> bool:
    """Whether an Observation may be about what a Reference names, as far as it says."""
    return isinstance(reference, dict) and referenced_type(reference, {}) in (None, *_SUBJECTS)


def _single(each: Any) -> list[Any]:
    return [each] if each else []


def observed(element: Mapping[str, Any], kind: str, given: Any) -> dict[str, Any] | None:
    """The value[x] of an Observation for one answer; None when it can hold no such value.

    R4's Observation has no decimal, date or uri: they become a Quantity, a dateTime and text. With
    a `questionnaire-unit` on the item a number is a Quantity in that unit (SDC, considerations).
    """
    unit = value(element, UNIT, "valueCoding")
    if kind == "valueDecimal" or (kind == "valueInteger" and unit is not None):
        return {"valueQuantity": quantity(given, unit)}
    convert = _VALUES.get(kind)
    return None if convert is None else convert(given)


def quantity(number: Any, unit: Mapping[str, Any] | None) -> dict[str, Any]:
    """A number as a Quantity in the unit of a coding."""
    coding = unit or {}
    parts = {
        "unit": coding.get("display") or coding.get("code"),
        "system": coding.get("system"),
        "code": coding.get("code"),
    }
    return {"value": number, **{name: each for name, each in parts.items() if each}}


def _same(name: str) -> Callable[[Any], dict[str, Any]]:
    return lambda given: {name: given}


_VALUES: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "valueBoolean": _same("valueBoolean"),
    "valueInteger": _same("valueInteger"),
    "valueDate": _same("valueDateTime"),
    "valueDateTime": _same("valueDateTime"),
    "valueTime": _same("valueTime"),
    "valueString": _same("valueString"),
    "valueUri": _same("valueString"),
    "valueQuantity": _same("valueQuantity"),
    "valueCoding": lambda given: {"valueCodeableConcept": {"coding": [given]}},
}
