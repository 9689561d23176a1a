"""Answers of a questionnaire in the words of a page."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from math import isfinite
from typing import Any

from template_service.clock import LOCAL
from template_service.questionnaire.form import Item, Option
from template_service.questionnaire.privacy import words_beside
from template_service.questionnaire.values import read_value
from template_service.web.questionnaire_fields import unit_text, units
from template_service.web.questionnaire_language import ours
from template_service.web.speech import as_written, month_and_year
from template_service.web.speech import gettext as _
from template_service.web.words import british_date

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


def answers_text(item: Item, answers: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Each answer in words, then the words beside it; one that cannot be read is left out."""
    texts = (
        text
        for answer in answers
        for text in (_answer_text(item, answer), as_written(words_beside(answer)))
    )
    return tuple(text for text in texts if text)


def _answer_text(item: Item, answer: Mapping[str, Any]) -> str:
    """One answer in words: the display of a coding, a British date, a number with its unit."""
    if item.options:
        found, _ = read_value(item, answer)
        if isinstance(found, Option) and found.display:
            # The words of this form, which may be a translation of those that were stored.
            return found.display
    kind = next((key for key in answer if key.startswith("value")), "")
    return _text(item, kind, answer.get(kind))


def _text(item: Item, kind: str, value: Any) -> str:
    if isinstance(value, bool):
        return ours(_("Yes") if value else _("No"))
    if isinstance(value, int | float):
        return " ".join(part for part in (_number(value), _unit(item)) if part)
    if isinstance(value, dict):
        return _structure_text(kind, value)
    return _written(kind, value) if isinstance(value, str) else ""


def _written(kind: str, text: str) -> str:
    if kind in ("valueDate", "valueDateTime"):
        return moment_text(text)
    if kind == "valueTime":
        return text.removesuffix(":00") if text.count(":") == 2 else text
    return as_written(text)


def _number(value: float) -> str:
    """A number as it was stored, without the .0 of one that is whole."""
    return str(int(value)) if isfinite(value) and value == int(value) else str(value)


def _unit(item: Item) -> str:
    offered = units(item)
    return unit_text(offered[0]) if len(offered) == 1 else ""


def _structure_text(kind: str, value: Mapping[str, Any]) -> str:
    if kind == "valueQuantity":
        amount, unit = value.get("value"), value.get("unit") or value.get("code")
        comparator = value.get("comparator", "")
        number = _number(amount) if isinstance(amount, int | float) else ""
        return " ".join(str(part) for part in (comparator, number, unit) if part)
    names = ("display", "title", "reference", "url", "text", "code")
    found = [value[name] for name in names if isinstance(value.get(name), str)]
    if kind == "valueAttachment" and not found:
        return ours(_("A file is attached"))
    return as_written(found[0]) if found else ""


def moment_text(text: str) -> str:
    """A FHIR date or dateTime in words of the page, as precise as it is."""
    try:
        if "T" in text:
            moment = datetime.fromisoformat(text).astimezone(LOCAL)
            day, time = british_date(moment.date()), f"{moment:%H:%M}"
            return ours(_("%(date)s at %(time)s", date=day, time=time))
        if _MONTH.fullmatch(text):
            return ours(month_and_year(date.fromisoformat(f"{text}-01")))
        return ours(british_date(date.fromisoformat(text))) if len(text) == 10 else text
    except (ValueError, OverflowError):
        return text
