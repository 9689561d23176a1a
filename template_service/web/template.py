"""A person's template: opened, previewed while it is filled in, saved as often as wanted."""

from dataclasses import dataclass
from datetime import date

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from template_service import clock
from template_service.access.principal import Principal, Role
from template_service.actions.cards import call_clinician
from template_service.actions.templates import (
    OpenTemplate,
    Submitted,
    TemplateClash,
    open_template,
    submit_response,
)
from template_service.actions.templates import preview as evaluate_answers
from template_service.errors import Forbidden, Invalid
from template_service.questionnaire.form import Answers, Form
from template_service.questionnaire.problems import Problem
from template_service.records.cards import cards_of
from template_service.web.answers_form import (
    posted_revision,
    read_form,
    shown_again,
    with_unseen,
)
from template_service.web.blueprint import blueprint, notify, principal, service
from template_service.web.card_view import ACKNOWLEDGE, action_for, newest_rows
from template_service.web.form_stylesheet import form_stylesheet, stylesheet_version
from template_service.web.person_view import PersonView, home_area, strip
from template_service.web.plan_view import so_far
from template_service.web.set_aside import remember_set_aside
from template_service.web.template_clash import both_sides, clash_trouble
from template_service.web.template_page import (
    TemplatePage,
    Trouble,
    call_text,
    error_links,
    form_view,
    later_cards,
    page_cards,
)
from template_service.web.words import at_time, british_date

