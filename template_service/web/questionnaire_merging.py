"""What repeats, when two colleagues changed it: no row takes the place of another."""

from collections.abc import Iterator, Mapping
from itertools import count

from template_service.questionnaire.form import Form, Item
from template_service.web.questionnaire_fields import Fields, Rows, by_rows, field, row_keys
from template_service.web.questionnaire_numbers import Named, named, repeating_around

_Row = Mapping[Named, tuple[str, ...]]
"""The fields of one row by their names, without its own number in front."""


def is_in_rows(form: Form, name: str) -> bool:
    """Whether a field stands in or around the rows of anything."""
    found = named(form, name)
    return found is not None and bool(repeating_around(form, found.link_id))


def merged_rows(
    form: Form, base: Fields, theirs: Fields, mine: Fields
) -> tuple[dict[str, tuple[str, ...]], bool]:
    """The fields of everything that repeats, and whether both sides changed rows of something.

    What one side changed is taken from it. Where both did, a row of mine cannot be told to be a
    row of theirs: all of theirs stay as they are, and those of mine that are new or changed follow
    under numbers of their own.
    """
    merged: dict[str, tuple[str, ...]] = {}
    several = False
    for item in form.items.values():
        if not by_rows(item) or len(repeating_around(form, item.link_id)) > 1:
            continue
        was, saved, typed = (_rows_of(form, item, side) for side in (base, theirs, mine))
        if saved == was:
            # The numbers on my page are still those of the stored rows.
            merged |= {name: texts for name, texts in mine.items() if _is_of(form, item, name)}
        elif typed in (was, saved):
            merged |= _written(item, saved)
        else:
            several = True
            known = [*was.values(), *saved.values(), {}]
            free = count(max((*saved, *typed), default=-1) + 1)
            new = {next(free): row for row in typed.values() if row not in known}
            merged |= _written(item, saved | new)
    return merged, several


def _is_of(form: Form, item: Item, name: str) -> bool:
    found = named(form, name)
    return found is not None and repeating_around(form, found.link_id)[:1] == (item,)


def _rows_of(form: Form, item: Item, fields: Fields) -> dict[int, _Row]:
    """Each row on a page by its number, with what is filled in there."""
    keys = row_keys(fields, item, ()) if field(item, (), "row") in fields else ()
    found: dict[int, dict[Named, tuple[str, ...]]] = {key: {} for key in keys}
    for name, around, texts in _inside(form, item, fields):
        if around[0] in found:
            found[around[0]][name] = texts
    return {key: _without_blank_rows(row) for key, row in found.items()}


def _inside(
    form: Form, item: Item, fields: Fields
) -> Iterator[tuple[Named, Rows, tuple[str, ...]]]:
    for name, sent in fields.items():
        found = named(form, name)
        texts = tuple(text.replace("\r\n", "\n").strip() for text in sent if text.strip())
        if found is None or not found.rows or not texts or found.part == "next":
            continue
        if repeating_around(form, found.link_id)[:1] == (item,):
            yield found._replace(rows=found.rows[1:]), found.rows, texts


def _without_blank_rows(row: _Row) -> _Row:
    """A row as it is; nothing at all where it only says which empty rows are inside it."""
    return row if any(name.part != "row" for name in row) else {}


def _written(item: Item, rows: Mapping[int, _Row]) -> dict[str, tuple[str, ...]]:
    made = {field(item, (), "row"): tuple(map(str, rows))} if rows else {}
    for key, row in rows.items():
        made |= {str(name._replace(rows=(key, *name.rows))): texts for name, texts in row.items()}
    return made
