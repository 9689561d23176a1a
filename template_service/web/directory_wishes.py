"""The wishes in force on the directory page, each in words and with the way to take it away."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

from directory.geography import Geography
from directory.model import NEEDS
from directory.opening import Asked, When, asked_for
from directory.typed_person import AGE, SEX, Typed, typed_person
from template_service.web.directory_choice import ACCESS, CHANNELS, NOT_ABOUT, WHEN, Choice
from template_service.web.directory_places import city_of, place_name
from template_service.web.languages import LANGUAGES

CLEAR: Final = "Clear"


class Wish(NamedTuple):
    """One wish in words, what is asked for without it, and what that is called."""

    text: str
    without: Choice
    undo: str = CLEAR

    @property
    def way(self) -> str:
        """What taking it away is called where nothing stands beside it."""
        return f"{CLEAR} {self.text}" if self.undo == CLEAR else self.undo


def wishes(choice: Choice, geography: Geography, now: datetime) -> tuple[Wish, ...]:
    """Every wish of a choice without problems, in the order of the form."""
    return tuple(_wishes(choice, geography, now))


def _wishes(choice: Choice, geography: Geography, now: datetime) -> Iterator[Wish]:
    asked = asked_for(choice.search, now)
    who = typed_person(asked.text, frozenset(choice.not_about))
    words = " ".join(who.text.split())
    if words:
        yield Wish(f"“{words}”", choice.without("search").without("not_about"))
    yield from _person(choice, who)
    if choice.need:
        yield Wish(f"Helps with {NEEDS[choice.need]}", choice.without("need"))
    if choice.near:
        yield Wish(_near(geography, choice.near), choice.without("near"))
    yield from _opening(choice, asked, now)
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


def _person(choice: Choice, who: Typed) -> Iterator[Wish]:
    """Of whom the words seem to be: a guess, so each is told as one that can be wrong."""
    if who.ages is not None and not choice.age:
        yield Wish(f"For somebody {_age(*who.ages)}", _not_about(choice, AGE), NOT_ABOUT[AGE])
    if who.sex is not None:
        yield Wish(f"For somebody {who.sex}", _not_about(choice, SEX), NOT_ABOUT[SEX])


def _not_about(choice: Choice, what: str) -> Choice:
    return replace(choice, not_about=(*choice.not_about, what))


def _age(youngest: int, oldest: int) -> str:
    return f"aged {oldest}" if youngest == oldest else f"under {oldest + 1}"


def _opening(choice: Choice, asked: Asked, now: datetime) -> Iterator[Wish]:
    chosen = choice.opening(now)
    if chosen is not None:
        said = opening_words(chosen) if choice.time else WHEN[choice.when]
        yield Wish(said, choice.without("when").without("time"))
    elif asked.when is not None:
        words = " ".join(asked.text.split())
        yield Wish(opening_words(asked.when), replace(choice, search=words))


def opening_words(when: When) -> str:
    """`Open on Saturday at 14:30`, `Open on Saturday after 18:00`, `Open on Saturday`."""
    day = f"Open on {when.day.capitalize()}"
    if when.time is not None:
        return f"{day} at {when.time}"
    return day + (f" after {when.since}" if when.since > "00:00" else "")
