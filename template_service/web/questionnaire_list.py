"""The questionnaires of the library for a person: how far each is, and what to do with it."""

from dataclasses import dataclass, replace
from datetime import date

from flask import render_template, url_for

from template_service import clock
from template_service.actions.questionnaire_library import Standing, list_questionnaires
from template_service.records.responses import ResponseHead
from template_service.web.blueprint import Link, blueprint, may_open, principal, service
from template_service.web.questionnaire_holding import cannot_be_asked
from template_service.web.questionnaire_language import spoken
from template_service.web.questionnaire_sheet import private_href, strip_of
from template_service.web.questionnaire_words import moment_text
from template_service.web.speech import english, joined
from template_service.web.speech import gettext as _
from template_service.web.words import at_time


@dataclass(frozen=True, slots=True)
class Line:
    """One questionnaire. `href` leads on, or to what was answered; `again` begins a new one.

    `earlier` leads to what was answered before, newest first. `alone`: only its being there is
    told, and not on paper.
    """

    href: str
    title: str
    state: str
    version: str
    result: str = ""
    again: str = ""
    earlier: tuple[Link, ...] = ()
    alone: bool = False


@blueprint.get("/people/<person_id>/questionnaires")
def questionnaires(person_id: str) -> str:
    """The questionnaires of the library, each with how far it is for this person."""
    who, today = principal(), clock.today()
    found = list_questionnaires(service(), who, person_id=person_id)
    return render_template(
        "web/questionnaires.html",
        lines=[_line(person_id, standing, today) for standing in found.lines],
        person=strip_of(found.person, who, today),
        private_href=private_href(person_id, who),
        may_use_template=may_open("web.template", who),
    )


def _line(person_id: str, standing: Standing, today: date) -> Line:
    """Of one that is wholly about safety nothing is told: others may look on."""
    href = url_for("web.questionnaire", person_id=person_id, questionnaire_id=standing.id)
    version = _version(standing.version, standing.date)
    form = service().forms.by_id(standing.id)
    title = spoken(form, None, None).said(standing.title)
    if cannot_be_asked(form):
        return Line(href, title, _("Cannot be asked on this page yet"), version)
    if standing.private:
        return Line(href, title, _("Only when the person is seen alone"), version, alone=True)
    if standing.draft is None and not standing.finished:
        return Line(href, title, _("Not started"), version)
    return _begun(person_id, standing, Line(href, title, "", version), today)


def _begun(person_id: str, standing: Standing, line: Line, today: date) -> Line:
    """A line with what was answered: the draft, the newest finished one and the earlier ones."""
    results = tuple(_result(person_id, head, today) for head in standing.finished)
    latest, line = results[:1], replace(line, earlier=results[1:])
    if (draft := standing.draft) is not None:
        saved = _("Saved %(when)s, not finished", when=at_time(draft.updated_at, today))
        return replace(
            line,
            state="; ".join([saved, *(each.text for each in latest)]),
            version=_version(draft.questionnaire_version),
            result="".join(each.href for each in latest),
        )
    return replace(
        line,
        href=results[0].href,
        state=results[0].text,
        version=_version(standing.finished[0].questionnaire_version),
        # Nothing new is begun with one that was retired.
        again=line.href if standing.offered else "",
    )


def _result(person_id: str, head: ResponseHead, today: date) -> Link:
    return Link(
        _("Finished %(when)s", when=at_time(head.updated_at, today)),
        url_for("web.questionnaire_result", person_id=person_id, response_id=head.response_id),
    )


def _version(version: str, day: str = "") -> str:
    """Which version it is, and of when where the questionnaire says so."""
    named = _("Version %(number)s", number=english(version)) if version else ""
    return joined(", ", (text for text in (named, moment_text(day)) if text))
