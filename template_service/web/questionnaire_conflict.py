"""Two colleagues filled in one questionnaire: both sides on one page, so that nothing is lost."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from template_service.questionnaire.form import Form, Item
from template_service.web.questionnaire_fields import Fields, chosen_option
from template_service.web.questionnaire_merging import is_in_rows, merged_rows
from template_service.web.questionnaire_numbers import named
from template_service.web.questionnaire_reading import Sight, is_safety, named_nodes, read_page
from template_service.web.questionnaire_words import answers_text

_PART = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class BothSides:
    """The fields of both put together; where they differ, what was typed stands.

    `theirs` is what the colleague answered there in words, by the name of the question's field.
    """

    fields: Fields
    theirs: Mapping[str, str]


def both_sides(
    form: Form, base: Fields, theirs: Fields, mine: Fields
) -> tuple[Fields, frozenset[str], bool]:
    """A three-way merge field by field, and the names where both changed something differently.

    What repeats is merged as a whole (`questionnaire_merging`); the third says whether both
    changed rows of anything. Ticks that disclose something urgent are a union, as in the template;
    so an urgent answer of a colleague goes away only when it is answered again.
    """
    merged, several = merged_rows(form, base, theirs, mine)
    clashes = set()
    for name in dict.fromkeys((*mine, *theirs, *base)):
        if is_in_rows(form, name):
            continue
        was, saved, typed = (_tidy(side.get(name, ())) for side in (base, theirs, mine))
        if typed == was:
            merged[name] = saved
        else:
            merged[name] = typed
            if saved not in (was, typed):
                clashes.add(name)
        merged[name] = _with_urgent(form, name, saved, merged[name])
    return merged, frozenset(clashes), several


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
    form: Form, fields: Fields, stored: Mapping[str, object], names: frozenset[str], sight: Sight
) -> dict[str, str]:
    """What these fields say in the words of the questionnaire, by the name of each question.

    Nothing of safety: a stored safety answer is on no page.
    """
    questions = {_PART.sub("q", name, count=1) for name in names}
    nodes = dict(named_nodes(form, read_page(form, fields, stored, sight).response))
    found = {}
    for name in questions:
        node = nodes.get(name)
        item = None if node is None else form.items[node["linkId"]]
        if node is None or item is None:
            found[name] = "nothing"
        elif not is_safety(item):
            texts = answers_text(item, node.get("answer") or ())
            found[name] = f"“{', '.join(texts)}”" if texts else "nothing"
    return found


def _tidy(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text.replace("\r\n", "\n").strip() for text in texts if text.strip())
