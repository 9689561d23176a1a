"""Rows of a questionnaire's page: their numbers, added and removed with everything typed kept."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from template_service.questionnaire.form import Form, Item
from template_service.web.questionnaire_fields import MOST_ROWS, Fields, Rows, by_rows
from template_service.web.questionnaire_styles import GATE

# A page of more rows than this, in everything that repeats together, takes seconds to show.
MOST_ROWS_IN_ALL = 500

_ADD, _REMOVE, _CLEAR = "add:", "remove:", "clear:"
_NUMBER = re.compile(r"[0-9]{1,4}")
_NAME = re.compile(r"([a-z]+)((?:[0-9]{1,4}(?:\.[0-9]{1,4})*)?):(.*)", re.DOTALL)


def change_rows(form: Form, fields: Fields, pressed: str) -> tuple[Fields, str]:
    """The fields after an "Add another" or "Remove" button, and the name of where focus goes.

    `pressed` is the value of the button: `add:row0:phone`, or `remove:row0:phone|2`. A button that
    is no row of the form changes nothing.
    """
    if pressed.startswith(_ADD):
        return _added(form, fields, pressed.removeprefix(_ADD))
    name, _, key = pressed.removeprefix(_REMOVE).rpartition("|")
    if not _is_row(form, name):
        return fields, ""
    rows = fields.get(name, ())
    left = tuple(text for text in rows if text != key)
    following = {next_of(name): (str(next_number(fields, name)),)}
    return {**fields, name: left, **following}, f"{_ADD}{name}"


def clear_answer(form: Form, fields: Fields, pressed: str) -> tuple[Fields, str]:
    """The fields after a "Clear" button, and where focus goes: to the question, by that button.

    `pressed` is its value, `clear:q0:food`. On this page only: what is stored stays as it is, and a
    page that is saved without an answer takes back no disclosure (`questionnaire_unseen`).
    """
    name = pressed.removeprefix(_CLEAR)
    found = named(form, name)
    if not name.startswith(GATE) and (found is None or found.part != "q"):
        return fields, ""
    return {each: texts for each, texts in fields.items() if each != name}, pressed


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


class Named(NamedTuple):
    """What the name of a field says: its part, the rows around it and its linkId."""

    part: str
    rows: Rows
    link_id: str

    def __str__(self) -> str:
        return f"{self.part}{'.'.join(map(str, self.rows))}:{self.link_id}"


def named(form: Form, name: str) -> Named | None:
    """What a name says; None when it is of no item of the form."""
    found = _NAME.fullmatch(name)
    if found is None or found[3] not in form.items:
        return None
    return Named(found[1], tuple(map(int, found[2].split("."))) if found[2] else (), found[3])


def repeating_around(form: Form, link_id: str) -> tuple[Item, ...]:
    """What repeats around an item, from the outside in; an item that repeats itself comes last."""
    found = []
    item = form.items.get(link_id)
    while item is not None:
        if by_rows(item):
            found.append(item)
        item = form.items.get(item.parent or "")
    return tuple(reversed(found))


class Renumbered:
    """Names on a page whose draft was saved: each row is numbered by its place in the draft now.

    `placed` is `PageReading.placed`. A row that has no place there gets a number that is free.
    """

    def __init__(self, form: Form, placed: Mapping[str, Mapping[int, int]]) -> None:
        self._form = form
        self._placed = {name: dict(places) for name, places in placed.items()}

    def fields(self, fields: Fields) -> Fields:
        """The fields of the page by their new names."""
        made: dict[str, tuple[str, ...]] = {}
        for name, texts in fields.items():
            found = named(self._form, name)
            if found is None or found.part != "row":
                made[self.name(name)] = texts
            else:
                keys = [text for text in texts if text.isdecimal()]
                made[self.name(name)] = tuple(str(self._number(name, int(key))) for key in keys)
        return {name: texts for name, texts in made.items() if not name.startswith("next")}

    def name(self, name: str) -> str:
        """The new name of a field, or of a question in `Trouble.errors`."""
        found = named(self._form, name)
        if found is None:
            return name
        around = repeating_around(self._form, found.link_id)
        rows = [
            self._number(str(Named("row", found.rows[:depth], around[depth].link_id)), key)
            if depth < len(around)
            else key
            for depth, key in enumerate(found.rows)
        ]
        return str(found._replace(rows=tuple(rows)))

    def _number(self, name: str, key: int) -> int:
        places = self._placed.setdefault(name, {})
        return places.setdefault(key, max(places.values(), default=-1) + 1)
