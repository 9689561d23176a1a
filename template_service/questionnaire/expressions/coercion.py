"""What an expression gave, as answers to an item."""

from typing import Any

from template_service.questionnaire.form import Item
from template_service.questionnaire.values import VALUE_KIND, read_value

_SEVERAL = "The expression gives several values, but the item takes one."
_OTHER_TYPE = "The expression gives a value that is not of the item's type."


class NotAnAnswer(Exception):
    """The values do not fit the item; the message says why, and never what they are."""


def as_answers(item: Item, values: list[Any]) -> list[dict[str, Any]]:
    """The values as `answer` elements, in their order. Raises NotAnAnswer.

    A whole number may answer an item of decimals, and the code of an option stands for the option
    (FHIR R4 has no other conversion that changes no meaning). Nothing else is converted.
    """
    if len(values) > 1 and not item.repeats:
        raise NotAnAnswer(_SEVERAL)
    return [_as_answer(item, value) for value in values]


def _as_answer(item: Item, value: Any) -> dict[str, Any]:
    answer = _written(item, value)
    read, finding = read_value(item, answer)
    if finding is not None and finding.severity == "error":
        raise NotAnAnswer(_OTHER_TYPE if read is None else finding.message)
    return answer


def _written(item: Item, value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and item.type in ("choice", "open-choice"):
        return {"valueCoding": value}
    option = item.by_code.get(str(value)) if type(value) in (str, int) else None
    if option is not None:
        return option.as_answer()
    kind = VALUE_KIND.get(item.type)
    if kind is None:
        raise NotAnAnswer(f"An item of type {item.type} takes no calculated value.")
    return {"valueString" if item.type == "open-choice" else kind: value}
