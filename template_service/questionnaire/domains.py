"""Areas of need: the groups of a Questionnaire that carry `sdoh-domain`, compiled."""

from collections.abc import Iterator, Mapping
from typing import Any

from template_service.questionnaire.expressions.scoring import fhirpath_rule
from template_service.questionnaire.extensions import extensions, value, values
from template_service.questionnaire.form import Card, Domain, Effect, Item, Modifier
from template_service.questionnaire.options import Findings
from template_service.questionnaire.privacy import is_private_item
from template_service.questionnaire.problems import QuestionnaireError
from template_service.questionnaire.rules import NotInSubset, compile_rule

_EFFECTS: Mapping[str, Effect] = {"raise": "raise", "at-least": "at-least", "set": "set"}
_HIGHEST_LEVEL = 4


def domain_id(raw: Mapping[str, Any]) -> str | None:
    """The id of the domain a group is, or None for any other item."""
    extension = next(extensions(raw, "sdoh-domain"), None)
    if extension is None:
        return None
    link_id = raw.get("linkId")
    return value(extension, "id", "valueCode") or (link_id if isinstance(link_id, str) else None)


def compile_domain(
    raw: Mapping[str, Any],
    items: Mapping[str, Item],
    cards: Mapping[str, Card],
    variables: Mapping[str, str],
    findings: Findings,
) -> Domain | None:
    """The domain of a group, or None when a question it must have is missing (a finding says so).

    By contract a domain `d` has `d.screen`, the group `d.follow-up`, `d.wants-help` and `d.level`.
    """
    extension = next(extensions(raw, "sdoh-domain"))
    group = items[raw["linkId"]]
    name = domain_id(raw) or group.link_id
    screen, wants_help = items.get(f"{name}.screen"), items.get(f"{name}.wants-help")
    if screen is None or wants_help is None:
        message = f"The domain needs the items '{name}.screen' and '{name}.wants-help'."
        findings.add(group.expression, group.link_id, message, "required")
        return None
    _check_weights(group, findings)
    follow_up = items.get(f"{name}.follow-up")
    floor_card = value(extension, "floorCard", "valueCode")
    if floor_card is not None and floor_card not in cards:
        findings.add(group.expression, group.link_id, "The floor card is not a card of the form.")
    return Domain(
        id=name,
        title=group.text,
        weight=value(extension, "weight", "valueInteger") or 0,
        floor=value(extension, "floor", "valueInteger") or 1,
        floor_card=floor_card,
        default_needs=values(extension, "defaultNeed", "valueCode"),
        household_needs=tuple(
            (frozenset(values(each, "household", "valueCode")), values(each, "need", "valueCode"))
            for each in extensions(extension, "householdNeed")
        ),
        why_we_ask=value(extension, "whyWeAsk", "valueString") or "",
        ages=value(extension, "ages", "valueString"),
        marmot=values(extension, "marmot", "valueInteger"),
        indicators=values(extension, "indicator", "valueInteger"),
        always_offered=value(extension, "alwaysOffered", "valueBoolean") is True,
        masked=is_private_item(group),
        gate=group.gate,
        screen=screen,
        follow_ups=follow_up.children if follow_up else (),
        wants_help=wants_help,
        level=items.get(f"{name}.level"),
        modifiers=tuple(_modifiers(raw, group, cards, variables, findings)),
        scored=tuple(
            item.link_id
            for item in _inside(group)
            if item is not screen and any(option.weight is not None for option in item.options)
        ),
    )


def _inside(group: Item) -> Iterator[Item]:
    for child in group.children:
        yield child
        yield from _inside(child)


def _check_weights(group: Item, findings: Findings) -> None:
    for item in _inside(group):
        for option in item.options:
            weight = option.weight
            if weight is not None and not (
                isinstance(weight, int) and 0 <= weight <= _HIGHEST_LEVEL
            ):
                message = f"The weight of option '{option.code}' is not a level from 0 to 4."
                findings.add(item.expression, item.link_id, message)


def _modifiers(
    raw: Mapping[str, Any],
    group: Item,
    cards: Mapping[str, Card],
    variables: Mapping[str, str],
    findings: Findings,
) -> Iterator[Modifier]:
    for extension in extensions(raw, "sdoh-modifier"):
        name = value(extension, "id", "valueCode") or ""
        expression = (value(extension, "condition", "valueExpression") or {}).get("expression")
        effect = _EFFECTS.get(value(extension, "effect", "valueCode") or "")
        level = value(extension, "level", "valueInteger")
        card = value(extension, "card", "valueCode")
        problem = _modifier_problem(expression, effect, level, card, cards)
        if problem is None and isinstance(expression, str) and effect is not None:
            try:
                holds = _condition(expression, variables)
            except QuestionnaireError as error:
                problem = error.message
            else:
                source = value(extension, "source", "valueString") or ""
                yield Modifier(name, expression, holds, effect, level, card, source)
        if problem is not None:
            findings.add(group.expression, group.link_id, f"Modifier '{name}': {problem}")


def _modifier_problem(
    expression: object, effect: str | None, level: int | None, card: str | None, cards: object
) -> str | None:
    if not isinstance(expression, str):
        return "it has no condition."
    if effect is None:
        return "its effect is not raise, at-least or set."
    if effect != "raise" and not (level is not None and 0 <= level <= _HIGHEST_LEVEL):
        return "it has no level from 0 to 4."
    if card is not None and isinstance(cards, Mapping) and card not in cards:
        return "its card is not a card of the form."
    return None


def _condition(expression: str, variables: Mapping[str, str]) -> Any:
    try:
        return compile_rule(expression, variables)
    except NotInSubset:
        return fhirpath_rule(expression, variables)
