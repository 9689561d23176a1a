"""Publishing: what would change against the version in use, what cannot be, and doing it."""

from typing import TYPE_CHECKING, NamedTuple

from flask import Response, request

from directory.working_copy import publishing
from directory.working_copy.comparing import Comparison, ServiceChange
from directory.working_copy.drafting import changes_since, draft
from directory.working_copy.origins import never_published, origins
from directory.working_copy.problems import Refused
from template_service import clock
from template_service.web.blueprint import notify, service
from template_service.web.curate_fields import label, shown
from template_service.web.curate_page import (
    act,
    curate_page,
    published,
    reason_typed,
    to,
    working_copy,
)
from template_service.web.curate_place import where
from template_service.web.curate_proposal_view import moment
from template_service.web.words import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directory.model import Service
    from directory.working_copy.services import Read
    from directory.working_copy.store import WorkingCopy


class PartlyView(NamedTuple):
    """The services of one source of which the same could not be read."""

    words: str
    services: "list[Read]"


class ChangeView(NamedTuple):
    """A service that is in both versions and not the same: each field, before and after."""

    id: str
    name: str
    fields: list[tuple[str, str, str]]


class GroupView(NamedTuple):
    """The services of one source that came or went: names, and where each is.

    `new` is the name of a source that was never published before, else blank.
    """

    words: str
    services: list[tuple[str, str]]
    new: str


class ComparisonView(NamedTuple):
    """What differs between two versions; `words` say it in one line."""

    words: str
    added: list[GroupView]
    removed: list[GroupView]
    changed: list[ChangeView]

    @property
    def is_nothing(self) -> bool:
        """Whether the two are the same."""
        return not (self.added or self.removed or self.changed)


def page() -> Response:
    """What would be published, and publishing it."""
    errors: dict[str, str] = {}
    with working_copy() as working:
        if request.method == "POST":
            reason = reason_typed(errors)
            if not errors:
                _publish(working, reason, errors)
            if not errors:
                return to("web.curate_versions")
        return _page(working, errors)


def view_of(
    working: "WorkingCopy", found: Comparison, new: frozenset[str] = frozenset()
) -> ComparisonView:
    """A comparison as pages show it; `new` are sources that were never published before."""
    sources = origins(working)
    counts = (len(found.added), len(found.removed), len(found.changed))
    words = ", ".join(
        f"{count} {what}"
        for count, what in zip(counts, ("added", "removed", "changed"), strict=True)
    )
    return ComparisonView(
        words,
        _groups("added", found.added, sources, new),
        _groups("removed", found.removed, sources, frozenset()),
        [_change(one) for one in found.changed],
    )


def _publish(working: "WorkingCopy", reason: str, errors: dict[str, str]) -> None:
    try:
        made = publishing.publish(working, published(), today=clock.today(), **act(), reason=reason)
    except Refused as refused:
        errors["reason"] = f"Nothing was published: {refused}"
        return
    left = (
        f" {counted(len(made.left_out), 'service', 'services')} left out." if made.left_out else ""
    )
    notify(f"Published {counted(made.services, 'service', 'services')}: in use from now on.{left}")


def _page(working: "WorkingCopy", errors: dict[str, str]) -> Response:
    found = draft(working, today=clock.today())
    differs = changes_since(published(), found.services)
    return curate_page(
        "publish.html",
        count=counted(len(found.services), "service", "services"),
        went_back=_went_back(working),
        comparison=view_of(working, differs, _new(working, found.services, differs)),
        left_out=found.left_out,
        partly=_by_note(found.partly),
        partly_count=len(found.partly),
        reason=request.form.get("reason", ""),
        errors=errors,
    )


def _by_note(partly: "Sequence[Read]") -> list[PartlyView]:
    """A feed that leaves out one field leaves it out of every service: said once, not of each."""
    alike: dict[tuple[str, ...], list[Read]] = {}
    for one in partly:
        alike.setdefault((one.source, *one.notes), []).append(one)
    return [
        PartlyView(f"of {source}: {'; '.join(notes)}", those)
        for (source, *notes), those in alike.items()
    ]


def _new(
    working: "WorkingCopy", services: "Sequence[Service]", differs: Comparison
) -> frozenset[str]:
    """The sources of which nothing was published yet, nor stands in the version in use."""
    added, sources = {one.id for one in differs.added}, origins(working)
    return never_published(working) - {sources[one.id] for one in services if one.id not in added}


def _groups(
    what: str, those: "Sequence[Service]", sources: "Mapping[str, str]", new: frozenset[str]
) -> list[GroupView]:
    """The services by source: the largest group first, as it is the likeliest mistake."""
    names = service().geography.area_names()
    of: dict[str, list[tuple[str, str]]] = {}
    for one in those:
        found = sources.get(one.id, "")
        of.setdefault(found, []).append((one.name, where(one, names)))
    return [
        GroupView(
            f"{len(found):,} {what} of {source or 'a source that is not here'}",
            found,
            source if source in new else "",
        )
        for source, found in sorted(of.items(), key=lambda it: (-len(it[1]), it[0]))
    ]


def _went_back(working: "WorkingCopy") -> str:
    """Why an earlier version is in use, where somebody went back to it on purpose; else blank."""
    listed = publishing.history(working, published())
    current = next((one for one in listed if one.current), None)
    if current is None or current.action != "rollback":
        return ""
    first = next(one.number for one in listed if one.version == current.version)
    why = f": “{current.note}”" if current.note else ""
    return (
        f"Version {first} is in use because {current.by} went back to it {moment(current.at)}{why}."
    )


def _change(one: ServiceChange) -> ChangeView:
    fields = [
        (label(it.field), shown(it.field, it.was), shown(it.field, it.became)) for it in one.fields
    ]
    return ChangeView(one.service_id, one.name, fields)
