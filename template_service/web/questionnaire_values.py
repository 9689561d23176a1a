"""One question's fields read as answers of a response."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from template_service.clock import LOCAL
from template_service.questionnaire.form import Item
from template_service.questionnaire.values import VALUE_KIND, read_value
from template_service.web.questionnaire_fields import (
    chosen_option,
    reference_types,
    unit_code,
    unit_text,
    units,
)
from template_service.web.speech import english, mark
from template_service.web.speech import gettext as _

Parts = Mapping[str, tuple[str, ...]]
"""Part of a field's name -> the texts in it."""

DATE_PARTS = ("day", "month", "year")
PARTS: Mapping[str, tuple[str, ...]] = {
    "date": DATE_PARTS,
    "dateTime": (*DATE_PARTS, "time"),
    "open-choice": ("q", "other"),
    "quantity": ("q", "unit"),
    "attachment": ("q", "title"),
    "reference": ("q", "kind"),
}
"""The boxes of an answer by item type; the other types have one, `q`."""

WHOLE_NUMBER = mark("Type a whole number, such as 12.")
NUMBER = mark("Type a number, such as 12 or 12.5.")
LONG_NUMBER = mark("Type a number of at most 15 digits.")
DATE = mark("Type a real date as day, month and year, such as 27 3 1991.")
TIME = mark("Type a time, such as 14:30.")
TIME_ALONE = mark("Type the day, month and year of this time as well.")
ON_OFFER = mark("Choose one of the answers on the page.")
ONE_ONLY = mark("Choose one answer, or write your own, not both.")
UNIT = mark("Choose a unit for the number.")
AMOUNT = mark("Type the number that goes with the unit.")
ADDRESS = mark("Type the address of the file as well as its name.")
WEB_ADDRESS = mark("Type a web address without spaces, such as https://www.example.org.")
READABLE = mark("This cannot be kept as it is written.")

_WHOLE = re.compile(r"[+-]?[0-9]{1,10}")
# A number in JSON keeps fifteen digits exactly (IEEE 754), and no more of what was typed.
_DIGIT_LIMIT = 15
_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
_NO_SPACE = re.compile(r"\S+")
_DIGITS = re.compile(r"[0-9]{1,4}")
_CLOCK = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?::([0-9]{2}))?")
_REFERENCE = re.compile(r"(https?://\S+/)?[A-Z][A-Za-z]{1,39}/[A-Za-z0-9.-]{1,64}")


