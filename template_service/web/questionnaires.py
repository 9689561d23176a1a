"""Any questionnaire of the library for a person: listed, filled in, saved, finished, read again."""

from dataclasses import replace
from datetime import date

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from template_service import clock
from template_service.actions.meanwhile import FinishedMeanwhile
from template_service.actions.questionnaire_cards import cards_of_questionnaire, press_card
from template_service.actions.questionnaire_library import (
    Standing,
    list_questionnaires,
    must_know_of,
)
from template_service.actions.questionnaires import (
    Retired,
    Unfinished,
    continue_questionnaire,
    finish_questionnaire,
    open_questionnaire,
    open_result,
    save_draft,
)
from template_service.errors import Conflict, NotFound
from template_service.questionnaire.form import Form
from template_service.records.responses import RevisionConflict
from template_service.records.revisions import Saved
from template_service.web.blueprint import blueprint, may_open, notify, principal, service
from template_service.web.gate import gate_for
from template_service.web.questionnaire_cards import result_cards
from template_service.web.questionnaire_holding import cannot_be_asked, with_unnamed_rows
from template_service.web.questionnaire_language import Spoken, spoken
from template_service.web.questionnaire_reading import Node, Sight, read_page, written_page
from template_service.web.questionnaire_refusals import (
    posted_start,
    show_closed,
    show_conflict,
    show_draft,
    show_stopped,
    show_unfinished,
    why_stopped,
)
from template_service.web.questionnaire_result import (
    answer_lines,
    keeps_back,
    leaves_open,
    worked_out,
)
from template_service.web.questionnaire_rows import change_rows
from template_service.web.questionnaire_sheet import (
    NO_TROUBLE,
    Sheet,
    address_of,
    page_of,
    show_sheet,
    strip_of,
)
from template_service.web.questionnaire_styles import styles_of
from template_service.web.words import at_time

_KEPT_BACK = (
    "Some answers are not shown here, because somebody else may see this screen. They are kept."
)
_DROPPED = "Some answers were left out, because the questions they belong to do not apply."
_SAVED = "Saved. You can stop here and go on another day."


@blueprint.get("/people/<person_id>/questionnaires")
def questionnaires(person_id: str) -> str:
    """The questionnaires of the library, each with how far it is for this person."""
    who, today = principal(), clock.today()
    found = list_questionnaires(service(), who, person_id=person_id)
    return render_template(
        "web/questionnaires.html",
        lines=[_line(person_id, standing, today) for standing in found.lines],
        person=strip_of(found.person, who, today),
        may_use_template=may_open("web.template", who),
    )


@blueprint.get("/people/<person_id>/questionnaires/<questionnaire_id>")
def questionnaire(person_id: str, questionnaire_id: str) -> Response:
    """A questionnaire as it was left; safety answers stay blank, whatever is stored."""
    sheet = _open(person_id, questionnaire_id)
    if why := why_stopped(sheet):
        return show_stopped(sheet, why)
    return show_sheet(replace(sheet, fields=written_page(sheet.form, sheet.stored, sheet.sight)))


@blueprint.post("/people/<person_id>/questionnaires/<questionnaire_id>")
def save_questionnaire(person_id: str, questionnaire_id: str) -> AnyResponse:
    """Save, finish, update, or add and remove a row, as the button that was pressed says."""
    sheet = _open_posted(person_id, questionnaire_id)
    if why := why_stopped(sheet):
        return show_stopped(sheet, why, status=Conflict.status)
    pressed, _, what = request.form.get("do", "save").partition(":")
    if pressed in ("add", "remove"):
        fields, focus = change_rows(sheet.form, sheet.fields, f"{pressed}:{what}")
        return show_sheet(replace(sheet, fields=fields), start=posted_start(), focus=focus)
    try:
        return _keep_page(sheet, pressed, questionnaire_id, what)
    except (Retired, FinishedMeanwhile) as refused:
        return show_closed(sheet, refused)
    except RevisionConflict as refused:
        now = _open(person_id, questionnaire_id)
        if why := why_stopped(now):
            return show_stopped(now, why, status=Conflict.status)
        return show_conflict(sheet, now, refused)


@blueprint.post("/people/<person_id>/questionnaires/<questionnaire_id>/look")
def look_at_questionnaire(person_id: str, questionnaire_id: str) -> str:
    """The questions as they would be now, as a fragment of the page; nothing is stored."""
    sheet = _open_posted(person_id, questionnaire_id)
    if why_stopped(sheet):
        raise NotFound
    page = page_of(sheet, NO_TROUBLE, start=None, focus="")
    return render_template("web/questionnaire_questions.html", page=page)


@blueprint.get("/people/<person_id>/questionnaires/results/<response_id>")
def questionnaire_result(person_id: str, response_id: str) -> str:
    """What was answered in a finished questionnaire, and what its own rules work out from it."""
    who, today = principal(), clock.today()
    opened = open_result(service(), who, person_id=person_id, response_id=response_id)
    gate = gate_for(who, opened.person, today)
    said, sight = _spoken(opened.form), Sight(who.sees_safety, young=gate.young)
    head = opened.head
    return render_template(
        "web/questionnaire_result.html",
        title=said.form.title or "Questionnaire",
        said_in=said,
        cards=result_cards(cards_of_questionnaire(service(), opened), who, gate, today),
        results=worked_out(said.form, opened.response, sight),
        answers=answer_lines(said.form, opened.response, sight),
        left_open=who.sees_safety and leaves_open(opened.form, opened.response, opened.person),
        kept_back=_KEPT_BACK
        if who.sees_safety and keeps_back(opened.form, opened.response, sight)
        else "",
        finished=f"Finished {at_time(head.updated_at, today)} by {head.updated_by_name}."
        if head
        else "",
        back=url_for("web.questionnaires", person_id=person_id),
        # On every result, so that it tells nothing (docs/adr/0003).
        private_href=url_for("web.private_cards", person_id=person_id)
        if may_open("web.private_cards", who)
        else "",
        person=strip_of(opened.person, who, today),
    )


