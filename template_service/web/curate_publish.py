"""Publishing: what would change against the version in use, what cannot be, and doing it."""

from typing import TYPE_CHECKING, NamedTuple

from flask import Response, request

from directory.working_copy import publishing
from directory.working_copy.comparing import Comparison, ServiceChange
from directory.working_copy.drafting import changes_since, draft
from directory.working_copy.problems import Refused
from template_service import clock
from template_service.web.blueprint import notify
from template_service.web.curate_fields import label, shown
from template_service.web.curate_page import (
    act,
    curate_page,
    published,
    reason_typed,
    to,
    working_copy,
)
from template_service.web.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

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


class ComparisonView(NamedTuple):
    """What differs between two versions; `words` say it in one line."""

    words: str
    added: list[str]
    removed: list[str]
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


def view_of(found: Comparison) -> ComparisonView:
    """A comparison as pages show it."""
    counts = (len(found.added), len(found.removed), len(found.changed))
    words = ", ".join(
        f"{count} {what}"
        for count, what in zip(counts, ("added", "removed", "changed"), strict=True)
    )
    return ComparisonView(
        words,
        [one.name for one in found.added],
        [one.name for one in found.removed],
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
    return curate_page(
        "publish.html",
        count=counted(len(found.services), "service", "services"),
        comparison=view_of(changes_since(published(), found.services)),
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


def _change(one: ServiceChange) -> ChangeView:
    fields = [
        (label(it.field), shown(it.field, it.was), shown(it.field, it.became)) for it in one.fields
    ]
    return ChangeView(one.service_id, one.name, fields)
