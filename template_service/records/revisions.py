"""Revisions: what was saved of a response, each one immutable row, there whole or not at all.

A row holds what was received, the states scored from it and the plan made from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, select

from template_service.errors import NotFound
from template_service.records import tables
from template_service.records.keys import Keys, keys_of, place
from template_service.records.prepared import Prepared, Row
from template_service.records.responses import (
    IN_PROGRESS,
    ResponseHead,
    RevisionConflict,
    head,
    write_head,
)
from template_service.records.row_ids import new_row_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one revision holds.

    `body` is as received; `states` are the domains that were asked or not offered, each with `id`,
    `state`, `level`, `wants_help`, `method` and `needs`; `plan` is what was proposed from the
    directory whose content hash is `directory_version`. States and plan may be anything that orjson
    writes, dataclasses too; they hold codes and ids only, and are not encrypted.
    """

    body: bytes = field(repr=False)
    content_type: str
    states: Sequence[Any]
    plan: Any
    directory_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision(Content):
    """A revision as it was kept; `digest` is the SHA-256 of its body in hex."""

    organisation_id: str
    response_id: str
    revision: int
    questionnaire_version: str
    status: str
    digest: str
    saved_at: datetime
    saved_by: str
    saved_by_name: str
    idempotency_key: str | None


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save made; `repeated` when the idempotency key was known and nothing was written."""

    head: ResponseHead
    revision: int
    digest: str
    repeated: bool = False


_T = tables.response_revision
_ADD = Prepared(_T.insert())
_BY_REVISION = Prepared(
    select(_T).where(
        *(_T.c[name] == bindparam(name) for name in ("organisation_id", "response_id", "revision"))
    )
)
_BY_IDEMPOTENCY_KEY = Prepared(
    select(_T.c.response_id, _T.c.revision, _T.c.digest).where(
        *(_T.c[name] == bindparam(name) for name in ("organisation_id", "idempotency_key"))
    )
)


def revision(
    conn: Connection, organisation_id: str, response_id: str, number: int
) -> Revision | None:
    """One revision of a response, or None."""
    row = _BY_REVISION.first(
        conn, organisation_id=organisation_id, response_id=response_id, revision=number
    )
    return None if row is None else _revision(keys_of(conn), row)


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


def save_revision(
    conn: Connection,
    organisation_id: str,
    content: Content,
    *,
    person_id: str,
    questionnaire_url: str,
    questionnaire_version: str,
    base_revision: int,
    at: datetime,
    by: str,
    by_name: str,
    response_id: str | None = None,
    status: str = IN_PROGRESS,
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
    write_head(conn, moved, is_new=present is None)
    return Saved(moved, moved.revision, _add(conn, moved, content, idempotency_key))


def _add(
    conn: Connection, moved: ResponseHead, content: Content, idempotency_key: str | None
) -> str:
    digest = sha256(content.body).hexdigest()
    where = _body_place(moved.organisation_id, moved.response_id, moved.revision)
    _ADD.run(
        conn,
        organisation_id=moved.organisation_id,
        response_id=moved.response_id,
        revision=moved.revision,
        questionnaire_version=moved.questionnaire_version,
        status=moved.status,
        content_type=content.content_type,
        digest=digest,
        saved_at=moved.updated_at,
        saved_by=moved.updated_by,
        saved_by_name=moved.updated_by_name,
        idempotency_key=idempotency_key,
        directory_version=content.directory_version,
        states=orjson.dumps(content.states).decode(),
        plan=orjson.dumps(content.plan).decode(),
        # A body may name the person or quote them, so it is sealed like identity.
        body=keys_of(conn).seal(content.body, where),
    )
    return digest


def _revision(keys: Keys, row: Row) -> Revision:
    where = _body_place(row["organisation_id"], row["response_id"], row["revision"])
    opened = {
        "states": orjson.loads(row["states"]),
        "plan": orjson.loads(row["plan"]),
        "body": keys.unseal(row["body"], where),
    }
    return Revision(**row | opened)


def _body_place(organisation_id: str, response_id: str, revision: int) -> bytes:
    return place("response_revision.body", organisation_id, response_id, revision)
