"""Referrals: asked for from a plan, read with their history, moved on to an outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Response, make_response, redirect, render_template, request, url_for

from template_service import clock
from template_service.actions.plans import OpenPlan, open_plan
from template_service.actions.referrals import OpenReferral, move_referral, open_referral
from template_service.actions.referrals import refer as send_referral
from template_service.errors import Conflict, Invalid
from template_service.records.referrals import ReferralEvent
from template_service.referral.states import State
from template_service.web.blueprint import blueprint, may_open, notify, principal, service
from template_service.web.person_view import home_area, strip
from template_service.web.plan import person_strip
from template_service.web.plan_view import need_view, said
from template_service.web.words import Fact, at_time
from template_service.web.worklist import OUTCOMES, STATES, URGENCIES, needs_text

CONTACTS = (
    "Phone call",
    "Text message",
    "Letter",
    "In person, at the practice",
    "Only through the practice",
)


@dataclass(frozen=True, slots=True)
class EventView:
    """One step of the history."""

    state: str
    who: str
    when: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReferralView:
    """Everything referral.html shows of a referral; `reach` is what to know before ringing."""

    need: str
    reach: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    plan_href: str
    events: tuple[EventView, ...]
    moves: tuple[Mapping[str, object], ...]
    outcomes: tuple[Mapping[str, object], ...]


@blueprint.route("/people/<person_id>/refer", methods=["GET", "POST"])
def refer(person_id: str) -> Response:
    """The referral form with one need chosen, and the referral itself."""
    opened = open_plan(service(), principal(), person_id=person_id)
    if request.method == "GET":
        return _refer_page(opened, {}, frozenset(request.args.getlist("domain")), {})
    values = {
        name: request.form.get(name, "") for name in ("reason", "contact", "reach", "consent")
    }
    domains = frozenset(request.form.getlist("domain"))
    errors = _problems(values, domains)
    if errors:
        return _refer_page(opened, values, domains, errors)
    try:
        send_referral(
            service(),
            principal(),
            person_id=person_id,
            domains=domains,
            reason=values["reason"],
            consent=values["consent"] == "yes",
            contact=_contact(values),
            service_id=request.form.get("service_id") or None,
        )
    except Invalid as invalid:
        return _refer_page(opened, values, domains, {"domain": invalid.message})
    notify("The referral is on the link workers’ list.")
    return make_response(redirect(url_for("web.plan", person_id=person_id), 303))


@blueprint.get("/referrals/<referral_id>")
def referral(referral_id: str) -> Response:
    """A referral with its history and what can be done next."""
    return _referral_page(referral_id, {}, {})


@blueprint.post("/referrals/<referral_id>", endpoint="move_referral")
def move_referral_on(referral_id: str) -> Response:
    """Moves a referral on; a move that is not allowed says why and keeps what was typed."""
    values = {name: request.form.get(name, "") for name in ("to", "outcome", "reason")}
    try:
        move_referral(
            service(),
            principal(),
            referral_id=referral_id,
            to=values["to"],
            outcome=values["outcome"] or None,
            reason=values["reason"],
        )
    except (Invalid, Conflict) as refused:
        return _referral_page(
            referral_id, values, {_place(values, refused): refused.message}, refused.status
        )
    notify("Saved.")
    return make_response(redirect(url_for("web.referral", referral_id=referral_id), 303))


def _contact(values: Mapping[str, str]) -> str:
    """How to reach the person, and where: `Phone call: the daughter's number, after four`."""
    return ": ".join(part for part in (values["contact"], values["reach"].strip()) if part)


def _problems(values: Mapping[str, str], domains: frozenset[str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not domains:
        errors["domain"] = "Choose what the referral is for"
    if not values["reason"].strip():
        errors["reason"] = "Say why in a sentence"
    if values["contact"] not in CONTACTS:
        errors["contact"] = "Choose a safe way to contact them"
    if values["consent"] != "yes":
        errors["consent"] = "A referral needs their agreement"
    return errors


def _refer_page(
    opened: OpenPlan, values: Mapping[str, str], domains: frozenset[str], errors: Mapping[str, str]
) -> Response:
    plan = opened.plan.without_safety()
    needs = (*plan.needs, *plan.folded)
    views = [need_view(need, clock.today()) for need in needs]
    services = {one.id: one.name for view in views for one in view.services}
    page = render_template(
        "web/refer.html",
        person=person_strip(opened, "web.refer"),
        values=values,
        errors=errors,
        failed=bool(errors),
        error_list=[{"text": text, "href": f"#{name}"} for name, text in errors.items()],
        domains=[
            {
                "value": need.domain.id,
                "text": ": ".join(filter(None, (need.domain.title, said(need)))),
                "checked": need.domain.id in domains,
            }
            for need in needs
        ],
        services=[{"value": "", "text": "No particular service"}]
        + [{"value": key, "text": name} for key, name in services.items()],
        contacts=[{"value": "", "text": "Choose one"}]
        + [
            {"value": text, "text": text, "selected": text == values.get("contact")}
            for text in CONTACTS
        ],
    )
    return make_response(page, Invalid.status if errors else 200)


def _place(values: Mapping[str, str], refused: Invalid | Conflict) -> str:
    """The field a refusal is about."""
    if not values["to"]:
        return "to"
    if "outcome" in refused.message.lower():
        return "outcome"
    return "reason" if "why" in refused.message.lower() else "to"


def _referral_page(
    referral_id: str, values: Mapping[str, str], errors: Mapping[str, str], status: int = 200
) -> Response:
    who, today = principal(), clock.today()
    opened = open_referral(service(), who, referral_id=referral_id)
    page = render_template(
        "web/referral.html",
        referral=_view(opened, values, today),
        person=strip(opened.person, who, today, area=home_area(service(), opened.person)),
        values=values,
        errors=errors,
        failed=bool(errors),
        error_list=[{"text": text, "href": f"#{name}"} for name, text in errors.items()],
    )
    return make_response(page, status)


def _view(opened: OpenReferral, values: Mapping[str, str], today: date) -> ReferralView:
    row = opened.referral
    plan = may_open("web.plan", principal())
    return ReferralView(
        need=needs_text(row.needs),
        reach=(
            Fact("Safe contact", row.safe_contact or "Not stated: ask the practice"),
            Fact("Lives in", home_area(service(), opened.person) or "Not known: ask the practice"),
        ),
        facts=tuple(fact for fact in _facts(opened, today) if fact.text),
        plan_href=url_for("web.plan", person_id=row.person_id) if plan else "",
        events=tuple(_event(event, today) for event in opened.events),
        moves=tuple(
            {"value": move, "text": STATES[move], "checked": values.get("to") == move}
            for move in opened.moves
        ),
        outcomes=_outcomes(values) if State.COMPLETED in opened.moves else (),
    )


def _outcomes(values: Mapping[str, str]) -> tuple[Mapping[str, object], ...]:
    chosen = values.get("outcome")
    return (
        {"value": "", "text": "Choose one when it is completed"},
        *(
            {"value": code, "text": text, "selected": chosen == code}
            for code, text in OUTCOMES.items()
        ),
    )


def _facts(opened: OpenReferral, today: date) -> tuple[Fact, ...]:
    row = opened.referral
    return (
        Fact("State", STATES[row.status]),
        Fact("Outcome", OUTCOMES[row.outcome] if row.outcome else ""),
        Fact("How soon", URGENCIES[row.urgency]),
        Fact("Why", row.reason),
        Fact("Service wanted", _service_name(row.service_id)),
        Fact(
            "Asked by",
            f"{row.requested_by_name}, {opened.practice}, {at_time(row.requested_at, today)}",
        ),
    )


def _service_name(service_id: str | None) -> str:
    try:
        return service().directory.service(service_id).name if service_id else ""
    except KeyError:
        return "No longer in the directory"


def _event(event: ReferralEvent, today: date) -> EventView:
    texts = (OUTCOMES[event.outcome] if event.outcome else "", event.note)
    return EventView(
        state=STATES[event.status],
        who=event.moved_by_name,
        when=at_time(event.moved_at, today),
        texts=tuple(text for text in texts if text),
    )
