"""What an expression or a resource gives, as answers of an item.

Which types fit which item: SDC "Using expressions" (a result has the item's type, allowing for the
implicit conversions of FHIRPath: integer to decimal, number to Quantity, date to dateTime; a
resource may answer a reference) and "Form population" (a Quantity may answer an integer or decimal
whose questionnaire-unit it is in). Everything else is refused, and so is what validation would
refuse in a response: another format, another unit, more than the greatest value.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from template_service.questionnaire.extensions import value as extension_value
from template_service.questionnaire.form import Item
from template_service.questionnaire.population.choosing import from_options, is_coded
from template_service.questionnaire.population.fitting import WRONG_TYPE, Answer, Unfit, scalars
from template_service.questionnaire.population.referring import attachment_answer, reference_answer
from template_service.questionnaire.units import UCUM, has_no_unit, is_in
from template_service.questionnaire.values import VALUE_KIND, Finding, read_value

RESULT_LIMIT = 1_000
"""Answers of one item, and occurrences of one group: more would be a list, not a form."""


def answers_of(item: Item, results: Sequence[Any]) -> tuple[list[Answer], list[Unfit]]:
    """The answers a collection gives to an item, and what in it did not fit.

    An item that does not repeat takes one value or none: of several codings, the one it offers.
    More results than the item may have leave it empty (SDC "Form population", expression-based),
    as nothing says which to take.
    """
    found, unfit = _converted(item, [each for each in results if each is not None])
    limit = most(item)
    if len(found) > limit:
        reason = f"There are {len(found)} values, and the item takes {limit} at most."
        return [], [Unfit("multiple-matches", reason)]
    if item.repeats:
        return _without_exclusive(item, found, unfit)
    if found and is_coded(item):
        # Of the codings of one concept only one is offered; that the others are not says nothing.
        return found, []
    return ([], unfit) if unfit else (found, [])


def answer_of(item: Item, given: Any) -> Answer:
    """One value as the answer of an item. Raises Unfit."""
    answer = from_options(item, given) if is_coded(item) else _CONVERSIONS[item.type](item, given)
    read, finding = read_value(item, answer)
    if read is not None and item.constraints is not None and not _is_wrong(finding):
        found = (check(read, answer, {}) for check in item.constraints.checks)
        finding = next(filter(_is_wrong, found), None)
    if read is None or _is_wrong(finding):
        raise Unfit(
            finding.code if finding else "value", finding.message if finding else WRONG_TYPE
        )
    return answer


def _is_wrong(finding: Finding | None) -> bool:
    return finding is not None and finding.severity == "error"


def _converted(item: Item, results: Iterable[Any]) -> tuple[list[Answer], list[Unfit]]:
    found: list[Answer] = []
    unfit: list[Unfit] = []
    several = item.repeats and not is_coded(item)
    for each in results:
        try:
            answer = answer_of(item, each)
        except Unfit as reason:
            unfit.append(reason)
        else:
            if several or answer not in found:
                found.append(answer)
    return found, unfit


def most(item: Item) -> int:
    """How many answers an item, or occurrences a group, may have."""
    if not item.repeats:
        return 1
    limit = extension_value(item.raw, "questionnaire-maxOccurs", "valueInteger")
    return RESULT_LIMIT if limit is None else min(limit, RESULT_LIMIT)


def _without_exclusive(
    item: Item, found: list[Answer], unfit: list[Unfit]
) -> tuple[list[Answer], list[Unfit]]:
    exclusive = [option.as_answer() for option in item.options if option.exclusive]
    if len(found) > 1 and any(each in exclusive for each in found):
        reason = "An option that excludes all others was found with another."
        return [], [Unfit("multiple-matches", reason), *unfit]
    return found, unfit


_NUMBER_LIMIT = 10**40
"""As for a decimal in a response; what is not a number (NaN) is never below it."""


def _boolean(_item: Item, given: Any) -> Answer:
    return {"valueBoolean": given if isinstance(given, bool) else None}


def _integer(item: Item, given: Any) -> Answer:
    if isinstance(given, dict):
        given = _in_unit(item, given)
        if not isinstance(given, int) and given == int(given):
            given = int(given)
    if isinstance(given, float | Decimal):
        raise Unfit("value", "The number is a decimal, and the item takes a whole one.")
    return {"valueInteger": given}


def _decimal(item: Item, given: Any) -> Answer:
    number = _in_unit(item, given) if isinstance(given, dict) else given
    return {"valueDecimal": float(number) if isinstance(number, Decimal) else number}


def _in_unit(item: Item, quantity: Mapping[str, Any]) -> int | float | Decimal:
    """The number of a Quantity in the item's unit."""
    number = _number(quantity.get("value"))
    unit = extension_value(item.raw, "questionnaire-unit", "valueCoding")
    if quantity.get("comparator") is not None:
        raise Unfit("value", "The quantity is a bound (such as 'less than'), not a number.")
    if unit is None and not has_no_unit(quantity):
        raise Unfit("value", "The quantity has a unit, and the item does not say which it takes.")
    if unit is not None and not is_in(quantity, unit):
        raise Unfit("value", "The quantity is not in the item's unit; nothing is converted.")
    return number


def _number(given: Any) -> int | float | Decimal:
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal):
        raise Unfit("value", "The quantity has no number.")
    if not -_NUMBER_LIMIT < given < _NUMBER_LIMIT:
        raise Unfit("value", "The number is too large.")
    return given


def _text(item: Item, given: Any) -> Answer:
    return {VALUE_KIND[item.type]: given}


def _date(_item: Item, given: Any) -> Answer:
    if isinstance(given, str) and "T" in given:
        raise Unfit("value", "The value has a time of day, and the item takes a date.")
    return {"valueDate": given}


def _quantity(_item: Item, given: Any) -> Answer:
    if isinstance(given, int | float | Decimal):
        # FHIRPath: a number is implicitly a Quantity of the unit 1.
        given = {"value": _number(given), "system": UCUM, "code": "1"}
    if not isinstance(given, dict):
        raise Unfit("value", WRONG_TYPE)
    number = _number(given.get("value"))
    texts = scalars(given, ("comparator", "unit", "system", "code"), str)
    plain = float(number) if isinstance(number, Decimal) else number
    return {"valueQuantity": {"value": plain, **texts}}


def _nothing(item: Item, _given: Any) -> Answer:
    raise Unfit("not-supported", f"An item of type {item.type} takes no answer.")


_CONVERSIONS: Mapping[str, Callable[[Item, Any], Answer]] = {
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "string": _text,
    "text": _text,
    "url": _text,
    "date": _date,
    "dateTime": _text,
    "time": _text,
    "quantity": _quantity,
    "reference": reference_answer,
    "attachment": attachment_answer,
    "group": _nothing,
    "display": _nothing,
    "question": _nothing,
}
