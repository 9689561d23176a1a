"""Plans: what the service proposed for one revision of a response, and from which directory."""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, select

from template_service.records import tables
from template_service.records.prepared import Prepared


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan as it was made: `directory_version` is the directory's content hash."""

    organisation_id: str
    response_id: str
    revision: int
    directory_version: str
    document: Any


_T = tables.plan
_ADD = Prepared(_T.insert())
_BY_REVISION = Prepared(
    select(_T.c.directory_version, _T.c.document).where(
        *(_T.c[name] == bindparam(name) for name in ("organisation_id", "response_id", "revision"))
    )
)


def save_plan(
    conn: Connection,
    organisation_id: str,
    *,
    response_id: str,
    revision: int,
    directory_version: str,
    document: Any,
) -> None:
    """Keep the plan of a revision; `document` is anything orjson writes (dataclasses too).

    It holds no identifier of the person: it is not encrypted.
    """
    _ADD.run(
        conn,
        organisation_id=organisation_id,
        response_id=response_id,
        revision=revision,
        directory_version=directory_version,
        document=orjson.dumps(document).decode(),
    )


def plan(
    conn: Connection, organisation_id: str, response_id: str, revision: int
) -> StoredPlan | None:
    """The plan of a revision, its document parsed, or None."""
    row = _BY_REVISION.first(
        conn, organisation_id=organisation_id, response_id=response_id, revision=revision
    )
    if row is None:
        return None
    document = orjson.loads(row["document"])
    return StoredPlan(organisation_id, response_id, revision, row["directory_version"], document)
