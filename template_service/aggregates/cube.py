"""From facts to counts: one Ibis expression, the same on DuckDB and on Spark.

A count is of people, never of rows, so the rows of facts are gathered to people first, what each
row says as bits of a number (`MARKS`). Ten times fewer people than rows are then counted.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Final

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, StringValue, Table

from template_service.aggregates.vocabulary import (
    ALL,
    ANY,
    AREAS,
    ASKED_STATES,
    BREAKDOWNS,
    FIVE_YEAR_BANDS,
    HELPED_OUTCOMES,
    INDICATORS,
    UNKNOWN,
    WANTING,
    age_band_of,
    domains,
)

KEYS: Final = ("block", "practice", "pcn", "ward", "msoa", "domain", "breakdown", "category")
MARKS: Final = {indicator: 1 << place for place, indicator in enumerate(INDICATORS)}
"""The bit of each indicator in a number that says which of them a person counts in."""

_BITS: Final = len(INDICATORS)
_EVERY_MARK: Final = (1 << _BITS) - 1
# So many domains fit into a number that a double holds exactly.
_DOMAINS_AT_ONCE: Final = 53 // _BITS
_AREA_COLUMNS: Final = tuple(column for columns in AREAS.values() for column in columns)
_PLACE: Final = tuple(name for name in KEYS if name != "domain")
# Breakdowns that are counted at once and then apart: two cost hardly more than one.
_PAIRS: Final = (("imd_decile", "sex"), ("ethnic_group", "language_group"), ("age_band", ALL))
_PLACE_BY_TWO: Final = (
    "block",
    *_AREA_COLUMNS,
    "one",
    "one_category",
    "other",
    "other_category",
)
_CHARACTERISTICS: Final = tuple(name for name in BREAKDOWNS if name != ALL)


def counts(facts: Table, counted: Table | None = None) -> Table:
    """How many people each indicator counts in each cell: the columns of `KEYS`, then `INDICATORS`.

    `facts` has the columns of a fact file, of one month, and a person and domain once. Blank codes
    are counted as `unknown`. The domain `any` counts people who count in at least one domain, but
    not those of `counted`, who did in an earlier month of the year: its columns are `person`, each
    once, and `marks`, the sum of the `MARKS` that they counted in. Cells of nobody are left out.
    """
    return cells(people(facts), counted)


def people(facts: Table) -> Table:
    """Each person of facts once: the first half of `counts`.

    Columns: `person`; their areas and characteristics as in the facts, the same in all their rows;
    what is true of them in each domain, several domains to a number; and `any`, the sum of the
    `MARKS` true in at least one.
    """
    marks = _marks(facts)
    found = facts.group_by("person").aggregate(
        # Any row's code is the person's, and engines take any far faster than the least.
        **{name: facts[name].arbitrary() for name in (*_AREA_COLUMNS, *_CHARACTERISTICS)},
        **{
            number: _sum(marks * facts.domain.cases(*powers, else_=0))
            for number, powers in _numbers().items()
        },
    )
    everywhere = (found[number] >> shift for number, shift in _shifts().values())
    return found.mutate(any=reduce(lambda one, other: one | other, everywhere) & _EVERY_MARK)


def cells(people: Table, counted: Table | None = None) -> Table:
    """The counts of `people`: the second half of `counts`."""
    known = people.select(
        "person",
        ANY,
        *_numbers(),
        *(_known(people[name]).name(name) for name in _AREA_COLUMNS),
        *(_category(people, name).name(name) for name in _CHARACTERISTICS),
    )
    if counted is not None:
        joined = known.left_join(counted.select("person", before=counted.marks), "person")
        known = joined.mutate(any=joined[ANY] - (joined[ANY] & joined.before.fill_null(0)))
    by_two = reduce(Table.union, (_by_two(known, block, *two) for block in AREAS for two in _PAIRS))
    wide = _summed(_one_by_one(_summed(by_two, _PLACE_BY_TWO, _bits(by_two))), _PLACE)
    long = wide.mutate(cell=ibis.array([_cell(wide, domain) for domain in _shifts_and_any()]))
    found = long.select(*_PLACE, cell=long.cell.unnest()).unpack("cell").select(*KEYS, *INDICATORS)
    return found.filter(reduce(lambda one, other: one | other, (found[i] > 0 for i in INDICATORS)))


def _marks(facts: Table) -> IntegerValue:
    """What a row of facts says, as the sum of its `MARKS`."""
    wanted = facts.wants_help.isin(WANTING).fill_null(False)
    need = MARKS["asked"] + MARKS["need"]
    state = facts.state.cases(
        *((state, MARKS["asked"]) for state in ASKED_STATES if state not in ("need", "declined")),
        ("need", ibis.ifelse(wanted, need + MARKS["wants_help"], need)),
        ("declined", MARKS["asked"] + MARKS["declined"]),
        ("not-offered", MARKS["not_offered"]),
        else_=0,
    )
    return (
        state
        + _if(facts.signposted.cast("int32") == 1, MARKS["signposted"])
        + _if(facts.referred.cast("int32") == 1, MARKS["referred"])
        + _if(facts.outcome.isin(HELPED_OUTCOMES), MARKS["helped"])
    )


def _if(flag: BooleanValue, mark: int) -> IntegerValue:
    return ibis.ifelse(flag.fill_null(False), mark, 0)


def _sum(numbers: IntegerValue) -> IntegerValue:
    """A sum by doubles: exact below 2 to the 53, and DuckDB needs no wider numbers for it."""
    return numbers.cast("float64").sum().cast("int64")


def _known(code: StringValue) -> StringValue:
    return code.cast("string").nullif("").fill_null(UNKNOWN)


def _category(people: Table, name: str) -> StringValue:
    code = _known(people[name])
    if name != "age_band":
        return code
    return code.cases(*((band, age_band_of(band)) for band in FIVE_YEAR_BANDS), else_=UNKNOWN)


def _shifts() -> Mapping[str, tuple[str, int]]:
    """Where the marks of each domain stand: the column, and how far from its lowest bit."""
    return {
        domain: (f"domains_{place // _DOMAINS_AT_ONCE}", place % _DOMAINS_AT_ONCE * _BITS)
        for place, domain in enumerate(domains())
    }


def _shifts_and_any() -> Mapping[str, tuple[str, int]]:
    return {**_shifts(), ANY: (ANY, 0)}


def _numbers() -> Mapping[str, Sequence[tuple[str, int]]]:
    """The columns that hold several domains, and what carries marks to each domain's place."""
    numbers: dict[str, list[tuple[str, int]]] = {}
    for domain, (number, shift) in _shifts().items():
        numbers.setdefault(number, []).append((domain, 1 << shift))
    return numbers


