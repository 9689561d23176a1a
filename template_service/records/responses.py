"""Responses: where each one stands. What was saved of it is in its `revisions`."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, bindparam, select

from template_service.errors import Conflict, NotFound
from template_service.records import tables
from template_service.records.prepared import Prepared

IN_PROGRESS = "in-progress"
COMPLETED = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseHead:
    """Where a response stands; `revision` counts from 1, `status` is in-progress or completed."""

    organisation_id: str
    response_id: str
    person_id: str
    questionnaire_url: str
    questionnaire_version: str
    status: str
    revision: int
    created_at: datetime
    created_by: str
    created_by_name: str
    updated_at: datetime
    updated_by: str
    updated_by_name: str


class RevisionConflict(Conflict):
    """Somebody saved first: `head` is where the response stands now."""

    def __init__(self, head: ResponseHead) -> None:
        super().__init__("Somebody else saved this template first")
        self.head = head


_HEAD = tables.response


def _keyed(table: Table, *columns: str) -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(name) for name in ("organisation_id", *columns)]


_NEWEST = (_HEAD.c.updated_at.desc(), _HEAD.c.response_id)
_OF_QUESTIONNAIRE = (
    select(_HEAD).where(*_keyed(_HEAD, "person_id", "questionnaire_url")).order_by(*_NEWEST)
)
_LATEST = Prepared(_OF_QUESTIONNAIRE)
_OPEN = Prepared(_OF_QUESTIONNAIRE.where(_HEAD.c.status == IN_PROGRESS))
_OF_PERSON = Prepared(select(_HEAD).where(*_keyed(_HEAD, "person_id")).order_by(*_NEWEST))
_HEAD_BY_ID = Prepared(select(_HEAD).where(*_keyed(_HEAD, "response_id")))
_ADD_HEAD = Prepared(_HEAD.insert())
_MOVING = ("questionnaire_version", "status", "revision", "updated_at", "updated_by")
_MOVE_HEAD = Prepared(
    _HEAD.update()
    .where(*_keyed(_HEAD, "response_id"))
    .values({name: bindparam(name) for name in (*_MOVING, "updated_by_name")})
)
_TOUCH_PERSON = Prepared(
    tables.person.update()
    .where(*_keyed(tables.person, "person_id"))
    .values(active_at=bindparam("active_at"))
)


def head(conn: Connection, organisation_id: str, response_id: str) -> ResponseHead | None:
    """Where a response of an organisation stands, or None."""
    row = _HEAD_BY_ID.first(conn, organisation_id=organisation_id, response_id=response_id)
    return None if row is None else ResponseHead(**row)


def open_response(
    conn: Connection, organisation_id: str, person_id: str, questionnaire_url: str
) -> ResponseHead | None:
    """The person's newest response to a questionnaire that is still in progress, or None."""
    row = _OPEN.first(
        conn,
        organisation_id=organisation_id,
        person_id=person_id,
        questionnaire_url=questionnaire_url,
    )
    return None if row is None else ResponseHead(**row)


def latest_for(
    conn: Connection, organisation_id: str, person_id: str, questionnaire_url: str
) -> ResponseHead | None:
    """The person's newest response to a questionnaire, finished or not, or None."""
    row = _LATEST.first(
        conn,
        organisation_id=organisation_id,
        person_id=person_id,
        questionnaire_url=questionnaire_url,
    )
    return None if row is None else ResponseHead(**row)


def responses_of(
    conn: Connection, organisation_id: str, person_id: str
) -> tuple[ResponseHead, ...]:
    """Every response of a person, newest first."""
    rows = _OF_PERSON.rows(conn, organisation_id=organisation_id, person_id=person_id)
    return tuple(ResponseHead(**row) for row in rows)


def finish(
    conn: Connection,
    organisation_id: str,
    response_id: str,
    *,
    base_revision: int,
    at: datetime,
    by: str,
    by_name: str,
) -> ResponseHead:
    """Mark a response completed as it stands; a finished one stays as it is.

    Raises `RevisionConflict` when somebody saved after `base_revision`, and `NotFound` when there
    is no such response.
    """
    present = head(conn, organisation_id, response_id)
    if present is None:
        raise NotFound("There is no such response to finish")
    if present.revision != base_revision:
        raise RevisionConflict(present)
    if present.status == COMPLETED:
        return present
    done = replace(present, status=COMPLETED, updated_at=at, updated_by=by, updated_by_name=by_name)
    write_head(conn, done, is_new=False)
    return done


def write_head(conn: Connection, moved: ResponseHead, *, is_new: bool) -> None:
    """Keep where a response stands now; its person counts as active from then on."""
    values = {name: getattr(moved, name) for name in ResponseHead.__slots__}
    (_ADD_HEAD if is_new else _MOVE_HEAD).run(conn, **values)
    _TOUCH_PERSON.run(
        conn,
        organisation_id=moved.organisation_id,
        person_id=moved.person_id,
        active_at=moved.updated_at,
    )
