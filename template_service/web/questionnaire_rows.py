"""Rows of a questionnaire's page added and removed, with everything typed kept as it is."""

import re

from template_service.questionnaire.form import Form
from template_service.web.questionnaire_fields import MOST_ROWS, Fields, by_rows

# A page of more rows than this, in everything that repeats together, takes seconds to show.
MOST_ROWS_IN_ALL = 500

_ADD, _REMOVE = "add:", "remove:"
_NUMBER = re.compile(r"[0-9]{1,4}")


def change_rows(form: Form, fields: Fields, pressed: str) -> tuple[Fields, str]:
    """The fields after an "Add another" or "Remove" button, and the name of where focus goes.

    `pressed` is the value of the button: `add:row0:phone`, or `remove:row0:phone|2`. A button that
    is no row of the form changes nothing.
    """
    if pressed.startswith(_ADD):
        return _added(form, fields, pressed.removeprefix(_ADD))
    name, _, key = pressed.removeprefix(_REMOVE).rpartition("|")
    if not _is_row(form, name):
        return fields, f"{_ADD}{name}"
    rows = fields.get(name, ())
    left = tuple(text for text in rows if text != key)
    following = {next_of(name): (str(next_number(fields, name)),)}
    return {**fields, name: left, **following}, f"{_ADD}{name}"


def next_of(name: str) -> str:
    """The name of the field that carries the next number of the rows of this name."""
    return f"next{name.removeprefix('row')}"


def next_number(fields: Fields, name: str) -> int:
    """The number of the next row: one that never was on this page, whatever was removed."""
    used = (int(text) for text in fields.get(name, ()) if _NUMBER.fullmatch(text))
    told = (int(text) for text in fields.get(next_of(name), ()) if _NUMBER.fullmatch(text))
    return max(max(used, default=-1) + 1, max(told, default=0))


def is_full(fields: Fields, *, room: int = 1) -> bool:
    """Whether a page with these fields has no room for so many rows more."""
    # Of one list a page reads so many only (`row_keys`).
    sent = (len(texts) for name, texts in fields.items() if name.startswith("row"))
    rows = sum(min(count, MOST_ROWS) for count in sent)
    return rows + room > MOST_ROWS_IN_ALL


def _added(form: Form, fields: Fields, name: str) -> tuple[Fields, str]:
    rows = fields.get(name, ())
    if not _is_row(form, name) or len(rows) >= MOST_ROWS or is_full(fields):
        return fields, ""
    # A number is never used twice on one page: it names what is stored of a row.
    number = next_number(fields, name)
    key = str(number)
    around, _, link_id = name.removeprefix("row").partition(":")
    inside = f"q{around}.{key}:" if around else f"q{key}:"
    following = {next_of(name): (str(number + 1),)}
    return {**fields, name: (*rows, key), **following}, f"{inside}{link_id}"


def _is_row(form: Form, name: str) -> bool:
    item = form.items.get(name.partition(":")[2])
    return name.startswith("row") and item is not None and by_rows(item)
