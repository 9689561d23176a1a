"""The phone round: whom to ring next and why, and who answers for the directory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from flask import Response, request, url_for

from directory.working_copy import graphs, rounds
from directory.working_copy.rounds import Call
from template_service import clock
from template_service.actions.curate_counts import FEWEST, signposted
from template_service.actions.plain_text import is_plain
from template_service.web.blueprint import notify, service
from template_service.web.curate_page import (
    Act,
    act,
    curate_page,
    options,
    paged,
    to,
    working_copy,
)
from template_service.web.words import british_date, counted

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy

_RISKS: Final = {
    "": "Any risk",
    "urgent": "Urgent",
    "ordinary": "Ordinary",
    "stable": "Stable",
}
NOW, SOON, ALL = "now", "soon", "all"
_DUE: Final = {NOW: "Needs a look now", SOON: "Due within 4 weeks", ALL: "Every service"}
_SOON: Final = timedelta(days=28)
_LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class CallView:
    """One line of the round."""

    href: str
    name: str
    phone: str
    risk: str
    urgent: bool
    due: str
    reasons: tuple[str, ...]
    people: str
    source: str


def page() -> Response:
    """The round, narrowed by the choices of the address."""
    with working_copy() as working:
        return _page(working)


def name_in_charge() -> Response:
    """Keeps who answers for the directory."""
    names = {name: request.form.get(name, "").strip() for name in ("lead", "deputy")}
    errors = {
        name: f"Write at most {_LONGEST_NAME} plain characters"
        for name, text in names.items()
        if not is_plain(text, _LONGEST_NAME)
    }
    with working_copy() as working:
        if errors:
            return _page(working, names, errors)
        acting: Act = act()
        rounds.name_curators(working, **acting, lead=names["lead"], deputy=names["deputy"])
    notify("Who answers for the directory is noted.")
    return to("web.curate")


def next_call(service_id: str) -> Response:
    """Leads to the service that comes after this one in the round."""
    with working_copy() as working:
        following = after(working, service_id)
    if following is None:
        notify("Nothing else is waiting in the round.")
        return to("web.curate")
    return to("web.curate_service", service_id=following)


def after(working: "WorkingCopy", service_id: str) -> str | None:
    """The published id of the service that comes next in the round; None when there is none."""
    ids = [call.service.id for call in _calls(working, everything=False)]
    place = ids.index(service_id) if service_id in ids else -1
    rest = [*ids[place + 1 :], *ids[: max(place, 0)]]
    return rest[0] if rest else None


def _calls(working: "WorkingCopy", *, everything: bool) -> tuple[Call, ...]:
    return rounds.calls(
        working,
        today=clock.today(),
        signposted=signposted(service(), now=clock.now()),
        everything=everything,
    )


def _page(
    working: "WorkingCopy",
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    chosen = {
        "source": request.args.get("source", ""),
        "risk": _one_of(request.args.get("risk", ""), _RISKS, ""),
        "due": _one_of(request.args.get("due", ""), _DUE, NOW),
    }
    found = list(_chosen(_calls(working, everything=chosen["due"] != NOW), chosen))
    pages = paged("web.curate", len(found), **chosen)
    sources = {name: name for name in graphs.sources(working.database)}
    return curate_page(
        "round.html",
        fields=(
            ("due", "Show", options(_DUE, chosen["due"])),
            ("risk", "Risk", options(_RISKS, chosen["risk"])),
            ("source", "Source", options({"": "Any source"} | sources, chosen["source"])),
        ),
        heading=counted(len(found), "service", "services"),
        calls=[_line(call) for call in pages.of(found)],
        pages=pages,
        narrowed=chosen != {"source": "", "risk": "", "due": NOW},
        in_charge=typed or rounds.curators(working)._asdict(),
        errors=errors or {},
    )


def _chosen(calls: Iterable[Call], chosen: dict[str, str]) -> Iterator[Call]:
    latest = clock.today() + _SOON if chosen["due"] == SOON else date.max
    return (
        call
        for call in calls
        if chosen["source"] in ("", call.source)
        and chosen["risk"] in ("", call.risk)
        and call.due <= latest
    )


def _line(call: Call) -> CallView:
    phones = call.service.phone
    return CallView(
        href=url_for("web.curate_service", service_id=call.service.id),
        name=call.service.name,
        phone=phones[0].number if phones else "",
        risk=_RISKS[call.risk],
        urgent=call.risk == "urgent",
        due=_due(call.due),
        reasons=call.reasons,
        people=people(call.signposted),
        source=call.source,
    )


def people(count: int) -> str:
    """How many people were sent there, small numbers not told apart; empty for none."""
    if not count:
        return ""
    return f"{count} people sent there" if count >= FEWEST else f"under {FEWEST} people sent there"


def _due(day: date) -> str:
    today = clock.today()
    if day == today:
        return "due today"
    return f"overdue since {british_date(day)}" if day < today else f"due {british_date(day)}"


def _one_of(text: str, known: dict[str, str], default: str) -> str:
    return text if text in known else default
