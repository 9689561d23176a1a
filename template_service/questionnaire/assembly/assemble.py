"""$assemble: sub-questionnaires put where the items stand that ask for them.

The steps are those of "Modular Questionnaires" in https://hl7.org/fhir/uv/sdc/modular.html.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from template_service.questionnaire.assembly.budget import NAME_LIMIT, Budget
from template_service.questionnaire.assembly.finishing import finished
from template_service.questionnaire.assembly.marks import carry, lost_marks
from template_service.questionnaire.assembly.merging import Contained, Merger
from template_service.questionnaire.assembly.module import (
    PREFIX,
    Module,
    prepared,
    refusals,
    sub_questionnaires,
)
from template_service.questionnaire.elements import copied, listed, within
from template_service.questionnaire.expressions.variables import definitions
from template_service.questionnaire.extensions import extensions, value, values
from template_service.questionnaire.problems import Problem, Severity, shown
from template_service.questionnaire.tokens import concatenated, with_variable

__all__ = ["Assembly", "Resolve", "assemble"]

Resolve = Callable[[str], Mapping[str, Any] | None]
"""A canonical (`url` or `url|version`) to the Questionnaire it names, or None."""

MODULE_DEPTH_LIMIT = 8
"""Modules inside modules; SDC calls more than two or three very unlikely."""

_CANONICAL_LIMIT = 200
_LITERALS_SHOWN = 10
# A display's own conditions, which go with it (SDC: the item is removed as a whole).
_ENABLED_BY = "sdc-questionnaire-enableWhenExpression"


@dataclass(frozen=True, slots=True)
class Assembly:
    """An assembled Questionnaire, and what was wrong on the way.

    With `errors` it is not to be used: where a module could not be put in, its item still stands.
    """

    resource: dict[str, Any]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")


def assemble(resource: Any, resolve: Resolve) -> Assembly:
    """Put the sub-questionnaires of a modular Questionnaire in their places; never changes it.

    url and version stay; `assembledFrom` names every module used. A module that is missing, asks
    for itself, is nested too deeply or clashes is an error of the result, with its place; nothing
    is raised but what `resolve` raises.
    """
    if not isinstance(resource, dict) or resource.get("resourceType") != "Questionnaire":
        problem = Problem("error", "structure", "Questionnaire", None, "This is no Questionnaire.")
        return Assembly({}, (problem,))
    assembler = _Assembler(resource, resolve)
    assembler.run()
    return Assembly(assembler.whole, tuple(assembler.problems))


@dataclass(frozen=True, slots=True)
class _Around:
    """What holds where an item stands: its place, the prefix, the variables, the modules around.

    What was `imported` has the place of the item that asked for it: that is where to look.
    """

    place: str
    prefix: str
    names: frozenset[str]
    modules: tuple[str, ...]
    imported: bool = False


class _Assembler:
    def __init__(self, resource: Mapping[str, Any], resolve: Resolve) -> None:
        self.whole: dict[str, Any] = copied(resource)
        self.problems: list[Problem] = []
        self._resolve = resolve
        self._resolved: dict[str, Any] = {}
        self._used: dict[str, None] = {}
        self._budget = Budget(self.whole)
        self._merger = Merger(self.whole)
        self._contained = Contained(self.whole)

    def run(self) -> None:
        own = self.whole.get("url")
        start = _Around("Questionnaire", "", frozenset(), (own,) if isinstance(own, str) else ())
        waiting: list[tuple[dict[str, Any], _Around]] = [(self.whole, start)]
        while waiting:
            waiting += reversed(self._inside(*waiting.pop()))
        self.problems += finished(self.whole, self._used)

    def _inside(
        self, holder: dict[str, Any], around: _Around
    ) -> list[tuple[dict[str, Any], _Around]]:
        """Replace the modules directly inside something; what is to be looked into next."""
        here = self._entered(holder, around)
        kept: list[Any] = []
        inside: list[tuple[dict[str, Any], _Around]] = []
        waiting = [
            (
                item,
                here
                if here.imported
                else replace(here, place=within(here.place, f".item[{index}]")),
            )
            for index, item in reversed(list(enumerate(listed(holder.get("item")))))
        ]
        while waiting:
            item, there = waiting.pop()
            put = self._asked_for(item, holder, there)
            if put is not None:
                # A module's first items may themselves ask for modules.
                waiting += reversed(put)
                continue
            kept.append(item)
            if isinstance(item, dict):
                inside.append((item, there))
        if "item" in holder:
            holder["item"] = kept
        return inside

    def _entered(self, holder: Mapping[str, Any], around: _Around) -> _Around:
        """What holds inside an item: what it declares comes to what holds around it."""
        expressions = _variables(holder)
        prefix = around.prefix
        if PREFIX in expressions:
            given = concatenated(with_variable(expressions[PREFIX], PREFIX, prefix))
            if given is None:
                message = "linkIdPrefix must be a text, such as 'home.', or texts put together."
                self._add("error", "not-supported", around.place, None, message)
            prefix = given or ""
        names = around.names | _names(holder, expressions)
        if len(names) > NAME_LIMIT:
            message = f"More than {NAME_LIMIT} variables are to be had here; no more are read."
            self._add("error", "too-costly", around.place, None, message)
            names = around.names
        return replace(around, prefix=prefix, names=names)

    def _asked_for(
        self, item: Any, holder: dict[str, Any], here: _Around
    ) -> list[tuple[Any, _Around]] | None:
        """The items of the module an item asks for, and what holds there; None when it asks none.

        Also None when there is no such module, or it may not stand here: problems say so.
        """
        canonicals = sub_questionnaires(item) if isinstance(item, dict) else ()
        found = self._found(item, canonicals, here) if canonicals else None
        if found is None:
            return None
        excess = self._budget.spend(found)
        if excess is not None:
            self._refuse(item, here, excess, "too-costly")
            return None
        module = prepared(found, here.prefix, self._contained)
        carry((found, item), module.items)
        self._merge(module, holder, here)
        self._used.setdefault(_canonical(found, canonicals[0]))
        root = {"extension": module.extensions}
        inside = replace(
            self._entered(root, here),
            modules=(*here.modules, canonicals[0].split("|")[0]),
            imported=True,
        )
        return [(each, inside) for each in module.items]

    def _found(
        self, item: Mapping[str, Any], canonicals: tuple[str, ...], here: _Around
    ) -> Mapping[str, Any] | None:
        """The module, when it is there and may stand here."""
        [canonical, *more] = canonicals
        reason = None
        if item.get("type") != "display" or more:
            reason = "may be asked for by a display item only, one by each"
        elif canonical.split("|")[0] in here.modules:
            reason = "would hold itself"
        elif len(here.modules) > MODULE_DEPTH_LIMIT:
            reason = f"is nested more than {MODULE_DEPTH_LIMIT} deep"
        if reason is not None:
            self._refuse(item, here, reason, "invalid")
            return None
        if canonical not in self._resolved:
            self._resolved[canonical] = self._resolve(canonical)
        found = self._resolved[canonical]
        if not isinstance(found, dict) or found.get("resourceType") != "Questionnaire":
            self._refuse(item, here, "is not there", "not-found")
            return None
        return found if self._may_stand(found, item, here) else None

    def _may_stand(self, found: Mapping[str, Any], item: Mapping[str, Any], here: _Around) -> bool:
        """Whether nothing of a module forbids that it stands here; problems say what does."""
        usable = True
        for severity, code, text in refusals(found, self.whole.get("language"), here.names):
            self._refuse(item, here, text, code, "error" if severity == "error" else "warning")
            usable = usable and severity != "error"
        for name in lost_marks((found, item)):
            text = (
                f"or its item is marked with {name[:64]}, which only its items themselves can say"
            )
            self._refuse(item, here, text, "not-supported")
            usable = False
        lost = "enableWhen" if item.get("enableWhen") else None
        if next(extensions(item, _ENABLED_BY), None) is not None:
            lost = "enableWhenExpression"
        if lost is not None:
            text = f"replaces an item whose {lost} is lost; put it on a group around it"
            self._refuse(item, here, text, "business-rule", "warning")
        return usable

    def _merge(self, module: Module, holder: dict[str, Any], here: _Around) -> None:
        if module.contained:
            self.whole["contained"] = listed(self.whole.get("contained"))
            self.whole["contained"] += module.contained
        for severity, text in self._merger.merge_into(holder, module.extensions):
            self._add(severity, "conflict", here.place, None, text)
        if module.literals:
            texts = ", ".join(shown(each) for each in module.literals[:_LITERALS_SHOWN])
            message = (
                f"Texts in expressions of a module that are like its linkIds but do not stand "
                f"beside linkId are left without the prefix: {texts}."
            )
            self._add("information", "informational", here.place, None, message)

    def _refuse(
        self,
        item: Mapping[str, Any],
        here: _Around,
        reason: str,
        code: str,
        severity: Severity = "error",
    ) -> None:
        link_id = item.get("linkId")
        names = " ".join(sub_questionnaires(item))[:_CANONICAL_LIMIT]
        message = f"The sub-questionnaire {names} {reason}."
        self._add(
            severity, code, here.place, link_id if isinstance(link_id, str) else None, message
        )

    def _add(
        self, severity: Severity, code: str, place: str, link_id: str | None, message: str
    ) -> None:
        self.problems.append(Problem(severity, code, place, link_id, message))


def _variables(holder: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: each["expression"]
        for name, each in definitions(holder).items()
        if isinstance(each.get("expression"), str)
    }


def _names(holder: Mapping[str, Any], variables: Iterable[str]) -> frozenset[str]:
    """Everything an item brings to those inside it: variables, launch and population contexts."""
    launched = (
        (value(each, "name", "valueCoding") or {}).get("code")
        for each in extensions(holder, "sdc-questionnaire-launchContext")
    )
    populated = (
        each.get("name")
        for each in values(holder, "sdc-questionnaire-itemPopulationContext", "valueExpression")
    )
    names = (*variables, *launched, *populated)
    return frozenset(name for name in names if isinstance(name, str))


def _canonical(module: Mapping[str, Any], asked: str) -> str:
    """The canonical of a module with the version that was used."""
    url, version = module.get("url"), module.get("version")
    if not isinstance(url, str):
        return asked
    return f"{url}|{version}" if isinstance(version, str) else url
