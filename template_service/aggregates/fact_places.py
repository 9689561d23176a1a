"""Facts beside each other: people counted once and in one place, places that contradict none.

And places whose codes nobody knows, which are taken all the same.
"""

# ruff: noqa: S608 -- SQL is put together from names and codes of our own, never from a value

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from template_service.aggregates.areas import PCN, PRACTICE, WARD, Areas
from template_service.aggregates.fact_rules import MAY_BE_UNKNOWN
from template_service.aggregates.folder import REGISTERED
from template_service.aggregates.source_files import (
    LINES_NAMED,
    ROWS,
    FileProblem,
    Rule,
    SourceRows,
    sql_file,
    sql_text,
)
from template_service.aggregates.vocabulary import domains
from template_service.errors import Unavailable

CODES_NAMED: Final = 5

_LSOA: Final = "lsoa"
# Practices and networks of England have a letter and five digits, areas nine characters. Anything
# else may be a word about somebody, in the wrong column, and is not repeated.
_LOOKS_LIKE_A_CODE: Final = re.compile("[A-Z][0-9]{5}|E[0-9]{8}")

_TWICE: Final = Rule("person", "", "is there more than once for a domain and month", "duplicate")
_DIFFERENT: Final = Rule("person", "", "has other codes than earlier in the month", "business-rule")
# A person is counted in one place and with one of each characteristic.
_CODES_OF_PERSON: Final = ("practice", *MAY_BE_UNKNOWN)


@dataclass(frozen=True, slots=True)
class NotKnown:
    """Codes of a column that nobody knows: the rows that have them, and how many `codes` they are.

    `named` are the first `CODES_NAMED` of them that look like such a code, those of most rows
    first.
    """

    column: str
    rows: int
    codes: int
    named: tuple[str, ...]


class PeopleOfMonth(NamedTuple):
    """Rows and people of a file in a month; how many people are there twice or differ.

    Both also beside what is held of the month.
    """

    month: str
    rows: int
    people: int
    twice: int
    differs: int


class _Lies(NamedTuple):
    """Within a month a `place` has one code in the column of the rule."""

    place: str
    rule: Rule


# An LSOA is a whole part of one MSOA (ONS, Census geography), and has one decile in an edition of
# the deprivation index. The boundary of a ward may cut it, so that two wards are no contradiction.
_LYING: Final = tuple(
    _Lies(place, Rule(column, "", f"is not {which} earlier in the month", "business-rule"))
    for place, column, which in (
        (PRACTICE, PCN, "the network the practice has"),
        (_LSOA, "msoa", "the one the LSOA has"),
        (_LSOA, "imd_decile", "the one the LSOA has"),
    )
)


def people_by_month(rows: SourceRows, held: Sequence[Path]) -> list[PeopleOfMonth]:
    """The people of each month of a file; `held` are the facts already there of its months."""
    listed = f"[{', '.join(sql_file(path) for path in held)}]"
    codes = ", ".join(f"{name}::VARCHAR" for name in _CODES_OF_PERSON)
    columns = f"SELECT month, person, domain, hash({codes}) AS codes"
    stored = f"UNION ALL {columns}, NULL FROM read_parquet({listed})"
    names = ", ".join(sql_text(domain) for domain in domains())
    rows.connection.execute(f"CREATE TYPE domain_code AS ENUM ({names})")
    rows.connection.execute(
        "CREATE VIEW asked_people AS SELECT month, person, domain, codes, row,"
        " 1 << enum_code(TRY_CAST(domain AS domain_code))::INT AS bit"
        f" FROM ({columns}, row FROM {ROWS} {stored if held else ''})"
        " WHERE month IS NOT NULL AND person IS NOT NULL"
    )
    return [PeopleOfMonth(*found) for found in rows.connection.execute(_MONTHS).fetchall()]


def people_twice(rows: SourceRows) -> FileProblem:
    """The rows of a person, domain and month after the first; after `people_by_month`."""
    return _against_earlier(rows, _TWICE, _TWICE_ROWS)


def people_of_other_codes(rows: SourceRows) -> FileProblem:
    """The rows unlike the first of a person and month; after `people_by_month`."""
    return _against_earlier(rows, _DIFFERENT, _DIFFERENT_ROWS)


def contradictions(rows: SourceRows, held: Sequence[Path]) -> list[FileProblem]:
    """Places with two codes in a month where there is one, in the file or with what is `held`.

    A blank says nothing and contradicts nothing. The codes of the rows are sound; `not_known` may
    be asked of them afterwards.
    """
    listed = f"[{', '.join(sql_file(path) for path in held)}]"
    stored = f"UNION ALL BY NAME SELECT {_AS_TEXT} FROM read_parquet({listed})" if held else ""
    rows.connection.execute(_COMBINATIONS)
    rows.connection.execute(f"CREATE VIEW placed AS SELECT {_AS_TEXT} FROM combinations {stored}")
    rows.connection.execute(
        f"CREATE VIEW placed_rows AS SELECT {_AS_TEXT}, row FROM {ROWS} {stored}"
    )
    found = rows.connection.execute(_CONTRADICTED).fetchone() or ()
    return [
        _against_earlier(rows, lies.rule, _contradicting(lies))
        for lies, contradicted in zip(_LYING, found, strict=True)
        if contradicted
    ]


def known_codes(folder: Path, areas: Areas | None) -> Mapping[str, Collection[str]]:
    """The codes that are known of each column of places; a column that nobody lists is left out.

    Practices are those of the registered lists in `folder`, or of `areas` where there are no lists.
    Raises Unavailable for lists that cannot be read.
    """
    practices = _listed(folder / REGISTERED)
    known: dict[str, Collection[str]] = {}
    if areas is not None:
        known = {
            PRACTICE: areas.names[PRACTICE],
            PCN: areas.names[PCN],
            _LSOA: areas.small_areas,
            WARD: areas.names[WARD],
        }
    return known if practices is None else known | {PRACTICE: practices}


