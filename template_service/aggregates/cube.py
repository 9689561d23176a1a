"""From facts to counts: one Ibis expression, the same on DuckDB and on Spark.

A count is of people, never of rows: facts hold a person once per domain and month.
"""

from functools import reduce
from typing import Final

import ibis
from ibis import _
from ibis.expr.types import IntegerValue, StringValue, Table

from template_service.aggregates.vocabulary import (
    ALL,
    ANY,
    ASKED_STATES,
    BREAKDOWNS,
    FIVE_YEAR_BANDS,
    HELPED_OUTCOMES,
    INDICATORS,
    UNKNOWN,
    WANTING,
    age_band_of,
)

REGISTRATION: Final = "registration"
RESIDENCE: Final = "residence"
# The areas of a block. A person is registered with one practice and lives in one place, and what
# is published of either never crosses the other: that is what keeps the cells of a city few.
AREAS: Final = {REGISTRATION: ("practice", "pcn"), RESIDENCE: ("ward", "msoa")}
KEYS: Final = ("block", "practice", "pcn", "ward", "msoa", "domain", "breakdown", "category")

_AREA_COLUMNS: Final = tuple(column for columns in AREAS.values() for column in columns)
_CHARACTERISTICS: Final = tuple(name for name in BREAKDOWNS if name != ALL)


def counts(facts: Table) -> Table:
    """How many people each indicator counts in each cell: the columns of `KEYS`, then `INDICATORS`.

    `facts` has the columns of a fact file, of one month. Blank codes are counted as `unknown`; the
    domain `any` counts people who count in at least one domain.
    """
    flagged = _flagged(facts)
    rows = flagged.union(_in_any_domain(flagged))
    tables = (_grouped(rows, block, breakdown) for block in AREAS for breakdown in BREAKDOWNS)
    return reduce(lambda one, other: one.union(other), tables)


def _flagged(facts: Table) -> Table:
    """One row per fact with 0 or 1 for each indicator, and its codes made whole."""
    state, wanted, outcome = facts.state, facts.wants_help, facts.outcome
    need = state == "need"
    flags = {
        "asked": state.isin(ASKED_STATES),
        "declined": state == "declined",
        "not_offered": state == "not-offered",
        "need": need,
        "wants_help": need & wanted.isin(WANTING),
        "signposted": facts.signposted.cast("int32") == 1,
        "referred": facts.referred.cast("int32") == 1,
        "helped": outcome.isin(HELPED_OUTCOMES),
    }
    return facts.select(
        # A number is compared faster than a text, and people meet only within one expression.
        facts.person.hash().name("person"),
        facts.domain,
        *(
            _known(facts[name]).name(name)
            for name in (*_AREA_COLUMNS, *_CHARACTERISTICS)
            if name != "age_band"
        ),
        _age_band(facts.age_band).name("age_band"),
        *(_flag(flags[name]).name(name) for name in INDICATORS),
    )


def _known(code: StringValue) -> StringValue:
    return code.cast("string").nullif("").fill_null(UNKNOWN)


def _flag(condition: ibis.expr.types.BooleanValue) -> IntegerValue:
    return condition.fill_null(False).cast("int32")


def _age_band(five_years: StringValue) -> StringValue:
    return five_years.cases(*((band, age_band_of(band)) for band in FIVE_YEAR_BANDS), else_=UNKNOWN)


def _in_any_domain(flagged: Table) -> Table:
    """One row per person: what is true of them in at least one domain."""
    of_person = (*_AREA_COLUMNS, *_CHARACTERISTICS)
    # Codes are of the person, the same in all their rows; the least is as good as any.
    people = flagged.group_by("person").aggregate(
        **{name: flagged[name].min() for name in of_person},
        **{name: flagged[name].max() for name in INDICATORS},
    )
    return people.mutate(domain=ibis.literal(ANY)).select(*flagged.columns)


def _grouped(rows: Table, block: str, breakdown: str) -> Table:
    category = ibis.literal(ALL) if breakdown == ALL else rows[breakdown]
    areas = AREAS[block]
    found = (
        rows.mutate(category=category)
        .group_by([*areas, "domain", "category"])
        .aggregate(**{name: _[name].sum().cast("int64") for name in INDICATORS})
    )
    absent = {name: ibis.literal("") for name in _AREA_COLUMNS if name not in areas}
    return found.mutate(
        block=ibis.literal(block), breakdown=ibis.literal(breakdown), **absent
    ).select(*KEYS, *INDICATORS)
