"""Every expression of a questionnaire, with its place and what holds there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.elements import elements, objects, value_of
from template_service.questionnaire.expressions.expression import FHIRPATH, refused
from template_service.questionnaire.extensions import extensions, value
from template_service.questionnaire.problems import Severity
from template_service.questionnaire.raw_items import EXPRESSION_LIMIT
from template_service.questionnaire.tokens import links_of, variables_of

QUERY = "application/x-fhir-query"
POPULATION = "sdc-questionnaire-itemPopulationContext"
VARIABLE = "variable"
CONDITION = "condition"
"""Of a modifier, one of the service's own rules."""
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
_SDC = "sdc-questionnaire-"
_PREFIXES = ("vs-", "ext-")
# Both are asked several times of each expression.
_variables_of = lru_cache(maxsize=4096)(variables_of)
_links_of = lru_cache(maxsize=4096)(links_of)


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
    def variables(self) -> tuple[str, ...]:
        """The variables it uses."""
        return _variables_of(self._readable)

    @property
    def links(self) -> tuple[str, ...]:
        """The linkIds it names."""
        return _links_of(self._readable)

    def say(self, message: str, code: str, report: Report, severity: Severity = "warning") -> None:
        """A problem of this expression, at its place."""
        kind = "" if self.kind == CONDITION else f"{self.kind.removeprefix(_SDC)}: "
        if self.item is None:
            report.add(self.place, f"{kind}{message}", code, severity)
        else:
            at = self.place.removeprefix(self.item.place)
            report.on(self.item, f"{kind}{message}", code, severity, at=at)

    @property
    def _readable(self) -> str:
        # What is longer does not run, and is not worth the time.
        return self.text if len(self.text) <= EXPRESSION_LIMIT else ""

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


class Names:
    """The variables of one questionnaire: which of them are known where."""

    def __init__(self, source: Source) -> None:
        self._root = _STANDARD | brought_by(source.resource)
        self._known: dict[str, frozenset[str]] = {}

    def unknown(self, one: Written) -> tuple[str, ...]:
        """The variables that an expression uses and nothing around it defines."""
        names = one.variables
        known = self._at(one.item) if names else frozenset()
        if one.kind == CONDITION:
            known |= _OF_CONDITIONS
        # FHIR's own names for value sets and extensions may be anything.
        return tuple(name for name in names if name not in known and not name.startswith(_PREFIXES))

    def _at(self, item: Placed | None) -> frozenset[str]:
        """What may be used inside an item; the outermost is worked out first."""
        known = self._root
        for each in reversed(tuple(item.outwards())) if item is not None else ():
            if each.place not in self._known:
                own = brought_by(each.json)
                self._known[each.place] = known | own if own else known
            known = self._known[each.place]
        return known


def brought_by(element: Mapping[str, Any]) -> set[str]:
    """The names an item, or the questionnaire, brings to the expressions in and inside it."""
    names = set(external_names(element))
    for kind in (VARIABLE, POPULATION):
        for extension in extensions(element, kind):
            given = extension.get("valueExpression")
            name = given.get("name") if isinstance(given, dict) else None
            # A name may be anything, hashable or not.
            names |= {name} if isinstance(name, str) else set()
    return names - {""}


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
