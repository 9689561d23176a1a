"""Which resources a place opens for definition-based extraction, new ones or ones that exist."""

from collections.abc import Iterator, Mapping
from typing import Any

from template_service.questionnaire.elements import elements, objects
from template_service.questionnaire.expressions.expression import FHIRPATH
from template_service.questionnaire.extensions import extensions
from template_service.questionnaire.extraction.building import Target
from template_service.questionnaire.extraction.bundle import Asked, Cause, asked, told
from template_service.questionnaire.extraction.places import Place
from template_service.questionnaire.extraction.work import Work
from template_service.questionnaire.population.people import is_patient, named, person_of
from template_service.questionnaire.problems import QuestionnaireError
from template_service.questionnaire.r4_elements import is_listed

EXTRACT = "sdc-questionnaire-definitionExtract"
LEGACY = "sdc-questionnaire-itemExtractionContext"

_BASE = "http://hl7.org/fhir/StructureDefinition/"
_QUERY = "application/x-fhir-query"

_CONTEXT = "the extraction context"
_SHOWN = 200

_NO_DEFINITION = "definitionExtract has no definition, so nothing is extracted."
_NO_TYPE = "It is not clear which type of resource '{}' describes; nothing is extracted by it."
_UNLISTED = "Which elements of {} repeat is not known here, so it cannot be extracted."
_NO_QUERY = (
    "The query of the extraction context is not run here and its result was not given as %{};"
    " nothing is extracted, as a resource might be made twice."
)
_NEITHER = "itemExtractionContext is neither a type nor an expression; nothing is extracted."
_SEVERAL = "The extraction context finds {} resources; which to change is not clear."
_ANOTHER = (
    "The extraction context finds a resource of another person than the subject; it stays as it is."
)
_OTHER = "The extraction context finds what is no resource with an id; nothing is extracted."


class Contexts:
    """The extraction contexts of one questionnaire."""

    def __init__(self, questionnaire: Mapping[str, Any], work: Work) -> None:
        self._questionnaire = questionnaire
        self._work = work
        self._types: dict[str, set[str]] | None = None
        self._types_inside: dict[int, str | None] = {}

    def opened(self, place: Place) -> Iterator[tuple[Target, Asked]]:
        """The resources a place opens, each with what its entry asks for; others are told."""
        cause = Cause.of(place)
        for extract in extensions(place.element, EXTRACT):
            yield from self._new(extract, cause)
        for extract in extensions(place.element, LEGACY):
            target = self._legacy(extract, place, cause)
            if target is not None:
                yield target, Asked()

    def _new(self, extract: Mapping[str, Any], cause: Cause) -> Iterator[tuple[Target, Asked]]:
        part: Mapping[str, Any] = next(extensions(extract, "definition"), {})
        canonical = _text(part, "valueCanonical", "valueUri")
        if canonical is None:
            told(self._work, "error", "required", cause, _NO_DEFINITION)
            return None
        type_ = self._usable(self._type_of(canonical), canonical, cause)
        request = None if type_ is None else asked(self._work, extract, cause)
        if type_ is not None and request is not None:
            yield Target(bare(canonical), type_, _made(type_, canonical)), request
        return None

    def _legacy(self, extract: Mapping[str, Any], place: Place, cause: Cause) -> Target | None:
        code, expression = _text(extract, "valueCode"), extract.get("valueExpression")
        if code is not None:
            type_ = self._usable(code, code, cause)
            return None if type_ is None else Target(None, type_, _made(type_))
        if not isinstance(expression, dict):
            told(self._work, "error", "structure", cause, _NEITHER)
            return None
        try:
            found = _found(expression, place, self._work)
        except QuestionnaireError as error:
            told(self._work, "error", "processing", cause, str(error))
            return None
        if found is None:
            name = str(expression.get("name", ""))[:_SHOWN]
            told(self._work, "error", "not-supported", cause, _NO_QUERY.format(name))
            return None
        return self._existing(found, place, cause)

    def _existing(self, found: list[Any], place: Place, cause: Cause) -> Target | None:
        """The resource to change; a new one where the expression finds none."""
        if len(found) > 1:
            message = _SEVERAL.format(len(found))
            told(self._work, "error", "multiple-matches", cause, message)
            return None
        if not found:
            type_ = self._usable(self._type_inside(place.element), _CONTEXT, cause)
            return None if type_ is None else Target(None, type_, _made(type_))
        if not isinstance(found[0], dict) or not isinstance(found[0].get("id"), str):
            told(self._work, "error", "structure", cause, _OTHER)
            return None
        type_ = self._usable(_text(found[0], "resourceType"), _CONTEXT, cause)
        if type_ is None:
            return None
        if _is_of_another(found[0], place):
            told(self._work, "error", "invariant", cause, _ANOTHER)
            return None
        return Target(None, type_, self._work.copy(found[0]), exists=True)

    def _usable(self, type_: str | None, named: str, cause: Cause) -> str | None:
        """The type when its elements are known; else what is wrong is told."""
        if type_ is None:
            told(self._work, "error", "not-found", cause, _NO_TYPE.format(named[:_SHOWN]))
        elif not is_listed(type_):
            message = _UNLISTED.format(type_[:_SHOWN])
            told(self._work, "error", "not-supported", cause, message)
        else:
            return type_
        return None

    def _type_of(self, canonical: str) -> str | None:
        """The type a canonical describes: its end for a base resource, else as it is used."""
        wanted = bare(canonical)
        if wanted.startswith(_BASE):
            return wanted.removeprefix(_BASE)
        if self._types is None:
            self._types = _types_used(self._questionnaire)
        return _only(self._types.get(wanted, set()))

    def _type_inside(self, element: Mapping[str, Any]) -> str | None:
        """The type that the definitions inside an item agree on."""
        key = id(element)
        if key not in self._types_inside:
            self._types_inside[key] = _only(set().union(*_types_used(element).values()))
        return self._types_inside[key]


