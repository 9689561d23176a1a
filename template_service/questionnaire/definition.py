"""A FHIR R4 Questionnaire compiled once to a form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError
from typing import Any

from template_service.questionnaire.conditions import (
    OPERATORS,
    Test,
    circle,
    clause,
    order_of,
    rule,
)
from template_service.questionnaire.domains import compile_domain, domain_id
from template_service.questionnaire.extensions import value, values
from template_service.questionnaire.form import Card, Condition, Domain, Form, Item, Option, Value
from template_service.questionnaire.options import (
    Findings,
    OptionCompiler,
    Surroundings,
    by_code,
    by_coding,
)
from template_service.questionnaire.problems import Problem, QuestionnaireError, shown
from template_service.questionnaire.values import ITEM_TYPES, VALUE_KIND, read_value

__all__ = ["QuestionnaireError", "compile_questionnaire"]

DEPTH_LIMIT = 32
"""Groups within groups; the deepest public questionnaires use six."""


@dataclass(frozen=True, slots=True)
class _Raw:
    """One item as received, with its place."""

    json: Mapping[str, Any]
    link_id: str
    expression: str
    parent: str | None


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
        self._gates: dict[str, int] = {}
        self._items: dict[str, Item] = {}

    def form(self) -> Form | None:
        """The form, or None when its items are too broken to go on."""
        if self._findings.errors or not self._order_conditions():
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
            conditions=self._conditions(),
            required=tuple(item for item in items.values() if item.required),
            weighted=tuple(
                link_id
                for link_id, item in items.items()
                if any(option.weight is not None for option in item.options)
            ),
            ticks=tuple(
                link_id
                for link_id, item in items.items()
                if any(option.card is not None for option in item.options)
            ),
            variables=variables,
            resource=resource,
            problems=tuple(self._findings.found),
            by_root={item.link_id: item for item in roots},
            by_domain={domain.id: domain for domain in domains},
        )

    def _collect(self) -> Iterator[_Raw]:
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
    ) -> _Raw | None:
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
        return _Raw(each, link_id, place, parent)

    def _find_masked_domains(self) -> Iterator[str]:
        for raw in self._raw.values():
            name = domain_id(raw.json)
            if name and value(raw.json, "sdoh-masked", "valueBoolean") is True:
                yield name

    def _order_conditions(self) -> bool:
        """Give every item with an enableWhen its place, after all the conditions it needs."""
        needs = {
            link_id: frozenset(self._needed_conditions(raw))
            for link_id, raw in self._raw.items()
            if _enable_when(raw.json)
        }
        try:
            order = order_of(needs)
        except CycleError as error:
            names = ", ".join(shown(link_id) for link_id in circle(error))
            place = self._raw[circle(error)[0]]
            message = f"The enableWhen of these items depend on each other: {names}."
            self._findings.add(place.expression, place.link_id, message)
            return False
        self._gates = {link_id: index for index, link_id in enumerate(order)}
        return True

    def _needed_conditions(self, raw: _Raw) -> Iterator[str]:
        around = self._nearest_condition(raw.parent)
        if around is not None:
            yield around
        for entry in _enable_when(raw.json):
            question = entry.get("question") if isinstance(entry, dict) else None
            of_question = self._nearest_condition(question) if isinstance(question, str) else None
            if of_question is not None:
                yield of_question

    def _nearest_condition(self, link_id: str | None) -> str | None:
        """The nearest item with an enableWhen, from this item upwards."""
        while link_id is not None and link_id in self._raw:
            raw = self._raw[link_id]
            if _enable_when(raw.json):
                return link_id
            link_id = raw.parent
        return None

    def _children(self, parent: str | None, around: Surroundings) -> tuple[Item, ...]:
        inside = self._resource if parent is None else self._raw[parent].json
        return tuple(
            self._item(self._raw[each["linkId"]], around) for each in _list(inside.get("item"))
        )

    def _item(self, raw: _Raw, around: Surroundings) -> Item:
        json, link_id = raw.json, raw.link_id
        here = Surroundings(
            domain=domain_id(json) or around.domain,
            masked=around.masked or value(json, "sdoh-masked", "valueBoolean") is True,
            gate=value(json, "sdoh-display-gate", "valueCode") or around.gate,
            enabled_by=self._gates.get(link_id, around.enabled_by),
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

    def _conditions(self) -> tuple[Condition, ...]:
        return tuple(self._condition(self._raw[link_id]) for link_id in self._gates)

    def _condition(self, raw: _Raw) -> Condition:
        around = self._nearest_condition(raw.parent)
        clauses: list[tuple[str, int, Test]] = []
        for index, entry in enumerate(_enable_when(raw.json)):
            place = f"{raw.expression}.enableWhen[{index}]"
            found = self._clause(entry if isinstance(entry, dict) else {})
            if isinstance(found, str):
                self._findings.add(place, raw.link_id, f"{shown(raw.link_id)}: {found}")
            else:
                clauses.append(found)
        every = raw.json.get("enableBehavior") == "all"
        return Condition(-1 if around is None else self._gates[around], rule(clauses, every=every))

    def _clause(self, entry: Mapping[str, Any]) -> tuple[str, int, Test] | str:
        """One enableWhen entry compiled, or what is wrong with it."""
        link_id, comparison = entry.get("question"), entry.get("operator")
        question = self._items.get(link_id) if isinstance(link_id, str) else None
        if question is None:
            return "enableWhen names a question that is not there."
        if not isinstance(comparison, str) or comparison not in OPERATORS:
            return "enableWhen has no operator of FHIR R4."
        expected = _expected(question, comparison, entry)
        if expected is None:
            return "enableWhen has no answer of a type that fits its question."
        return question.link_id, question.enabled_by, clause(question, comparison, expected)


def _expected(question: Item, comparison: str, entry: Mapping[str, Any]) -> Value | None:
    """The answer an enableWhen entry compares with."""
    if comparison == "exists":
        exists = entry.get("answerBoolean")
        return exists if isinstance(exists, bool) else None
    coding = entry.get("answerCoding")
    if isinstance(coding, dict) and isinstance(coding.get("code"), str):
        system = coding.get("system")
        return Option(system if isinstance(system, str) else None, coding["code"], "")
    kind = VALUE_KIND.get(question.type, "").replace("value", "answer")
    given = {f"value{name[6:]}": entry[name] for name in entry if name.startswith("answer")}
    if question.type in ("choice", "open-choice"):
        text = given.get("valueString")
        return text if isinstance(text, str) else None
    if kind not in entry and question.type == "decimal":
        given["valueDecimal"] = given.get("valueInteger")
    return read_value(question, given)[0] if kind else None


def _enable_when(json: Mapping[str, Any]) -> list[Any]:
    return _list(json.get("enableWhen"))


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
