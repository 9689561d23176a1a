"""One import: what it came to, and what is done with all of its source at once."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from flask import Response, request

from directory.working_copy import of_a_source, taking_out
from directory.working_copy.causes import by_cause
from directory.working_copy.problems import Refused
from directory.working_copy.runs import run
from template_service.web.blueprint import notify
from template_service.web.curate_imports import view_of
from template_service.web.curate_page import act, curate_page, reason_typed, to, working_copy
from template_service.web.curate_proposal_view import moment
from template_service.web.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directory.open_referral.records import Quarantined
    from directory.working_copy.store import WorkingCopy

# Causes of a quarantine shown on a page, and rows of each; the command has them all.
_CAUSES: Final = 50
_ROWS: Final = 50
KEEP, OUT, BACK = "keep", "out", "back"


class CauseView(NamedTuple):
    """Rows refused for one reason: the first of them, and how many more there are."""

    words: str
    rows: "Sequence[Quarantined]"
    more: int


class SourceView(NamedTuple):
    """The source of an import as it is held now; `out` says who took it out, blank where it is in.

    `held` says how many of its services were published or changed by a curator.
    """

    name: str
    services: str
    held: str
    out: str


def page(number: int) -> Response:
    """One import: counts of each table that add up, and why rows were not taken.

    Where most of a source went, its withdrawals are rejected together here. All of the source is
    taken out of the directory here, or put back.
    """
    errors: dict[str, str] = {}
    doing = request.form.get("act", KEEP)
    with working_copy() as working:
        found, refused = run(working, number)
        if request.method == "POST":
            done = _ACTS.get(doing, _keep_all)(working, found.source, errors)
            if not errors:
                notify(done)
                return to("web.curate_run", number=number)
        waiting = len(of_a_source.withdrawals(working, found.source))
        source = _source(working, found.source)
    causes = [_cause(one.words, one.rows) for one in by_cause(refused)]
    return curate_page(
        "run.html",
        run=view_of(found),
        source=source,
        lost=found.mostly_gone,
        waiting=waiting if found.mostly_gone else 0,
        causes=causes[:_CAUSES],
        more=max(0, len(causes) - _CAUSES),
        doing=doing,
        reason=request.form.get("reason", ""),
        sure=request.form.get("sure", ""),
        errors=errors,
    )


def _keep_all(working: "WorkingCopy", source: str, errors: dict[str, str]) -> str:
    """Rejects every open withdrawal of a source."""
    if not request.form.get("sure"):
        errors["sure"] = "Tick that every service is to stay"
    reason = reason_typed(errors, needed="Say why: rejected changes keep their reason")

    def keep() -> str:
        kept = of_a_source.reject_all(working, source, action="withdraw", **act(), reason=reason)
        return f"{counted(len(kept), 'withdrawal', 'withdrawals')} rejected."

    return _done(keep, "sure", errors)


def _take_out(working: "WorkingCopy", source: str, errors: dict[str, str]) -> str:
    if not request.form.get("sure"):
        errors["out-sure"] = "Tick that you are sure"
    reason = reason_typed(errors, needed="Say why: it stands in the history", place="out-reason")

    def take_out() -> str:
        went = taking_out.take_out(working, source, **act(), reason=reason)
        return _in_words(went, f"of {source} taken out")

    return _done(take_out, "out-sure", errors)


def _put_back(working: "WorkingCopy", source: str, errors: dict[str, str]) -> str:
    reason = reason_typed(errors, place="out-reason")

    def put_back() -> str:
        came = taking_out.put_back(working, source, **act(), reason=reason)
        return _in_words(came, f"of {source} put back")

    return _done(put_back, "out-reason", errors)


def _done(doing: Callable[[], str], place: str, errors: dict[str, str]) -> str:
    """What was done, in words; nothing is done with errors, and a refusal is one of `place`."""
    if errors:
        return ""
    try:
        return doing()
    except Refused as refused:
        text = str(refused)
        errors[place] = text[:1].upper() + text[1:]
        return ""


def _in_words(moved: taking_out.Holding, what: str) -> str:
    services = counted(moved.services, "service", "services")
    return f"{services} {what}. Publish to put that in use."


_ACTS: Final[dict[str, Callable[["WorkingCopy", str, dict[str, str]], str]]] = {
    KEEP: _keep_all,
    OUT: _take_out,
    BACK: _put_back,
}


def _source(working: "WorkingCopy", name: str) -> SourceView:
    out = taking_out.taken_out(working, name)
    held = taking_out.holding(working, name)
    said = f"{out.by}, {moment(out.at)}: {out.reason}" if out else ""
    return SourceView(
        name,
        counted(held.services, "service", "services") if held.services else "",
        f"{held.published:,} published before, {held.curated:,} edited, dated or rung by a curator",
        said,
    )


def _cause(words: str, rows: "Sequence[Quarantined]") -> CauseView:
    return CauseView(words, rows[:_ROWS], max(0, len(rows) - _ROWS))
