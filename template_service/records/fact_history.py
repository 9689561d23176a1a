"""What happened to people in a financial year, read for the facts: states, dates and codes only.

People come in the order of their opaque ids (`fact_ledger.person_year`), so that nothing, not even
an order, links a year to the next. Records of one NHS number at several practices are one person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Table, bindparam, exists, func, or_, select

from template_service.records import tables
from template_service.records.fact_ledger import person_year
from template_service.records.keys import keys_of
from template_service.records.prepared import Prepared, Row, driver_of
from template_service.referral.states import Outcome, State

# The states of a revision as they were kept: see `revisions.Content`.
States = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class PersonYear:
    """A person in a financial year: an opaque id, and their records as (organisation, person id).

    `opted_out`: at any organisation. `recent`: something happened since the moment asked for.
    """

    id: str
    records: tuple[tuple[str, str], ...]
    opted_out: bool
    recent: bool


@dataclass(frozen=True, slots=True)
class SavedStates:
    """What one revision of a response said of each domain."""

    response_id: str
    revision: int
    saved_at: datetime
    states: States


@dataclass(frozen=True, slots=True)
class GivenFor:
    """A service was given for a need category."""

    given_at: datetime
    need: str
    response_id: str | None


@dataclass(frozen=True, slots=True)
class ReferredFor:
    """A referral for some need categories, and where it stands now."""

    requested_at: datetime
    needs: tuple[str, ...]
    response_id: str | None
    status: State
    status_at: datetime
    outcome: Outcome | None


_PERSON = tables.person
_RESPONSE = tables.response
_REVISION = tables.response_revision
_GIVEN = tables.given
_REFERRAL = tables.referral
# The function that `people_of_year` gives to SQLite, which then sorts by what it returns.
_FUNCTION = "person_year"
# SQLite's hex of nothing is an empty text.
_IDENTITY = func.coalesce(
    func.nullif(func.hex(_PERSON.c.nhs_number_hash), ""),
    _PERSON.c.organisation_id + "/" + _PERSON.c.person_id,
)


def _happened(table: Table, column: str, since: str) -> ColumnElement[bool]:
    """Whether a table has something of the person at or after a moment."""
    return exists().where(
        table.c.organisation_id == _PERSON.c.organisation_id,
        table.c.person_id == _PERSON.c.person_id,
        table.c[column] >= bindparam(since),
    )


def _anything(since: str) -> ColumnElement[bool]:
    return or_(
        _happened(_RESPONSE, "updated_at", since),
        _happened(_GIVEN, "given_at", since),
        _happened(_REFERRAL, "status_at", since),
    )


def _of_person(table: Table) -> tuple[ColumnElement[bool], ...]:
    return tuple(table.c[name] == bindparam(name) for name in ("organisation_id", "person_id"))


_OPTED_OUT = _PERSON.c.opted_out_at.is_not(None)
_PERSON_YEAR: ColumnElement[str] = getattr(func, _FUNCTION)(_IDENTITY).label("id")
_PEOPLE = Prepared(
    select(
        _PERSON_YEAR,
        _PERSON.c.organisation_id,
        _PERSON.c.person_id,
        _OPTED_OUT.label("opted_out"),
        _anything("recent_since").label("recent"),
    )
    .where(or_(_OPTED_OUT, _anything("year_start")))
    .order_by(_PERSON_YEAR, _PERSON.c.organisation_id, _PERSON.c.person_id)
)
_COUNT_OPTED_OUT = Prepared(
    select(func.count(_IDENTITY.distinct()).label("count")).where(_OPTED_OUT)
)
_SAVED = Prepared(
    select(_REVISION.c.response_id, _REVISION.c.revision, _REVISION.c.saved_at, _REVISION.c.states)
    .join_from(
        _RESPONSE,
        _REVISION,
        (_REVISION.c.organisation_id == _RESPONSE.c.organisation_id)
        & (_REVISION.c.response_id == _RESPONSE.c.response_id),
    )
    .where(
        *_of_person(_RESPONSE),
        _RESPONSE.c.updated_at >= bindparam("since"),
        _REVISION.c.saved_at < bindparam("before"),
    )
    .order_by(_RESPONSE.c.created_at, _RESPONSE.c.response_id, _REVISION.c.revision)
)
_GIVEN_FOR = Prepared(
    select(_GIVEN.c.given_at, _GIVEN.c.need, _GIVEN.c.response_id)
    .where(
        *_of_person(_GIVEN),
        _GIVEN.c.given_at >= bindparam("since"),
        _GIVEN.c.given_at < bindparam("before"),
    )
    .order_by(_GIVEN.c.given_at, _GIVEN.c.given_id)
)
_REFERRED_FOR = Prepared(
    select(
        *(_REFERRAL.c[name] for name in ReferredFor.__slots__),
    )
    .where(
        *_of_person(_REFERRAL),
        _REFERRAL.c.status_at >= bindparam("since"),
        _REFERRAL.c.requested_at < bindparam("before"),
    )
    .order_by(_REFERRAL.c.requested_at, _REFERRAL.c.referral_id)
)
_LAST_BEFORE = Prepared(
    select(_REVISION.c.response_id, _REVISION.c.revision, _REVISION.c.saved_at, _REVISION.c.states)
    .where(
        _REVISION.c.organisation_id == bindparam("organisation_id"),
        _REVISION.c.response_id == bindparam("response_id"),
        _REVISION.c.saved_at < bindparam("before"),
    )
    .order_by(_REVISION.c.revision.desc())
)


def people_of_year(
    conn: Connection, year: int, *, year_start: datetime, recent_since: datetime
) -> Iterator[PersonYear]:
    """Everybody of whom something was saved since the year began, or who opted out.

    SQLite sorts them, at about a hundred bytes each; one at a time reaches Python.
    """
    keys = keys_of(conn)
    driver_of(conn).create_function(
        _FUNCTION, 1, lambda identity: person_year(keys, identity, year), deterministic=True
    )
    rows = _PEOPLE.rows(conn, year_start=year_start, recent_since=recent_since)
    for opaque, group in groupby(rows, key=itemgetter("id")):
        yield _person_year(opaque, tuple(group))


def _person_year(opaque: str, rows: tuple[Row, ...]) -> PersonYear:
    return PersonYear(
        id=opaque,
        records=tuple((row["organisation_id"], row["person_id"]) for row in rows),
        opted_out=any(row["opted_out"] for row in rows),
        recent=any(row["recent"] for row in rows),
    )


def opted_out_people(conn: Connection) -> int:
    """How many people object, now, to their answers being used in statistics."""
    row = _COUNT_OPTED_OUT.first(conn)
    return 0 if row is None else int(row["count"])


def saved_states(
    conn: Connection, organisation_id: str, person_id: str, *, since: datetime, before: datetime
) -> Iterator[SavedStates]:
    """The revisions, before a moment, of every response that changed since another, in order.

    Those of a response from before `since` come too: they tell what was asked already.
    """
    rows = _SAVED.rows(
        conn, organisation_id=organisation_id, person_id=person_id, since=since, before=before
    )
    return map(_saved_states, rows)


def given_for(
    conn: Connection, organisation_id: str, person_id: str, *, since: datetime, before: datetime
) -> Iterator[GivenFor]:
    """The services given to a person between two moments, in order."""
    rows = _GIVEN_FOR.rows(
        conn, organisation_id=organisation_id, person_id=person_id, since=since, before=before
    )
    return (GivenFor(**row) for row in rows)


def referred_for(
    conn: Connection, organisation_id: str, person_id: str, *, since: datetime, before: datetime
) -> Iterator[ReferredFor]:
    """The referrals of a person asked for before a moment that moved since another, in order."""
    rows = _REFERRED_FOR.rows(
        conn, organisation_id=organisation_id, person_id=person_id, since=since, before=before
    )
    for row in rows:
        read = {
            "needs": tuple(orjson.loads(row["needs"])),
            "status": State(row["status"]),
            "outcome": None if row["outcome"] is None else Outcome(row["outcome"]),
        }
        yield ReferredFor(**row | read)


def last_states(
    conn: Connection, organisation_id: str, response_id: str, *, before: datetime
) -> SavedStates | None:
    """The last revision of a response before a moment, or None."""
    row = _LAST_BEFORE.first(
        conn, organisation_id=organisation_id, response_id=response_id, before=before
    )
    return None if row is None else _saved_states(row)


def _saved_states(row: Row) -> SavedStates:
    return SavedStates(**row | {"states": orjson.loads(row["states"])})
