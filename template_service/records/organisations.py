"""Organisations: GP practices, primary care networks and the city, by ODS code."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from template_service.errors import Invalid
from template_service.records import tables
from template_service.records.prepared import Prepared, Row


class Kind(StrEnum):
    """What an organisation is."""

    PRACTICE = "practice"
    PCN = "pcn"
    CITY = "city"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """An organisation. `parent` is the PCN of a practice and the city of a PCN, as an ODS code."""

    ods_code: str
    name: str
    kind: Kind
    parent: str | None = None
    postcode: str | None = None


class UnknownOrganisation(Invalid):
    """No organisation has this ODS code."""


_T = tables.organisation
_BY_NAME = select(_T).order_by(_T.c.name, _T.c.ods_code)
_BY_CODE = Prepared(select(_T).where(_T.c.ods_code == bindparam("ods_code")))
_ALL = Prepared(_BY_NAME)
_OF_KIND = Prepared(_BY_NAME.where(_T.c.kind == bindparam("kind")))
_UPSERT = insert(_T)
_KEEP = Prepared(
    _UPSERT.on_conflict_do_update(
        index_elements=[_T.c.ods_code],
        set_={name: _UPSERT.excluded[name] for name in ("name", "kind", "parent", "postcode")},
    )
)


def import_organisations(conn: Connection, organisations: Iterable[Organisation]) -> int:
    """Add organisations, or bring those with a known code up to date; returns how many."""
    rows = [asdict(organisation) for organisation in organisations]
    _KEEP.run_all(conn, rows)
    return len(rows)


def get(conn: Connection, ods_code: str) -> Organisation | None:
    """The organisation with an ODS code, or None."""
    row = _BY_CODE.first(conn, ods_code=ods_code)
    return None if row is None else _organisation(row)


def known(conn: Connection, ods_code: str) -> Organisation:
    """The organisation with an ODS code. Raises `UnknownOrganisation` naming the code."""
    found = get(conn, ods_code)
    if found is None:
        raise UnknownOrganisation(f"No organisation has the ODS code {ods_code}")
    return found


def organisations(conn: Connection, kind: Kind | None = None) -> tuple[Organisation, ...]:
    """All organisations, or those of one kind, by name."""
    rows = _ALL.rows(conn) if kind is None else _OF_KIND.rows(conn, kind=kind)
    return tuple(_organisation(row) for row in rows)


def _organisation(row: Row) -> Organisation:
    return Organisation(**{**row, "kind": Kind(row["kind"])})
