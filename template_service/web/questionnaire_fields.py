"""The names of the fields on a questionnaire's page, and how an item stands there.

A field is named by its part, the rows around it and its linkId: `q:smoker` for an item that stands
there once, `q2.0:name` inside row 2 of a repeating group and row 0 of what repeats inside it. A
linkId may be any text, so nothing is ever read out of a name: the form says which to look for.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from template_service.questionnaire.extensions import extensions, value
from template_service.questionnaire.form import Form, Item, Option
from template_service.questionnaire.privacy import is_private_item, is_private_option
from template_service.web.gate import SUICIDAL

Fields = Mapping[str, tuple[str, ...]]
"""Field name -> the texts in it, in order. What a browser sends, and what a page is filled with."""

Rows = tuple[int, ...]

# No questionnaire we know asks for more rows of anything; a page must not grow without end.
MOST_ROWS = 100

_NUMBER = re.compile(r"[0-9]{1,4}")


def field(item: Item, rows: Rows, part: str = "q") -> str:
    """The name of a field of an item; `part` tells the boxes of one answer apart."""
    return f"{part}{'.'.join(map(str, rows))}:{item.link_id}"


def by_rows(item: Item) -> bool:
    """Whether an item stands there once for each of its rows; options of one are ticked instead."""
    return item.repeats and item.type not in ("display", "choice") and not item.options


def is_calculated(item: Item) -> bool:
    """Whether nobody types an answer: it is worked out, or only shown."""
    return item.type != "group" and (item.calculated is not None or item.read_only)


def needed_of(form: Form, item: Item) -> str:
    """When an item is needed: `finish`, or `row`, only if the row it stands in is filled in.

    Empty when it is not: a row of a list that may stay empty needs nothing when it is.
    """
    if not item.required or is_calculated(item):
        return ""
    around = form.items.get(item.parent or "")
    while around is not None:
        if by_rows(around) and not around.required:
            return "row"
        around = form.items.get(around.parent or "")
    return "finish"


def adds_up(item: Item) -> bool:
    """Whether free text, written where nothing is shown again, joins what was written before."""
    return item.type == "open-choice" or (
        item.type in ("string", "text") and not item.repeats and not item.options
    )


def is_asked(item: Item) -> bool:
    """Whether somebody answers this item on a page."""
    return item.type not in ("group", "display") and not item.hidden and not is_calculated(item)


def row_keys(fields: Fields, item: Item, rows: Rows) -> tuple[int, ...]:
    """The rows of an item on the page, in order; each number names one row for good.

    What is not a number, or was sent twice, is passed over. What is new has one row to fill in.
    """
    sent = fields.get(field(item, rows, "row"), ("0",))
    numbers = dict.fromkeys(int(text) for text in sent if _NUMBER.fullmatch(text))
    return tuple(numbers)[:MOST_ROWS]


def choice_value(item: Item, option: Option) -> str:
    """What stands for an option in a field: its code, unless two systems share that code."""
    first = item.by_code.get(option.code)
    return option.code if first == option else f"{option.system or option.kind}|{option.code}"


def chosen_option(item: Item, text: str) -> Option | None:
    """The option a field's text stands for, or None."""
    found = item.by_code.get(text)
    if found is not None:
        return found
    return next((option for option in item.options if choice_value(item, option) == text), None)


def item_control(item: Item) -> str:
    """The code of the item's questionnaire-itemControl, or an empty text."""
    return next(_concept_codes(item.raw, "questionnaire-itemControl"), "")


def category(item: Item) -> str:
    """The code of a display item's questionnaire-displayCategory, or an empty text."""
    return next(_concept_codes(item.raw, "questionnaire-displayCategory"), "")


def units(item: Item) -> tuple[Mapping[str, Any], ...]:
    """The units on offer, as codings: unitOption, or the one questionnaire-unit."""
    for name in ("questionnaire-unitOption", "questionnaire-unit"):
        found = [each.get("valueCoding") for each in extensions(item.raw, name)]
        known = tuple(each for each in found if isinstance(each, dict) and unit_code(each))
        if known:
            return known
    return ()


def unit_code(coding: Mapping[str, Any]) -> str:
    """What stands for a unit in a field: its code, or its words."""
    found = coding.get("code") or coding.get("display")
    return found if isinstance(found, str) else ""


def unit_text(coding: Mapping[str, Any]) -> str:
    """A unit in words."""
    found = coding.get("display") or coding.get("code")
    return found if isinstance(found, str) else ""


def reference_types(item: Item) -> tuple[str, ...]:
    """The resource types an answer of type reference may name; empty when any."""
    found = (
        each.get("valueCode") for each in extensions(item.raw, "questionnaire-referenceResource")
    )
    return tuple(dict.fromkeys(each for each in found if isinstance(each, str)))


def _concept_codes(raw: Mapping[str, Any], name: str) -> Iterator[str]:
    for each in extensions(raw, name):
        concept = each.get("valueCodeableConcept")
        codings = concept.get("coding") if isinstance(concept, dict) else None
        for coding in codings if isinstance(codings, list) else ():
            code = coding.get("code") if isinstance(coding, dict) else None
            if isinstance(code, str):
                yield code


def text_of(item: Item, name: str) -> str:
    """The text of an extension of the item that holds a string or markdown, or an empty one."""
    for each in extensions(item.raw, name):
        found = each.get("valueString", each.get("valueMarkdown"))
        if isinstance(found, str):
            return found
    return ""


def code_of(item: Item, name: str) -> str:
    """The code of an extension of the item, or an empty text."""
    found = value(item.raw, name, "valueCode")
    return found if isinstance(found, str) else ""


_SHAPES: Mapping[str, str] = {
    "boolean": "pills",
    "integer": "number",
    "decimal": "number",
    "date": "date",
    "dateTime": "date",
    "time": "time",
    "string": "line",
    "url": "line",
    "text": "area",
    "quantity": "quantity",
    "attachment": "attachment",
    "reference": "reference",
}
_LISTS = frozenset({"drop-down", "autocomplete", "lookup"})
# Beyond so many, answers side by side are harder to read than a list that opens.
_MOST_PILLS = 10


def _may_be_alone(option: Option) -> bool:
    return is_private_option(option) or option.urgent == SUICIDAL


def shape_of(item: Item) -> str:
    """How a question is asked: `pills`, `select`, `line`, `number` and so on.

    `nothing` where nothing can be offered: a choice whose value set is published elsewhere.
    """
    if item.options:
        by_list = item_control(item) in _LISTS or len(item.options) > _MOST_PILLS
        told = item_control(item) in ("radio-button", "check-box")
        # One answer that is hidden until somebody is alone cannot stand in a list that opens.
        partly_alone = not is_private_item(item) and any(map(_may_be_alone, item.options))
        in_list = by_list and not told and not item.repeats and not partly_alone
        return "select" if in_list else "pills"
    if item.type == "open-choice":
        return "line"
    return _SHAPES.get(item.type, "nothing")
