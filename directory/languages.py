"""Languages: a code in a record and a name in the directory mean the same thing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import orjson

# Language subtags of BCP 47 (IANA registry, ISO 639) with their English names.
_NAMES: Final[Mapping[str, str]] = orjson.loads(
    (Path(__file__).parent / "data" / "languages.json").read_bytes()
)

ENGLISH: Final = "English"


def language_name(text: str) -> str:
    """The English name of a language given as a BCP 47 code ("ro-RO") or already by its name."""
    subtag = text.strip().split("-")[0].lower()
    return _NAMES.get(subtag, text.strip())
