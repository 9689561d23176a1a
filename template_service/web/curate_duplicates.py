"""Services that may be one and the same: looked at side by side; nothing is merged by itself."""

from typing import TYPE_CHECKING, Final, NamedTuple

from flask import Response, request

from directory.model import Service, service_record
from directory.working_copy import edits, graphs
from directory.working_copy.problems import Refused
from template_service.actions.curate_pairs import likenesses, tell_apart
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
from template_service.web.curate_sections import FIELDS
from template_service.web.words import counted

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy

APART, END_ONE, END_OTHER = "apart", "end-one", "end-other"
_ENDED: Final = "defunct"


class Row(NamedTuple):
    """A field of both services; `same` where they say the same."""

    label: str
    one: str
    other: str
    same: bool


def page() -> Response:
    """The pairs that look alike, most alike first."""
    with working_copy() as working:
        found = likenesses(working)
    pages = paged("web.curate_duplicates", len(found))
    return curate_page(
        "duplicates.html",
        heading=counted(len(found), "pair", "pairs"),
        pairs=pages.of(found),
        pages=pages,
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
    return curate_page(
        "pair.html",
        one=both[0],
        other=both[1],
        rows=_rows(*both),
        reason=request.form.get("reason", ""),
        errors=errors,
    )


def _decide(working: "WorkingCopy", both: tuple[Service, ...], errors: dict[str, str]) -> str:
    what = request.form.get("decision", "")
    one, other = both
    reason = reason_typed(errors)
    if what not in (APART, END_ONE, END_OTHER):
        errors["reason"] = "Choose what to do with them"
    if errors:
        return ""
    if what == APART:
        tell_apart(working, one.id, other.id, **act(), reason=reason)
        return "Noted: not the same. This pair is not shown again."
    ended, kept = (one, other) if what == END_ONE else (other, one)
    why = ": ".join(filter(None, (f"the same as {kept.name} ({kept.id})", reason)))
    try:
        edits.edit(working, [ended.id], {"status": _ENDED}, **act(), reason=why)
    except Refused as refused:
        errors["reason"] = str(refused)
    return f"{ended.name} is marked as ended. Publish to put it in use."


def _rows(one: Service, other: Service) -> list[Row]:
    left, right = service_record(one), service_record(other)
    rows = []
    for name, field in FIELDS.items():
        if name in left or name in right:
            texts = shown(name, left.get(name)), shown(name, right.get(name))
            rows.append(Row(field.label, *texts, texts[0] == texts[1]))
    return rows
