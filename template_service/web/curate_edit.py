"""The form with every field of a service, for its curator."""

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response, request

from directory.model import Service, service_record
from directory.working_copy import edits, graphs
from directory.working_copy.graphs import Opened
from directory.working_copy.problems import Refused
from directory.working_copy.protection import protected_fields
from template_service.web.blueprint import notify
from template_service.web.curate_fields import typed, wanted
from template_service.web.curate_page import act, curate_page, reason_typed, to, working_copy
from template_service.web.curate_sections import FIELDS, SECTIONS, TRUTHS

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy

_CHANGED = (
    "Somebody changed this entry since you opened it. What you typed is still here:"
    " look at it once more, then save"
)


def page(service_id: str) -> Response:
    """The form, and what is saved of it; only the fields that differ are changed."""
    with working_copy() as working:
        opened = graphs.open_service(working.database, service_id)
        found = edits.current(working, opened)
        if request.method == "GET":
            return _form(working, opened, found, {})
        asked = wanted(found, FIELDS, request.form)
        errors = dict(asked.errors)
        if request.form.get("seen") != seen(found):
            errors["seen"] = _CHANGED
        reason = reason_typed(errors, needed="Say why, for the history")
        if not errors and asked.changes:
            try:
                edits.edit(working, [service_id], asked.changes, **act(), reason=reason)
            except Refused as refused:
                errors["name"] = str(refused)
        if errors:
            return _form(working, opened, found, errors)
    notify("Saved. Publish to put it in use." if asked.changes else "Nothing was different.")
    return to("web.curate_service", service_id=service_id)


def seen(found: Service) -> str:
    """What tells one state of a service from another."""
    text = orjson.dumps(service_record(found), option=orjson.OPT_SORT_KEYS)
    return sha256(text).hexdigest()[:16]


def _form(
    working: "WorkingCopy", opened: Opened, found: Service, errors: dict[str, str]
) -> Response:
    record = service_record(found)
    return curate_page(
        "edit.html",
        service_id=found.id,
        name=found.name,
        seen=seen(found),
        sections=SECTIONS,
        truths=TRUTHS,
        values={name: _typed(name, record, again=bool(errors)) for name in FIELDS},
        kept=protected_fields(working, opened),
        reason=request.form.get("reason", ""),
        errors=errors,
    )


def _typed(name: str, record: dict[str, Any], *, again: bool) -> Any:
    field = FIELDS[name]
    if again:
        return request.form.getlist(name) if field.kind == "many" else request.form.get(name, "")
    return typed(field, record.get(name, field.blank))
