"""What people read, and what a questionnaire says of itself."""

import re
from collections.abc import Sequence

from template_service.questionnaire.assembly.module import sub_questionnaires
from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.checking.work import SECONDS_LIMIT, Work
from template_service.questionnaire.elements import objects, value_of
from template_service.questionnaire.languages import UNKNOWN, untranslated
from template_service.questionnaire.naming import misnamed
from template_service.questionnaire.problems import shown
from template_service.questionnaire.r4_elements import is_resource

# One tag is enough; nothing here tries to read HTML.
_MARKUP = re.compile(r"<[/!]?[A-Za-z][^<>]{0,500}>")
_STATUSES = frozenset({"draft", "active", "retired", "unknown"})
_LANGUAGES = 24
"""Languages looked at; each takes a walk through the resource. The EU has 24 official ones."""
_MISSING_SHOWN = 50
"""Texts without a translation that are named, for each language."""


def check_texts(source: Source, languages: Sequence[str], work: Work, report: Report) -> None:
    """Report missing translations, texts with HTML in them, and items without a text.

    `languages` are those of the questionnaire, its own first.
    """
    _check_languages(source, languages[1:], work, report)
    for name in ("title", "description"):
        if _has_markup(source.resource.get(name)):
            report.add(f"Questionnaire.{name}", _SHOWN_AS_TEXT, "informational", "information")
    for item in source.items:
        for name in ("text", "prefix"):
            if _has_markup(item.json.get(name)):
                report.on(item, _SHOWN_AS_TEXT, "informational", "information", at=f".{name}")
        for index, option in enumerate(objects(item.json.get("answerOption"))):
            kind, given = value_of(option)
            text = given.get("display") if isinstance(given, dict) else given
            if _has_markup(text):
                at = f".answerOption[{index}].{kind}"
                report.on(item, _SHOWN_AS_TEXT, "informational", "information", at=at)
        _check_text(item, report)


_SHOWN_AS_TEXT = "The text holds HTML; it is shown as text, never run."


def _has_markup(text: object) -> bool:
    return isinstance(text, str) and _MARKUP.search(text) is not None


def _check_languages(source: Source, languages: Sequence[str], work: Work, report: Report) -> None:
    for language in languages[:_LANGUAGES]:
        if work.in_time(SECONDS_LIMIT / 2):
            _check_language(source, language, report)
    if len(languages) > _LANGUAGES:
        message = f"There are {len(languages)} languages; only {_LANGUAGES} were looked at."
        report.add("Questionnaire", message, "too-costly", "information")


def _check_language(source: Source, language: str, report: Report) -> None:
    missing = untranslated(source.resource, language)
    for place in missing[:_MISSING_SHOWN]:
        message = f"There is no translation into {language}; the text is shown as it stands."
        report.add(place, message, "incomplete")
    if len(missing) > _MISSING_SHOWN:
        more = len(missing) - _MISSING_SHOWN
        report.add("Questionnaire", f"{more} more texts lack {language}.", "incomplete")


def _check_text(item: Placed, report: Report) -> None:
    """A question without words; a group may do without, and a grid's rows have their own."""
    hidden = any(one.flag("questionnaire-hidden") for one in item.outwards())
    worded = item.json.get("text") or item.json.get("_text")
    if item.type not in ("group", "") and not worded and not hidden:
        report.on(item, "The item has no text: people would not know what is asked.", "incomplete")


def check_head(source: Source, languages: Sequence[str], report: Report) -> None:
    """Report what a questionnaire should say of itself, so that responses can name it."""
    resource = source.resource
    for each in misnamed(resource):
        # R4 allows it.
        report.add(each.expression, f"{each.message}; `add` refuses it.", each.code)
    if resource.get("url") and not resource.get("version"):
        message = "Without a version, a change makes earlier responses hard to read."
        report.add("Questionnaire.version", message, "incomplete", "information")
    status = resource.get("status")
    if not isinstance(status, str) or status not in _STATUSES:
        lacks = "is missing; it " if status is None else ""
        message = f"status {lacks}must be draft, active, retired or unknown."
        # R4 requires it, but published questionnaires without one are used all the same.
        report.add("Questionnaire.status", message, "required" if status is None else "value")
    _check_subjects(resource.get("subjectType"), report)
    if not resource.get("title"):
        report.add("Questionnaire.title", "There is no title to show.", "incomplete", "information")
    if languages[0] == UNKNOWN:
        message = "There is no language; readers and translations cannot tell what it is in."
        report.add("Questionnaire.language", message, "incomplete", "information")
    modules = [item for item in source.items if sub_questionnaires(item.json)]
    if modules:
        message = "A sub-questionnaire stands here only after $assemble."
        report.on(modules[0], message, "incomplete")


def _check_subjects(given: object, report: Report) -> None:
    if given is None:
        return
    types = given if isinstance(given, list) else []
    unknown = [each for each in types if not isinstance(each, str) or not is_resource(each)]
    if unknown or not types:
        words = (
            f", which {shown(unknown[0])} is not" if unknown and isinstance(unknown[0], str) else ""
        )
        message = f"subjectType is a list of types of resource of FHIR R4{words}."
        report.add("Questionnaire.subjectType", message, "code-invalid")
