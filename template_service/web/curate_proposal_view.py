"""A proposal as pages show it: what we say now beside what is wanted, who says so, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson
from flask import url_for

from directory.model import Service, service_record
from directory.working_copy.proposing import Proposal
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import held
from template_service import clock
from template_service.web.curate_fields import label, read, shown, typed
from template_service.web.curate_sections import FIELDS, Field
from template_service.web.words import at_time

_ACTIONS: Final = {
    "set": "Change",
    "edit": "Change",
    "add": "New",
    "withdraw": "Gone from its source",
    "flag": "Something is wrong",
}
_FROM: Final = {
    "feed": "The source {source}",
    "staff": "Staff: {by}",
    "organisation": "The organisation, by its link",
    "check": "A check",
}
_STATES: Final = {
    "open": "waiting",
    "accepted": "accepted",
    "rejected": "rejected",
    "superseded": "replaced by a later one",
}
VALUE: Final = "value"


@dataclass(frozen=True, slots=True)
class ProposalView:
    """One proposal. `field` is how its value is typed, None where it has none to change."""

    id: int
    href: str
    action: str
    about: str
    now: str
    wanted: str
    said_by: str
    when: str
    reason: str
    state: str
    is_open: bool
    is_decided: bool
    decision: str
    service: str
    value: str
    field: Field | None


def view(working: WorkingCopy, found: Proposal, service: Service | None) -> ProposalView:
    """A proposal beside what the working copy says now; `service` is the one it is about."""
    now = _now(working, found, service)
    decided = found.state in ("accepted", "rejected")
    return ProposalView(
        id=found.id,
        href=url_for("web.curate_proposal", number=found.id),
        action=_ACTIONS[found.action],
        about=_about(found),
        now=now,
        wanted=_wanted(working, found),
        said_by=_FROM[found.origin].format(source=found.source, by=found.by),
        when=moment(found.at),
        reason=_why(found),
        state=_STATES[found.state],
        is_open=found.state == "open",
        is_decided=decided,
        decision=_decision(found) if decided else "",
        service=found.service,
        value=_typed(found),
        field=field_of(found),
    )


def field_of(found: Proposal) -> Field | None:
    """How the value of a proposal is typed; None where there is none to change."""
    if found.action == "edit":
        known = FIELDS.get(found.field)
        if known is None or known.kind == "many":
            return None
        return replace(known, name=VALUE)
    if found.action == "set":
        return Field(VALUE, _words(found.field), "area" if _is_long(found.wanted) else "text")
    return None


def value_of(found: Proposal, form: Any) -> Any:
    """The value of the form for a proposal; raises ValueError in plain words."""
    field = field_of(found)
    if field is None:
        raise ValueError("There is no value to change")
    given = read(field, form)
    if found.action == "edit" or isinstance(found.wanted, str | None):
        return given
    try:
        return orjson.loads(given or "null")
    except orjson.JSONDecodeError:
        raise ValueError("Write it as it stands there: a number, true, false or a list") from None


def moment(text: str) -> str:
    """A moment of the working copy (ISO 8601) in British words."""
    try:
        return at_time(datetime.fromisoformat(text), clock.today())
    except ValueError:
        return text


def _now(working: WorkingCopy, found: Proposal, service: Service | None) -> str:
    if found.action == "edit" and service is not None:
        return shown(found.field, service_record(service).get(found.field))
    if found.action == "set":
        record = held(working.database, found.source, found.kind, found.record_id)
        return _plain(record.fields.get(found.field) if record else None)
    return ""


def _wanted(working: WorkingCopy, found: Proposal) -> str:
    if found.action == "edit":
        return shown(found.field, found.wanted)
    if found.action == "set":
        return _plain(found.wanted)
    if found.action == "flag":
        return ""
    record = held(working.database, found.source, found.kind, found.record_id)
    return _summary(record.fields if record else {})


def _about(found: Proposal) -> str:
    if found.action == "edit":
        return label(found.field)
    if found.action == "set":
        field = _words(found.field)
        return field if found.kind == "service" else f"{_words(found.kind)}: {field.lower()}"
    return "The whole entry" if found.kind == "service" else _words(found.kind)


def _why(found: Proposal) -> str:
    """Why, as somebody said it; that a feed was imported says `said_by` already."""
    return "" if found.origin == "feed" else found.reason


def _decision(found: Proposal) -> str:
    words = f"{_STATES[found.state].capitalize()} by {found.decided_by} {moment(found.decided_at)}"
    return f"{words}: {found.decision}" if found.decision else words


def _typed(found: Proposal) -> str:
    field = field_of(found)
    if field is None:
        return ""
    if found.action == "edit" or isinstance(found.wanted, str | None):
        return str(typed(field, field.blank if found.wanted is None else found.wanted))
    return orjson.dumps(found.wanted).decode()


def _summary(fields: Mapping[str, Any]) -> str:
    """The plain words of a record, without its ids."""
    said = [
        str(value)
        for name, value in fields.items()
        if value not in (None, "")
        and not name.endswith("_id")
        and not isinstance(value, list | dict)
    ]
    return ", ".join(said) or "no text"


def _plain(value: Any) -> str:
    if value in (None, ""):
        return "not stated"
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and len(value) > 60


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
