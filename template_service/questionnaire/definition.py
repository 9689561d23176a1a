"""A FHIR R4 Questionnaire compiled once to a form."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from template_service.questionnaire.domains import compile_domain, domain_id
from template_service.questionnaire.enable_when import EnableWhen, RawItem
from template_service.questionnaire.extensions import value, values
from template_service.questionnaire.form import Card, Domain, Form, Item, Option
from template_service.questionnaire.options import (
    Findings,
    OptionCompiler,
    Surroundings,
    by_code,
    by_coding,
)
from template_service.questionnaire.problems import Problem, QuestionnaireError, shown
from template_service.questionnaire.values import ITEM_TYPES

__all__ = ["QuestionnaireError", "compile_questionnaire"]

DEPTH_LIMIT = 32
"""Groups within groups; the deepest public questionnaires use six."""


_Waiting = tuple[Mapping[str, Any], str, str | None, int]
"""(what holds items, its place, its linkId, its depth)"""


def compile_questionnaire(resource: Any) -> Form:
    """Compile a Questionnaire (parsed JSON).

    Raises QuestionnaireError with every problem found. What is odd but usable is in
    `Form.problems` as warnings. Never raises anything else on any JSON value.
    """
    if not isinstance(resource, dict) or resource.get("resourceType") != "Questionnaire":
        problem = Problem("error", "structure", "Questionnaire", None, "This is no Questionnaire.")
        raise QuestionnaireError(problems=[problem])
    findings = Findings()
    form = _Compiler(resource, findings).form() if _head_is_sound(resource, findings) else None
    if form is None or findings.errors:
        raise QuestionnaireError(problems=findings.found)
    return form


def _head_is_sound(resource: Mapping[str, Any], findings: Findings) -> bool:
    for name in ("url", "version", "id", "title", "status"):
        if not isinstance(resource.get(name, ""), str):
            findings.add(f"Questionnaire.{name}", None, f"{name} must be text.", "value")
    if not isinstance(resource.get("item", []), list):
        findings.add("Questionnaire.item", None, "item must be a list.", "structure")
    return not findings.errors


class _Compiler:
    """The steps of one compilation; each sets what the next ones need."""

    def __init__(self, resource: Mapping[str, Any], findings: Findings) -> None:
        self._resource = resource
        self._findings = findings
        self._raw = {raw.link_id: raw for raw in self._collect()}
        masked_domains = frozenset(self._find_masked_domains())
        self._options = OptionCompiler(masked_domains, _contained_value_sets(resource), findings)
        self._enable_when = EnableWhen(self._raw, findings)
        self._items: dict[str, Item] = {}

    def form(self) -> Form | None:
        """The form, or None when its items are too broken to go on."""
        if self._findings.errors:
            return None
        roots = self._children(None, Surroundings())
        self._items = {link_id: self._items[link_id] for link_id in self._raw}
        resource, items = self._resource, self._items
        cards = self._cards()
        variables = _root_variables(resource)
        domains = tuple(self._domains(cards, variables))
        self._check_cards(cards, {domain.id for domain in domains})
        return Form(
            url=resource.get("url", ""),
            version=resource.get("version"),
            id=resource.get("id", ""),
            title=resource.get("title", ""),
            status=resource.get("status", ""),
            roots=roots,
            items=items,
            domains=domains,
            cards=cards,
            conditions=self._enable_when.conditions(items),
            required=tuple(item for item in items.values() if item.required),
            weighted=_offering(items, lambda option: option.weight is not None),
            ticks=_offering(items, lambda option: option.card is not None),
            tells=_offering(items, lambda option: option.seeker is not None),
            variables=variables,
            resource=resource,
            problems=tuple(self._findings.found),
            by_root={item.link_id: item for item in roots},
            by_domain={domain.id: domain for domain in domains},
        )

    def _collect(self) -> Iterator[RawItem]:
        """Every item with a linkId and a type that can be used, parents before children."""
        seen: set[str] = set()
        waiting: list[_Waiting] = [(self._resource, "Questionnaire", None, 0)]
        while waiting:
            around, expression, parent, depth = waiting.pop()
            inside: list[_Waiting] = []
            for index, each in enumerate(_list(around.get("item"))):
                place = f"{expression}.item[{index}]"
                raw = self._usable(each, place, parent, seen, depth)
                if raw is not None:
                    inside.append((raw.json, place, raw.link_id, depth + 1))
                    yield raw
            waiting.extend(reversed(inside))

    def _usable(
        self, each: Any, place: str, parent: str | None, seen: set[str], depth: int
    ) -> RawItem | None:
        link_id = each.get("linkId") if isinstance(each, dict) else None
        if not isinstance(link_id, str) or not link_id:
            self._findings.add(place, None, "An item needs a linkId.", "required")
            return None
        problem = None
        if link_id in seen:
            problem = "This linkId is used twice."
        elif not isinstance(each.get("type"), str) or each["type"] not in ITEM_TYPES:
            problem = "The item type is not one of FHIR R4."
        elif depth > DEPTH_LIMIT:
            problem = f"Items are nested more than {DEPTH_LIMIT} deep."
        seen.add(link_id)
        if problem is not None:
            self._findings.add(place, link_id, f"{shown(link_id)}: {problem}")
            return None
        return RawItem(each, link_id, place, parent)

    def _find_masked_domains(self) -> Iterator[str]:
        for raw in self._raw.values():
            name = domain_id(raw.json)
            if name and value(raw.json, "sdoh-masked", "valueBoolean") is True:
                yield name

    def _children(self, parent: str | None, around: Surroundings) -> tuple[Item, ...]:
        inside = self._resource if parent is None else self._raw[parent].json
        return tuple(
            self._item(self._raw[each["linkId"]], around) for each in _list(inside.get("item"))
        )

    def _item(self, raw: RawItem, around: Surroundings) -> Item:
        json, link_id = raw.json, raw.link_id
        here = Surroundings(
            domain=domain_id(json) or around.domain,
            masked=around.masked or value(json, "sdoh-masked", "valueBoolean") is True,
            gate=value(json, "sdoh-display-gate", "valueCode") or around.gate,
            enabled_by=self._enable_when.places.get(link_id, around.enabled_by),
        )
        options, any_coding = self._options.options(json, raw.expression, here)
        if value(json, "sdc-questionnaire-enableWhenExpression", "valueExpression") is not None:
            message = "enableWhenExpression is not evaluated: the item counts as enabled."
            self._findings.add(raw.expression, link_id, message, "not-supported", "warning")
        children = self._children(link_id, here)
        text, limit = json.get("text"), json.get("maxLength")
        item = Item(
            link_id=link_id,
            text=text if isinstance(text, str) else "",
            type=json["type"],
            repeats=json.get("repeats") is True,
            required=json.get("required") is True,
            read_only=json.get("readOnly") is True,
            hidden=value(json, "questionnaire-hidden", "valueBoolean") is True,
            options=options,
            children=children,
            parent=raw.parent,
            gate=here.gate,
            masked=here.masked,
            source=value(json, "sdoh-source", "valueString"),
            max_length=limit if isinstance(limit, int) and limit > 0 else None,
            domain=here.domain,
            calculated=_calculated(json),
            any_coding=any_coding,
            enabled_by=here.enabled_by,
            expression=raw.expression,
            raw=json,
            by_coding=by_coding(options),
            by_code=by_code(options),
            by_link_id={child.link_id: child for child in children},
        )
        self._items[link_id] = item
        return item

    def _cards(self) -> dict[str, Card]:
        ticked = [
            option.card
            for item in self._items.values()
            for option in item.options
            if option.card is not None
        ]
        derived = [
            card
            for raw in self._raw.values()
            for card in self._options.derived_cards(raw.json, raw.expression)
        ]
        return {card.id: card for card in (*ticked, *derived)}

    def _domains(self, cards: Mapping[str, Card], variables: Mapping[str, str]) -> Iterator[Domain]:
        for raw in self._raw.values():
            if domain_id(raw.json) is not None:
                domain = compile_domain(raw.json, self._items, cards, variables, self._findings)
                if domain is not None:
                    yield domain

    def _check_cards(self, cards: Mapping[str, Card], domains: set[str]) -> None:
        for item in self._items.values():
            for option in item.options:
                if option.urgent is not None and option.urgent not in cards:
                    message = f"Option '{option.code}' raises a card the form does not have."
                    self._findings.add(item.expression, item.link_id, message)
        for card in cards.values():
            if card.domain is not None and card.domain not in domains:
                message = f"Card '{card.id}' names a domain the form does not have."
                self._findings.add("Questionnaire", None, message)


def _offering(items: Mapping[str, Item], has: Callable[[Option], bool]) -> tuple[str, ...]:
    """The linkIds of the items that offer such an option."""
    return tuple(link_id for link_id, item in items.items() if any(map(has, item.options)))


def _calculated(json: Mapping[str, Any]) -> str | None:
    expression = value(json, "sdc-questionnaire-calculatedExpression", "valueExpression") or {}
    text = expression.get("expression")
    return text if isinstance(text, str) else None


def _root_variables(resource: Mapping[str, Any]) -> dict[str, str]:
    found = values(resource, "variable", "valueExpression")
    return {
        each["name"]: each["expression"]
        for each in found
        if isinstance(each.get("name"), str) and isinstance(each.get("expression"), str)
    }


def _contained_value_sets(resource: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {
        each["id"]: each
        for each in _list(resource.get("contained"))
        if isinstance(each, dict)
        and each.get("resourceType") == "ValueSet"
        and isinstance(each.get("id"), str)
    }


def _list(value_: Any) -> list[Any]:
    return value_ if isinstance(value_, list) else []