def not_known(rows: SourceRows, known: Mapping[str, Collection[str]]) -> tuple[NotKnown, ...]:
    """What stands in the columns of `known` beside the codes there, of rows without problems."""
    return tuple(found for column in known if (found := _strange(rows, column, known[column])))


def _against_earlier(rows: SourceRows, rule: Rule, found: str) -> FileProblem:
    """A problem of rows that do not go with an earlier one; the first are named with theirs.

    `found` is a query of the `row` of each and of the `earlier` one, null in facts already held.
    """
    count, pairs = rows.connection.execute(
        f"SELECT count(*), min({{'row': row, 'earlier': earlier}}, {LINES_NAMED}) FROM ({found})"
    ).fetchone() or (0, [])
    first = [pair["row"] for pair in pairs]
    named = sorted({*first, *(pair["earlier"] for pair in pairs)} - {None})
    lines = rows.problem(rule, count, named).lines
    if len(lines) < len(named):
        # A file in which a carriage return alone ends rows has fewer lines than rows.
        return rows.problem(rule, count, first)
    line = dict(zip(named, lines, strict=True))
    told = ", ".join(
        f"line {line[pair['row']]} after"
        + (" facts already held" if pair["earlier"] is None else f" line {line[pair['earlier']]}")
        for pair in pairs
    )
    return rows.problem(replace(rule, message=f"{rule.message}: {told}"), count, first)


def _strange(rows: SourceRows, column: str, known: Collection[str]) -> NotKnown | None:
    counted = rows.connection.execute(
        f"SELECT {column}, sum(times)::BIGINT AS rows FROM combinations"
        f" WHERE {column} IS NOT NULL GROUP BY ALL ORDER BY rows DESC, {column}"
    ).fetchall()
    strange = {code: count for code, count in counted if code not in known}
    if not strange:
        return None
    named = [code for code in strange if _LOOKS_LIKE_A_CODE.fullmatch(code)]
    return NotKnown(column, sum(strange.values()), len(strange), tuple(named[:CODES_NAMED]))


def _listed(lists: Path) -> frozenset[str] | None:
    """The practices of registered lists; None where none were imported."""
    if not lists.exists():
        return None
    try:
        practices = pc.unique(pq.read_table(lists, columns=[PRACTICE])[PRACTICE])
    except (OSError, KeyError, pa.ArrowException):
        raise Unavailable(f"{lists.name}: the registered lists cannot be read") from None
    return frozenset(practices.to_pylist())


def _contradicting(lies: _Lies) -> str:
    column = lies.rule.column
    return (
        f"SELECT row, earlier FROM (SELECT row, {column} AS code,"
        f" first_value({column}) OVER earliest AS first_code,"
        " first_value(row) OVER earliest AS earlier"
        f" FROM placed_rows WHERE {lies.place} IS NOT NULL AND {column} IS NOT NULL"
        f" WINDOW earliest AS (PARTITION BY month, {lies.place} ORDER BY row NULLS FIRST))"
        " WHERE code <> first_code"
    )


def _contradicted(lies: _Lies) -> str:
    column = lies.rule.column
    return (
        f"EXISTS (SELECT 1 FROM placed WHERE {lies.place} IS NOT NULL"
        f" GROUP BY month, {lies.place} HAVING min({column}) < max({column}))"
    )


_COLUMNS: Final = ("month", PRACTICE, PCN, _LSOA, WARD, "msoa", "imd_decile")
_AS_TEXT: Final = ", ".join(f"{column}::VARCHAR AS {column}" for column in _COLUMNS)
# Few combinations of places stand in many rows, so that rows are read once.
_COMBINATIONS: Final = (
    f"CREATE TABLE combinations AS SELECT {', '.join(_COLUMNS)}, count(*) AS times FROM {ROWS}"
    " GROUP BY ALL"
)
_CONTRADICTED: Final = f"SELECT {', '.join(_contradicted(lies) for lies in _LYING)}"
# A person has a row twice where the rows are more than the different domains: one group for each
# person, not for each row, so that millions of rows fit.
_PEOPLE: Final = (
    "SELECT month, person, count(row) AS file_rows,"
    " count(bit) > bit_count(bit_or(bit)) AS twice, min(codes) < max(codes) AS differs"
    " FROM asked_people GROUP BY month, person"
)
_MONTHS: Final = (
    "SELECT month, sum(file_rows)::BIGINT, count(*) FILTER (file_rows > 0),"
    " count(*) FILTER (twice), count(*) FILTER (differs)"
    f" FROM ({_PEOPLE}) GROUP BY month ORDER BY month"
)
_TWICE_ROWS: Final = (
    "SELECT row, first_value(row) OVER same AS earlier FROM asked_people SEMI JOIN"
    f" (FROM ({_PEOPLE}) WHERE twice) USING (month, person) WHERE bit IS NOT NULL"
    " WINDOW same AS (PARTITION BY month, person, domain ORDER BY row NULLS FIRST)"
    " QUALIFY row_number() OVER same > 1"
)
_DIFFERENT_ROWS: Final = (
    "SELECT row, first_value(row) OVER same AS earlier"
    f" FROM asked_people SEMI JOIN (FROM ({_PEOPLE}) WHERE differs) USING (month, person)"
    " WINDOW same AS (PARTITION BY month, person ORDER BY row NULLS FIRST)"
    " QUALIFY codes <> first_value(codes) OVER same"
)
