"""What only a clinician may see, and only after saying that nobody else can."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from flask import Response, make_response, render_template, request

from template_service import clock
from template_service.actions.plans import Said, everything_said, open_plan
from template_service.web.blueprint import blueprint, principal, service
from template_service.web.card_view import card_view, newest_rows
from template_service.web.plan import person_strip
from template_service.web.plan_page import private_answers
from template_service.web.service_view import matched
from template_service.web.words import Fact, at_time


@blueprint.route("/people/<person_id>/private", methods=["GET", "POST"])
def private_cards(person_id: str) -> Response:
    """A page with one button; pressing it (POST) shows masked cards, answers and services once.

    Nothing private is in the page before, and no browser keeps the page after.
    """
    who, today = principal(), clock.today()
    shown = request.method == "POST"
    opened = open_plan(service(), who, person_id=person_id, private=shown, of_any=True)
    rows = newest_rows(opened.raised)
    needs = (*opened.plan.needs, *opened.plan.folded)
    services = {
        match.service.id: matched(match, today)
        for need in needs
        for match in need.matches
        if need.domain.masked or match.need in need.private
    }
    page = render_template(
        "web/private.html",
        person=person_strip(opened, "web.private_cards"),
        opened=shown,
        cards=[
            # Here the press opened the gate, not the answers of a form.
            replace(card_view(item, rows.get(item.card.id), who, today, raised=True), alone=False)
            for item in opened.plan.urgent
            if item.card.masked
        ]
        if shown
        else [],
        said=_said(everything_said(service(), who, person_id=person_id), today) if shown else [],
        services=list(services.values()) if shown else [],
    )
    answer = make_response(page)
    answer.cache_control.no_store = True
    return answer


def _said(every: Iterable[Said], today: date) -> list[tuple[str, list[Fact]]]:
    """The private answers of each response that has any, with when and to whom they were given."""
    found = []
    for said in every:
        facts = [Fact(*pair) for pair in private_answers(said.form, said.answers)]
        if facts:
            when = at_time(said.head.updated_at, today)
            found.append((f"Saved {when} by {said.head.updated_by_name}", facts))
    return found