def _by_two(people: Table, block: str, one: str, other: str) -> Table:
    """Where people stand in one block and in two breakdowns."""

    def category(breakdown: str) -> StringValue:
        return ibis.literal(ALL) if breakdown == ALL else people[breakdown]

    areas = {
        name: people[name] if name in AREAS[block] else ibis.literal("") for name in _AREA_COLUMNS
    }
    return people.select(
        ANY,
        *_numbers(),
        block=ibis.literal(block),
        **areas,
        one=ibis.literal(one),
        one_category=category(one),
        other=ibis.literal(other),
        other_category=category(other),
    )


def _bits(people: Table) -> Mapping[str, IntegerValue]:
    """A column for each domain and indicator: 1 of those who count in it, 0 of others."""
    return {
        _name(domain, indicator): (people[number] >> (shift + place)) & 1
        for domain, (number, shift) in _shifts_and_any().items()
        for place, indicator in enumerate(INDICATORS)
    }


def _one_by_one(by_two: Table) -> Table:
    """Each row of two breakdowns as a row of each."""
    places = ibis.array(
        [
            ibis.struct({"breakdown": by_two[name], "category": by_two[f"{name}_category"]})
            for name in ("one", "other")
        ]
    )
    return by_two.mutate(place=places.unnest()).drop(*_PLACE_BY_TWO[-4:]).unpack("place")


def _summed(
    rows: Table, keys: Sequence[str], counts: Mapping[str, IntegerValue] | None = None
) -> Table:
    counts = counts or {name: rows[name] for name in rows.columns if name not in keys}
    return rows.group_by(keys).aggregate(**{name: _sum(each) for name, each in counts.items()})


def _cell(wide: Table, domain: str) -> ibis.expr.types.StructValue:
    of_domain = {indicator: wide[_name(domain, indicator)] for indicator in INDICATORS}
    return ibis.struct({"domain": ibis.literal(domain), **of_domain})


def _name(domain: str, indicator: str) -> str:
    return f"{domain} {indicator}"
