"""A person's template: opened, previewed while it is filled in, saved as often as wanted."""

from collections.abc import Iterable
from dataclasses import replace

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from template_service import clock
from template_service.actions.cards import acknowledge_card, press
from template_service.actions.meanwhile import FinishedMeanwhile, TemplateClash
from template_service.actions.templates import (
    Submitted,
    open_template,
    submit_response,
)
from template_service.actions.templates import preview as evaluate_answers
from template_service.errors import Forbidden, Invalid
from template_service.questionnaire.form import Answers
from template_service.questionnaire.problems import Problem
from template_service.web.answers_form import (
    has_unknown,
    posted_response,
    posted_revision,
    read_form,
    shown_again,
    tells_what_it_has_not,
    with_unseen,
)
from template_service.web.blueprint import blueprint, notify, principal, service
from template_service.web.form_stylesheet import form_stylesheet, stylesheet_version
from template_service.web.gate import YOUNG_TEXT, gate_for
from template_service.web.meanwhile import MEANWHILE, spans_in, with_span
from template_service.web.plan_view import so_far
from template_service.web.set_aside import remember_set_aside
from template_service.web.speech import english, mark
from template_service.web.speech import gettext as _
from template_service.web.template_clash import (
    beside_colleagues,
    both_sides,
    clash_trouble,
    finished_trouble,
)
from template_service.web.template_page import (
    Trouble,
    later_cards,
)
from template_service.web.template_visit import Visit, person_strip, put_together

_NONE = Trouble()
_INVALID = Trouble(
    title=mark("There is a problem"),
    text=mark("Nothing has been saved yet. Everything you typed is still here."),
)
_OLDER = Trouble(
    title=mark("This page is older than the template"),
    text=mark(
        "This page is older than the template: some of what it asked is no longer asked, and "
        "nothing has been saved yet. Look at what is below, then save again."
    ),
)


@blueprint.get("/people/<person_id>/template")
def template(person_id: str) -> Response:
    """The template as it was left; safety answers and what is true of one visit only stay blank."""
    visit = _open(person_id)
    stored = visit.opened.answers
    return _page(visit, shown_again(visit.form, stored), stored)


@blueprint.post("/people/<person_id>/template")
def save_template(person_id: str) -> AnyResponse:
    """Save everything on the page, then acknowledge a card or call a clinician as pressed.

    Or show the page again with one answer cleared, and save nothing. Raises Forbidden for answers
    of safety from a role that has none on its page.
    """
    visit = _open(person_id)
    if not visit.who.sees_safety and tells_what_it_has_not(visit.form, request.form):
        # Typed by somebody else: the page, come back, would not have it any more.
        raise Forbidden
    typed, problems = read_form(visit.form, request.form)
    if shown := _not_saved(visit, typed, problems):
        return shown
    whole = with_unseen(
        visit.form,
        typed,
        visit.opened.answers,
        visit.opened.not_offered,
        gate_open=visit.gate.is_open(typed),
    )
    acknowledged = request.form.getlist("acknowledge")
    try:
        saved = submit_response(
            service(),
            visit.who,
            person_id=person_id,
            answers=whole,
            base_revision=posted_revision(request.form),
            base_response_id=posted_response(request.form),
            typed=typed,
            acknowledge=acknowledged,
        )
    except TemplateClash as clash:
        return _clashed(visit, typed, clash)
    except FinishedMeanwhile as finished:
        return _finished(visit, typed, finished)
    except Invalid as invalid:
        return _again(visit, typed, _in_english(invalid.problems))
    return _onwards(visit, saved, person_id, stay=bool(acknowledged))