def opens(element: Mapping[str, Any]) -> bool:
    """Whether a Questionnaire or item opens a resource."""
    return any(next(extensions(element, name), None) is not None for name in (EXTRACT, LEGACY))


def bare(canonical: str) -> str:
    """A canonical without its version."""
    return canonical.partition("|")[0]


def _types_used(questionnaire: Mapping[str, Any]) -> dict[str, set[str]]:
    """Canonical -> the types that definitions with it name (`canonical#Type.element`)."""
    found: dict[str, set[str]] = {}
    for _, element in elements(questionnaire, "Questionnaire"):
        for definition in (element.get("definition"), element.get("valueUri")):
            if isinstance(definition, str) and "#" in definition:
                canonical, _, element_id = definition.partition("#")
                found.setdefault(bare(canonical), set()).add(element_id.partition(".")[0])
    return found


def _only(types: set[str]) -> str | None:
    return next(iter(types)) if len(types) == 1 else None


def _found(expression: Mapping[str, Any], place: Place, work: Work) -> list[Any] | None:
    """The resources an extraction context finds; None for a query whose result was not given."""
    text, name = expression.get("expression"), expression.get("name")
    if expression.get("language") == FHIRPATH and isinstance(text, str):
        return work.values(text, place.scope)
    if expression.get("language") != _QUERY or not isinstance(name, str):
        return None
    try:
        given = place.scope.plain(name)
    except QuestionnaireError:
        return None
    return [each for one in given for each in _unpacked(one)]


def _is_of_another(resource: Mapping[str, Any], place: Place) -> bool:
    """Whether a resource is, or is about, another patient than the response."""
    while place.parent is not None:
        place = place.parent
    subject = place.node.get("subject")
    if not subject or not is_patient(subject):
        return False
    if resource.get("resourceType") == "Patient":
        return named(subject).contradicts(person_of(resource))
    about = [resource[name] for name in ("subject", "patient") if name in resource]
    return any(is_patient(each) and named(subject).contradicts(named(each)) for each in about)


def _unpacked(given: Any) -> list[Any]:
    """The resources of a searchset, or the resource itself."""
    if isinstance(given, dict) and given.get("resourceType") == "Bundle":
        return [entry["resource"] for entry in objects(given.get("entry")) if "resource" in entry]
    return [given]


def _made(type_: str, canonical: str | None = None) -> dict[str, Any]:
    """A new resource; SDC 4: a profile, not the base resource, is named in meta.profile."""
    if canonical is None or bare(canonical) == _BASE + type_:
        return {"resourceType": type_}
    return {"resourceType": type_, "meta": {"profile": [canonical]}}


def _text(element: Mapping[str, Any], *names: str) -> str | None:
    found = (element.get(name) for name in names)
    return next((each for each in found if isinstance(each, str) and each), None)
