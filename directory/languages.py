"""Languages: a code in a record and a name in the directory mean the same thing."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import orjson

# Language subtags of BCP 47 (IANA registry, ISO 639) with their English names.
_NAMES: Final[Mapping[str, str]] = orjson.loads(
    (Path(__file__).parent / "data" / "languages.json").read_bytes()
)

# "Urdo" and "Urdu" are 0.75 alike; "Dari" and "Arabic" 0.6, and no slip of each other.
_ALIKE: Final = 0.7

ENGLISH: Final = "English"


def language_name(text: str) -> str:
    """The English name of a language given as a BCP 47 code ("ro-RO") or already by its name."""
    subtag = text.strip().split("-")[0].lower()
    return _NAMES.get(subtag, text.strip())


def is_language(text: str) -> bool:
    """Whether a text is a code or the English name of a language that is known here."""
    return language_name(text).casefold() in _KNOWN


def nearest_language(text: str) -> str:
    """The name and code that a text is a slip of, as `Urdu (ur)`; empty when it is of none."""
    near = get_close_matches(text.strip().casefold(), _KNOWN, n=1, cutoff=_ALIKE)
    return f"{_NAMES[_KNOWN[near[0]]]} ({_KNOWN[near[0]]})" if near else ""


_KNOWN: Final[Mapping[str, str]] = {name.casefold(): code for code, name in _NAMES.items()}
