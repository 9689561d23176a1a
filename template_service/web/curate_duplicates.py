"""Services that may be one and the same: looked at side by side; nothing is merged by itself."""

from typing import TYPE_CHECKING, Final, NamedTuple

from flask import Response, request

from directory.model import Service, service_record
from directory.working_copy import edits, graphs, pairs
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.services import current_services
from template_service.web.blueprint import notify
from template_service.web.curate_fields import shown
from template_service.web.curate_page import (
    act,
    curate_page,
    paged,
    reason_typed,
    to,
    working_copy,
)
from template_service.web.curate_proposal_view import moment
from template_service.web.curate_sections import FIELDS
from template_service.web.words import counted

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy

APART, AGAIN, END_ONE, END_OTHER = "apart", "again", "end-one", "end-other"
_ENDED: Final = "defunct"


class Row(NamedTuple):
    """A field of both services; `same` where they say the same."""

    label: str
    one: str
    other: str
    same: bool


class ApartView(NamedTuple):
    """A pair that a curator told apart; `words` say who, when and why."""

    one: Service
    other: Service
    words: str


def page() -> Response:
    """The pairs that look alike, most alike first; or those told apart, the last first."""
    show_apart = request.args.get("show") == APART
    with working_copy() as working:
        apart = _told_apart(working)
        found = apart if show_apart else pairs.likenesses(working)
    pages = paged("web.curate_duplicates", len(found), **({"show": APART} if show_apart else {}))
    return curate_page(
        "duplicates.html",
        heading=counted(len(found), "pair", "pairs"),
        pairs=pages.of(found),
        pages=pages,
        show_apart=show_apart,
        apart=counted(len(apart), "pair is", "pairs are") if apart else "",
    )


def pair(one: str, other: str) -> Response:
    """Two services beside each other, and what a curator says of them."""
    errors: dict[str, str] = {}
    with working_copy() as working:
        both = tuple(
            edits.current(working, graphs.open_service(working.database, name))
            for name in (one, other)
        )
        if request.method == "POST":
            done = _decide(working, both, errors)
            if not errors:
                notify(done)
                return to("web.curate_duplicates")
        said = next((it for it in _told_apart(working) if {it.one, it.other} == {*both}), None)
    return curate_page(
        "pair.html",
        one=both[0],
        other=both[1],
        rows=_rows(*both),
        apart=said,
        reason=request.form.get("reason", ""),
        errors=errors,
    )


def _told_apart(working: "WorkingCopy") -> list[ApartView]:
    """Those of which both services are still there."""
    known = {it.published_id: it.service for it in current_services(working)}
    found = []
    for it in pairs.told_apart(working):
        one, other = known.get(it.one), known.get(it.other)
        if one is not None and other is not None:
            said = f"{it.by}, {moment(it.at)}"
            found.append(ApartView(one, other, f"{said}: {it.reason}" if it.reason else said))
    return found


def _decide(working: "WorkingCopy", both: tuple[Service, ...], errors: dict[str, str]) -> str:
    what = request.form.get("decision", "")
    one, other = both
    reason = reason_typed(errors)
    if what not in (APART, AGAIN, END_ONE, END_OTHER):
        errors["reason"] = "Choose what to do with them"
    if errors:
        return ""
    try:
        if what == APART:
            pairs.tell_apart(working, one.id, other.id, **act(), reason=reason)
            return "Noted: not the same. This pair is not proposed again."
        if what == AGAIN:
            pairs.take_back(working, one.id, other.id, **act(), reason=reason)
            return "Taken back: the pair is proposed again where the two look alike."
        ended, kept = (one, other) if what == END_ONE else (other, one)
        why = ": ".join(filter(None, (f"the same as {kept.name} ({kept.id})", reason)))
        edits.edit(working, [ended.id], {"status": _ENDED}, **act(), reason=why)
    except (Refused, NotHeld) as refused:
        errors["reason"] = str(refused)[:1].upper() + str(refused)[1:]
        return ""
    return f"{ended.name} is marked as ended. Publish to put it in use."


def _rows(one: Service, other: Service) -> list[Row]:
    left, right = service_record(one), service_record(other)
    rows = []
    for name, field in FIELDS.items():
        if name in left or name in right:
            texts = shown(name, left.get(name)), shown(name, right.get(name))
            rows.append(Row(field.label, *texts, texts[0] == texts[1]))
    return rows
