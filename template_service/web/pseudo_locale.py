"""The test language: English marked and set from right to left, made from the messages themselves.

`ar-XB` is the bidirectional pseudo-locale of Unicode CLDR. Nobody translated anything: each run of
letters stands between right-to-left marks, so that it is really set from right to left, and a text
that nobody marked for translation stands out as the only one that still reads as English.
"""

import re
from gettext import NullTranslations
from typing import Final

PSEUDO: Final = "ar-XB"

# Unicode Standard Annex 9: right-to-left mark, right-to-left override, and what ends an override.
_RLM, _RLO, _PDF = "\u200f", "\u202e", "\u202c"
_OPENING, _CLOSING = _RLM + _RLO, _PDF + _RLM
# What a program puts in, what a browser reads as markup, and numbers stay as they are.
_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]*>|\d+)")
_MARKED = re.compile(f"{_OPENING}[^{_PDF}]*{_CLOSING}")


class PseudoTranslations(NullTranslations):
    """A catalogue that has every message."""

    def gettext(self, message: str) -> str:
        """The message, mirrored."""
        return mirrored(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The English form for a number, mirrored."""
        return mirrored(super().ngettext(msgid1, msgid2, n))


def mirrored(text: str) -> str:
    """A text marked as translated and set right to left; placeholders, tags and numbers stay."""
    parts = _KEPT.split(text)
    return "".join(part if index % 2 else _set(part) for index, part in enumerate(parts))


def unmarked(text: str) -> str:
    """What is left of a text without all that was mirrored: the words nobody translated."""
    return _MARKED.sub("", text)


def _set(part: str) -> str:
    """A run with its marks; the space around it stays outside, and no marks go around no letter."""
    bare = part.strip()
    if not any(letter.isalpha() for letter in bare):
        return part
    before, _, after = part.partition(bare)
    return f"{before}{_OPENING}{bare}{_CLOSING}{after}"
