"""The template page of one visit put together from what is stored, typed and worked out."""

from dataclasses import dataclass
from datetime import date

from flask import request

from template_service import clock
from template_service.access.principal import Principal, Role
from template_service.actions.templates import OpenTemplate
from template_service.actions.templates import preview as evaluate_answers
from template_service.questionnaire.form import Answers, Form
from template_service.web.blueprint import service
from template_service.web.card_view import open_call
from template_service.web.gate import Gate, gate_for
from template_service.web.person_view import PersonView, home_area, strip
from template_service.web.plan_view import so_far
from template_service.web.set_aside import set_aside_notices
from template_service.web.template_page import (
    TemplatePage,
    Trouble,
    error_links,
    form_view,
    later_cards,
    page_cards,
    page_views,
    saved_text,
)
from template_service.web.words import british_date


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

    @property
    def gate(self) -> Gate:
        """The safety gate of this person's page."""
        return gate_for(self.who, self.opened.person, self.today)


def put_together(
    visit: Visit,
    shown: Answers,
    counted: Answers,
    *,
    trouble: Trouble,
    start: tuple[int, str] | None,
) -> TemplatePage:
    """The page with `shown` filled in; `counted` are the answers behind the side panel.

    `start` is the revision and the response the page starts from, unless it is the open one.
    """
    opened, who, form, gate = visit.opened, visit.who, visit.form, visit.gate
    revision, response = start or (
        opened.revision,
        opened.head.response_id if opened.head else "",
    )
    view = form_view(form, shown, gate, opened.not_offered, trouble)
    questions = view.questions()
    person_id = opened.person.person_id
    evaluation = evaluate_answers(service(), who, person_id=person_id, answers=counted)
    return TemplatePage(
        questions=questions,
        views=page_views(form, opened.person.age_on(visit.today), request.form.get("view")),
        cards=page_cards(
            form, opened.every_card, opened.raised, who, visit.today, young=gate.young
        ),
        later_cards=later_cards(
            form, evaluation.plan.without_safety(), opened.raised, who, visit.today
        ),
        so_far=so_far(
            form,
            evaluation.plan.without_safety(),
            evaluation.score,
            gate.hidden_cards(form, shown),
        ),
        revision=revision,
        response=response,
        gate=gate,
        notices=set_aside_notices(form, person_id),
        saved=saved_text(opened, visit.today),
        may_call=visit.who.role is Role.CARE_NAVIGATOR,
        call=open_call(opened.raised, who, visit.today),
        trouble=trouble,
        errors=error_links(questions, trouble),
    )


def person_strip(visit: Visit) -> PersonView:
    """The person in the head of the page."""
    last = visit.opened.last_time
    return strip(
        visit.opened.person,
        visit.who,
        visit.today,
        area=home_area(service(), visit.opened.person),
        last=british_date(last.updated_at.astimezone(clock.LOCAL).date()) if last else "",
        here="web.template",
    )
