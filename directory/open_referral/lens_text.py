"""Text of a feed as plain text: without markup, without links that run code."""

import re
from collections.abc import Iterator
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any, Final

_TAG: Final = re.compile(r"<(?:[A-Za-z/][^<>]*|!--.*?--|![^<>]*)>", re.DOTALL)
_SPACES: Final = re.compile(r"[^\S\n]+")
_BREAKS: Final = re.compile(r"[^\S\n]*\n\s*")
# Elements of HTML that begin a line of their own.
_BLOCK: Final = re.compile(
    r"address|article|aside|blockquote|br|d[dlt]|div|fieldset|footer|form|h[1-6]|header|hr|li|main"
    r"|nav|ol|p|pre|section|table|t[dhr]|ul"
)
_NEVER_SHOWN: Final = frozenset({"script", "style", "template", "noscript", "iframe", "object"})
# Schemes by which a link runs code or reaches into the reader's own machine (OWASP, XSS filter
# evasion); browsers ignore blanks and control characters within a scheme.
_UNSAFE: Final = ("javascript:", "vbscript:", "data:", "file:", "blob:", "view-source:", "about:")
_IGNORED_IN_SCHEMES: Final = re.compile(r"[\x00-\x20\x7f]+")


def plain(text: Any) -> str:
    """A value as plain text: tags gone, characters for entities, links kept as their address.

    Text without markup is given back as it came. What is no text is none: "".
    """
    if not isinstance(text, str):
        return ""
    if "<" in text and _TAG.search(text):
        reader = _Reader()
        reader.feed(text)
        reader.close()
        return reader.text()
    return unescape(text) if "&" in text else text


def written(text: str) -> str:
    """Plain text so written that `plain` gives it back: escaped only where it looks like markup."""
    return text if plain(text) == text else escape(text, quote=False)


def is_safe_link(url: str) -> bool:
    """Whether following this link runs no code."""
    return not _IGNORED_IN_SCHEMES.sub("", url).casefold().startswith(_UNSAFE)


def joined(parts: Iterator[str] | tuple[str, ...] | list[str]) -> str:
    """Texts one below the other, each once, blank ones left out."""
    return "\n".join(dict.fromkeys(part for part in parts if part))


class _Reader(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._hidden: list[str] = []
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line; a link is remembered until its text is over."""
        if tag in _NEVER_SHOWN:
            self._hidden.append(tag)
        elif _BLOCK.fullmatch(tag):
            self._parts.append("\n")
        elif tag == "a":
            self._links.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        """A block ends its line; the address of a web link follows its text."""
        if tag in self._hidden:
            self._hidden.remove(tag)
        elif _BLOCK.fullmatch(tag):
            self._parts.append("\n")
        elif tag == "a" and self._links:
            link = self._links.pop().strip()
            if link.startswith(("http://", "https://")) and link not in "".join(self._parts[-1:]):
                self._parts.append(f" ({link})")

    def handle_data(self, data: str) -> None:
        """Text, unless it is the text of a script."""
        if not self._hidden:
            self._parts.append(data.replace("\n", " "))

    def text(self) -> str:
        """What was read, blanks and empty lines closed up."""
        return _BREAKS.sub("\n", _SPACES.sub(" ", "".join(self._parts))).strip()