@blueprint.post("/people/<person_id>/template/preview")
def preview(person_id: str) -> str:
    """What the answers typed so far would lead to, as a fragment of the page; nothing is stored."""
    who, form = principal(), service().form
    typed, _problems = read_form(form, request.form)
    found = evaluate_answers(service(), who, person_id=person_id, answers=typed)
    hidden = gate_for(who, found.person, clock.today()).hidden_cards(form, typed)
    return render_template(
        "web/preview.html",
        so_far=so_far(form, found.plan.without_safety(), found.score, hidden),
        later_cards=later_cards(form, found.plan, found.raised, who, clock.today()),
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


def _onwards(visit: Visit, saved: Submitted, person_id: str, *, stay: bool) -> AnyResponse:
    """After saving: on to the plan, or back to the card that was pressed."""
    remember_set_aside(visit.form, person_id, saved.dropped, visit.opened.answers)
    if saved.together_with:
        notify(_("A colleague saved changes at the same time. Theirs and yours are both kept."))
    if "call" in request.form:
        press(
            service(),
            visit.who,
            person_id=person_id,
            form=visit.form,
            card_id=request.form["call"],
            call=True,
        )
        stay = True
    for row_id in request.form.getlist("acknowledge-call"):
        acknowledge_card(service(), visit.who, person_id=person_id, card_row_id=row_id)
        stay = True
    return redirect(url_for("web.template" if stay else "web.plan", person_id=person_id), 303)


def _said(trouble: Trouble) -> Trouble:
    """A trouble of this module in the language of the page."""
    return replace(trouble, title=_(trouble.title), text=_(trouble.text))


def _in_english(problems: Iterable[object]) -> tuple[Problem, ...]:
    """What the engine found, whose messages are English."""
    found = (problem for problem in problems if isinstance(problem, Problem))
    return tuple(replace(problem, message=english(problem.message)) for problem in found)


def _not_saved(visit: Visit, typed: Answers, problems: tuple[Problem, ...]) -> Response | None:
    """The page again, where nothing is to be saved from it; None where something is."""
    if problems:
        return _again(visit, typed, problems)
    if has_unknown(visit.form, request.form):
        return _shown_again(visit, typed, _said(_OLDER), status=Invalid.status)
    cleared = request.form.get("clear")
    return _cleared(visit, typed, cleared) if cleared else None


def _again(visit: Visit, typed: Answers, problems: tuple[Problem, ...]) -> Response:
    """The page with everything typed still on it, and what is wrong."""
    errors = {problem.link_id: problem.message for problem in reversed(problems) if problem.link_id}
    trouble = replace(_said(_INVALID), errors=errors)
    return _shown_again(visit, typed, trouble, status=Invalid.status)


def _cleared(visit: Visit, typed: Answers, link_id: str) -> Response:
    """The page with everything typed on it but for one answer."""
    left = {each: values for each, values in typed.items() if each != link_id}
    return _shown_again(visit, left, _NONE, cleared=link_id)


def _shown_again(
    visit: Visit, typed: Answers, trouble: Trouble, *, status: int = 200, cleared: str = ""
) -> Response:
    """The page again with nothing saved; it starts from what it did, and tells of colleagues."""
    return _page(
        visit,
        typed,
        visit.opened.answers,
        trouble=beside_colleagues(visit, typed, trouble, spans_in(_meanwhile())),
        status=status,
        start=(posted_revision(request.form), posted_response(request.form) or ""),
        cleared=cleared,
        meanwhile=_meanwhile(),
    )


def _meanwhile() -> tuple[str, ...]:
    return tuple(request.form.getlist(MEANWHILE))


def _clashed(visit: Visit, typed: Answers, clash: TemplateClash) -> Response:
    """Both sides put together on the page, with everything typed, ready to be saved again."""
    is_same = posted_response(request.form) in {None, clash.head.response_id}
    first = posted_revision(request.form) if is_same else 0
    return _page(
        visit,
        both_sides(visit.form, typed, clash.merged),
        clash.merged.answers,
        trouble=clash_trouble(visit.form, clash, visit.today, gate_open=visit.gate.is_open(typed)),
        status=TemplateClash.status,
        start=(clash.head.revision, clash.head.response_id),
        meanwhile=with_span(_meanwhile() if is_same else (), first, clash.head.revision),
    )


def _finished(visit: Visit, typed: Answers, finished: FinishedMeanwhile) -> Response:
    """Everything typed, ready to be saved as a template of its own."""
    return _page(
        visit,
        typed,
        typed,
        trouble=finished_trouble(finished, visit.today),
        status=FinishedMeanwhile.status,
        start=(0, ""),
    )


def _page(
    visit: Visit,
    shown: Answers,
    counted: Answers,
    *,
    trouble: Trouble = _NONE,
    status: int = 200,
    start: tuple[int, str] | None = None,
    cleared: str = "",
    meanwhile: tuple[str, ...] = (),
) -> Response:
    """The page with `shown` filled in, as `put_together` takes it.

    `cleared` is the linkId of the question that was just cleared: the focus goes there.
    `meanwhile` are the revisions that colleagues saved beside this page.
    """
    page = put_together(visit, shown, counted, trouble=trouble, start=start)
    form = visit.form
    html = render_template(
        "web/template.html",
        page=page,
        so_far=page.so_far,
        person=person_strip(visit),
        young_text=_(YOUNG_TEXT),
        failed=bool(trouble.title),
        cleared=cleared,
        meanwhile=meanwhile,
        stylesheet=url_for("web.form_static", questionnaire_id=form.id, v=stylesheet_version(form)),
    )
    return make_response(html, status)
