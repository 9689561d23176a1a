"""How many people were sent to each service: counts for the phone round, nobody in them."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, func, select

from template_service.records import tables
from template_service.records.prepared import Prepared
from template_service.service import Service

# Longer ago says little about where people are sent now.
SPAN: Final = timedelta(days=365)
# Smaller counts are not told apart: that one person was sent to a refuge is about that person.
# Our own threshold; those who curate need no finer order.
FEWEST: Final = 8

_T = tables.given
_PEOPLE: Final = Prepared(
    select(
        _T.c.service_id.label("service_id"),
        func.count(func.distinct(_T.c.person_id)).label("people"),
    )
    .where(_T.c.given_at >= bindparam("since", type_=_T.c.given_at.type))
    .group_by(_T.c.service_id)
)


def signposted(service: Service, *, now: datetime) -> dict[str, int]:
    """People given each service (published id) in the last year, over all organisations.

    A count below `FEWEST` is given as 1.
    """
    with service.store.read() as conn:
        rows = _PEOPLE.rows(conn, since=now - SPAN)
        return {row["service_id"]: row["people"] if row["people"] >= FEWEST else 1 for row in rows}
