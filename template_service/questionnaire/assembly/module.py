"""One sub-questionnaire made ready to stand inside another: prefixed, renamed, checked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from template_service.questionnaire.elements import copied, elements, items, objects
from template_service.questionnaire.extensions import extensions, value, values
from template_service.questionnaire.tokens import variables_of, with_literals, with_variable

PREFIX = "linkIdPrefix"
EXPECTATION = "sdc-questionnaire-assemble-expectation"
_CHILDREN = ("assemble-root-or-child", "assemble-child", "independent-root-or-child")
_MAY_BE_INSIDE = frozenset((*_CHILDREN, "independent-child"))

# Extensions that hold FHIRPath as plain text: constraints (R4), and templates (SDC extraction).
_WRITTEN_OUT = frozenset(
    {
        "expression",
        "sdc-questionnaire-templateExtractValue",
        "sdc-questionnaire-templateExtractContext",
    }
)
_READ_BY_PEOPLE = frozenset({"text", "prefix", "title", "display", "description"})
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9.-]")
_ID_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Module:
    """A sub-questionnaire, copied, with its linkIds and contained ids as the whole will have them.

    `extensions` are those of its root; `contained` those of its resources that the whole lacks.
    """

    items: list[dict[str, Any]]
    extensions: list[dict[str, Any]]
    contained: list[dict[str, Any]]


def prepared(
    resource: Mapping[str, Any], prefix: str, taken: Mapping[str, Mapping[str, Any]]
) -> Module:
    """A module with its linkIds prefixed; `taken` are the contained resources of the whole by id.

    A contained resource that the whole already has, alike in everything, is shared; another one
    of the same id gets a new id.
    """
    copy = copied(dict(resource))
    links = {
        link_id: prefix + link_id
        for _, item in items(copy)
        if isinstance(link_id := item.get("linkId"), str)
    }
    _rename_items(copy, links)
    if prefix:
        _rewrite_expressions(copy, links, prefix)
    contained = _merge_contained(copy, prefix, taken)
    return Module(objects(copy.get("item")), objects(copy.get("extension")), contained)


def refusals(
    module: Mapping[str, Any], language: object, known: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    """Why a module may not stand where it is asked for: severity, issue-type and reason.

    `known` are the variables to be had there.
    """
    own = module.get("language")
    if isinstance(own, str) and (not isinstance(language, str) or own.lower() != language.lower()):
        yield "error", "conflict", "is in another language than the questionnaire it is for"
    for name in ("implicitRules", "modifierExtension"):
        if name in module:
            yield "error", "not-supported", f"has {name}, which no sub-questionnaire may have"
    if value(module, EXPECTATION, "valueCode") not in _MAY_BE_INSIDE:
        yield "warning", "business-rule", "does not say that it may be used inside another"
    for name in values(module, "sdc-questionnaire-assembleContext", "valueString"):
        if name not in known:
            yield "error", "required", f"needs a variable that is not there: {name[:64]}"


def _rename_items(copy: Mapping[str, Any], links: Mapping[str, str]) -> None:
    for _, item in items(copy):
        if isinstance(item.get("linkId"), str):
            item["linkId"] = links[item["linkId"]]
        for condition in objects(item.get("enableWhen")):
            question = condition.get("question")
            if isinstance(question, str):
                condition["question"] = links.get(question, question)


def _rewrite_expressions(copy: Mapping[str, Any], links: Mapping[str, str], prefix: str) -> None:
    for _, node in elements(copy, ""):
        name = _expression_property(node)
        if name is not None:
            node[name] = _rewritten(node[name], links, prefix)


def _expression_property(node: Mapping[str, Any]) -> str | None:
    """The property of an element that holds an expression as text."""
    if isinstance(node.get("expression"), str):
        return "expression"
    url = node.get("url")
    is_written_out = isinstance(url, str) and url.rsplit("/", 1)[-1] in _WRITTEN_OUT
    return "valueString" if is_written_out and isinstance(node.get("valueString"), str) else None


def _rewritten(expression: str, links: Mapping[str, str], prefix: str) -> str:
    if PREFIX in variables_of(expression):
        # It puts the prefix before its linkIds itself, as SDC asks of a module.
        return with_variable(expression, PREFIX, prefix)
    return with_literals(expression, links.get)


def _merge_contained(
    copy: Mapping[str, Any], prefix: str, taken: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    added: dict[str, dict[str, Any]] = {}
    renamed: dict[str, str] = {}
    for resource in objects(copy.get("contained")):
        old = resource.get("id")
        if isinstance(old, str):
            wanted = _NOT_IN_AN_ID.sub("-", prefix + old)[:_ID_LIMIT]
            resource["id"] = _free_id(resource, wanted, taken, added)
            renamed[f"#{old}"] = f"#{resource['id']}"
            added[resource["id"]] = resource
    _rename_references(copy, renamed)
    return [each for id_, each in added.items() if id_ not in taken]


def _free_id(
    resource: Mapping[str, Any],
    wanted: str,
    taken: Mapping[str, Mapping[str, Any]],
    added: Mapping[str, Any],
) -> str:
    """The id wanted, or that with a number: one that nobody has, or that of the same resource."""
    for number in range(2, len(taken) + len(added) + 3):
        if wanted not in added and taken.get(wanted, {**resource, "id": wanted}) == {
            **resource,
            "id": wanted,
        }:
            break
        wanted = f"{wanted.rsplit('-', 1)[0] if number > 2 else wanted[: _ID_LIMIT - 6]}-{number}"
    return wanted


def _rename_references(copy: Mapping[str, Any], renamed: Mapping[str, str]) -> None:
    """Every `#id` of a contained resource, wherever it stands but in a text for people."""
    for _, node in elements(copy, ""):
        for name, given in node.items():
            if isinstance(given, str) and given in renamed and name not in _READ_BY_PEOPLE:
                node[name] = renamed[given]
            elif isinstance(given, list) and any(each in renamed for each in given if _text(each)):
                node[name] = [renamed.get(each, each) if _text(each) else each for each in given]


def _text(value_: object) -> bool:
    return isinstance(value_, str)


def sub_questionnaires(item: Mapping[str, Any]) -> tuple[str, ...]:
    """The canonicals of the questionnaires that an item stands for."""
    return tuple(
        canonical
        for extension in extensions(item, "sdc-questionnaire-subQuestionnaire")
        if isinstance(canonical := extension.get("valueCanonical"), str) and canonical
    )
