"""What an item demands of its answers: bounds that cross, values it could not take."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.elements import objects, value_of
from template_service.questionnaire.extensions import value_in
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.problems import Finding
from template_service.questionnaire.values import VALUE_KIND, read_value

_CROSSING = (
    ("minValue", "maxValue"),
    ("minLength", "maxLength"),
    ("questionnaire-minOccurs", "questionnaire-maxOccurs"),
    ("sdc-questionnaire-minQuantity", "sdc-questionnaire-maxQuantity"),
)
_FOR_TYPES: Mapping[str, frozenset[str]] = {
    "minValue": frozenset({"integer", "decimal", "quantity", "date", "dateTime", "time"}),
    "maxValue": frozenset({"integer", "decimal", "quantity", "date", "dateTime", "time"}),
    "minLength": frozenset({"string", "text", "url", "open-choice", "choice"}),
    "maxDecimalPlaces": frozenset({"decimal", "quantity", "integer"}),
    "maxSize": frozenset({"attachment"}),
    "mimeType": frozenset({"attachment"}),
    "regex": frozenset(
        {"string", "text", "url", "open-choice", "decimal", "integer", "date", "dateTime", "time"}
    ),
}
_INITIAL_EXPRESSION = "sdc-questionnaire-initialExpression"
_FILLED_IN = (
    "sdc-questionnaire-calculatedExpression",
    _INITIAL_EXPRESSION,
    "cqf-calculatedValue",
)
_NUMBERS = frozenset({"valueInteger", "valueDecimal"})
_MOMENTS = frozenset({"valueDate", "valueDateTime"})
_BOUND_KINDS: Mapping[str, frozenset[str]] = {
    "integer": _NUMBERS,
    "decimal": _NUMBERS,
    "date": _MOMENTS,
    "dateTime": _MOMENTS,
    "time": frozenset({"valueTime"}),
    "quantity": _NUMBERS | {"valueQuantity"},
}
_PER_ITEM = 20
"""Initial values of one item held against what it allows."""


def check_bounds(source: Source, form: Form | None, report: Report) -> None:
    """Report bounds no answer can meet, initial values an item cannot hold, items nobody fills."""
    for item in source.items:
        _check_crossing(item, report)
        _check_types(item, report)
        _check_initial(item, report)
        _check_fillable(item, report)
        compiled = form.items.get(item.link_id) if form is not None else None
        if compiled is not None and "initial" in item.json:
            _check_allowed(item, compiled, report)


def _check_crossing(item: Placed, report: Report) -> None:
    for low, high in _CROSSING:
        if _crosses(_bound(item, low), _bound(item, high)):
            message = f"{_short(low)} is above {_short(high)}: no answer can be right."
            report.on(item, message, "invalid", "error")
    if item.json.get("repeats") is True:
        return
    least, most = (_bound(item, f"questionnaire-{name}Occurs") for name in ("min", "max"))
    if isinstance(least, int) and least > 1:
        message = "minOccurs demands several answers of an item that does not repeat."
        report.on(item, message, "invalid", "error")
    if isinstance(most, int) and most > 1:
        message = "maxOccurs allows several answers, but the item does not say that it repeats."
        report.on(item, message, "invalid")


def _bound(item: Placed, name: str) -> Any:
    if name == "maxLength":
        return item.json.get("maxLength")
    return value_of(item.named[name][0])[1] if name in item.named else None


def _crosses(least: Any, most: Any) -> bool:
    if isinstance(least, dict) and isinstance(most, dict):
        # Of other units, only arithmetic could tell.
        units = [
            (each.get("system"), each.get("code") or each.get("unit")) for each in (least, most)
        ]
        least, most = least.get("value"), most.get("value") if units[0] == units[1] else None
    if _is_number(least) and _is_number(most):
        return bool(least > most)
    # Dates and times of one precision are in order as text.
    texts = isinstance(least, str) and isinstance(most, str) and len(least) == len(most)
    return bool(texts and least > most)


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float | Decimal) and not isinstance(given, bool)


def _check_types(item: Placed, report: Report) -> None:
    for name, types in _FOR_TYPES.items():
        if item.type and item.type not in types and name in item.named:
            report.on(item, f"{name} means nothing for an item of type {item.type}.", "invalid")
    wanted = _BOUND_KINDS.get(item.type)
    for name in ("minValue", "maxValue") if wanted is not None else ():
        for extension in item.named.get(name, ()):
            kind = value_of(extension)[0]
            if kind and wanted is not None and kind not in wanted:
                message = f"{name} is given as {kind}, which no {item.type} can be held against."
                report.on(item, message, "value")


def _check_initial(item: Placed, report: Report) -> None:
    wanted = VALUE_KIND.get(item.type)
    options = objects(item.json.get("answerOption"))
    kinds = {value_of(option)[0] for option in options} or {wanted or ""}
    offered = {_key(value_of(option)[1]) for option in options}
    if item.type == "open-choice":
        kinds |= {"valueString", "valueCoding"}
    initials = objects(item.json.get("initial"))
    if initials and _INITIAL_EXPRESSION in item.named:
        message = "SDC allows initial or initialExpression, not both."
        report.on(item, message, "business-rule", at=".initial")
    for index, initial in enumerate(initials):
        kind, given = value_of(initial)
        if wanted is None or not kind:
            continue
        at = f".initial[{index}]"
        if kind not in kinds:
            message = f"An item of type {item.type} cannot hold this initial value ({kind})."
            report.on(item, message, "value", "error", at=at)
        elif options and item.type != "open-choice" and _key(given) not in offered:
            message = "The initial value is not one of the options."
            report.on(item, message, "code-invalid", "error", at=at)
    chosen = sum(1 for option in options if option.get("initialSelected") is True)
    if chosen > 1 and item.json.get("repeats") is not True:
        message = "Several options are initialSelected, but the item takes one answer."
        report.on(item, message, "invalid", "error")


def _check_allowed(item: Placed, compiled: Item, report: Report) -> None:
    """Initial values that the item itself would refuse as answers."""
    for index, each in enumerate(objects(item.json.get("initial"))[:_PER_ITEM]):
        finding = _refused(compiled, each)
        if finding is not None:
            message = f"An answer like this initial value is refused: {finding.message}"
            report.on(item, message, finding.code, "error", at=f".initial[{index}]")


def _refused(item: Item, initial: Mapping[str, Any]) -> Finding | None:
    """Why an item would not take an initial value; None when it would, or of another type."""
    kind, _ = value_of(initial)
    # Another type, and another option, are said already.
    if item.options or kind != VALUE_KIND.get(item.type) or kind == "valueCoding":
        return None
    given, finding = read_value(item, initial)
    checks = item.constraints.checks if item.constraints is not None else ()
    found = [finding]
    if given is not None:
        found += [check(given, initial, {}) for check in checks]
    return next((each for each in found if each and each.severity == "error"), None)


def _key(given: Any) -> str:
    """What two equal options have alike: of a coding its system and code."""
    if isinstance(given, dict):
        given = given.get("reference") or (given.get("system"), given.get("code"))
    return repr(given)


def _check_fillable(item: Placed, report: Report) -> None:
    """An item that must be answered, but that nobody sees or may write into."""
    if item.json.get("required") is not True or item.type in ("group", "display"):
        return
    hidden = any(one.flag("questionnaire-hidden") for one in item.outwards())
    closed = hidden or item.json.get("readOnly") is True
    filled = any(value_in(item.named, name, "valueExpression") for name in _FILLED_IN)
    initial = "initial" in item.json or any(
        option.get("initialSelected") is True for option in objects(item.json.get("answerOption"))
    )
    if closed and not filled and not initial:
        how = "hidden" if hidden else "readOnly"
        message = f"The item is required and {how}, and nothing fills it in: no response completes."
        report.on(item, message, "business-rule")


def _short(name: str) -> str:
    return name.rsplit("-", 1)[-1]
