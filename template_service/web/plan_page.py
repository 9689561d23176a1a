"""The plan page put together: urgent first, then wanted needs, then the rest, folded."""

from dataclasses import dataclass
from datetime import date

from flask import url_for

from template_service.access.principal import Principal
from template_service.actions.plans import OpenPlan
from template_service.actions.raised_cards import CardElsewhere
from template_service.clock import LOCAL
from template_service.questionnaire.form import Answers
from template_service.records.given import Given
from template_service.records.referrals import Referral
from template_service.records.responses import IN_PROGRESS
from template_service.signposting.plan import Plan, PlanNeed
from template_service.web.blueprint import may_open
from template_service.web.card_view import (
    CallView,
    CardView,
    card_view,
    is_kept_private,
    newest_rows,
    open_call,
)
from template_service.web.form_view import MATTERS
from template_service.web.form_words import form_words
from template_service.web.gate import gate_for
from template_service.web.plan_view import NeedView, need_view
from template_service.web.speech import as_written, english, joined, ngettext
from template_service.web.speech import gettext as _
from template_service.web.words import at_time
from template_service.web.worklist import OUTCOMES, STATES, needs_text


@dataclass(frozen=True, slots=True)
class GivenView:
    """A service handed over, and when."""

    name: str
    when: str


@dataclass(frozen=True, slots=True)
class ReferralLink:
    """A referral of this person: what for, where it stands, and its page."""

    text: str
    state: str
    href: str


@dataclass(frozen=True, slots=True)
class PlanPage:
    """Everything plan.html shows. Safety is behind `private_href`, for a clinician alone."""

    urgent: tuple[CardView, ...]
    call: CallView | None
    needs: tuple[NeedView, ...]
    folded: tuple[NeedView, ...]
    folded_text: str
    folded_open: bool
    nothing: str
    notices: tuple[str, ...]
    given: tuple[GivenView, ...]
    referrals: tuple[ReferralLink, ...]
    leaflet_href: str
    private_href: str
    matters: str
    saved: str
    may_finish: bool
    revision: int


def plan_page(
    opened: OpenPlan, who: Principal, today: date, notices: tuple[str, ...] = ()
) -> PlanPage:
    """The page of an opened plan for somebody signed in."""
    plan, person_id = opened.plan.without_safety(), opened.person.person_id
    given = given_today(opened, today)
    return PlanPage(
        urgent=_urgent(opened, plan, who, today),
        call=open_call(opened.raised, who, today),
        needs=tuple(_need(opened, need, who, today) for need in plan.needs),
        folded=tuple(_need(opened, need, who, today) for need in plan.folded),
        folded_text=ngettext(
            "%(num)s need without help asked for",
            "%(num)s needs without help asked for",
            len(plan.folded),
        ),
        folded_open=not plan.needs,
        nothing=_nothing(plan),
        notices=notices,
        given=tuple(GivenView(item.service_name, at_time(item.given_at, today)) for item in given),
        referrals=tuple(_referral(row, today) for row in opened.referrals),
        leaflet_href=url_for("web.give_print", person_id=person_id) if given else "",
        private_href=_private_href(who, person_id),
        matters=matters_text(opened.answers),
        saved=_(
            "Saved %(when)s by %(name)s.",
            when=at_time(opened.head.updated_at, today),
            name=as_written(opened.head.updated_by_name),
        ),
        may_finish=may_open("web.finish", who) and opened.head.status == IN_PROGRESS,
        revision=opened.head.revision,
    )


def _referral(row: Referral, today: date) -> ReferralLink:
    state = _(STATES[row.status])
    if row.outcome:
        state = _("%(state)s: %(outcome)s", state=state, outcome=_(OUTCOMES[row.outcome]))
    return ReferralLink(
        text=english(needs_text(row.needs)),
        state=joined(", ", (state, at_time(row.status_at, today))),
        href=url_for("web.referral", referral_id=row.referral_id),
    )


def given_today(opened: OpenPlan, today: date) -> tuple[Given, ...]:
    """What this person was given today, each service once, in the order it was given."""
    found = {
        item.service_id: item
        for item in opened.given
        if item.given_at.astimezone(LOCAL).date() == today
    }
    return tuple(reversed(found.values()))


def matters_text(answers: Answers) -> str:
    """What matters to the person, in their words."""
    return " ".join(str(value) for value in answers.get(MATTERS, ()))


def _urgent(opened: OpenPlan, plan: Plan, who: Principal, today: date) -> tuple[CardView, ...]:
    rows = newest_rows(opened.raised)
    of_plan = [(item, rows.get(item.card.id)) for item in plan.urgent]
    shown = {row.card_row_id for _, row in of_plan if row is not None}
    young = gate_for(who, opened.person, today).young
    beside = [
        (card.item, card.row)
        for card in opened.elsewhere
        if card.row.card_row_id not in shown and not _is_private(opened, card, young=young)
    ]
    views = [card_view(item, row, who, today, raised=True) for item, row in (*of_plan, *beside)]
    return tuple(sorted(views, key=lambda view: bool(view.dealt)))


def _is_private(opened: OpenPlan, card: CardElsewhere, *, young: bool) -> bool:
    """Whether a card has no page but the private notes; one of suicide is the template's own."""
    head = card.source.head
    is_own = head is not None and head.questionnaire_url == opened.form.url
    return is_kept_private(card.row, card.source, young=young and not is_own)


def _need(opened: OpenPlan, need: PlanNeed, who: Principal, today: date) -> NeedView:
    href = ""
    if may_open("web.refer", who):
        href = url_for("web.refer", person_id=opened.person.person_id, domain=need.domain.id)
    return need_view(need, today, href, form_words(opened.form))


def _nothing(plan: Plan) -> str:
    if plan.folded:
        return _("There are needs, but nobody has asked for help with them yet. They are below.")
    return _("The answers so far show no need for help from a service.")


def _private_href(who: Principal, person_id: str) -> str:
    """The same link for everyone's plan: whether anything is behind it must not show."""
    if not may_open("web.private_cards", who):
        return ""
    return url_for("web.private_cards", person_id=person_id)
