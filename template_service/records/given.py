"""Services given: which service a person was handed, how, by whom, and for which need."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, bindparam, select

from template_service.records import tables
from template_service.records.prepared import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A service handed to a person. `channel` says how: print, told, or as a face names it."""

    organisation_id: str
    given_id: str
    person_id: str
    response_id: str | None
    service_id: str
    service_name: str
    need: str
    channel: str
    directory_version: str
    given_at: datetime
    given_by: str
    given_by_name: str


_T = tables.given
_ADD = Prepared(_T.insert())
_OF_PERSON = Prepared(
    select(_T)
    .where(
        _T.c.organisation_id == bindparam("organisation_id"),
        _T.c.person_id == bindparam("person_id"),
    )
    .order_by(_T.c.given_at.desc(), _T.c.given_id)
)


def add_given(
    conn: Connection,
    organisation_id: str,
    *,
    person_id: str,
    response_id: str | None,
    service_id: str,
    service_name: str,
    need: str,
    channel: str,
    directory_version: str,
    at: datetime,
    by: str,
    by_name: str,
) -> Given:
    """Keep that a service was given; giving it again is another row, because it happened again."""
    given = Given(
        organisation_id=organisation_id,
        given_id=str(uuid4()),
        person_id=person_id,
        response_id=response_id,
        service_id=service_id,
        service_name=service_name,
        need=need,
        channel=channel,
        directory_version=directory_version,
        given_at=at,
        given_by=by,
        given_by_name=by_name,
    )
    _ADD.run(conn, **asdict(given))
    return given


def given_to(conn: Connection, organisation_id: str, person_id: str) -> tuple[Given, ...]:
    """Everything given to a person, newest first."""
    rows = _OF_PERSON.rows(conn, organisation_id=organisation_id, person_id=person_id)
    return tuple(Given(**row) for row in rows)
