"""The worklist of a link worker: what cannot wait first, then the oldest."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import render_template, request, url_for

from directory.model import NEEDS
from template_service import clock
from template_service.actions.referrals import WorklistEntry
from template_service.actions.referrals import worklist as read_worklist
from template_service.referral.states import FINAL, Outcome, State, Urgency
from template_service.web.blueprint import Link, blueprint, principal, service
from template_service.web.speech import mark
from template_service.web.words import days_ago, listed

STATES = {
    State.REQUESTED: mark("New"),
    State.ACCEPTED: mark("Accepted"),
    State.IN_PROGRESS: mark("In progress"),
    State.COMPLETED: mark("Completed"),
    State.DECLINED: mark("Declined"),
    State.CANCELLED: mark("Cancelled"),
}
OUTCOMES = {
    Outcome.RESOLVED: mark("The need is met"),
    Outcome.PARTLY: mark("The need is partly met"),
    Outcome.NOT_RESOLVED: mark("The need is not met"),
}
URGENCIES = {
    Urgency.ROUTINE: "",
    Urgency.URGENT: "This week",
    Urgency.ASAP: "Today",
}

_CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class WorklistLine:
    """One referral of the list."""

    href: str
    person: str
    need: str
    urgency: str
    state: str
    practice: str
    age: str


@blueprint.get("/worklist")
def worklist() -> str:
    """Open referrals, or with `?show=closed` those that came to an end."""
    closed = request.args.get("show") == _CLOSED
    entries = read_worklist(service(), principal(), include_final=closed)
    return render_template(
        "web/worklist.html",
        referrals=[_line(item) for item in entries if (item.referral.status in FINAL) == closed],
        filters=(
            Link("Open", url_for("web.worklist"), current=not closed),
            Link("Closed", url_for("web.worklist", show=_CLOSED), current=closed),
        ),
        empty=(
            "No referral has been closed yet."
            if closed
            else "Nothing is waiting. A referral appears here as soon as a practice sends one."
        ),
    )


def needs_text(needs: Iterable[str]) -> str:
    """`Damp, mould and repairs; food banks`: needs by the directory's plain words."""
    text = listed([NEEDS.get(need, need) for need in needs])
    return text[:1].upper() + text[1:]


def _line(item: WorklistEntry) -> WorklistLine:
    referral = item.referral
    asked = referral.requested_at.astimezone(clock.LOCAL).date()
    return WorklistLine(
        href=url_for("web.referral", referral_id=referral.referral_id),
        person=item.person.display_name,
        need=needs_text(referral.needs),
        urgency=URGENCIES[referral.urgency],
        state=STATES[referral.status],
        practice=item.practice,
        age=f"asked {days_ago(asked, clock.today())}",
    )
