"""What somebody asks of the directory page: read from its address, checked, and made a search."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final, Self

from werkzeug.datastructures import MultiDict

from directory.filters import Search
from directory.geography import Geography
from directory.model import DAYS, NEEDS, OLDEST
from directory.opening import When
from directory.typed_person import AGE, SEX
from template_service.web.directory_places import home_of, place_of
from template_service.web.languages import LANGUAGES

ANY: Final = ""
NOW, TODAY = "now", "today"
WHEN: Final[Mapping[str, str]] = {
    ANY: "Any time",
    NOW: "Open now",
    TODAY: "Open today",
    **{day: f"Open on {day.capitalize()}" for day in DAYS},
}
CHANNELS: Final[Mapping[str, str]] = {
    "phone": "Phone",
    "in-person": "In person",
    "online": "Online",
    "home-visit": "Home visit",
    "text": "Text message",
}
# A word to look for in what services say they offer, and how staff call it.
ACCESS: Final[Mapping[str, str]] = {
    "step-free": "Step-free",
    "BSL": "British Sign Language",
    "hearing loop": "Hearing loop",
    "textphone": "Textphone",
    "Relay UK": "Relay UK",
    "interpreter": "Interpreter",
}
_TIME: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_AGE: Final = re.compile(r"\d{1,3}", re.ASCII)
# What a text may seem to say of whoever needs help.
NOT_ABOUT: Final[Mapping[str, str]] = {AGE: "Not about age", SEX: "Not about sex"}
_MANY: Final = frozenset({"access", "channel", "not_about"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Every wish of the page, under the names its address has; blank is no wish.

    `near` is the code of a ward or a practice. `when` is a key of `WHEN`, `time` a time on that
    day, or on today where no day is chosen. `free` and `no_public_funds` are "yes" or blank.
    `not_about` are the keys of `NOT_ABOUT` that the words are not read for; others say nothing.
    """

    search: str = ""
    need: str = ""
    near: str = ""
    when: str = ""
    time: str = ""
    age: str = ""
    language: str = ""
    access: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    free: str = ""
    no_public_funds: str = ""
    not_about: tuple[str, ...] = ()

    @classmethod
    def of(cls, asked: MultiDict[str, str]) -> Self:
        """The choice of an address or a form; what else is in it says nothing."""
        values: dict[str, Any] = {
            field.name: tuple(dict.fromkeys(filter(None, asked.getlist(field.name))))
            if field.name in _MANY
            else asked.get(field.name, "").strip()
            for field in fields(cls)
        }
        return cls(**values)

    @property
    def address(self) -> dict[str, Any]:
        """What an address must hold to ask the same again."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: list(value) if name in _MANY else value for name, value in values if value}

    def without(self, name: str, value: str = "") -> Self:
        """The same without one wish; `value` is the one of several."""
        left = tuple(one for one in getattr(self, name) if one != value) if name in _MANY else ""
        cleared: dict[str, Any] = {name: left}
        return replace(self, **cleared)

    def opening(self, now: datetime) -> When | None:
        """When services should be open; None when that was not asked."""
        if self.when == NOW:
            return When.now(now)
        day = self.when if self.when in DAYS else When.today(now).day
        if self.time:
            return When(day, self.time)
        if self.when == TODAY:
            return When.today(now)
        return When(day) if self.when else None

    def as_search(self, geography: Geography, now: datetime) -> Search:
        """The search of a choice without `problems`."""
        return Search(
            now=now,
            text=self.search,
            needs=(self.need,) if self.need else (),
            place=place_of(geography, self.near) if self.near else None,
            age=int(self.age) if self.age else None,
            language=self.language or None,
            access=frozenset(self.access),
            channels=frozenset(self.channel),
            free=bool(self.free),
            no_public_funds=bool(self.no_public_funds),
            opening=self.opening(now),
            not_about=frozenset(self.not_about),
            home=home_of(geography),
        )


def problems(choice: Choice, geography: Geography) -> dict[str, str]:
    """The fields that cannot be understood, each with what to do about it, as the form has them."""
    found = dict(_problems(choice, geography))
    return {field.name: found[field.name] for field in fields(choice) if field.name in found}


def _problems(choice: Choice, geography: Geography) -> Iterator[tuple[str, str]]:
    if choice.near and place_of(geography, choice.near) is None:
        yield "near", "Choose a ward or a practice of the list"
    if choice.time and not _TIME.fullmatch(choice.time):
        yield "time", "Write the time as in 14:30"
    elif choice.time and choice.when == NOW:
        yield "time", "Choose a day for this time, or take the time away"
    if choice.age and not (_AGE.fullmatch(choice.age) and int(choice.age) <= OLDEST):
        yield "age", f"Write the age in whole years, from 0 to {OLDEST}"
    for name, known in _KNOWN.items():
        value = getattr(choice, name)
        if not {ANY, *known}.issuperset(value if name in _MANY else (value,)):
            yield name, f"{_CALLED[name]}: choose from the list"


_KNOWN: Final[Mapping[str, Mapping[str, str]]] = {
    "need": NEEDS,
    "when": WHEN,
    "language": LANGUAGES,
    "access": ACCESS,
    "channel": CHANNELS,
}
_CALLED: Final = {
    "need": "Helps with",
    "when": "Open",
    "language": "Language",
    "access": "Access",
    "channel": "How they help",
}
