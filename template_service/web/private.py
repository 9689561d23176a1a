"""What only a clinician may see, and only after saying that nobody else can."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from template_service import clock
from template_service.actions.plans import (
    OpenPlan,
    Said,
    everything_said,
    open_plan,
    open_without_plan,
)
from template_service.errors import NotFound
from template_service.questionnaire.form import Form
from template_service.records.people import Person
from template_service.signposting.plan import PlanCard
from template_service.web.blueprint import blueprint, principal, service
from template_service.web.card_view import CardView, card_view, is_kept_private
from template_service.web.gate import SUICIDAL, gate_for
from template_service.web.person_view import home_area, strip
from template_service.web.private_answers import private_answers, still_needed
from template_service.web.private_sources import Told, told
from template_service.web.service_view import ServiceView, matched
from template_service.web.words import Fact

_NOT_SHOWN = Fact(
    "Answers that cannot be shown", "The questionnaire that asked for them cannot be used any more."
)


@dataclass(frozen=True, slots=True)
class PrivateCard:
    """A card with the response that raised it."""

    card: CardView
    told: Told


@blueprint.route("/people/<person_id>/private", methods=["GET", "POST"])
def private_cards(person_id: str) -> Response:
    """A page with one button; pressing it (POST) shows masked cards, answers and services once.

    Nothing private is in the page before, and no browser keeps the page after.
    """
    who, today = principal(), clock.today()
    shown = request.method == "POST"
    opened = _opened(person_id, private=shown)
    plan = opened if isinstance(opened, OpenPlan) else None
    person = opened.person if isinstance(opened, OpenPlan) else opened
    every = everything_said(service(), who, person_id=person_id) if shown else ()
    of_template = plan is not None and plan.form.url == service().form.url
    back = "web.plan" if of_template else "web.questionnaires"
    page = render_template(
        "web/private.html",
        person=strip(person, who, today, area=home_area(service(), person)),
        opened=shown,
        cards=_cards(every, plan, person, today),
        said=_said(every, plan, person, today),
        services=_services(plan, today) if plan and shown else [],
        back=url_for(back, person_id=person_id),
        back_text="Back to the plan" if of_template else "Back to the questionnaires",
    )
    answer = make_response(page)
    answer.cache_control.no_store = True
    return answer


def _opened(person_id: str, *, private: bool) -> OpenPlan | Person:
    """The page is there for everybody: that there are no notes tells nobody anything."""
    who = principal()
    try:
        return open_plan(service(), who, person_id=person_id, private=private, of_any=True)
    except NotFound:
        return open_without_plan(service(), who, person_id=person_id, private=private)


def _cards(
    every: Iterable[Said], plan: OpenPlan | None, person: Person, today: date
) -> list[PrivateCard]:
    """The private cards of each response, those that somebody deals with after the others."""
    who = principal()
    young = gate_for(who, person, today).young
    found = [
        (card.item, card.row, said)
        for said in every
        for card in said.cards
        if is_kept_private(card.row, card.source, young=young)
    ]
    # Here the press opened the gate, not the answers of a form.
    cards = [
        PrivateCard(
            replace(card_view(item, row, who, today, raised=True), alone=False),
            told(said, plan, today),
        )
        for item, row, said in [*_not_raised(every, plan, young=young), *found]
    ]
    return sorted(cards, key=lambda each: bool(each.card.dealt))


def _not_raised(
    every: Iterable[Said], plan: OpenPlan | None, *, young: bool
) -> Iterator[tuple[PlanCard, None, Said]]:
    """What the newest response calls for, should it not be raised: never silently nothing."""
    for said in every:
        if plan is None or said.head.response_id != plan.head.response_id:
            continue
        raised = {card.row.card_id for card in said.cards}
        for item in plan.plan.urgent:
            private = item.card.masked or (young and item.card.id == SUICIDAL)
            if private and item.card.id not in raised:
                yield item, None, said


def _services(opened: OpenPlan, today: date) -> list[ServiceView]:
    found = {
        match.service.id: matched(match, today)
        for need in (*opened.plan.needs, *opened.plan.folded)
        for match in need.matches
        if need.domain.masked or match.need in need.private
    }
    return list(found.values())


def _said(
    every: Iterable[Said], plan: OpenPlan | None, person: Person, today: date
) -> list[tuple[Told, list[Fact]]]:
    """The private answers of each response that has any, with where, when and to whom.

    Of one whose questionnaire cannot be used any more nobody knows: it is named.
    """
    found = []
    for said in every:
        facts = [_NOT_SHOWN]
        if said.form is not None:
            facts = _facts(said.form, said.response, person, today)
        if facts:
            found.append((told(said, plan, today), facts))
    return found


def _facts(form: Form, response: Mapping[str, Any], person: Person, today: date) -> list[Fact]:
    young = gate_for(principal(), person, today).young
    facts = [Fact(*pair) for pair in private_answers(form, response, young=young)]
    needed = still_needed(form, response, person, young=young)
    return [*facts, *(Fact("Needed, and not asked yet", text) for text in needed)]
