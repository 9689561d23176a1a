"""Any questionnaire of the library for a person: filled in, saved, finished, read again."""

from dataclasses import replace

from flask import Response, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from template_service import clock
from template_service.actions.meanwhile import FinishedMeanwhile
from template_service.actions.questionnaire_cards import cards_of_questionnaire
from template_service.actions.questionnaire_library import must_know_of
from template_service.actions.questionnaires import (
    Retired,
    continue_questionnaire,
    open_questionnaire,
    open_result,
)
from template_service.errors import Conflict, NotFound
from template_service.questionnaire.checking.doubtful import doubtful_results
from template_service.questionnaire.form import Form
from template_service.questionnaire.privacy import private_items
from template_service.records.responses import RevisionConflict
from template_service.web.blueprint import blueprint, principal, service
from template_service.web.gate import gate_for
from template_service.web.questionnaire_cards import result_cards
from template_service.web.questionnaire_discarding import (
    discard,
    discard_page,
    is_page,
    show_discarding,
)
from template_service.web.questionnaire_gate import Sight
from template_service.web.questionnaire_holding import with_unnamed_rows
from template_service.web.questionnaire_keeping import keep_page
from template_service.web.questionnaire_language import Spoken, spoken
from template_service.web.questionnaire_reading import written_page
from template_service.web.questionnaire_refusals import (
    OTHER_VERSION,
    TOO_MANY_TOGETHER,
    show_beside,
    show_closed,
    show_conflict,
    show_going_on,
    show_stopped,
    why_stopped,
)
from template_service.web.questionnaire_result import (
    answer_lines,
    keeps_back,
    leaves_open,
    worked_out,
)
from template_service.web.questionnaire_rows import change_rows, clear_answer
from template_service.web.questionnaire_sheet import (
    NO_TROUBLE,
    Sheet,
    page_of,
    private_href,
    show_sheet,
    strip_of,
)
from template_service.web.questionnaire_styles import styles_of
from template_service.web.speech import as_written, mark
from template_service.web.speech import gettext as _
from template_service.web.words import at_time

