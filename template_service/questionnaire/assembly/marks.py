"""What marks a module, or the item that asks for it, as safety, put on the items that come in.

SDC drops that item as a whole and most of what stands on a module's root. A mark that is lost
would show safety to everybody (content.md, rule 6): so it is carried, or refused aloud.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from template_service.questionnaire.elements import listed
from template_service.questionnaire.extensions import by_name, value
from template_service.questionnaire.form import SEEN_ALONE
from template_service.questionnaire.marks import unread_marks

_OURS = "sdoh-"
_MASKED, _GATE = "sdoh-masked", "sdoh-display-gate"
# They say something about words that are gone with the item they stand on.
_OF_WORDS = frozenset(("sdoh-source", "sdoh-hint"))


def lost_marks(elements: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The names of marks on a module and on the item that asks for it that no item can take over.

    What only an item itself can say (a card, a domain), and marks without a sound value or place.
    """
    given = tuple(elements)
    names = [name for name, mark in _marks(given) if not _can_be_carried(name, mark)]
    names += [name for element in given for name in unread_marks(element)]
    return tuple(dict.fromkeys(names))


def carry(elements: Iterable[Mapping[str, Any]], items: Iterable[dict[str, Any]]) -> None:
    """Puts on each of these items, in place, the marks of the module and of the item for it."""
    marks = [(name, mark) for name, mark in _marks(elements) if _is_set(name, mark)]
    for item in items:
        for name, mark in marks:
            _put(item, name, mark)


def _marks(elements: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for element in elements:
        for name, found in by_name(element).items():
            if name.startswith(_OURS) and name not in _OF_WORDS:
                yield from ((name, mark) for mark in found)


def _can_be_carried(name: str, mark: Mapping[str, Any]) -> bool:
    if name == _MASKED:
        return isinstance(mark.get("valueBoolean"), bool)
    return name == _GATE and isinstance(mark.get("valueCode"), str)


def _is_set(name: str, mark: Mapping[str, Any]) -> bool:
    return name != _MASKED or mark.get("valueBoolean") is True


def _put(item: dict[str, Any], name: str, mark: Mapping[str, Any]) -> None:
    """Adds a mark to an item, in the place of its own; its own gate gives way to safety only."""
    own = value(item, _GATE, "valueCode")
    if name == _GATE and own is not None and mark["valueCode"] != SEEN_ALONE:
        return
    replaced = {id(each) for each in by_name(item).get(name, ())}
    others = [each for each in listed(item.get("extension")) if id(each) not in replaced]
    item["extension"] = [*others, dict(mark)]
