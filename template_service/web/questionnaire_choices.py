"""The answers on offer for one question of a page."""

from collections.abc import Iterator, Mapping

from template_service.questionnaire.form import Item, Option
from template_service.questionnaire.privacy import is_private_option
from template_service.web.questionnaire_fields import (
    choice_value,
    code_of,
    reference_types,
    unit_code,
    unit_text,
    units,
)
from template_service.web.questionnaire_gate import Sight, tells_of_suicide
from template_service.web.questionnaire_view import Choice
from template_service.web.speech import gettext as _

# An answer longer than this reads better on a line of its own.
_LONG_CHOICE = 36


def choices_of(
    item: Item, chosen: tuple[str, ...], sight: Sight, marks: Mapping[Option, str]
) -> Iterator[Choice]:
    """The options of an item, or yes and no; a masked one only for who may see it.

    `marks` are the cards each option opens, as the style sheet reads them.
    """
    if item.type == "boolean":
        for code, text in (("true", _("Yes")), ("false", _("No"))):
            yield Choice(code, text, checked=code in chosen, ours=True)
    for option in item.options:
        if sight.sees_safety or not is_private_option(option):
            yield _choice(item, option, chosen, sight, marks.get(option, ""))


def units_of(item: Item, boxes: Mapping[str, str]) -> tuple[Choice, ...]:
    """The list of units, or of what a reference may name; empty when there is no choice."""
    if item.type == "reference":
        known = [(kind, kind) for kind in reference_types(item)]
    else:
        known = [(unit_code(each), unit_text(each)) for each in units(item)]
    chosen = boxes.get("unit") or boxes.get("kind")
    made = tuple(Choice(code, text, checked=code == chosen) for code, text in known)
    return made if item.type in ("quantity", "reference") and len(made) > 1 else ()


def is_tall(item: Item, choices: tuple[Choice, ...]) -> bool:
    """Whether answers stand under each other: as the questionnaire says, else when one is long."""
    orientation = code_of(item, "questionnaire-choiceOrientation")
    if orientation:
        return orientation == "vertical"
    return any(len(choice.text) > _LONG_CHOICE for choice in choices)


def _choice(
    item: Item, option: Option, chosen: tuple[str, ...], sight: Sight, raises: str
) -> Choice:
    alone = is_private_option(option) or (sight.young and tells_of_suicide(option))
    text = choice_value(item, option)
    return Choice(
        value=text,
        text=option.display,
        checked=text in chosen,
        exclusive=option.exclusive,
        alone=alone and not sight.gates(item),
        raises=raises,
    )