class NotReadable(Exception):
    """What was typed is no answer; `words` say what to type instead, as the page says it."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def parts_of(item: Item) -> tuple[str, ...]:
    """The boxes of one answer to an item."""
    return PARTS.get(item.type, ("q",))


def read_parts(item: Item, parts: Parts) -> list[dict[str, Any]]:
    """The answers that were typed or ticked, as `answer` elements; none where all is blank.

    Raises NotReadable.
    """
    if item.options:
        return _read_choices(item, parts)
    answer = _READERS.get(item.type, _read_text)(item, parts)
    if answer is None:
        return []
    found, finding = read_value(item, answer)
    if found is None:
        if item.type in ("url", "attachment"):
            raise NotReadable(_(WEB_ADDRESS))
        raise NotReadable(english(finding.message) if finding else _(READABLE))
    return [answer]


def _one(parts: Parts, name: str = "q") -> str:
    """The text of one box, its line ends as single newlines."""
    return next((text.replace("\r\n", "\n").strip() for text in parts.get(name, ())), "")


def _read_choices(item: Item, parts: Parts) -> list[dict[str, Any]]:
    sent = [text for text in parts.get("q", ()) if text.strip()]
    chosen = [option for text in sent if (option := chosen_option(item, text)) is not None]
    if len(chosen) < len(sent):
        raise NotReadable(_(ON_OFFER))
    answers = [option.as_answer() for option in dict.fromkeys(chosen)]
    if item.type == "open-choice":
        lines = _one(parts, "other").split("\n") if item.repeats else [_one(parts, "other")]
        answers += [{"valueString": line.strip()} for line in lines if line.strip()]
    if len(answers) > 1 and not item.repeats:
        raise NotReadable(_(ONE_ONLY))
    return answers


def _read_boolean(_item: Item, parts: Parts) -> dict[str, Any] | None:
    text = _one(parts)
    if text not in ("", "true", "false"):
        raise NotReadable(_(ON_OFFER))
    return {"valueBoolean": text == "true"} if text else None


def _read_integer(_item: Item, parts: Parts) -> dict[str, Any] | None:
    text = _one(parts)
    if text and not _WHOLE.fullmatch(text):
        raise NotReadable(_(WHOLE_NUMBER))
    return {"valueInteger": int(text)} if text else None


def _read_decimal(_item: Item, parts: Parts) -> dict[str, Any] | None:
    text = _one(parts)
    return {"valueDecimal": _number(text)} if text else None


def _number(text: str) -> int | float:
    if not _DECIMAL.fullmatch(text):
        raise NotReadable(_(NUMBER))
    if sum(map(str.isdigit, text)) > _DIGIT_LIMIT:
        raise NotReadable(_(LONG_NUMBER))
    return float(text) if "." in text else int(text)


def _read_date(item: Item, parts: Parts) -> dict[str, Any] | None:
    text = _day(parts)
    return {VALUE_KIND[item.type]: text} if text else None


def _day(parts: Parts) -> str:
    """A FHIR date: whole, or a month or a year when no more was typed."""
    day, month, year = typed = [_one(parts, name) for name in DATE_PARTS]
    if not any(typed):
        return ""
    if not all(_DIGITS.fullmatch(text) for text in typed if text) or len(year) != 4:
        raise NotReadable(_(DATE))
    if day and not month:
        raise NotReadable(_(DATE))
    try:
        whole = date(int(year), int(month or 1), int(day or 1)).isoformat()
    except ValueError:
        raise NotReadable(_(DATE)) from None
    return whole[: 10 if day else 7 if month else 4]


def _read_moment(_item: Item, parts: Parts) -> dict[str, Any] | None:
    day, clock = _day(parts), _one(parts, "time")
    if not clock:
        return {"valueDateTime": day} if day else None
    if len(day) != 10:
        raise NotReadable(_(TIME_ALONE))
    moment = datetime.combine(date.fromisoformat(day), _time(clock), LOCAL)
    return {"valueDateTime": moment.isoformat()}


def _time(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    try:
        hours, minutes, seconds = (
            (int(part or 0) for part in found.groups()) if found else (99, 0, 0)
        )
        return time(hours, minutes, seconds)
    except ValueError:
        raise NotReadable(_(TIME)) from None


def _read_time(_item: Item, parts: Parts) -> dict[str, Any] | None:
    text = _one(parts)
    return {"valueTime": _time(text).isoformat()} if text else None


def _read_text(item: Item, parts: Parts) -> dict[str, Any] | None:
    text = _one(parts)
    # A free answer to an open question is a string, whatever may be offered beside it.
    kind = VALUE_KIND[item.type] if item.type in ("string", "text", "url") else "valueString"
    return {kind: text} if text else None


def _read_quantity(item: Item, parts: Parts) -> dict[str, Any] | None:
    text, unit, offered = _one(parts), _one(parts, "unit"), units(item)
    if not text:
        if unit and len(offered) != 1:
            raise NotReadable(_(AMOUNT))
        return None
    quantity: dict[str, Any] = {"value": _number(text)}
    if not offered:
        return {"valueQuantity": quantity | ({"unit": unit} if unit else {})}
    wanted = unit or (unit_code(offered[0]) if len(offered) == 1 else "")
    coding = next((each for each in offered if unit_code(each) == wanted), None)
    if coding is None:
        raise NotReadable(_(UNIT))
    named = {"unit": unit_text(coding), "system": coding.get("system"), "code": coding.get("code")}
    known = {name: text for name, text in named.items() if isinstance(text, str)}
    return {"valueQuantity": quantity | known}


def _read_attachment(_item: Item, parts: Parts) -> dict[str, Any] | None:
    address, title = _one(parts), _one(parts, "title")
    if title and not address:
        raise NotReadable(_(ADDRESS))
    if not address:
        return None
    if not _NO_SPACE.fullmatch(address):
        raise NotReadable(_(WEB_ADDRESS))
    return {"valueAttachment": {"url": address, **({"title": title} if title else {})}}


def _read_reference(item: Item, parts: Parts) -> dict[str, Any] | None:
    text, kind, allowed = _one(parts), _one(parts, "kind"), reference_types(item)
    if not text:
        return None
    if _REFERENCE.fullmatch(text):
        if allowed and text.split("/")[-2] not in allowed:
            kinds = english(", ".join(allowed))
            raise NotReadable(_("Name one of these: %(kinds)s.", kinds=kinds))
        return {"valueReference": {"reference": text}}
    if kind and kind not in allowed:
        raise NotReadable(_(ON_OFFER))
    known = kind or (allowed[0] if len(allowed) == 1 else "")
    return {"valueReference": {**({"type": known} if known else {}), "display": text}}


_READERS: Mapping[str, Callable[[Item, Parts], dict[str, Any] | None]] = {
    "boolean": _read_boolean,
    "integer": _read_integer,
    "decimal": _read_decimal,
    "date": _read_date,
    "dateTime": _read_moment,
    "time": _read_time,
    "quantity": _read_quantity,
    "attachment": _read_attachment,
    "reference": _read_reference,
}
