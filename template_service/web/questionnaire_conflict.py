"""Two colleagues filled in one questionnaire: both sides on one page, so that nothing is lost."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from template_service.questionnaire.answers import response_items
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.privacy import private_items
from template_service.web.questionnaire_fields import (
    Fields,
    Rows,
    by_rows,
    chosen_option,
    field,
    row_keys,
)
from template_service.web.questionnaire_gate import Sight, is_shown
from template_service.web.questionnaire_language import Spoken
from template_service.web.questionnaire_reading import Node, named_nodes, read_page
from template_service.web.questionnaire_rows import Named, named, repeating_around
from template_service.web.questionnaire_values import parts_of
from template_service.web.questionnaire_words import answers_text
from template_service.web.speech import gettext as _
from template_service.web.speech import joined

_Row = Mapping[Named, tuple[str, ...]]
"""The fields of one row by their names, without its own number in front."""


def both_sides(
    form: Form, base: Fields, theirs: Fields, mine: Fields
) -> tuple[Fields, frozenset[str], bool]:
    """A three-way merge, and the names of the questions that both answered differently.

    The boxes of one answer stand together: a day of theirs with a month of mine is nobody's date.
    What repeats is merged as a whole (`_merged_rows`); the third says whether both changed rows of
    anything. Ticks that disclose something urgent are a union, as in the template; so an urgent
    answer of a colleague goes away only when it is answered again.
    """
    merged, several = _merged_rows(form, base, theirs, mine)
    clashes = set()
    for name, boxes in _questions(form, (*mine, *theirs, *base)).items():
        was, saved, typed = (
            {box: _tidy(side.get(box, ())) for box in boxes} for side in (base, theirs, mine)
        )
        merged |= saved if typed == was else typed
        if typed != was and saved not in (was, typed):
            clashes.add(name)
        if name in saved:
            merged[name] = _with_urgent(form, name, saved[name], merged[name])
    return merged, frozenset(clashes), several


def differing(form: Form, one: Fields, other: Fields) -> frozenset[str]:
    """The names of the questions outside of rows that two pages answer differently."""
    return frozenset(
        name
        for name, boxes in _questions(form, (*one, *other)).items()
        if any(_tidy(one.get(box, ())) != _tidy(other.get(box, ())) for box in boxes)
    )


def _questions(form: Form, names: Iterable[str]) -> dict[str, list[str]]:
    """The fields outside of rows by the question they are boxes of; others are by themselves."""
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        one = named(form, name)
        if one is not None and repeating_around(form, one.link_id):
            continue
        is_box = one is not None and one.part in parts_of(form.items[one.link_id])
        found.setdefault(str(one._replace(part="q")) if one and is_box else name, []).append(name)
    return found


def _with_urgent(
    form: Form, name: str, saved: tuple[str, ...], merged: tuple[str, ...]
) -> tuple[str, ...]:
    """What is merged, with what a colleague told that is urgent: beside it, or in its place."""
    found = named(form, name)
    item = form.items.get(found.link_id) if found and found.part == "q" else None
    if item is None or not item.options:
        return merged
    told = tuple(text for text in saved if _tells(item, text))
    if item.repeats:
        return tuple(dict.fromkeys((*merged, *told)))
    return told if told and not any(_tells(item, text) for text in merged) else merged


def _tells(item: Item, text: str) -> bool:
    option = chosen_option(item, text)
    return option is not None and option.discloses


def answered_by(
    spoken: Spoken,
    fields: Fields,
    stored: Mapping[str, object],
    names: frozenset[str],
    sight: Sight,
) -> dict[str, str]:
    """What these fields say in the words of the questionnaire, by the `names` of questions.

    Nothing of safety: a stored answer that tells of it is on no page.
    """
    form = spoken.form
    nodes = dict(named_nodes(form, read_page(form, fields, stored, sight).response))
    found = {}
    for name in names:
        node = nodes.get(name)
        item = None if node is None else form.items[node["linkId"]]
        if node is None or item is None:
            found[name] = _("nothing")
        elif not sight.is_safety(item):
            shown = [answer for answer in node.get("answer") or () if is_shown(item, answer)]
            texts = answers_text(item, shown)
            said = spoken.said(joined(", ", texts))
            found[name] = _("“%(text)s”", text=said) if texts else _("nothing")
    return found


def _tidy(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text.replace("\r\n", "\n").strip() for text in texts if text.strip())


def changed_unseen(form: Form, before: Node, after: Node) -> frozenset[str]:
    """The linkIds of what no page shows that is answered in one response, and not as in another."""
    was, now = (_unseen(form, each) for each in (before, after))
    return frozenset(link_id for link_id, given in now.items() if was.get(link_id) != given)


def _unseen(form: Form, response: Node) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    private = private_items(form)
    for _place, node in response_items(response):
        item, given = form.items.get(node["linkId"]), node.get("answer")
        if item is None or not isinstance(given, list):
            continue
        for answer in given:
            if not isinstance(answer, dict):
                continue
            if item.link_id in private or not is_shown(item, answer):
                bare = {key: each for key, each in answer.items() if key != "item"}
                found.setdefault(item.link_id, []).append(bare)
    return found


def _merged_rows(
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
