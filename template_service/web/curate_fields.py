"""Values of a service on forms: read, written, checked as a service is, and shown in words."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from werkzeug.datastructures import MultiDict

from directory.languages import language_name
from directory.model import InvalidService, Service, service_record
from directory.working_copy import entered
from template_service import clock
from template_service.actions.plain_text import is_plain
from template_service.web.curate_sections import FIELDS, Field
from template_service.web.words import british_date

LONGEST: Final = 5000
_NOTHING: Final = "not stated"
_HOURS: Final = re.compile(r"(\w+)\s+([\d:]+)\s*[-–to]+\s*([\d:]+)")
_TRUTH: Final = {"yes": True, "no": False}

_LABELS: Final = {
    "verified_on": "Asked on",
    "verified_by": "Asked by",
    "verified_source": "Asked how",
    "review_by": "To be asked again by",
}


def label(name: str) -> str:
    """What a field is called; the name itself, in words, of what is on no form."""
    if name in FIELDS:
        return FIELDS[name].label
    return _LABELS.get(name, name.replace("_", " ").capitalize())


def shown(name: str, value: Any) -> str:
    """A JSON value of a field for reading; what is not there as the form shows it."""
    if value is None and name in FIELDS:
        value = FIELDS[name].blank
    if value in (None, "", []):
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(_item(name, item) for item in value)
    if name in _DAYS:
        return british_date(date.fromisoformat(value))
    choices = FIELDS[name].choices if name in FIELDS else None
    return str((choices or {}).get(value, value))


def typed(field: Field, value: Any) -> Any:
    """A JSON value of a field as its form has it: a text, or a list of codes."""
    if field.kind == "many":
        return list(value or ())
    if field.kind in ("truth", "flag"):
        return {True: "yes", False: "no", None: "no" if field.kind == "flag" else ""}[value]
    if field.kind == "day" and value:
        return day_text(date.fromisoformat(value))
    if isinstance(value, list):
        return "\n".join(_LINES[field.kind].write(item) for item in value)
    return "" if value is None else str(value)


def read(field: Field, form: "MultiDict[str, str]") -> Any:
    """The JSON value of a field in a form; raises ValueError in plain words."""
    if field.kind == "many":
        return form.getlist(field.name)
    text = form.get(field.name, "").replace("\r\n", "\n").strip()
    if not is_plain(text, LONGEST):
        raise ValueError(f"Write at most {LONGEST} plain characters")
    if field.kind in _LINES:
        return [_LINES[field.kind].read(line) for line in text.splitlines() if line.strip()]
    return _READ.get(field.kind, str)(text) if text else _WHEN_EMPTY.get(field.kind)


class Wanted(NamedTuple):
    """What a form asks for: the changes, as `edits.edit` takes them, and what is wrong by field."""

    changes: dict[str, Any]
    errors: dict[str, str]


def wanted(service: Service, names: Mapping[str, Field], form: "MultiDict[str, str]") -> Wanted:
    """The fields of a form that differ from a service, checked as whatever people enter is."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, field in names.items():
        try:
            values[name] = read(field, form)
        except ValueError as problem:
            errors[name] = f"{field.label}: {problem}"
    try:
        after = entered.after(service, _stated(values), clock.today())
    except InvalidService as invalid:
        # The first of a field is shown; what is typed anew is checked anew.
        return Wanted({}, errors | dict(map(_placed, reversed(invalid.problems))))
    record = service_record(after)
    changed = {
        name: record.get(name) for name in values if getattr(after, name) != getattr(service, name)
    }
    return Wanted({} if errors else changed, errors)


def _stated(values: Mapping[str, Any]) -> dict[str, Any]:
    """Texts a service must have may be blank, and then its own rules say what is wrong."""
    return {
        name: "" if value is None and name in ("name", "organisation", "description") else value
        for name, value in values.items()
    }


def _placed(problem: str) -> tuple[str, str]:
    """A problem of a service by the field it is shown at."""
    names, _, what = problem.partition(": ")
    name = names.split(",")[0]
    return name, f"{label(name)}: {what or names}"


def _item(name: str, item: Any) -> str:
    if isinstance(item, Mapping):
        if name == "schedules":
            return f"{str(item['day']).capitalize()} {item['opens']} to {item['closes']}"
        return ", ".join(shown(part, it) for part, it in item.items() if it)
    if name == "languages":
        return language_name(item)
    choices = FIELDS[name].choices if name in FIELDS else None
    return str((choices or {}).get(item, item))


class _Line(NamedTuple):
    """A list typed one on each line: how a line is read and written."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]


def _parted(*names: str) -> _Line:
    """Lines of parts between bars, such as a number, what it is for, when it is answered.

    The first part is needed.
    """

    def read_line(line: str) -> dict[str, str]:
        parts = [part.strip() for part in line.split("|")]
        if len(parts) > len(names):
            raise ValueError(f"“{line.strip()}” has more than {len(names)} parts")
        if not parts[0]:
            raise ValueError(f"“{line.strip()}” does not begin with a {names[0]}")
        found = {name: part for name, part in zip(names, parts, strict=False) if part}
        return found | {name: read_day(found[name]) for name in _DAYS & found.keys()}

    def write_line(item: Mapping[str, Any]) -> str:
        return " | ".join(_part(name, item.get(name)) for name in names).rstrip(" |")

    return _Line(read_line, write_line)


def _part(name: str, value: Any) -> str:
    if not value:
        return ""
    return day_text(date.fromisoformat(value)) if name in _DAYS else str(value)


def _hours(line: str) -> dict[str, str]:
    found = _HOURS.fullmatch(line.strip())
    if found is None:
        raise ValueError(f"write “{line.strip()}” as monday 09:00-17:00")
    day, opens, closes = found.groups()
    return {"day": day.lower(), "opens": opens, "closes": closes}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"“{text}” is not a number") from None


def _truth(text: str) -> bool:
    if text not in _TRUTH:
        raise ValueError("Choose one of the list")
    return _TRUTH[text]


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"“{text}” is not a whole number")
    return int(text)


def read_day(text: str) -> str:
    """A day typed as 2026-03-27 or 27/3/2026, as ISO 8601; raises ValueError in plain words."""
    day, *rest = text.split("/")
    if len(rest) == 2:
        text = f"{rest[1]:0>4}-{rest[0]:0>2}-{day:0>2}"
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("Write the day like 27/3/2026") from None


def day_text(day: date | None) -> str:
    """A day as forms have it, `27/3/2026`; empty where there is none."""
    return f"{day.day}/{day.month}/{day.year}" if day else ""


_DAYS: Final = frozenset({"seen_on", "verified_on", "review_by"})
_LINES: Final = {
    "lines": _Line(str.strip, str),
    "phones": _parted("number", "label", "hours"),
    "sources": _parted("title", "url", "seen_on"),
    "hours": _Line(_hours, lambda item: f"{item['day']} {item['opens']}-{item['closes']}"),
}
_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "number": _number,
    "whole": _whole,
    "day": read_day,
    "truth": _truth,
    "flag": _truth,
}
_WHEN_EMPTY: Final[Mapping[str, Any]] = {"flag": False}
