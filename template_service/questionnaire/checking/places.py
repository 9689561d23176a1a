"""Every expression of a questionnaire, with its place and what holds there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from template_service.questionnaire.checking.source import Placed, Source
from template_service.questionnaire.elements import elements, objects, value_of
from template_service.questionnaire.expressions.expression import FHIRPATH, refused
from template_service.questionnaire.extensions import extensions, value
from template_service.questionnaire.tokens import variables_of

QUERY = "application/x-fhir-query"
POPULATION = "sdc-questionnaire-itemPopulationContext"
VARIABLE = "variable"
# What FHIRPath, FHIR and SDC define everywhere, and what the service's own conditions get.
_STANDARD = frozenset(
    {
        "resource",
        "rootResource",
        "context",
        "questionnaire",
        "qitem",
        "ucum",
        "sct",
        "loinc",
        "terminologies",
        "factory",
    }
)
_OF_CONDITIONS = frozenset({"level", "age", "conditions"})
_OWN_CONDITION = "condition"
_PREFIXES = ("vs-", "ext-")


@dataclass(frozen=True, slots=True)
class Written:
    """One expression as received: what extension it is the value of, and where.

    `item` is None for those of the questionnaire itself.
    """

    kind: str
    place: str
    item: Placed | None
    given: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The expression itself; empty when it is kept elsewhere."""
        text = self.given.get("expression")
        return text if isinstance(text, str) else ""

    @property
    def name(self) -> str:
        """The name it gives its result; empty for most."""
        name = self.given.get("name")
        return name if isinstance(name, str) else ""

    @property
    def runs(self) -> bool:
        """Whether it is FHIRPath with a text."""
        return refused(self.given) is None


def written_in(source: Source) -> Iterator[Written]:
    """Every expression of a questionnaire, in document order."""
    yield from _of(source.resource, "Questionnaire", None)
    for item in source.items:
        yield from _of(item.json, item.place, item)


def _of(element: Mapping[str, Any], place: str, item: Placed | None) -> Iterator[Written]:
    own = {name: each for name, each in element.items() if name not in ("item", "contained")}
    for where, node in elements(own, place):
        kind = _last(node.get("url"))
        given = node.get("valueExpression")
        if isinstance(given, dict):
            yield Written(kind, where, item, given)
        elif kind == "expression" and isinstance(node.get("valueString"), str):
            # The expression of a constraint (R4) is plain text.
            constraint = {"language": FHIRPATH, "expression": node["valueString"]}
            yield Written("questionnaire-constraint", where, item, constraint)


def names_at(source: Source, one: Written) -> frozenset[str]:
    """The variables that an expression may use where it stands."""
    known = set(_STANDARD) | brought_by(source.resource)
    if one.kind == _OWN_CONDITION:
        known |= _OF_CONDITIONS
    for item in one.item.outwards() if one.item else ():
        known |= brought_by(item.json)
    return frozenset(known)


def unknown_names(one: Written, source: Source) -> tuple[str, ...]:
    """The variables that an expression uses and nothing around it defines."""
    names = variables_of(one.text)
    known = names_at(source, one) if names else frozenset()
    # FHIR's own names for value sets and extensions may be anything.
    return tuple(name for name in names if name not in known and not name.startswith(_PREFIXES))


def brought_by(element: Mapping[str, Any]) -> set[str]:
    """The names an item, or the questionnaire, brings to the expressions in and inside it."""
    names: set[Any] = set(external_names(element))
    for kind in (VARIABLE, POPULATION):
        for extension in extensions(element, kind):
            given = extension.get("valueExpression")
            names.add(given.get("name") if isinstance(given, dict) else None)
    return {name for name in names if isinstance(name, str) and name}


def external_names(element: Mapping[str, Any]) -> Iterator[str]:
    """The names whose values come from outside: launch contexts, queries, assembly."""
    for extension in extensions(element, "sdc-questionnaire-launchContext"):
        code = (value(extension, "name", "valueCoding") or {}).get("code")
        if isinstance(code, str):
            yield code
    for extension in extensions(element, "sdc-questionnaire-sourceQueries"):
        reference = value_of(extension)[1]
        target = reference.get("reference") if isinstance(reference, dict) else None
        if isinstance(target, str):
            yield target.removeprefix("#")
    for extension in extensions(element, "sdc-questionnaire-assembleContext"):
        if isinstance(extension.get("valueString"), str):
            yield extension["valueString"]
    for extension in extensions(element, VARIABLE):
        given = extension.get("valueExpression")
        if isinstance(given, dict) and given.get("language") == QUERY:
            yield str(given.get("name", ""))


def environment(source: Source) -> dict[str, list[Any]]:
    """Everything that comes from outside, empty: what an expression must be able to live with."""
    names: dict[str, list[Any]] = {}
    for element in (source.resource, *(item.json for item in source.items)):
        names |= {name: [] for name in external_names(element)}
        for each in objects(element.get("extension")):
            given = each.get("valueExpression")
            name = given.get("name") if isinstance(given, dict) else None
            if _last(each.get("url")) == POPULATION and isinstance(name, str):
                names[name] = []
    return names


def _last(url: object) -> str:
    return url.rsplit("/", 1)[-1] if isinstance(url, str) else ""
