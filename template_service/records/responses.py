"""Responses: a head that moves on, and immutable revisions with the body as it was received."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Table, bindparam, select

from template_service.errors import Conflict, NotFound
from template_service.records import tables
from template_service.records.keys import keys_of, place
from template_service.records.prepared import Prepared, Row
from template_service.records.row_ids import new_row_id

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One saved state of a response: `body` as received, `digest` its SHA-256 in hex."""

    organisation_id: str
    response_id: str
    revision: int
    questionnaire_version: str
    status: str
    body: bytes = field(repr=False)
    content_type: str
    digest: str
    saved_at: datetime
    saved_by: str
    saved_by_name: str
    idempotency_key: str | None


class DomainState(NamedTuple):
    """The state of a domain in one revision: `level` 0 to 4, `method` asked or batch.

    `needs` are the need categories it raised.
    """

    domain: str
    state: str
    level: int | None = None
    wants_help: str | None = None
    method: str | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save made; `repeated` when the idempotency key was known and nothing was written."""

    head: ResponseHead
    revision: int
    digest: str
    repeated: bool = False


class RevisionConflict(Conflict):
    """Somebody saved first: `head` is where the response stands now."""

    def __init__(self, head: ResponseHead) -> None:
        super().__init__("Somebody else saved this template first")
        self.head = head


_HEAD = tables.response
_REVISION = tables.response_revision
_STATE = tables.domain_state


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
_BY_REVISION = Prepared(select(_REVISION).where(*_keyed(_REVISION, "response_id", "revision")))
_BY_IDEMPOTENCY_KEY = Prepared(
    select(_REVISION.c.response_id, _REVISION.c.revision, _REVISION.c.digest).where(
        *_keyed(_REVISION, "idempotency_key")
    )
)
_STATES = Prepared(select(_STATE).where(*_keyed(_STATE, "response_id", "revision")))
_ADD_HEAD = Prepared(_HEAD.insert())
_ADD_REVISION = Prepared(_REVISION.insert())
_ADD_STATES = Prepared(_STATE.insert())
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


def revision_body(
    conn: Connection, organisation_id: str, response_id: str, revision: int
) -> Revision | None:
    """One revision with its body as received, or None."""
    key = (organisation_id, response_id, revision)
    row = _BY_REVISION.first(conn, **_revision_key(*key))
    if row is None:
        return None
    return Revision(**{**row, "body": keys_of(conn).unseal(row["body"], _body_place(*key))})


def by_idempotency_key(
    conn: Connection, organisation_id: str, idempotency_key: str
) -> Saved | None:
    """What an idempotency key of the organisation made, or None when it was never used."""
    row = _BY_IDEMPOTENCY_KEY.first(
        conn, organisation_id=organisation_id, idempotency_key=idempotency_key
    )
    made = row and head(conn, organisation_id, row["response_id"])
    if not row or not made:
        return None
    return Saved(made, row["revision"], row["digest"], repeated=True)


def states(
    conn: Connection, organisation_id: str, response_id: str, revision: int
) -> tuple[DomainState, ...]:
    """The domain states of one revision, by domain id."""
    key = _revision_key(organisation_id, response_id, revision)
    return tuple(
        DomainState(
            row["domain"],
            row["state"],
            row["level"],
            row["wants_help"],
            row["method"],
            tuple(orjson.loads(row["needs"])),
        )
        for row in _STATES.rows(conn, **key)
    )


def save_revision(
    conn: Connection,
    organisation_id: str,
    *,
    person_id: str,
    questionnaire_url: str,
    questionnaire_version: str,
    body: bytes,
    content_type: str,
    base_revision: int,
    at: datetime,
    by: str,
    by_name: str,
    response_id: str | None = None,
    status: str = IN_PROGRESS,
    states: Iterable[DomainState] = (),
    idempotency_key: str | None = None,
) -> Saved:
    """Save a revision of a response, or its first (`base_revision` 0, `response_id` None or new).

    `base_revision` is what the writer started from; raises `RevisionConflict` when the response has
    moved on, and `NotFound` when there is none. An `idempotency_key` the organisation used before
    returns what it made and writes nothing; `digest` tells whether the body was the same.
    """
    if idempotency_key is not None:
        known = by_idempotency_key(conn, organisation_id, idempotency_key)
        if known is not None:
            return known
    present = head(conn, organisation_id, response_id) if response_id else None
    if present is not None and present.revision != base_revision:
        raise RevisionConflict(present)
    if present is None and base_revision != 0:
        raise NotFound("There is no such response to save a revision of")
    moved = ResponseHead(
        organisation_id=organisation_id,
        response_id=response_id or new_row_id(),
        person_id=person_id if present is None else present.person_id,
        questionnaire_url=questionnaire_url,
        questionnaire_version=questionnaire_version,
        status=status,
        revision=base_revision + 1,
        created_at=at if present is None else present.created_at,
        created_by=by if present is None else present.created_by,
        created_by_name=by_name if present is None else present.created_by_name,
        updated_at=at,
        updated_by=by,
        updated_by_name=by_name,
    )
    _write_head(conn, moved, is_new=present is None)
    digest = _add_revision(conn, moved, body, content_type, idempotency_key)
    _add_states(conn, moved, states)
    return Saved(moved, moved.revision, digest)


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
    _write_head(conn, done, is_new=False)
    return done


def _write_head(conn: Connection, moved: ResponseHead, *, is_new: bool) -> None:
    values = {name: getattr(moved, name) for name in ResponseHead.__slots__}
    (_ADD_HEAD if is_new else _MOVE_HEAD).run(conn, **values)
    _TOUCH_PERSON.run(
        conn,
        organisation_id=moved.organisation_id,
        person_id=moved.person_id,
        active_at=moved.updated_at,
    )


def _add_revision(
    conn: Connection,
    moved: ResponseHead,
    body: bytes,
    content_type: str,
    idempotency_key: str | None,
) -> str:
    digest = sha256(body).hexdigest()
    key = (moved.organisation_id, moved.response_id, moved.revision)
    _ADD_REVISION.run(
        conn,
        **_revision_key(*key),
        questionnaire_version=moved.questionnaire_version,
        status=moved.status,
        # A body may name the person or quote them, so it is sealed like identity.
        body=keys_of(conn).seal(body, _body_place(*key)),
        content_type=content_type,
        digest=digest,
        saved_at=moved.updated_at,
        saved_by=moved.updated_by,
        saved_by_name=moved.updated_by_name,
        idempotency_key=idempotency_key,
    )
    return digest


def _add_states(conn: Connection, moved: ResponseHead, states: Iterable[DomainState]) -> None:
    key = (moved.organisation_id, moved.response_id, moved.revision)
    _ADD_STATES.run_for(
        conn, key, [(*state[:-1], orjson.dumps(state.needs).decode()) for state in states]
    )


def _revision_key(organisation_id: str, response_id: str, revision: int) -> Row:
    return {
        "organisation_id": organisation_id,
        "response_id": response_id,
        "revision": revision,
    }


def _body_place(organisation_id: str, response_id: str, revision: int) -> bytes:
    return place("response_revision.body", organisation_id, response_id, revision)
