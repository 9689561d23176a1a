"""Finds the English that nobody marked for translation on a page in the test language.

What is in a language of its own (`lang`), or written by somebody (`bdi`, `dir="auto"`), is data;
but not what says inside it that it is in the test language. Everything else a page shows or reads
out must be marked.
"""

import re
from html.parser import HTMLParser

from template_service.web.pseudo_locale import PSEUDO, unmarked

_VOID = {"meta", "link", "input", "br", "img", "hr"}
_UNSEEN = {"script", "style"}
_READ_OUT = ("aria-label", "title", "alt", "placeholder")
# Data in an attribute: Unicode isolates.
_ISOLATED = re.compile("\u2068[^\u2069]*\u2069")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        within = bool(self._open) and self._open[-1][1]
        is_data = (
            attributes.get("lang", PSEUDO) != PSEUDO
            or attributes.get("dir") == "auto"
            or tag in _UNSEEN | {"bdi"}
            or within
        ) and attributes.get("lang") != PSEUDO
        for name in _READ_OUT:
            if not within:
                self._note(attributes.get(name) or "")
        if tag not in _VOID:
            self._open.append((tag, is_data))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not (self._open and self._open[-1][1]):
            self._note(data)

    def _note(self, text: str) -> None:
        left = unmarked(_ISOLATED.sub("", text))
        if any(letter.isalpha() for letter in left):
            self.found.append(" ".join(left.split()))


def leftovers(page: str) -> list[str]:
    """The texts of a page that are neither marked nor data."""
    reader = _Reader()
    reader.feed(page)
    return reader.found
