"""What the caller's context supplies: launch contexts, and results of queries that ran elsewhere.

SDC "Form population", expression-based, and the extensions launchContext, variable and
sourceQueries. A query is never run here: its result is used when the context holds it under the
query's name (of a variable its name, of sourceQueries the id of the contained Bundle).
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from template_service.questionnaire.expressions.expression import refused
from template_service.questionnaire.extensions import extensions, values
from template_service.questionnaire.form import Form
from template_service.questionnaire.population.names import INITIAL_EXPRESSION, uses, variables_of
from template_service.questionnaire.population.reporting import Absent
from template_service.questionnaire.problems import Problem, shown

FHIR_QUERY = "application/x-fhir-query"

_LAUNCH_CONTEXT = "sdc-questionnaire-launchContext"
_RESERVED = frozenset({"resource", "rootResource", "context", "questionnaire", "qitem"})


# Names that FHIRPath itself gives a meaning (FHIR R4, fhirpath.html#variables).
_OF_FHIR = _RESERVED | {"sct", "loinc", "ucum"}


class Supplied(NamedTuple):
    """The environment of every expression, the names in it that hold nothing, and problems."""

    environment: dict[str, Any]
    absent: tuple[Absent, ...]
    problems: tuple[Problem, ...]


def supplied(form: Form, context: Any) -> Supplied:
    """What a context supplies to a form. Never raises on any JSON value."""
    problems: list[Problem] = []
    environment = _read(context, problems)
    absent = [*_launch_contexts(form, environment), *_queries(form, environment)]
    # An empty collection, not an unknown name: the rest of an expression may still give something.
    environment.update((each.name, []) for each in absent)
    problems.extend(_structure_maps(form))
    return Supplied(environment, tuple(absent), tuple(problems))


def context_names(form: Form) -> tuple[str, ...]:
    """The names under which a context helps to fill in a form, those it declares first."""
    launched = (_launch_name(each) for each in extensions(form.resource, _LAUNCH_CONTEXT))
    queries = (name for _, _, name in _named_queries(form))
    elements = (form.resource, *(item.raw for item in form.items.values()))
    variables = [each for element in elements for each in variables_of(element)]
    texts = (*(text for _, text in variables), *chain.from_iterable(map(_expressions, elements)))
    used = (name for text in texts for name in sorted(uses(text, {}).names))
    given = _OF_FHIR.union(name for name, _ in variables)
    found = (*launched, *queries, *used)
    return tuple(dict.fromkeys(each for each in found if each and each not in given))


def _expressions(element: Mapping[str, Any]) -> Iterator[str]:
    for kind in (INITIAL_EXPRESSION, "sdc-questionnaire-calculatedExpression"):
        for each in values(element, kind, "valueExpression"):
            if isinstance(text := each.get("expression"), str):
                yield text


def _read(context: Any, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(context, Mapping):
        message = "The context is no object of names and resources; nothing in it was used."
        problems.append(Problem("error", "structure", "Questionnaire", None, message))
        return {}
    for name in _RESERVED.intersection(context):
        message = f"The context may not set %{name}, which FHIRPath defines; it was not used."
        problems.append(Problem("warning", "invalid", "Questionnaire", None, message))
    return {
        name: _collection(each)
        for name, each in context.items()
        if isinstance(name, str) and name not in _RESERVED
    }


def _collection(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _launch_contexts(form: Form, environment: Mapping[str, Any]) -> Iterator[Absent]:
    place = "Questionnaire"
    for extension in extensions(form.resource, _LAUNCH_CONTEXT):
        name = _launch_name(extension)
        types = values(extension, "type", "valueCode")
        if not name or name in _RESERVED:
            continue
        if name not in environment:
            reason = f"The context {shown(name)} was not given."
            yield Absent(name, place, None, "not-found", reason)
        elif not _is_of_type(environment[name], types):
            wanted = " or ".join(types) or "a resource"
            reason = f"The context {shown(name)} is not of type {wanted} and was not used."
            yield Absent(name, place, None, "value", reason)


def _launch_name(extension: Mapping[str, Any]) -> str | None:
    """SDC STU 3 has `name` as a Coding; before it was an id."""
    for each in extensions(extension, "name"):
        coding = each.get("valueCoding")
        name = coding.get("code") if isinstance(coding, dict) else each.get("valueId")
        if isinstance(name, str):
            return name
    return None


def _is_of_type(given: Any, types: tuple[str, ...]) -> bool:
    kind = given.get("resourceType") if isinstance(given, dict) else None
    return isinstance(kind, str) and (not types or kind in types)


def _queries(form: Form, environment: Mapping[str, Any]) -> Iterator[Absent]:
    """Named queries whose result the context does not hold."""
    seen = set(environment)
    for place, link_id, name in _named_queries(form):
        if name not in seen and name not in _RESERVED:
            seen.add(name)
            reason = (
                f"The query {shown(name)} is not run here, and the context does not hold its "
                "result under that name."
            )
            yield Absent(name, place, link_id, "not-supported", reason)


def _named_queries(form: Form) -> Iterator[tuple[str, str | None, str]]:
    for extension in extensions(form.resource, "sdc-questionnaire-sourceQueries"):
        reference = extension.get("valueReference")
        target = reference.get("reference") if isinstance(reference, dict) else None
        if isinstance(target, str) and target:
            yield "Questionnaire", None, target.rpartition("/")[2].removeprefix("#")
    for name in query_names(form.resource):
        yield "Questionnaire", None, name
    for item in form.items.values():
        if item.raw.get("extension"):
            for name in query_names(item.raw):
                yield item.expression, item.link_id, name


def query_names(element: Mapping[str, Any]) -> Iterator[str]:
    """The names of the variables and population contexts of an element that are FHIR queries."""
    for kind in ("variable", "sdc-questionnaire-itemPopulationContext"):
        for each in values(element, kind, "valueExpression"):
            name = each.get("name")
            if isinstance(name, str) and refused(each) and each.get("language") == FHIR_QUERY:
                yield name


def _structure_maps(form: Form) -> Iterator[Problem]:
    for _ in extensions(form.resource, "sdc-questionnaire-sourceStructureMap"):
        message = (
            "Population by StructureMap (sourceStructureMap) is not supported and was not run."
        )
        yield Problem("warning", "not-supported", "Questionnaire", None, message)
        return


def resources(given: Any) -> list[Any]:
    """The resources a query's result holds: of a Bundle its entries, of a list each."""
    if isinstance(given, list):
        return [each for each in given if isinstance(each, dict)]
    if not isinstance(given, dict):
        return []
    if given.get("resourceType") != "Bundle":
        return [given]
    entries = given.get("entry")
    return [
        entry["resource"]
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict)
    ]
