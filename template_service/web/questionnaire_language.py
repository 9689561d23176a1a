"""A questionnaire in a language it has: chosen by address, else as the browser asks for."""

from dataclasses import dataclass

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
    def is_english(self) -> bool:
        """Whether the words of the page itself are in this language too."""
        return self.language.partition("-")[0].lower() in ("", "en")


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
