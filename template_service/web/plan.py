"""A person's plan: seen, given on paper, and its urgent cards dealt with under a name."""

from flask import (
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from directory.model import Service
from template_service import clock
from template_service.actions.cards import acknowledge_card
from template_service.actions.cards import call_clinician as call
from template_service.actions.plans import OpenPlan, give_service, open_plan
from template_service.actions.templates import finish_template
from template_service.errors import Conflict, Invalid, NotFound
from template_service.web.answers_form import posted_revision
from template_service.web.blueprint import blueprint, may_open, notify, principal, service
from template_service.web.card_view import ALREADY, CALLED, DEALING
from template_service.web.opt_out import opt_out_view, record_choice
from template_service.web.person_view import PersonView, home_area, strip
from template_service.web.plan_page import given_today, plan_page
from template_service.web.service_view import present
from template_service.web.set_aside import set_aside_notices
from template_service.web.speech import english
from template_service.web.speech import gettext as _
from template_service.web.words import british_date

NOTHING_CHOSEN = "nothing-chosen"
# Pages other than the plan on which a card is pressed.
_WITH_CARDS = frozenset({"web.questionnaire", "web.questionnaire_result", "web.private_cards"})


@blueprint.route("/people/<person_id>/plan", methods=["GET", "POST"])
def plan(person_id: str) -> Response:
    """Urgent cards first, then the services that fit each wanted need.

    A form on it (POST) records whether the person objects to statistics.
    """
    if request.method == "GET":
        nothing_chosen = session.pop(NOTHING_CHOSEN, False)
        return _page(
            person_id, failed=_("Choose at least one service to print.") if nothing_chosen else ""
        )
    try:
        record_choice(principal(), person_id)
    except Invalid as invalid:
        problem = english(invalid.message)
        page = _page(person_id, failed=problem, unconfirmed=problem)
        page.status_code = invalid.status
        return page
    return redirect(url_for("web.plan", person_id=person_id), 303)


def _page(person_id: str, *, failed: str, unconfirmed: str = "") -> Response:
    who, today = principal(), clock.today()
    opened = open_plan(service(), who, person_id=person_id)
    notices = set_aside_notices(opened.form, person_id)
    page = render_template(
        "web/plan.html",
        page=plan_page(opened, who, today, notices),
        person=person_strip(opened, "web.plan"),
        may_give=may_open("web.give", who),
        may_refer=may_open("web.refer", who),
        opt_out=opt_out_view(opened.person, who, today),
        failed=failed,
        unconfirmed=unconfirmed,
    )
    return make_response(page)


@blueprint.post("/people/<person_id>/plan/give")
def give(person_id: str) -> Response:
    """Record the services pressed or ticked as given, and lead to their leaflet."""
    chosen = [
        text for text in (*request.form.getlist("give"), *request.form.getlist("service")) if text
    ]
    if not chosen:
        opened = open_plan(service(), principal(), person_id=person_id)
        has_leaflet = bool(given_today(opened, clock.today()))
        session[NOTHING_CHOSEN] = not has_leaflet
        where = "web.give_print" if has_leaflet else "web.plan"
        return redirect(url_for(where, person_id=person_id), 303)
    give_service(service(), principal(), person_id=person_id, service_ids=chosen)
    return redirect(url_for("web.give_print", person_id=person_id), 303)


@blueprint.get("/people/<person_id>/leaflet", endpoint="give_print")
def leaflet(person_id: str) -> str:
    """What was given today, for printing: never a name, a need or a word of safety."""
    opened = open_plan(service(), principal(), person_id=person_id)
    today = clock.today()
    return render_template(
        "web/leaflet.html",
        person_id=person_id,
        services=[
            present(found, today)
            for item in given_today(opened, today)
            if (found := _still_there(item.service_id)) is not None
        ],
        printed=british_date(today),
    )


@blueprint.post("/people/<person_id>/plan/finish")
def finish(person_id: str) -> Response:
    """Close the template as the page showed it; the next one starts empty."""
    try:
        finish_template(
            service(), principal(), person_id=person_id, revision=posted_revision(request.form)
        )
        notify(_("Finished. The next template starts empty."))
    except Conflict:
        notify(_("Not finished: a colleague saved changes meanwhile. Look at them first."))
    return redirect(url_for("web.plan", person_id=person_id), 303)


@blueprint.post("/people/<person_id>/cards/<card_row_id>/acknowledge")
def acknowledge(person_id: str, card_row_id: str) -> Response:
    """Take a card off the team's list under the name of whoever is signed in."""
    who = principal()
    done = acknowledge_card(service(), who, person_id=person_id, card_row_id=card_row_id)
    notify(_(DEALING if done.acknowledged_by == who.actor else ALREADY))
    return _back(person_id)


@blueprint.post("/people/<person_id>/call-a-clinician")
def call_clinician(person_id: str) -> Response:
    """Call a clinician, to a card (`card_row_id`) or to the person without saying why."""
    card_row_id = request.form.get("card_row_id") or None
    call(service(), principal(), person_id=person_id, card_row_id=card_row_id)
    notify(_(CALLED))
    return _back(person_id)


def person_strip(opened: OpenPlan, here: str) -> PersonView:
    """The strip of the person whose plan is open."""
    return strip(
        opened.person,
        principal(),
        clock.today(),
        area=home_area(service(), opened.person),
        here=here,
    )


def _page_pressed(person_id: str) -> str:
    """The page of this person whose card was pressed, by the routes of this service; else empty.

    The private page is opened anew by its own press: only its start is led to.
    """
    try:
        address = request.form.get("page", "")
        endpoint, values = current_app.url_map.bind("").match(address, "GET")
    except HTTPException:
        return ""
    is_ours = endpoint in _WITH_CARDS and values.get("person_id") == person_id
    return url_for(endpoint, **values) if is_ours and may_open(endpoint, principal()) else ""


def _still_there(service_id: str) -> Service | None:
    """A service as the directory has it now; None when it has left the directory since."""
    try:
        return service().directory.service(service_id)
    except KeyError:
        return None


def _back(person_id: str) -> Response:
    """To the page of the press, else to the plan, or to the template when there is no plan yet."""
    if page := _page_pressed(person_id):
        return redirect(page, 303)
    try:
        open_plan(service(), principal(), person_id=person_id)
    except NotFound:
        return redirect(url_for("web.template", person_id=person_id), 303)
    return redirect(url_for("web.plan", person_id=person_id), 303)
