"""Urgent cards as pages show them: what to do, whom to ring, and who has dealt with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from template_service.access.principal import Principal, Role
from template_service.actions.raised_cards import CardSource
from template_service.questionnaire.form import Card
from template_service.records.cards import RaisedCard
from template_service.records.tables import CALL_A_CLINICIAN
from template_service.signposting.plan import PlanCard
from template_service.web.gate import SUICIDAL
from template_service.web.service_view import ServiceView, matched, present
from template_service.web.speech import as_written, mark
from template_service.web.speech import gettext as _
from template_service.web.words import at_time, time_of

ACKNOWLEDGE, CALL = "acknowledge", "call"

# What the page says after a press: a notice travels in a cookie, and names no card.
DEALING = mark("Recorded: you are dealing with this.")
ALREADY = mark("A colleague is dealing with this already.")
CALLED = mark("Recorded: a clinician is called.")


@dataclass(frozen=True, slots=True)
class CardView:
    """One urgent card.

    `alone` cards are shown only when the person is seen alone; `raised` ones are shown whatever is
    ticked. `action` is what this role may press, or empty. `dealt` and `called`
    name who did and when.
    """

    id: str
    text: str
    owner: str
    actions: tuple[str, ...]
    contacts: tuple[ServiceView, ...]
    alone: bool
    raised: bool
    action: str
    row_id: str | None = None
    dealt: str = ""
    called: str = ""


@dataclass(frozen=True, slots=True)
class CallView:
    """An open call for a clinician; `row_id` is what to acknowledge, empty for who may not."""

    text: str
    row_id: str


def card_view(
    item: PlanCard, row: RaisedCard | None, who: Principal, today: date, *, raised: bool = False
) -> CardView:
    """A card of the plan with what the team has done about it."""
    view = CardView(
        id=item.card.id,
        text=item.card.text,
        owner=item.card.owner,
        actions=item.card.actions,
        contacts=_contacts(item, today),
        alone=item.card.masked,
        raised=raised,
        action=action_for(item.card, who),
    )
    return view if row is None else _with_row(view, row, today)


def newest_rows(rows: Iterable[RaisedCard]) -> Mapping[str, RaisedCard]:
    """The row that speaks for each card: an open one, else the one raised last."""
    found: dict[str, RaisedCard] = {}
    for row in rows:
        present_row = found.get(row.card_id)
        if present_row is None or row.is_open or not present_row.is_open:
            found[row.card_id] = row
    return found


def is_kept_private(row: RaisedCard, source: CardSource, *, young: bool) -> bool:
    """Whether a card of a questionnaire stands on the private page: others may see its own pages.

    Also where it has none because its questionnaire cannot be shown, so that somebody acts on it.
    """
    return row.masked or source.is_unreadable or (young and row.card_id == SUICIDAL)


def called_text(row: RaisedCard | None, today: date) -> str:
    """`Nurse Example called a clinician at 10:43`; empty when nobody did."""
    if row is None or row.called_at is None:
        return ""
    return _(
        "%(name)s called a clinician %(when)s",
        name=as_written(row.called_by_name or ""),
        when=at_time(row.called_at, today),
    )


def open_call(rows: Iterable[RaisedCard], who: Principal, today: date) -> CallView | None:
    """The call for a clinician about nothing in particular, while nobody has dealt with it."""
    row = newest_rows(rows).get(CALL_A_CLINICIAN)
    if row is None or not row.is_open:
        return None
    is_clinician = who.role is Role.CLINICIAN
    return CallView(called_text(row, today), row.card_row_id if is_clinician else "")


def action_for(card: Card, who: Principal) -> str:
    """What a role presses on a card: acknowledge it, call the clinician who owns it, or nothing."""
    if who.role is Role.CARE_NAVIGATOR:
        return CALL if card.for_clinician else ACKNOWLEDGE
    return ACKNOWLEDGE if who.role is Role.CLINICIAN else ""


def _with_row(view: CardView, row: RaisedCard, today: date) -> CardView:
    dealt = ""
    if row.acknowledged_at is not None:
        dealt = _(
            "%(name)s is dealing with this since %(when)s",
            name=as_written(row.acknowledged_by_name or ""),
            when=time_of(row.acknowledged_at, today),
        )
    called = called_text(row, today)
    action = "" if view.action == CALL and called else view.action
    return replace(view, row_id=row.card_row_id, dealt=dealt, called=called, action=action)


def _contacts(item: PlanCard, today: date) -> tuple[ServiceView, ...]:
    """The services that act today, then the national lines that are not among them."""
    local = {match.service.id: matched(match, today) for match in item.contacts}
    lines = (present(line, today) for line in item.national if line.id not in local)
    return (*local.values(), *lines)
