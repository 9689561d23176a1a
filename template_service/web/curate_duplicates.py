"""Services that may be one and the same: looked at side by side; nothing is merged by itself."""

from typing import TYPE_CHECKING, Final, NamedTuple

from flask import Response, request

from directory.model import Service, service_record
from directory.working_copy import edits, graphs, pairs
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.services import one_each
from template_service.web.blueprint import notify, service
from template_service.web.curate_fields import shown
from template_service.web.curate_page import (
    act,
    curate_page,
    paged,
    reason_typed,
    to,
    working_copy,
)
from template_service.web.curate_place import where
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


class Side(NamedTuple):
    """One service of a pair, as a curator tells it from the other: its source, and where it is."""

    id: str
    name: str
    source: str
    where: str


class PairView(NamedTuple):
    """Two services that look alike (`words` say why), or were told apart (who, when and why).

    `points` are 0 to 100, None for those told apart.
    """

    one: Side
    other: Side
    words: str
    points: int | None = None


def page() -> Response:
    """The pairs that look alike, most alike first; or those told apart, the last first."""
    show_apart = request.args.get("show") == APART
    with working_copy() as working:
        apart = _told_apart(working)
        found = apart if show_apart else _alike(working)
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
        if one == other:
            raise NotHeld("a service is no pair with itself")
        both = _opened(working, one), _opened(working, other)
        sides = _side(*both[0]), _side(*both[1])
        if request.method == "POST":
            done = _decide(working, sides, errors)
            if not errors:
                notify(done)
                return to("web.curate_duplicates")
        said = next((it for it in _told_apart(working) if {it.one, it.other} == {*sides}), None)
    return curate_page(
        "pair.html",
        one=sides[0],
        other=sides[1],
        rows=_rows(both[0][1], both[1][1]),
        apart=said,
        reason=request.form.get("reason", ""),
        errors=errors,
    )


def _opened(working: "WorkingCopy", service_id: str) -> tuple[str, Service]:
    """The source of a service, and the service as it would be published now."""
    opened = graphs.open_service(working.database, service_id)
    return opened.source, edits.current(working, opened)


def _side(source: str, found: Service) -> Side:
    return Side(found.id, found.name, source, where(found, service().geography.area_names()))


def _sides(working: "WorkingCopy") -> dict[str, Side]:
    names = service().geography.area_names()
    return {
        uid: Side(uid, it.name, it.source, where(it.service, names))
        for uid, it in one_each(working).items()
        if it.service is not None
    }


def _alike(working: "WorkingCopy") -> list[PairView]:
    sides = _sides(working)
    return [
        PairView(sides[it.one.id], sides[it.other.id], ", ".join(it.reasons), it.points)
        for it in pairs.likenesses(working)
    ]


def _told_apart(working: "WorkingCopy") -> list[PairView]:
    """Those of which both services are still there."""
    known = _sides(working)
    found = []
    for it in pairs.told_apart(working):
        one, other = known.get(it.one), known.get(it.other)
        if one is not None and other is not None:
            said = f"{it.by}, {moment(it.at)}"
            found.append(PairView(one, other, f"{said}: {it.reason}" if it.reason else said))
    return found


def _decide(working: "WorkingCopy", both: tuple[Side, Side], errors: dict[str, str]) -> str:
    what = request.form.get("decision", "")
    one, other = both
    ends = what in (END_ONE, END_OTHER)
    reason = reason_typed(errors, needed="Say why you end it, for its history" if ends else "")
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
        why = f"the same as {kept.name} of {kept.source} ({kept.id}): {reason}"
        edits.edit(working, [ended.id], {"status": _ENDED}, **act(), reason=why)
    except (Refused, NotHeld) as refused:
        errors["reason"] = str(refused)[:1].upper() + str(refused)[1:]
        return ""
    return f"{ended.name} of {ended.source} is marked as ended. Publish to put it in use."


def _rows(one: Service, other: Service) -> list[Row]:
    left, right = service_record(one), service_record(other)
    rows = []
    for name, field in FIELDS.items():
        if name in left or name in right:
            texts = shown(name, left.get(name)), shown(name, right.get(name))
            rows.append(Row(field.label, *texts, texts[0] == texts[1]))
    return rows
