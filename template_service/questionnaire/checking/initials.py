"""Initial values that the item itself would refuse as answers, and bounds it cannot be held to."""

from collections.abc import Mapping

from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.elements import objects, value_of
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.problems import Finding
from template_service.questionnaire.values import VALUE_KIND, read_value

_INITIAL_EXPRESSION = "sdc-questionnaire-initialExpression"
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
"""Initial values looked at in one item."""


def check_initials(source: Source, form: Form | None, report: Report) -> None:
    """Report initial values outside what their item allows, and bounds of another type."""
    for item in source.items:
        _check_bounds(item, report)
        initial = objects(item.json.get("initial"))
        if initial and _INITIAL_EXPRESSION in item.named:
            message = "SDC allows initial or initialExpression, not both."
            report.on(item, message, "business-rule", at=".initial")
        compiled = form.items.get(item.link_id) if form is not None and initial else None
        for index, each in enumerate(initial[:_PER_ITEM] if compiled is not None else ()):
            finding = _refused(compiled, each) if compiled is not None else None
            if finding is not None:
                message = f"An answer like this initial value is refused: {finding.message}"
                at = f".initial[{index}]"
                report.on(item, message, finding.code, "error", at=at)


def _refused(item: Item, initial: Mapping[str, object]) -> Finding | None:
    """Why an item would not take an initial value; None when it would, or of another type."""
    kind, _ = value_of(initial)
    # Another type, and another option, are said by check_bounds.
    if item.options or kind != VALUE_KIND.get(item.type) or kind == "valueCoding":
        return None
    given, finding = read_value(item, initial)
    if finding is not None and finding.severity == "error":
        return finding
    checks = item.constraints.checks if item.constraints is not None and given is not None else ()
    for check in checks:
        found = check(given, initial, {}) if given is not None else None
        if found is not None and found.severity == "error":
            return found
    return None


def _check_bounds(item: Placed, report: Report) -> None:
    wanted = _BOUND_KINDS.get(item.type)
    for name in ("minValue", "maxValue") if wanted else ():
        for extension in item.named.get(name, ()):
            kind = value_of(extension)[0]
            if kind and wanted is not None and kind not in wanted:
                message = f"{name} is given as {kind}, which no {item.type} can be held against."
                report.on(item, message, "value")
