"""One sub-questionnaire made ready to stand inside another: prefixed, renamed, checked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from template_service.questionnaire.assembly.merging import Contained
from template_service.questionnaire.elements import copied, items, objects, objects_in
from template_service.questionnaire.extensions import extensions, value, values
from template_service.questionnaire.raw_items import EXPRESSION_LIMIT
from template_service.questionnaire.tokens import relinked, variables_of, with_variable

PREFIX = "linkIdPrefix"
EXPECTATION = "sdc-questionnaire-assemble-expectation"
_CHILDREN = ("assemble-root-or-child", "assemble-child", "independent-root-or-child")
_MAY_BE_INSIDE = frozenset((*_CHILDREN, "independent-child"))

# Extensions that hold FHIRPath as plain text: constraints (R4), and templates with what their
# entries ask for (SDC extraction).
_WRITTEN_OUT = frozenset(
    {
        *("expression", "location"),
        *("resourceId", "fullUrl", "ifNoneExist", "ifMatch", "ifNoneMatch", "ifModifiedSince"),
        "sdc-questionnaire-templateExtractValue",
        "sdc-questionnaire-templateExtractContext",
    }
)
_READ_BY_PEOPLE = frozenset({"text", "prefix", "title", "display", "description"})
_QUERY = "application/x-fhir-query"


@dataclass(frozen=True, slots=True)
class Module:
    """A sub-questionnaire, copied, with its linkIds and contained ids as the whole will have them.

    `extensions` are those of its root; `contained` those of its resources that the whole lacks.
    `literals` are texts in its expressions that are a linkId elsewhere and were left as they are,
    because they do not stand beside `linkId`.
    """

    items: list[dict[str, Any]]
    extensions: list[dict[str, Any]]
    contained: list[dict[str, Any]]
    literals: tuple[str, ...]


def prepared(resource: Mapping[str, Any], prefix: str, shared: Contained) -> Module:
    """A module with its linkIds prefixed; `shared` are the contained resources of the whole."""
    copy = copied(dict(resource))
    links = {
        link_id: prefix + link_id
        for _, item in items(copy)
        if isinstance(link_id := item.get("linkId"), str)
    }
    _rename_items(copy, links)
    literals = _rewrite_expressions(copy, links, prefix) if prefix else ()
    contained, renamed = shared.take_in(objects(copy.get("contained")), prefix)
    _rename_references(copy, renamed)
    roots, own = objects(copy.get("item")), objects(copy.get("extension"))
    return Module(roots, own, contained, literals)


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
        reason = f"does not say that it may be used inside another, as {EXPECTATION} would"
        yield "warning", "business-rule", reason
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


def _rewrite_expressions(
    copy: Mapping[str, Any], links: Mapping[str, str], prefix: str
) -> tuple[str, ...]:
    """Rename the linkIds in every expression; the literals like linkIds that are none."""
    left: dict[str, None] = {}
    for node in objects_in(copy):
        name = expression_property(node)
        if name is None or len(node[name]) > EXPRESSION_LIMIT:
            # A longer one is refused when the whole is compiled.
            continue
        pieces = _pieces(node[name]) if node.get("language") == _QUERY else [("", node[name])]
        rewritten = ((around, *_rewritten(piece, links, prefix)) for around, piece in pieces)
        text = ""
        for around, piece, literals in rewritten:
            text += around + piece
            left |= dict.fromkeys(literals)
        node[name] = text
    return tuple(left)


def _pieces(query: str) -> Iterator[tuple[str, str]]:
    """The FHIRPath between `{{` and `}}` of a query, each with the text before it."""
    first, *rest = query.split("{{")
    before = first
    for part in rest:
        expression, end, after = part.partition("}}")
        if not end:
            before += "{{" + part
            continue
        yield before + "{{", expression
        before = end + after
    yield before, ""


def expression_property(node: Mapping[str, Any]) -> str | None:
    """The property of an element that holds an expression as text, or None."""
    if isinstance(node.get("expression"), str):
        return "expression"
    url = node.get("url")
    is_written_out = isinstance(url, str) and url.rsplit("/", 1)[-1] in _WRITTEN_OUT
    return "valueString" if is_written_out and isinstance(node.get("valueString"), str) else None


def _rewritten(expression: str, links: Mapping[str, str], prefix: str) -> tuple[str, Iterable[str]]:
    """An expression with its linkIds renamed, and the literals that look like one."""
    if PREFIX in expression and PREFIX in variables_of(expression):
        # It puts the prefix before its linkIds itself, as SDC asks of a module.
        return with_variable(expression, PREFIX, prefix), ()
    text, literals = relinked(expression, links.get)
    return text, [literal for literal in literals if literal in links]


def _rename_references(copy: Mapping[str, Any], renamed: Mapping[str, str]) -> None:
    """Every `#id` of a contained resource, wherever it stands but in a text for people."""
    for node in objects_in(copy):
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