_NONE = Trouble()
_INVALID = Trouble(
    title="There is a problem",
    text="Nothing has been saved yet. Everything you typed is still here.",
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request about one person's template."""

    who: Principal
    opened: OpenTemplate
    today: date

    @property
    def form(self) -> Form:
        """The template in the version of this response."""
        return self.opened.form


@blueprint.get("/people/<person_id>/template")
def template(person_id: str) -> Response:
    """The template as it was left; safety answers and what is true of one visit only stay blank."""
    visit = _open(person_id)
    stored = visit.opened.answers
    return _page(visit, shown_again(visit.form, stored), stored)


@blueprint.post("/people/<person_id>/template")
def save_template(person_id: str) -> AnyResponse:
    """Save everything on the page, then acknowledge a card or call a clinician as pressed."""
    visit = _open(person_id)
    typed, problems = read_form(visit.form, request.form)
    if problems:
        return _again(visit, typed, problems)
    whole = with_unseen(visit.form, typed, visit.opened.answers, visit.opened.not_offered)
    acknowledged = _acknowledged(visit)
    try:
        saved = submit_response(
            service(),
            visit.who,
            person_id=person_id,
            answers=whole,
            base_revision=posted_revision(request.form),
            acknowledge=acknowledged,
        )
    except TemplateClash as clash:
        return _clashed(visit, typed, clash)
    except Invalid as invalid:
        return _again(visit, typed, tuple(invalid.problems))
    return _onwards(visit, saved, person_id, stay=bool(acknowledged))


@blueprint.post("/people/<person_id>/template/preview")
def preview(person_id: str) -> str:
    """What the answers typed so far would lead to, as a fragment of the page; nothing is stored."""
    who, form = principal(), service().form
    typed, _ = read_form(form, request.form)
    evaluation = evaluate_answers(service(), who, person_id=person_id, answers=typed)
    with service().store.read() as conn:
        rows = cards_of(conn, who.organisation_id, person_id)
    return render_template(
        "web/preview.html",
        so_far=so_far(form, evaluation.plan.without_safety(), evaluation.score),
        later_cards=later_cards(form, evaluation.plan, rows, who, clock.today()),
    )


@blueprint.get("/template/<questionnaire_id>.css", endpoint="form_static")
def form_styles(questionnaire_id: str) -> Response:
    """The style sheet of a template; pages ask for it with its version, so browsers may keep it."""
    answer = make_response(form_stylesheet(service().forms.by_id(questionnaire_id)))
    answer.mimetype = "text/css"
    return answer


def _open(person_id: str) -> Visit:
    who = principal()
    return Visit(who, open_template(service(), who, person_id=person_id), clock.today())


def _acknowledged(visit: Visit) -> tuple[str, ...]:
    """The cards pressed; a role acknowledges only what it owns."""
    pressed = tuple(
        code for code in request.form.getlist("acknowledge") if code in visit.form.cards
    )
    if any(action_for(visit.form.cards[code], visit.who) != ACKNOWLEDGE for code in pressed):
        raise Forbidden
    return pressed


def _onwards(visit: Visit, saved: Submitted, person_id: str, *, stay: bool) -> AnyResponse:
    """After saving: on to the plan, or back to the card that was pressed."""
    remember_set_aside(visit.form, saved.dropped)
    if saved.together_with:
        notify("A colleague saved changes at the same time. Theirs and yours are both kept.")
    if "call" in request.form:
        row_id = _row_of(visit.who, person_id, request.form["call"])
        call_clinician(service(), visit.who, person_id=person_id, card_row_id=row_id)
        stay = True
    return redirect(url_for("web.template" if stay else "web.plan", person_id=person_id), 303)


def _row_of(who: Principal, person_id: str, card_id: str) -> str | None:
    """The row of a card just saved; None when the call is about nothing in particular."""
    with service().store.read() as conn:
        row = newest_rows(cards_of(conn, who.organisation_id, person_id)).get(card_id)
    return row.card_row_id if row is not None and not row.masked else None


def _again(visit: Visit, typed: Answers, problems: tuple[object, ...]) -> Response:
    """The page with everything typed still on it, and what is wrong."""
    found = [problem for problem in problems if isinstance(problem, Problem)]
    errors = {problem.link_id: problem.message for problem in reversed(found) if problem.link_id}
    trouble = Trouble(title=_INVALID.title, text=_INVALID.text, errors=errors)
    return _page(visit, typed, visit.opened.answers, trouble=trouble, status=Invalid.status)


def _clashed(visit: Visit, typed: Answers, clash: TemplateClash) -> Response:
    """Both sides put together on the page, with everything typed, ready to be saved again."""
    return _page(
        visit,
        both_sides(visit.form, typed, clash.merged),
        clash.merged.answers,
        trouble=clash_trouble(visit.form, visit.who, typed, clash, visit.today),
        status=TemplateClash.status,
        revision=clash.head.revision,
    )


def _page(
    visit: Visit,
    shown: Answers,
    counted: Answers,
    *,
    trouble: Trouble = _NONE,
    status: int = 200,
    revision: int | None = None,
) -> Response:
    """The page with `shown` filled in; `counted` are the answers behind the side panel."""
    opened, who, form = visit.opened, visit.who, visit.form
    view = form_view(form, shown, who, opened.not_offered, trouble)
    questions = view.questions()
    person_id = opened.person.person_id
    evaluation = evaluate_answers(service(), who, person_id=person_id, answers=counted)
    page = TemplatePage(
        questions=questions,
        cards=page_cards(form, opened.every_card, opened.raised, who, visit.today),
        later_cards=later_cards(
            form, evaluation.plan.without_safety(), opened.raised, who, visit.today
        ),
        so_far=so_far(form, evaluation.plan.without_safety(), evaluation.score),
        revision=opened.revision if revision is None else revision,
        saved=_saved_text(opened, visit.today),
        may_call=visit.who.role is Role.CARE_NAVIGATOR,
        called=call_text(opened.raised, visit.today),
        trouble=trouble,
        errors=error_links(questions, trouble),
    )
    html = render_template(
        "web/template.html",
        page=page,
        so_far=page.so_far,
        person=_strip(visit),
        failed=bool(trouble.title),
        stylesheet=url_for("web.form_static", questionnaire_id=form.id, v=stylesheet_version(form)),
    )
    return make_response(html, status)


def _strip(visit: Visit) -> PersonView:
    last = visit.opened.last_time
    return strip(
        visit.opened.person,
        visit.who,
        visit.today,
        area=home_area(service(), visit.opened.person),
        last=british_date(last.updated_at.astimezone(clock.LOCAL).date()) if last else "",
        here="web.template",
    )


def _saved_text(opened: OpenTemplate, today: date) -> str:
    if opened.head is None:
        return "Not saved yet. You can save at any point and go on another day."
    when = at_time(opened.head.updated_at, today)
    return (
        f"Saved {when} by {opened.head.updated_by_name}. You can stop here and go on another day."
    )
