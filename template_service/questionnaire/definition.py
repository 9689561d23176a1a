"""A FHIR R4 Questionnaire compiled once to a form."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from template_service.questionnaire.constraints import ConstraintCompiler
from template_service.questionnaire.domains import compile_domain, domain_id
from template_service.questionnaire.elements import listed
from template_service.questionnaire.enable_when import EnableWhen
from template_service.questionnaire.expressions.variables import fhirpaths
from template_service.questionnaire.extensions import Named, by_name, value_in
from template_service.questionnaire.form import (
    SEEN_ALONE,
    Card,
    Condition,
    Domain,
    Form,
    Item,
    Option,
)
from template_service.questionnaire.marks import check_marks
from template_service.questionnaire.options import (
    Findings,
    OptionCompiler,
    Surroundings,
    by_code,
    by_coding,
)
from template_service.questionnaire.primitives import is_text
from template_service.questionnaire.privacy import is_private_item, private_cards
from template_service.questionnaire.problems import Problem, QuestionnaireError, shown
from template_service.questionnaire.raw_items import DEPTH_LIMIT, RawItem, collect
from template_service.questionnaire.value_sets import ValueSets

__all__ = ["DEPTH_LIMIT", "QuestionnaireError", "compile_questionnaire"]


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
        self._raw = collect(resource, findings)
        masked_domains = frozenset(self._find_masked_domains())
        value_sets = ValueSets(resource)
        self._options = OptionCompiler(masked_domains, value_sets, findings)
        self._constraints = ConstraintCompiler(value_sets, findings)
        self._enable_when = EnableWhen({} if findings.errors else self._raw, findings)
        self._items: dict[str, Item] = {}

    def form(self) -> Form | None:
        """The form, or None when its items are too broken to go on."""
        if self._findings.errors:
            return None
        resource = self._resource
        check_marks(resource, self._findings)
        roots = self._children(resource, _with_marks(by_name(resource), Surroundings()))
        self._items = items = {link_id: self._items[link_id] for link_id in self._raw}
        cards = self._cards()
        variables = fhirpaths(resource)
        domains = tuple(self._domains(cards, variables))
        self._check_cards(cards, {domain.id for domain in domains})
        conditions = self._enable_when.conditions(items)
        constraints = self._constraints.constraints(resource, "Questionnaire", by_name(resource))
        flat = not any(map(_needs_occurrences, conditions))
        form = Form(
            url=resource.get("url", ""),
            version=resource.get("version"),
            id=resource.get("id", ""),
            title=resource.get("title", ""),
            status=resource.get("status", ""),
            roots=roots,
            items=items,
            domains=domains,
            cards=cards,
            conditions=conditions,
            required=tuple(item for item in items.values() if item.required),
            weighted=_offering(items, lambda option: option.weight is not None),
            ticks=_offering(items, lambda option: option.card is not None),
            alarms=_offering(
                {link_id: item for link_id, item in items.items() if item.domain is None},
                lambda option: option.urgent is not None,
            ),
            tells=_offering(items, lambda option: option.seeker is not None),
            variables=variables,
            resource=resource,
            problems=tuple(self._findings.found),
            by_root={item.link_id: item for item in roots},
            by_domain={domain.id: domain for domain in domains},
            flat=flat,
            simple=flat and constraints is None and not any(map(_per_occurrence, items.values())),
            constraints=constraints,
        )
        if not self._findings.errors:
            # What is worked out of safety can be told of a whole form only.
            cards |= {card_id: _masked(cards[card_id]) for card_id in private_cards(form)}
        return form

    def _find_masked_domains(self) -> Iterator[str]:
        marked: dict[str | None, Surroundings] = {
            None: _with_marks(by_name(self._resource), Surroundings())
        }
        for raw in self._raw.values():
            here = marked[raw.link_id] = _with_marks(raw.named, marked[raw.parent])
            name = _domain_id(raw)
            if name and (here.masked or here.gate == SEEN_ALONE):
                yield name

    def _children(self, around: Mapping[str, Any], inherited: Surroundings) -> tuple[Item, ...]:
        return tuple(
            self._item(self._raw[each["linkId"]], inherited) for each in listed(around.get("item"))
        )

    def _item(self, raw: RawItem, around: Surroundings) -> Item:
        json, link_id, named = raw.json, raw.link_id, raw.named
        here = self._inherited(raw, around)
        options, any_coding = self._options.options(json, raw.expression, here)
        repeats = json.get("repeats") is True
        inside = here._replace(repeats=True) if repeats else here
        children = self._children(json, inside)
        text, limit = json.get("text"), json.get("maxLength")
        known, calculated = by_code(options), _calculated(named)
        if calculated is not None and any(option.discloses for option in options):
            message = "What a calculated item says is nobody's answer, so it may disclose nothing."
            self._findings.add(raw.expression, link_id, f"{shown(link_id)}: {message}")
        constraints = self._constraints.constraints(json, raw.expression, named)
        looked_at = calculated is not None or (constraints is not None and constraints.by_answer)
        item = Item(
            link_id=link_id,
            text=text if isinstance(text, str) else "",
            type=json["type"],
            repeats=repeats,
            required=json.get("required") is True,
            read_only=json.get("readOnly") is True,
            hidden=value_in(named, "questionnaire-hidden", "valueBoolean") is True,
            options=options,
            children=children,
            parent=raw.parent,
            gate=here.gate,
            masked=here.masked,
            source=value_in(named, "sdoh-source", "valueString"),
            max_length=limit if isinstance(limit, int) and limit > 0 else None,
            domain=here.domain,
            calculated=calculated,
            any_coding=any_coding,
            enabled_by=here.enabled_by,
            expression=raw.expression,
            constraints=constraints,
            inside_repeats=here.repeats,
            raw=json,
            by_coding=by_coding(options),
            by_code=known,
            flawless={} if looked_at else known,
            sound_text=text if is_text(text) else None,
            by_link_id={child.link_id: child for child in children},
        )
        self._items[link_id] = item
        return item

    def _inherited(self, raw: RawItem, around: Surroundings) -> Surroundings:
        """What holds for an item and everything inside it."""
        enabled_by = self._enable_when.places.get(raw.link_id, around.enabled_by)
        if not raw.named and enabled_by == around.enabled_by:
            return around
        domain = _domain_id(raw) or around.domain
        return _with_marks(raw.named, around)._replace(domain=domain, enabled_by=enabled_by)

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
            if "sdoh-urgent-card" in raw.named
            for card in self._options.derived_cards(
                raw.json, raw.expression, masked=is_private_item(self._items[raw.link_id])
            )
        ]
        # A card may be declared twice, in safety and outside it.
        private = {card.id for card in (*ticked, *derived) if card.masked}
        return {
            card.id: _masked(card) if card.id in private else card for card in (*ticked, *derived)
        }

    def _domains(self, cards: Mapping[str, Card], variables: Mapping[str, str]) -> Iterator[Domain]:
        for raw in self._raw.values():
            if _domain_id(raw) is not None:
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


def _domain_id(raw: RawItem) -> str | None:
    return domain_id(raw.json) if "sdoh-domain" in raw.named else None


def _with_marks(named: Named, around: Surroundings) -> Surroundings:
    """What holds inside an element with these extensions; nothing takes safety back."""
    masked = around.masked or value_in(named, "sdoh-masked", "valueBoolean") is True
    own = value_in(named, "sdoh-display-gate", "valueCode") or around.gate
    return around._replace(masked=masked, gate=SEEN_ALONE if around.gate == SEEN_ALONE else own)


def _masked(card: Card) -> Card:
    """The card as one of safety: nobody else in the room may see it either."""
    return replace(card, masked=True, gate=SEEN_ALONE)


def _offering(items: Mapping[str, Item], has: Callable[[Option], bool]) -> tuple[str, ...]:
    """The linkIds of the items that offer such an option."""
    return tuple(link_id for link_id, item in items.items() if any(map(has, item.options)))


def _needs_occurrences(condition: Condition) -> bool:
    """Whether a condition depends on which occurrence of its item or question is meant.

    The value of a calculated question is in no Answers, only in the response that carries it.
    """
    if not condition.clauses:
        # An expression decides, or would if anybody could evaluate it.
        return True
    return any(
        clause.question.inside_repeats or clause.question.calculated is not None
        for clause in condition.clauses
    )


def _per_occurrence(item: Item) -> bool:
    """Whether an item demands something that only its occurrences can tell."""
    constraints = item.constraints
    if constraints is not None and constraints.by_occurrence:
        return True
    counted = constraints is not None and constraints.max_occurs is not None
    return (counted and item.type == "group") or (item.required and item.inside_repeats)


def _calculated(named: Named) -> str | None:
    expression = value_in(named, "sdc-questionnaire-calculatedExpression", "valueExpression") or {}
    text = expression.get("expression")
    return text if isinstance(text, str) else None
