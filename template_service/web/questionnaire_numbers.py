"""The numbers of rows on a page: which a name holds, and what they are once a draft was saved."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from template_service.questionnaire.form import Form, Item
from template_service.web.questionnaire_fields import Fields, Rows, by_rows

_NAME = re.compile(r"([a-z]+)((?:[0-9]{1,4}(?:\.[0-9]{1,4})*)?):(.*)", re.DOTALL)


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
