"""A questionnaire in a language it has: chosen by address, else as the browser asks for."""

from dataclasses import dataclass

from markupsafe import Markup

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.questionnaire.languages import (
    UNKNOWN,
    best_language,
    direction,
    languages_of,
    translated,
)
from template_service.questionnaire.problems import QuestionnaireError
from template_service.web.questionnaire_kept import KeptByForm
from template_service.web.speech import ENGLISH, in_language, speech
from template_service.web.speech import gettext as _


@dataclass(frozen=True, slots=True)
class Spoken:
    """A form in `language` (empty: unknown), one of its `languages`; `direction` is ltr or rtl."""

    form: Form
    language: str
    languages: tuple[str, ...]

    @property
    def direction(self) -> str:
        """Which way its lines run."""
        return direction(self.language)

    @property
    def is_of_page(self) -> bool:
        """Whether the words of the page itself are in this language too."""
        page = speech()
        if page is ENGLISH:
            return self.language.partition("-")[0].lower() in ("", "en")
        return self.language == page.tag

    @property
    def attributes(self) -> Markup:
        """`lang` and `dir` of what holds its texts; a language nobody knows is not English then."""
        told = self.language or speech() is not ENGLISH
        language = Markup(' lang="{}"').format(self.language) if told else Markup()
        return language + Markup(' dir="{}"').format(self.direction)

    @property
    def title(self) -> str:
        """What it calls itself, to stand among words of the page."""
        return self.said(self.form.title) if self.form.title else _("Questionnaire")

    def said(self, text: str) -> str:
        """One of its texts to stand among words of the page: marked where that speaks another."""
        return text if self.is_of_page else in_language(text, self.language)


_KEPT: KeptByForm[Spoken] = KeptByForm()
_AVAILABLE: KeptByForm[tuple[str, ...]] = KeptByForm()


def spoken(form: Form, wanted: str | None, accept: str | None) -> Spoken:
    """The form in the language `wanted`, or the best by an Accept-Language header.

    Linkids, codes and answers are the same in every language; a text without a translation stays.
    """
    available = _AVAILABLE.get(form, "", lambda: languages_of(form.resource))
    known = {tag.lower(): tag for tag in available}
    language = known.get((wanted or "").lower()) or best_language(accept, available)
    return _KEPT.get(form, language, lambda: _translated(form, language, available))


def ours(text: str) -> str:
    """Words of ours to stand among texts of a questionnaire, in whatever language those are."""
    page = speech()
    return text if page is ENGLISH else in_language(text, page.tag)


def _translated(form: Form, language: str, available: tuple[str, ...]) -> Spoken:
    shown = "" if language == UNKNOWN else language
    if language == available[0]:
        return Spoken(form, shown, available)
    try:
        return Spoken(compile_questionnaire(translated(form.resource, language)), shown, available)
    except QuestionnaireError:
        # A translation that cannot be used (a text of the wrong kind) leaves the original.
        own = "" if available[0] == UNKNOWN else available[0]
        return Spoken(form, own, available)