_KEPT_BACK = mark(
    "Some answers are not shown here, because somebody else may see this screen. They are kept."
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
    """Save, finish, discard, or show the page again changed, as the button pressed says."""
    sheet = _open_posted(person_id, questionnaire_id)
    pressed, _, what = request.form.get("do", "save").partition(":")
    if pressed == "discard" and not is_page(sheet):
        return _discard(sheet, questionnaire_id, sure=what == "yes")
    if why := _why_beside(sheet):
        return _beside(sheet, questionnaire_id, why)
    if pressed in ("add", "remove", "clear", "go-on"):
        change = clear_answer if pressed == "clear" else change_rows
        fields, focus = change(sheet.form, sheet.fields, f"{pressed}:{what}")
        return show_going_on(replace(sheet, fields=fields), focus)
    try:
        return _done(sheet, pressed, questionnaire_id, what)
    except (Retired, FinishedMeanwhile) as refused:
        return show_closed(sheet, refused)
    except RevisionConflict as refused:
        return _overtaken(sheet, questionnaire_id, refused)


@blueprint.post("/people/<person_id>/questionnaires/<questionnaire_id>/look")
def look_at_questionnaire(person_id: str, questionnaire_id: str) -> str:
    """The questions as they would be now, as a fragment of the page; nothing is stored."""
    sheet = _open_posted(person_id, questionnaire_id)
    if _why_beside(sheet):
        raise NotFound
    page = page_of(sheet, NO_TROUBLE, start=None, focus="")
    return render_template("web/questionnaire_questions.html", page=page)


@blueprint.get("/people/<person_id>/questionnaires/results/<response_id>")
def questionnaire_result(person_id: str, response_id: str) -> str:
    """What was answered in a finished questionnaire, and what its own rules work out from it."""
    who, today = principal(), clock.today()
    opened = open_result(service(), who, person_id=person_id, response_id=response_id)
    gate = gate_for(who, opened.person, today)
    said = _spoken(opened.form)
    sight = Sight(private_items(opened.form), who.sees_safety, young=gate.young)
    head = opened.head
    return render_template(
        "web/questionnaire_result.html",
        title=said.title,
        said_in=said,
        cards=result_cards(cards_of_questionnaire(service(), opened), who, gate, today),
        results=worked_out(said.form, opened.response, sight, doubtful_results(opened.form)),
        answers=answer_lines(said.form, opened.response, sight),
        left_open=who.sees_safety and leaves_open(opened.form, sight),
        kept_back=_(_KEPT_BACK) if who.sees_safety and keeps_back(opened.form, sight) else "",
        finished=_(
            "Finished %(when)s by %(name)s.",
            when=at_time(head.updated_at, today),
            name=as_written(head.updated_by_name),
        )
        if head
        else "",
        back=url_for("web.questionnaires", person_id=person_id),
        private_href=private_href(person_id, who),
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


def _open(person_id: str, questionnaire_id: str, aside: frozenset[str] = frozenset()) -> Sheet:
    who = principal()
    opened = open_questionnaire(
        service(), who, person_id=person_id, questionnaire_id=questionnaire_id, aside=aside
    )
    return Sheet(who, opened, _spoken(opened.form), {}, clock.today())


def _open_posted(
    person_id: str, questionnaire_id: str, aside: frozenset[str] = frozenset()
) -> Sheet:
    who = principal()
    opened = continue_questionnaire(
        service(),
        who,
        person_id=person_id,
        questionnaire_id=questionnaire_id,
        version=request.form.get("version"),
        aside=aside.union(request.form.getlist("aside")),
        seen=(request.form.get("response"), request.form.get("revision", type=int)),
    )
    fields = {name: tuple(texts) for name, texts in request.form.lists()}
    sheet = Sheet(who, opened, _spoken(opened.form), fields, clock.today())
    return replace(sheet, fields=with_unnamed_rows(sheet.form, fields, sheet.stored, sheet.sight))


def _done(sheet: Sheet, pressed: str, questionnaire_id: str, what: str) -> AnyResponse:
    if pressed == "discard":
        return discard_page(sheet, sure=what == "yes")
    return keep_page(sheet, pressed, questionnaire_id, what)


def _why_beside(sheet: Sheet) -> str:
    """Why what was posted cannot be on one page with the draft; an empty text when it can."""
    posted = request.form.get("version", sheet.form.version or "")
    if posted != (sheet.form.version or ""):
        return _(OTHER_VERSION)
    return why_stopped(sheet)


def _overtaken(sheet: Sheet, questionnaire_id: str, refused: RevisionConflict) -> Response:
    now = _open(sheet.opened.person.person_id, questionnaire_id, sheet.opened.aside)
    if why := _why_beside(now):
        return _beside(now, questionnaire_id, why)
    together = show_conflict(sheet, now, refused)
    return together or _beside(now, questionnaire_id, _(TOO_MANY_TOGETHER))


def _beside(overtaken: Sheet, questionnaire_id: str, why: str) -> Response:
    """What was typed, to go on with it beside a draft that cannot be on one page with it."""
    head, person_id = overtaken.opened.head, overtaken.opened.person.person_id
    if head is None:
        return show_stopped(overtaken, why, status=Conflict.status)
    aside = overtaken.opened.aside | {head.response_id}
    sheet = _open_posted(person_id, questionnaire_id, aside)
    if still := why_stopped(sheet):
        return show_stopped(sheet, still, status=Conflict.status)
    return show_beside(sheet, why)


def _discard(sheet: Sheet, questionnaire_id: str, *, sure: bool) -> AnyResponse:
    try:
        return discard(sheet, sure=sure)
    except RevisionConflict as refused:
        now = _open(sheet.opened.person.person_id, questionnaire_id, sheet.opened.aside)
        return show_discarding(now, refused)


def _spoken(form: Form) -> Spoken:
    return spoken(form, request.args.get("lang"), request.headers.get("Accept-Language"))
