"""Answers of a response as the texts that stand in the fields of their question."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from template_service.clock import LOCAL
from template_service.questionnaire.form import Item, Option
from template_service.questionnaire.values import VALUE_KIND, read_value
from template_service.web.questionnaire_fields import (
    choice_value,
    reference_types,
    unit_code,
    units,
)

Answer = Mapping[str, Any]


def written_parts(item: Item, answers: Iterable[Answer]) -> dict[str, tuple[str, ...]]:
    """The texts that show these answers; what the page cannot show is not among them."""
    given = list(answers)
    if item.options:
        return _write_choices(item, given)
    write = _WRITERS.get(item.type, _write_text)
    return {
        part: (text,) for answer in given[:1] for part, text in write(item, answer).items() if text
    }


def _write_choices(item: Item, answers: list[Answer]) -> dict[str, tuple[str, ...]]:
    chosen, written = [], []
    for answer in answers:
        found, _ = read_value(item, answer)
        if isinstance(found, Option) and found in item.options:
            chosen.append(choice_value(item, found))
        elif isinstance(found, str) and item.type == "open-choice":
            written.append(found)
    other = ("\n".join(written),) if written else ()
    found_parts = {"q": tuple(chosen), "other": other}
    return {part: texts for part, texts in found_parts.items() if texts}


def _write_text(item: Item, answer: Answer) -> dict[str, str]:
    found = answer.get(VALUE_KIND.get(item.type, "valueString"), answer.get("valueString"))
    if isinstance(found, bool):
        return {"q": "true" if found else "false"}
    return {"q": str(found)} if isinstance(found, str | int | float) else {}


def _write_time(_item: Item, answer: Answer) -> dict[str, str]:
    text = str(answer.get("valueTime", ""))
    return {"q": text.removesuffix(":00") if text.count(":") == 2 else text}


def _write_date(_item: Item, answer: Answer) -> dict[str, str]:
    return _date_boxes(str(answer.get("valueDate", "")))


def _date_boxes(text: str) -> dict[str, str]:
    year, month, day = (*text.split("-"), "", "")[:3]
    return {"day": day.lstrip("0"), "month": month.lstrip("0"), "year": year}


def _write_moment(_item: Item, answer: Answer) -> dict[str, str]:
    text = str(answer.get("valueDateTime", ""))
    if "T" not in text:
        return _date_boxes(text)
    try:
        moment = datetime.fromisoformat(text).astimezone(LOCAL)
    except (ValueError, OverflowError):
        return {}
    return _date_boxes(moment.date().isoformat()) | {"time": f"{moment:%H:%M}"}


def _structure(answer: Answer, kind: str) -> Mapping[str, Any]:
    found = answer.get(kind)
    return found if isinstance(found, dict) else {}


def _write_quantity(item: Item, answer: Answer) -> dict[str, str]:
    given = _structure(answer, "valueQuantity")
    amount = given.get("value")
    text = str(amount) if isinstance(amount, int | float) and not isinstance(amount, bool) else ""
    code, unit = given.get("code"), given.get("unit")
    known = {unit_code(each) for each in units(item)}
    shown = code if isinstance(code, str) and code in known else unit
    if len(known) == 1 and shown in known:
        shown = ""  # The only unit stands beside the box as text.
    return {"q": text, "unit": shown if isinstance(shown, str) else ""}


def _write_attachment(_item: Item, answer: Answer) -> dict[str, str]:
    given = _structure(answer, "valueAttachment")
    return {"q": _words(given.get("url")), "title": _words(given.get("title"))}


def _write_reference(item: Item, answer: Answer) -> dict[str, str]:
    given = _structure(answer, "valueReference")
    text = _words(given.get("reference")) or _words(given.get("display"))
    several = len(reference_types(item)) > 1
    return {"q": text, "kind": _words(given.get("type")) if several else ""}


def _words(found: object) -> str:
    return found if isinstance(found, str) else ""


_WRITERS: Mapping[str, Callable[[Item, Answer], dict[str, str]]] = {
    "date": _write_date,
    "dateTime": _write_moment,
    "time": _write_time,
    "quantity": _write_quantity,
    "attachment": _write_attachment,
    "reference": _write_reference,
}
