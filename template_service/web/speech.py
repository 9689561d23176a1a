"""In which language the page of this request speaks, and how its texts and its data are said in it.

A text of ours goes through `gettext` (`_`). Everything else on a page is data: `english` marks what
is written in English (services, questionnaires), `as_written` what people wrote in a language of
their own, `figures` numbers that are read from left to right everywhere. On an English page all
three leave a text as it is.
"""

import html
import re
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from gettext import NullTranslations
from pathlib import Path
from typing import Final

from babel.core import Locale
from babel.dates import format_date, format_skeleton
from markupsafe import Markup, escape

from template_service.questionnaire.languages import direction
from template_service.web.catalogues import TRANSLATIONS, locale_of, translations_of
from template_service.web.pseudo_locale import PSEUDO, mirrored

ENGLISH_TAG: Final = "en-GB"

# `bdi` and not `span`: the style sheets dress the spans of answers, and this is no part of them.
_IN_A_LANGUAGE: Final = Markup('<bdi lang="{}" dir="{}">{}</bdi>')
_OWN_DIRECTION: Final = Markup("<bdi>{}</bdi>")
_LEFT_TO_RIGHT: Final = Markup('<bdi dir="ltr">{}</bdi>')
# Unicode Standard Annex 9: what `dir` does in markup, these do where there is none.
_ISOLATES: Final = ((re.compile(r"<\w[^>]*>"), "\u2068"), (re.compile(r"</\w+>"), "\u2069"))


@dataclass(frozen=True, slots=True)
class Speech:
    """A language of the pages; without `translations` it is English."""

    tag: str = ENGLISH_TAG
    translations: NullTranslations | None = None
    locale: Locale | None = field(default=None, repr=False)
    # What templates say, escaped once. There are as many as messages: what is said is never data.
    escaped: dict[str, Markup] = field(default_factory=dict, repr=False, compare=False)

    @property
    def direction(self) -> str:
        """`rtl` or `ltr`. The test language is written like Arabic."""
        return direction(self.tag)


ENGLISH: Final = Speech()
_CURRENT: ContextVar[Speech] = ContextVar("speech", default=ENGLISH)


def speech_of(tag: str, folder: Path = TRANSLATIONS) -> Speech:
    """A language with its catalogue of a folder; raises `BadCatalogue`."""
    if tag == ENGLISH_TAG:
        return ENGLISH
    return Speech(tag, translations_of(tag, folder), locale_of(tag))


def speak(speech: Speech) -> None:
    """From here on, this request speaks a language."""
    _CURRENT.set(speech)


def speech() -> Speech:
    """What this request speaks: English unless it was told otherwise."""
    return _CURRENT.get()


def gettext(text: str, /, **values: object) -> str:
    """A text of ours in the language of the page, with its `%(name)s` filled in.

    Where a value is markup the text becomes markup, and every other value is escaped.
    """
    translations = _CURRENT.get().translations
    said = text if translations is None else translations.gettext(text)
    return _filled(said, values) if values else said


def ngettext(one: str, many: str, num: int, /, **values: object) -> str:
    """A text of ours that depends on a number, which is its `%(num)s`."""
    translations = _CURRENT.get().translations
    if translations is None:
        said = one if num == 1 else many
    else:
        said = translations.ngettext(one, many, num)
    return _filled(said, {"num": num, **values})


def in_page(text: str, /, **values: object) -> Markup:
    """`gettext` for templates: always markup, in which the text and each plain value is escaped."""
    spoken = _CURRENT.get()
    said = spoken.escaped.get(text)
    if said is None:
        said = spoken.escaped[text] = escape(gettext(text))
    return said % values if values else said


def mark(text: str) -> str:
    """Marks a constant for translation; it is said with `gettext` where it is shown."""
    return text


def english(text: str) -> str:
    """Data in English. On a page in another language it says so, to be read out and set right."""
    return text if _CURRENT.get().translations is None else in_language(text, ENGLISH_TAG)


def in_language(text: str, tag: str) -> str:
    """A text with its language; an empty tag is that of one nobody knows."""
    return _IN_A_LANGUAGE.format(tag, direction(tag), text) if text else text


def as_written(text: str) -> str:
    """What somebody wrote, in a language nobody knows: set in the direction of its own letters."""
    return text if _CURRENT.get().translations is None else _told(_OWN_DIRECTION, text)


def figures(text: str) -> str:
    """Groups of figures, such as a phone number, which would change places from right to left."""
    return text if _CURRENT.get().translations is None else _told(_LEFT_TO_RIGHT, text)


def bare(text: str) -> str:
    """A text where no markup can stand, in an attribute: marks of direction become characters."""
    if _CURRENT.get().translations is None or not isinstance(text, Markup):
        return text
    found = str(text)
    for tag, isolate in _ISOLATES:
        found = tag.sub(isolate, found)
    return html.unescape(found)


def joined(separator: str, texts: Iterable[str]) -> str:
    """Texts as one; markup when any is, and then the others are escaped."""
    parts = list(texts)
    is_markup = any(isinstance(part, Markup) for part in parts)
    return Markup(separator).join(parts) if is_markup else separator.join(parts)  # noqa: S704


def long_date(day: date) -> str:
    """A date as the language writes it; `22 November 2026` in English."""
    return _dated(day, f"{day.day} {day:%B %Y}", "")


def day_and_month(day: date) -> str:
    """A date of this year as the language writes it; `22 November` in English."""
    return _dated(day, f"{day.day} {day:%B}", "MMMMd")


def month_and_year(day: date) -> str:
    """A month as the language writes it; `November 2026` in English."""
    return _dated(day, f"{day:%B %Y}", "yMMMM")


def _dated(day: date, british: str, skeleton: str) -> str:
    spoken = _CURRENT.get()
    if spoken.locale is None:
        return british
    if spoken.tag == PSEUDO:
        return mirrored(british)
    if skeleton:
        return format_skeleton(skeleton, day, locale=spoken.locale)
    return format_date(day, "long", locale=spoken.locale)


def _told(wrapper: Markup, text: str) -> str:
    return wrapper.format(text) if text else text


def _filled(text: str, values: dict[str, object]) -> str:
    if any(isinstance(value, Markup) for value in values.values()):
        return Markup(text) % values  # noqa: S704 -- ours, and the values are escaped
    return text % values
