"""The wishes in force on the directory page, each in words and with the way to take it away."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from directory.geography import Geography
from directory.model import NEEDS
from directory.opening import When, asked_for
from template_service.web.directory_choice import ACCESS, CHANNELS, WHEN, Choice
from template_service.web.directory_places import city_of, place_name
from template_service.web.languages import LANGUAGES


class Wish(NamedTuple):
    """One wish in words, and what is asked for without it."""

    text: str
    without: Choice


def wishes(choice: Choice, geography: Geography, now: datetime) -> tuple[Wish, ...]:
    """Every wish of a choice without problems, in the order of the form."""
    return tuple(_wishes(choice, geography, now))


def _wishes(choice: Choice, geography: Geography, now: datetime) -> Iterator[Wish]:
    asked = asked_for(choice.search, now)
    words = " ".join(asked.text.split())
    if words:
        yield Wish(f"“{words}”", choice.without("search"))
    if choice.need:
        yield Wish(f"Helps with {NEEDS[choice.need]}", choice.without("need"))
    if choice.near:
        yield Wish(_near(geography, choice.near), choice.without("near"))
    yield from _opening(choice, asked.when, words, now)
    if choice.age:
        yield Wish(f"For age {int(choice.age)}", choice.without("age"))
    if choice.language:
        yield Wish(f"Speaks {LANGUAGES[choice.language]}", choice.without("language"))
    for one in choice.access:
        yield Wish(ACCESS[one], choice.without("access", one))
    for one in choice.channel:
        yield Wish(CHANNELS[one], choice.without("channel", one))
    if choice.free:
        yield Wish("Free", choice.without("free"))
    if choice.no_public_funds:
        yield Wish("Not public funds", choice.without("no_public_funds"))


def _near(geography: Geography, code: str) -> str:
    name = place_name(geography, code)
    return f"In {name}" if code in city_of(geography).wards else f"Around {name}"


def _opening(choice: Choice, typed: When | None, words: str, now: datetime) -> Iterator[Wish]:
    chosen = choice.opening(now)
    if chosen is not None:
        said = opening_words(chosen) if choice.time else WHEN[choice.when]
        yield Wish(said, choice.without("when").without("time"))
    elif typed is not None:
        yield Wish(opening_words(typed), replace(choice, search=words))


def opening_words(when: When) -> str:
    """`Open on Saturday at 14:30`, `Open on Saturday after 18:00`, `Open on Saturday`."""
    day = f"Open on {when.day.capitalize()}"
    if when.time is not None:
        return f"{day} at {when.time}"
    return day + (f" after {when.since}" if when.since > "00:00" else "")
