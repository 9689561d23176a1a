"""What only a clinician may see, and only after saying that nobody else can."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from flask import Response, make_response, render_template, request, url_for

from template_service import clock
from template_service.actions.plans import (
    OpenPlan,
    Said,
    everything_said,
    open_plan,
    open_without_answers,
)
from template_service.errors import NotFound
from template_service.records.people import Person
from template_service.web.blueprint import blueprint, principal, service
from template_service.web.card_view import CardView, card_view, newest_rows
from template_service.web.person_view import home_area, strip
from template_service.web.plan_page import private_answers
from template_service.web.service_view import ServiceView, matched
from template_service.web.words import Fact, at_time


@blueprint.route("/people/<person_id>/private", methods=["GET", "POST"])
def private_cards(person_id: str) -> Response:
    """A page with one button; pressing it (POST) shows masked cards, answers and services once.

    Nothing private is in the page before, and no browser keeps the page after.
    """
    who, today = principal(), clock.today()
    shown = request.method == "POST"
    person, opened = _opened(person_id, private=shown)
    of_template = opened is not None and opened.form.url == service().form.url
    back = "web.plan" if of_template else "web.questionnaires"
    page = render_template(
        "web/private.html",
        person=strip(person, who, today, area=home_area(service(), person)),
        opened=shown,
        cards=_cards(opened, today) if opened and shown else [],
        said=_said(everything_said(service(), who, person_id=person_id), today) if shown else [],
        services=_services(opened, today) if opened and shown else [],
        back=url_for(back, person_id=person_id),
        back_text="Back to the plan" if of_template else "Back to the questionnaires",
    )
    answer = make_response(page)
    answer.cache_control.no_store = True
    return answer


def _opened(person_id: str, *, private: bool) -> tuple[Person, OpenPlan | None]:
    """The page is there for everybody: that there are no notes tells nobody anything."""
    who = principal()
    try:
        opened = open_plan(service(), who, person_id=person_id, private=private, of_any=True)
    except NotFound:
        person = open_without_answers(service(), who, person_id=person_id, private=private)
        return person, None
    return opened.person, opened


def _cards(opened: OpenPlan, today: date) -> list[CardView]:
    rows, who = newest_rows(opened.raised), principal()
    masked = [(item, rows.get(item.card.id)) for item in opened.plan.urgent if item.card.masked] + [
        (item, row) for item, row in opened.elsewhere if row.masked
    ]
    # Here the press opened the gate, not the answers of a form.
    return [
        replace(card_view(item, row, who, today, raised=True), alone=False) for item, row in masked
    ]


def _services(opened: OpenPlan, today: date) -> list[ServiceView]:
    found = {
        match.service.id: matched(match, today)
        for need in (*opened.plan.needs, *opened.plan.folded)
        for match in need.matches
        if need.domain.masked or match.need in need.private
    }
    return list(found.values())


def _said(every: Iterable[Said], today: date) -> list[tuple[str, list[Fact]]]:
    """The private answers of each response that has any, with when and to whom they were given."""
    found = []
    for said in every:
        facts = [Fact(*pair) for pair in private_answers(said.form, said.answers)]
        if facts:
            when = at_time(said.head.updated_at, today)
            found.append((f"Saved {when} by {said.head.updated_by_name}", facts))
    return found
