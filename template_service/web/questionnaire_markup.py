"""Texts of other people's questionnaires: plain, or with the few marks that can do no harm.

`rendering-xhtml` and `rendering-markdown` go through an allow-list of elements without attributes
(links keep their address); everything else is text, which the templates escape.
https://hl7.org/fhir/R4/extension-rendering-xhtml.html
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from template_service.questionnaire.extensions import extensions

# What a text may bring along where only words may stand (a label), and where paragraphs may.
_WORDS = frozenset({"b", "strong", "i", "em", "u", "br", "sub", "sup", "span", "code"})
_PARAGRAPHS = _WORDS | frozenset(
    {"p", "div", "ul", "ol", "li", "blockquote", "dl", "dt", "dd", "a", "hr"}
    | {"table", "caption", "thead", "tbody", "tr", "th", "td"}
)
_SCHEMES = {"http", "https", "mailto", "tel"}
# Longer than any text somebody reads on a form; beyond it only the plain text is shown.
_LONGEST = 8_000
# So many texts stay rendered: those of the forms in use, at most some tens of megabytes.
_MOST_KEPT = 2_048

_MARKDOWN = MarkdownIt("commonmark", {"html": False})


def rich_text(element: Mapping[str, Any], name: str = "text", *, words: bool = False) -> str:
    """The text of a property, with what marks it carries; `words`: it stands inside a label.

    The result is `Markup` when it was cleaned, else a text that is still to be escaped.
    """
    plain = element.get(name)
    text = plain if isinstance(plain, str) else ""
    primitive = element.get(f"_{name}")
    if not isinstance(primitive, dict):
        return text
    for source, is_markdown in _renderings(primitive):
        cleaned = _rendered(source, is_markdown=is_markdown, words=words)
        # A rendering that is only a picture or a script leaves nothing: then the text counts.
        if Markup(cleaned).striptags().strip():  # noqa: S704 -- only to see whether words are left
            return Markup(cleaned)  # noqa: S704 -- nh3 has just cleaned it
    return text


def _renderings(primitive: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Each rendering that is not too long, and whether it is Markdown."""
    for each in extensions(primitive, "rendering-xhtml"):
        html = each.get("valueString")
        if isinstance(html, str) and len(html) <= _LONGEST:
            yield html, False
    for each in extensions(primitive, "rendering-markdown"):
        source = each.get("valueMarkdown")
        if isinstance(source, str) and len(source) <= _LONGEST:
            yield source, True


@lru_cache(maxsize=_MOST_KEPT)
def _rendered(source: str, *, is_markdown: bool, words: bool) -> str:
    return _cleaned(_MARKDOWN.render(source) if is_markdown else source, words=words)


def _cleaned(html: str, *, words: bool) -> str:
    return nh3.clean(
        html,
        tags=set(_WORDS if words else _PARAGRAPHS),
        attributes={} if words else {"a": {"href"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )
