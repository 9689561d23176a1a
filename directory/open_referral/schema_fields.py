"""The types of the fields of HSDS objects: marshmallow fields with reasons in plain English.

Each gives the value as it came, so nothing is lost; only a number written as text becomes a
number, a numeric identifier becomes text, and a word of a vocabulary gets its usual case. No
message repeats a value that may be about a person.
"""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields

from directory.open_referral.lens_text import is_safe_link

# What a JSON value is called in a reason.
_CALLED: Final = {bool: "true or false", int: "a number", float: "a number", str: "text"}
_WEB: Final = re.compile(r"(https?:)?(//)?[^/?#\s.]+(\.[^/?#\s.]+)+([/?#].*)?", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# HSDS 3 schedule: HH:MM with a zone; feeds also give seconds, none, or one digit of hours.
_TIME: Final = re.compile(
    r"(([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?|24:00(:00)?)"
    r"\s*(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)?",
    re.ASCII,
)


def called(value: object) -> str:
    """What a JSON value is called in a reason: "text", "a number", "a list", "an object"."""
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else _CALLED.get(type(value), "nothing")


class Property(fields.Field[Any]):
    """What every field here is: `read` alone decides, and says why not in plain English."""

    default_error_messages = {  # noqa: RUF012  # marshmallow's own way to word its messages
        "required": "missing",
        "null": "missing",
        "validator_failed": "not valid",
    }

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002  # marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002
        **_kwargs: Any,
    ) -> Any:
        return self.read(value)

    def read(self, value: Any) -> Any:
        """The value as it is kept; raises ValidationError with the reason why not."""
        return value


class Text(Property):
    """Text as it stands in the source, HTML included: it is made safe where it is published."""

    def read(self, value: Any) -> Any:
        """As the class says."""
        if not isinstance(value, str):
            raise ValidationError(f"text is expected, this is {called(value)}")
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ValidationError("a character is broken (half of a pair)")
        return self._checked(value)

    def _checked(self, value: str) -> str:
        return value


class Identifier(Text):
    """An identifier or code: text; a whole number becomes text."""

    def read(self, value: Any) -> Any:
        """As the class says."""
        whole = isinstance(value, int) and not isinstance(value, bool)
        return super().read(str(value) if whole else value)


class Reference(Identifier):
    """The id of another object; `kind` says of which."""

    def __init__(self, kind: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind


class Uri(Text):
    """A URI or link; refused when following it would run a script."""

    def _checked(self, value: str) -> str:
        if not is_safe_link(value):
            raise ValidationError("a link that would run a script or read a local file")
        return value


class WebAddress(Uri):
    """A web address, with or without its scheme ("www.example.org")."""

    def _checked(self, value: str) -> str:
        text = super()._checked(value).strip()
        try:
            # What the standard library cannot take apart, nothing here can follow or compare.
            urlsplit(text)
        except ValueError:
            raise ValidationError("not a web address") from None
        if not _WEB.fullmatch(text):
            raise ValidationError("not a web address")
        return value


class Email(Text):
    """An e-mail address: one @ with something on both sides, no blanks inside."""

    def _checked(self, value: str) -> str:
        before, _, after = value.strip().partition("@")
        if not before or not after or "@" in after or len(value.split()) != 1:
            raise ValidationError("not an e-mail address")
        return value


class Word(Text):
    """A word of a closed vocabulary, in any case and with blanks around it."""

    def __init__(self, *words: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words

    def _checked(self, value: str) -> str:
        meant = value.strip().casefold()
        for word in self.words:
            if word.casefold() == meant:
                return word
        raise ValidationError(f"not one of {', '.join(self.words)}: {value[:40]!r}")


class Number(Property):
    """A finite number; one written as text becomes a number."""

    def read(self, value: Any) -> Any:
        """As the class says."""
        if isinstance(value, str):
            value = _number(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError(f"a number is expected, this is {called(value)}")
        if abs(value) >= 2**63 or not math.isfinite(value):
            raise ValidationError("not a number that can be kept")
        return value


class Degrees(Number):
    """A coordinate; one that is no number stays as it came, and is never used."""

    def read(self, value: Any) -> Any:
        """As the class says."""
        try:
            return super().read(value)
        except ValidationError:
            return _TEXT.read(value) if isinstance(value, str) else value


class Date(Text):
    """A day as YYYY-MM-DD; a date and time is taken too, as it came."""

    def _checked(self, value: str) -> str:
        try:
            date.fromisoformat(value.strip()[:10])
            datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValidationError(f"not a date as YYYY-MM-DD: {value[:40]!r}") from None
        return value


class Moment(Text):
    """A date and time as ISO 8601 (RFC 3339) has them; a date alone is taken too."""

    def _checked(self, value: str) -> str:
        try:
            datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValidationError(f"not a date and time: {value[:40]!r}") from None
        return value


class Time(Text):
    """A time of day as HH:MM or HH:MM:SS, with or without its distance from UTC."""

    def _checked(self, value: str) -> str:
        if not _TIME.fullmatch(value.strip()):
            raise ValidationError(f"not a time as HH:MM: {value[:40]!r}")
        return value


class NumberOrText(Property):
    """What some sources number and others spell: "UTC+1" or 1, extension 012; kept as it came."""

    def read(self, value: Any) -> Any:
        """As the class says."""
        return (_TEXT if isinstance(value, str) else _FINITE).read(value)


class One(Property):
    """A nested document's single object; `by` is the field of its owner that holds its id."""

    def __init__(self, kind: str, by: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind, self.by = kind, by or f"{kind}_id"


class Many(Property):
    """A nested document's list of objects; `by` is their field that holds the owner's id."""

    def __init__(self, kind: str, by: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind, self.by = kind, by


_TEXT: Final = Text()
_FINITE: Final = Number()


def _number(text: str) -> float | str:
    plain = text.strip()
    if not _NUMBER.fullmatch(plain):
        return text
    try:
        return int(plain)
    except ValueError:
        return float(plain)
