"""What every page for curators is given: the working copy, who acts, the ways to the others."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypedDict, TypeVar

from flask import Response, make_response, redirect, render_template, request, url_for

from template_service import clock
from template_service.actions.curate_desk import desk
from template_service.actions.plain_text import is_plain
from template_service.data_folder import DIRECTORY
from template_service.web.blueprint import principal, service

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy

# Endpoint, what it is called, and the pages that are opened from it.
_WAYS: Final = (
    ("web.curate", "Phone round", ()),
    ("web.curate_services", "Services", ("web.curate_service", "web.curate_edit")),
    ("web.curate_proposals", "Changes", ("web.curate_proposal",)),
    ("web.curate_imports", "Imports", ("web.curate_import", "web.curate_run")),
    ("web.curate_publish", "Publish", ()),
    ("web.curate_versions", "Versions", ("web.curate_version", "web.curate_compare")),
    ("web.curate_duplicates", "Duplicates", ("web.curate_pair",)),
    ("web.curate_links", "Links", ()),
    ("web.curate_gaps", "Gaps", ()),
)
T = TypeVar("T")

LONGEST_REASON: Final = 500
PAGE: Final = 50
# Of a number somebody sends; longer ones are nobody's, and no database holds them.
_DIGITS: Final = 9


class Way(NamedTuple):
    """A link to another page; `current` is the word of WAI-ARIA for where the reader is."""

    text: str
    href: str
    current: str


class Act(TypedDict):
    """Who does something, and when, as the working copy keeps it."""

    by: str
    now: datetime


class Pages(NamedTuple):
    """One page of a list, and the addresses of those beside it; blank where there is none."""

    number: int
    last: int
    before: str
    after: str

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """What of a list stands on this page."""
        return items[(self.number - 1) * PAGE : self.number * PAGE]


def working_copy() -> "AbstractContextManager[WorkingCopy]":
    """The working copy, open for the block."""
    return desk(service())


def act() -> Act:
    """Whoever is signed in, now."""
    return {"by": principal().name, "now": clock.now()}


def published() -> Path:
    """The folder of published directories."""
    return service().settings.data / DIRECTORY


def curate_page(template: str, *, status: int = 200, **values: Any) -> Response:
    """A page for curators. `errors` maps the id of a field to what is wrong with it."""
    errors: dict[str, str] = values.setdefault("errors", {})
    page = render_template(
        f"web/curate/{template}",
        ways=[Way(text, url_for(name), _current(name, inside)) for name, text, inside in _WAYS],
        failed=bool(errors),
        error_list=[{"text": text, "href": f"#{place}"} for place, text in errors.items()],
        longest_reason=LONGEST_REASON,
        **values,
    )
    return make_response(page, 422 if errors and status == 200 else status)


def to(endpoint: str, **places: Any) -> Response:
    """Leads to another page after something was done."""
    return make_response(redirect(url_for(endpoint, **places), 303))


def reason_typed(errors: dict[str, str], *, needed: str = "", place: str = "reason") -> str:
    """The reason of the form; what is wrong with it is added to `errors`.

    `needed` is what to say where there is none; blank where none is needed.
    """
    text = request.form.get("reason", "").strip()
    if not text and needed:
        errors[place] = needed
    elif not is_plain(text, LONGEST_REASON):
        errors[place] = f"Write at most {LONGEST_REASON} plain characters"
    return text


def options(named: Mapping[str, str], chosen: str) -> list[dict[str, object]]:
    """What there is to pick from, value to text, as the macro `pick` takes it."""
    return [
        {"value": value, "text": text, "selected": value == chosen} for value, text in named.items()
    ]


def ticked(name: str) -> list[str]:
    """The values ticked in a list, each once: all that the page shows where that was ticked."""
    found = request.form.getlist("shown" if request.form.get("every") else name)
    return list(dict.fromkeys(found))


def number_of(text: str) -> int | None:
    """A whole number as an address or a form has it; None for anything else or a longer one."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def paged(endpoint: str, count: int, **choices: str) -> Pages:
    """The page of a list that the address asks for."""
    last = max(1, -(-count // PAGE))
    number = min(max(number_of(request.args.get("page", "")) or 1, 1), last)
    return Pages(
        number,
        last,
        _address(endpoint, choices, number - 1) if number > 1 else "",
        _address(endpoint, choices, number + 1) if number < last else "",
    )


def _address(endpoint: str, choices: dict[str, str], number: int) -> str:
    values: dict[str, Any] = {**choices, "page": number}
    return url_for(endpoint, **values)


def _current(endpoint: str, inside: tuple[str, ...]) -> str:
    if request.endpoint == endpoint:
        return "page"
    return "true" if request.endpoint in inside else ""
