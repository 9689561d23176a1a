"""Texts of a questionnaire on a page: in the page's language where the questionnaire has it.

Translations are those of its own translation extension (`questionnaire.languages`). Each text falls
back by itself, and then says that it is in the questionnaire's own language.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from template_service.questionnaire.form import Form
from template_service.questionnaire.languages import translated
from template_service.web.questionnaire_kept import KeptByForm
from template_service.web.speech import ENGLISH_TAG, english, speech

Words = Callable[..., str]
"""Called with a text of the questionnaire, and the linkId of its item where that is known."""

# What differs too and is no text; where a text is translated stands in `_text` beside it.
_NO_TEXT = frozenset({"language"})

_Found = Mapping[tuple[str, str], str]
_KEPT: KeptByForm[_Found] = KeptByForm()


def form_words(form: Form) -> Words:
    """How this page says the texts of a form; on an English page they stay as they are."""
    language = speech().tag
    if language == ENGLISH_TAG:
        return as_it_is
    found = _KEPT.get(form, language, lambda: _translations(form.resource, language))

    def say(text: str, link_id: str = "") -> str:
        return found.get((link_id, text)) or found.get(("", text)) or english(text)

    return say


def as_it_is(text: str, link_id: str = "") -> str:
    """The text itself."""
    del link_id
    return text


def _translations(resource: Mapping[str, Any], language: str) -> _Found:
    """The translated texts by linkId and text, and by text alone (then the first one there is)."""
    found: dict[tuple[str, str], str] = {}
    for link_id, text, said in _changed(resource, translated(resource, language), ""):
        found[link_id, text] = said
        found.setdefault(("", text), said)
    return found


def _changed(before: Any, after: Any, link_id: str) -> Iterator[tuple[str, str, str]]:
    """Every text that differs between a questionnaire and its translation, with its linkId."""
    if isinstance(before, dict):
        inside = before.get("linkId", link_id)
        for name, value in before.items():
            if name not in _NO_TEXT and not name.startswith("_"):
                yield from _changed(value, after.get(name), inside)
    elif isinstance(before, list):
        for one, other in zip(before, after, strict=False):
            yield from _changed(one, other, link_id)
    elif isinstance(before, str) and isinstance(after, str) and before != after:
        yield link_id, before, after
