"""What a questionnaire says around a question: its number, hints, help, unit, bounds and links."""

from collections.abc import Iterable
from typing import Any

from template_service.questionnaire.extensions import extensions, value
from template_service.questionnaire.form import Item
from template_service.questionnaire.privacy import is_private_option
from template_service.web.questionnaire_fields import (
    adds_up,
    category,
    item_control,
    text_of,
    unit_text,
    units,
)
from template_service.web.questionnaire_gate import Sight
from template_service.web.questionnaire_language import ours
from template_service.web.questionnaire_markup import rich_text
from template_service.web.questionnaire_styles import has_condition
from template_service.web.questionnaire_view import Notes
from template_service.web.speech import gettext as _
from template_service.web.speech import joined, mark

DOUBTFUL = mark("This result counts “Don’t know” as “no”: read the answers themselves.")

_STAYS = mark(
    "What was answered alone before is not shown, and stays until it is answered alone again."
)
_REPLACED = mark(
    "What is answered now replaces what was answered before, which is not shown and stays in the "
    "history."
)

_BESIDE = frozenset({"unit", "lower", "upper", "help", "flyover", "prompt"})


def notes_of(item: Item, sight: Sight) -> Notes:
    """What the questionnaire says beside an item: hints, help, unit, ends of a scale, a link."""
    beside = [child for child in item.children if is_note(child) and sight.shows(child)]
    said = {control: _said(beside, control) for control in _BESIDE}
    hints = (
        text_of(item, "entryFormat"),
        text_of(item, "questionnaire-instruction"),
        *(text for control in ("prompt", "flyover") for text in said[control]),
        *(
            rich_text(child.raw, words=True)
            for child in beside
            if category(child) and not item_control(child)
        ),
    )
    unit = unit_text(units(item)[0]) if len(units(item)) == 1 else ""
    link, link_text = _media(item)
    return Notes(
        hints=tuple(text for text in hints if text),
        help=said["help"],
        unit=" ".join(said["unit"]) or unit,
        lower=" ".join(said["lower"]),
        upper=" ".join(said["upper"]),
        link=link,
        link_text=link_text,
    )


def is_note(item: Item) -> bool:
    """Whether a display item belongs to the label of the question or group around it."""
    if item.type != "display" or has_condition(item):
        return False
    return item_control(item) in _BESIDE or category(item) == "instructions"


def prefix_of(item: Item) -> str:
    """The number or letter before an item."""
    found = item.raw.get("prefix")
    return found if isinstance(found, str) else ""


def label_text(item: Item) -> str:
    """The words of an item where no marks can stand."""
    return item.text or prefix_of(item) or ours(_("Answer"))


def bounds_of(item: Item) -> str:
    """What a number may be, in words; a slider is asked as a number."""
    if item.type not in ("integer", "decimal"):
        return ""
    low, high = (_bound(item, name) for name in ("minValue", "maxValue"))
    if low is not None and high is not None:
        return _("%(low)s to %(high)s", low=low, high=high)
    if low is not None:
        return _("%(number)s or more", number=low)
    return "" if high is None else _("%(number)s or less", number=high)


def kept_text(item: Item, sight: Sight) -> str:
    """What becomes of what was said before, which is not shown.

    It stands there whether or not anything was said, so it tells nothing.
    """
    is_safety = sight.is_safety(item)
    unseen = [each for each in item.options if is_safety or is_private_option(each)]
    if not (is_safety or unseen):
        return ""
    found = []
    if any(each.discloses for each in unseen) and (is_safety or not item.repeats):
        found.append(_("Once saved, a disclosure is not taken back by a later answer."))
    if not is_safety and not item.repeats and not all(each.discloses for each in unseen):
        found.append(_(_STAYS))
    if adds_up(item):
        found.append(_("What you write is added to what was written before, which is not shown."))
    if is_safety and not found:
        found.append(_(_REPLACED))
    return joined(" ", found)


def _bound(item: Item, name: str) -> Any:
    for kind in ("valueInteger", "valueDecimal"):
        found = value(item.raw, name, kind)
        if found is not None:
            return found
    return None


def _said(notes: Iterable[Item], control: str) -> tuple[str, ...]:
    return tuple(rich_text(item.raw) for item in notes if item_control(item) == control)


def _media(item: Item) -> tuple[str, str]:
    """A picture or film beside a question, as a link; one without an address cannot be opened."""
    for each in extensions(item.raw, "sdc-questionnaire-itemMedia"):
        found = each.get("valueAttachment")
        if isinstance(found, dict) and isinstance(found.get("url"), str):
            title = found.get("title")
            if found["url"].startswith(("https://", "http://")):
                return found["url"], title if isinstance(title, str) and title else found["url"]
    return "", ""
