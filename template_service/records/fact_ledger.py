"""The ledger of facts: what was counted of whom, in which month, so that it counts only once.

It names a person by a keyed hash of the financial year alone (`person_year`): without the store's
keys it leads to nobody, and two years of the same person have nothing in common.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from template_service.errors import Conflict
from template_service.records import tables
from template_service.records.keys import Keys
from template_service.records.prepared import Prepared

# 128 bits, so that no two people of a nation share an id.
_PERSON_YEAR_HEX = 32
# Rows handed to the driver at once, so that a large month is not held twice.
_BATCH = 10_000


class What(StrEnum):
    """What is counted once per person, domain and financial year.

    `ENDED` is a referral that ended without help; it is told apart because help may still follow.
    """

    ASKED = "asked"
    NOT_OFFERED = "not-offered"
    SIGNPOSTED = "signposted"
    REFERRED = "referred"
    HELPED = "helped"
    ENDED = "ended"


class Entry(NamedTuple):
    """One thing counted of one person; the month is that of the sealing."""

    organisation_id: str
    person_year: str
    domain: str
    what: What


Key = tuple[str, What]

_LEDGER = tables.fact_ledger
_MONTH = tables.fact_month
_OF_PERSON = Prepared(
    select(_LEDGER.c.domain, _LEDGER.c.what, _LEDGER.c.month).where(
        _LEDGER.c.organisation_id == bindparam("organisation_id"),
        _LEDGER.c.person_year == bindparam("person_year"),
    )
)
# What another sealing counted first stays there; the export then leaves it out of this month.
_ADD = Prepared(insert(_LEDGER).on_conflict_do_nothing())
_SEAL = Prepared(_MONTH.insert())
_SEALED = Prepared(select(_MONTH.c.month).where(_MONTH.c.month == bindparam("month")))


def person_year(keys: Keys, identity: str, year: int) -> str:
    """The opaque id of a person in the financial year that starts in April of `year`; 32 hex.

    HMAC-SHA256 (RFC 2104) under the store's lookup key, cut to 128 bits.
    """
    return keys.lookup_hash(f"facts of {year}: {identity}").hex()[:_PERSON_YEAR_HEX]


def is_sealed(conn: Connection, month: str) -> bool:
    """Whether a month (`YYYY-MM`) was sealed: what it counts will never change."""
    return _SEALED.first(conn, month=month) is not None


def counted(
    conn: Connection, organisation_ids: Iterable[str], person_year: str
) -> Mapping[Key, str]:
    """The month in which each thing was counted of a person, at any of these organisations."""
    return {
        (row["domain"], What(row["what"])): row["month"]
        for organisation_id in organisation_ids
        for row in _OF_PERSON.rows(conn, organisation_id=organisation_id, person_year=person_year)
    }


def seal(
    conn: Connection, month: str, entries: Sequence[Entry], *, at: datetime
) -> Mapping[str, int]:
    """Seal a month with all that it counts; returns how many entries each organisation has.

    Raises `Conflict` for a month that is sealed already.
    """
    if is_sealed(conn, month):
        raise Conflict(f"{month} is sealed already")
    _SEAL.run(conn, month=month, sealed_at=at)
    for start in range(0, len(entries), _BATCH):
        some = entries[start : start + _BATCH]
        _ADD.run_all(conn, [{**entry._asdict(), "month": month} for entry in some])
    return Counter(entry.organisation_id for entry in entries)
