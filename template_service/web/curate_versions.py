"""What was published: listed, two of them compared, gone back to."""

from typing import TYPE_CHECKING, NamedTuple

from flask import Response, request

from directory.working_copy import comparing, publishing
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.publishing import Version
from template_service.web.blueprint import notify
from template_service.web.curate_page import (
    act,
    curate_page,
    published,
    reason_typed,
    to,
    working_copy,
)
from template_service.web.curate_proposal_view import moment
from template_service.web.curate_publish import view_of

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy

_ACTIONS = {"publish": "Published", "rollback": "Gone back to"}


class VersionView(NamedTuple):
    """One entry of the history of what was in use."""

    number: int
    version: str
    what: str
    who: str
    note: str
    services: int
    current: bool
    available: bool


def page() -> Response:
    """Every version, newest first."""
    with working_copy() as working:
        return _page(working, {})


def compared() -> Response:
    """What differs from one version to another."""
    names = [request.args.get(name, "") for name in ("from", "to")]
    with working_copy() as working:
        try:
            old, new = (_held(working, name) for name in names)
            found = comparing.compare(published(), old.version, new.version)
        except (NotHeld, Refused) as problem:
            return _page(working, {"from": f"These cannot be compared: {problem}"})
        comparison = view_of(working, found)
    return curate_page("compare.html", old=_view(old), new=_view(new), comparison=comparison)


def one(number: int) -> Response:
    """One version: what going back to it would change, and going back, with a reason."""
    errors: dict[str, str] = {}
    with working_copy() as working:
        wanted = _held(working, str(number))
        if request.method == "POST":
            reason = reason_typed(errors, needed="Say why, for the list of versions")
            if not errors:
                _go_back(working, number, reason, errors)
            if not errors:
                notify(f"Version {number} is in use again. The working copy stays as it is.")
                return to("web.curate_versions")
        history = publishing.history(working, published())
        in_use = next((it for it in history if it.current), wanted)
        try:
            found = comparing.compare(published(), in_use.version, wanted.version)
        except Refused as problem:
            return _page(working, {"from": str(problem)})
        comparison = view_of(working, found)
    return curate_page(
        "version.html",
        version=_view(wanted),
        in_use=_view(in_use),
        comparison=comparison,
        reason=request.form.get("reason", ""),
        errors=errors,
    )


def _held(working: "WorkingCopy", name: str) -> Version:
    """The version of a number; of a hash the addresses here know nothing."""
    found = publishing.history(working, published())
    version = next((it for it in found if str(it.number) == name), None)
    if version is None:
        raise NotHeld("choose two versions of the list")
    return version


def _go_back(working: "WorkingCopy", number: int, reason: str, errors: dict[str, str]) -> None:
    try:
        publishing.roll_back(working, published(), str(number), **act(), reason=reason)
    except Refused as refused:
        errors["reason"] = f"This version cannot be gone back to: {refused}"


def _page(working: "WorkingCopy", errors: dict[str, str]) -> Response:
    history = publishing.history(working, published())
    versions = [_view(it) for it in reversed(history)]
    there = [it.number for it in versions if it.available]
    return curate_page(
        "versions.html",
        versions=versions,
        after=there[0] if there else None,
        before=there[1] if len(there) > 1 else None,
        errors=errors,
    )


def _view(found: Version) -> VersionView:
    return VersionView(
        found.number,
        found.version[:12],
        f"{_ACTIONS[found.action]} {moment(found.at)}",
        found.by,
        found.note,
        found.services,
        found.current,
        found.available,
    )