@blueprint.get("/questionnaires/<questionnaire_id>.css")
def questionnaire_styles(questionnaire_id: str) -> Response:
    """The style sheet of a questionnaire; its address names its version and content."""
    listed = service().forms.listed_by_id(questionnaire_id)
    form = service().forms.find(f"{listed.url}|{request.args.get('version', listed.version)}")
    must_know_of(service(), form, principal())
    answer = make_response(styles_of(form))
    answer.mimetype = "text/css"
    # Its address changes with its content; only this browser keeps it, as it says what is asked.
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer


def _open(person_id: str, questionnaire_id: str) -> Sheet:
    who = principal()
    opened = open_questionnaire(
        service(), who, person_id=person_id, questionnaire_id=questionnaire_id
    )
    return Sheet(who, opened, _spoken(opened.form), {}, clock.today())


def _open_posted(person_id: str, questionnaire_id: str) -> Sheet:
    who = principal()
    opened = continue_questionnaire(
        service(),
        who,
        person_id=person_id,
        questionnaire_id=questionnaire_id,
        version=request.form.get("version"),
    )
    fields = {name: tuple(texts) for name, texts in request.form.lists()}
    sheet = Sheet(who, opened, _spoken(opened.form), fields, clock.today())
    return replace(sheet, fields=with_unnamed_rows(sheet.form, fields, sheet.stored, sheet.sight))


def _spoken(form: Form) -> Spoken:
    return spoken(form, request.args.get("lang"), request.headers.get("Accept-Language"))


def _keep_page(sheet: Sheet, pressed: str, questionnaire_id: str, what: str) -> AnyResponse:
    reading = read_page(sheet.form, sheet.fields, sheet.stored, sheet.sight)
    if reading.errors:
        # What could be read is kept all the same: it may disclose something urgent.
        kept = _keep_draft(sheet, reading.response).head
        return show_draft(sheet, reading, kept, reading.errors)
    if pressed in ("acknowledge", "call"):
        return _press(sheet, reading.response, questionnaire_id, what, call=pressed == "call")
    if pressed != "finish":
        return _save(sheet, reading.response, questionnaire_id, what)
    try:
        return _finish(sheet, reading.response)
    except Unfinished as refused:
        return show_unfinished(sheet, reading, refused)


def _save(sheet: Sheet, response: Node, questionnaire_id: str, what: str) -> AnyResponse:
    _keep_draft(sheet, response)
    if not what:
        notify(_SAVED)
    place = {"_anchor": what} if what.replace("-", "").isalnum() else {}
    return redirect(address_of(sheet, questionnaire_id, **place), 303)


def _press(
    sheet: Sheet, response: Node, questionnaire_id: str, card_id: str, *, call: bool
) -> AnyResponse:
    """Save, which raises the card, then deal with it as pressed."""
    _keep_draft(sheet, response)
    press_card(service(), sheet.who, opened=sheet.opened, card_id=card_id, call=call)
    return redirect(address_of(sheet, questionnaire_id), 303)


def _keep_draft(sheet: Sheet, response: Node) -> Saved:
    revision, response_id = posted_start()
    return save_draft(
        service(),
        sheet.who,
        opened=sheet.opened,
        response=response,
        base_revision=revision,
        base_response_id=response_id or None,
    )


def _finish(sheet: Sheet, response: Node) -> AnyResponse:
    revision, response_id = posted_start()
    finished = finish_questionnaire(
        service(),
        sheet.who,
        opened=sheet.opened,
        response=response,
        base_revision=revision,
        base_response_id=response_id or None,
        not_asked=[
            link_id
            for link_id, item in sheet.form.items.items()
            if sheet.sight.shows(item) and not sheet.sight.asks_now(item)
        ],
        token=request.form.get("token"),
    )
    if finished.dropped:
        notify(_DROPPED)
    where = url_for(
        "web.questionnaire_result",
        person_id=sheet.opened.person.person_id,
        response_id=finished.response_id,
        lang=request.args.get("lang"),
    )
    return redirect(where, 303)


def _line(person_id: str, standing: Standing, today: date) -> dict[str, str]:
    """One questionnaire of the list. Of one about safety nothing is told: others may look on."""
    href = url_for("web.questionnaire", person_id=person_id, questionnaire_id=standing.id)
    if cannot_be_asked(service().forms.by_id(standing.id)):
        state = "Cannot be asked on this page yet"
        return {"href": href, "title": standing.title, "state": state, "result": ""}
    if standing.private:
        state = "Only when the person is seen alone"
        return {"href": href, "title": standing.title, "state": state, "result": ""}
    finished, draft = standing.finished, standing.draft
    told = []
    if draft is not None:
        told.append(f"Saved {at_time(draft.updated_at, today)}, not finished")
    if finished is not None:
        told.append(f"Finished {at_time(finished.updated_at, today)}")
    result = (
        url_for("web.questionnaire_result", person_id=person_id, response_id=finished.response_id)
        if finished
        else ""
    )
    # Nothing new is begun with one that was retired.
    usable = standing.offered or draft is not None
    return {
        "href": href if usable else result,
        "title": standing.title,
        "state": "; ".join(told) or "Not started",
        "result": result,
    }
