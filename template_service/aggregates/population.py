"""Registered lists: how many people of each kind a practice has, to stand beside who was asked."""

# ruff: noqa: S608 -- SQL is put together from names and codes of our own, never from a value

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from directory.geography import Geography
from template_service.aggregates.durable import held_alone, sync, workplace
from template_service.aggregates.fact_rules import area, ods_code, one_of
from template_service.aggregates.folder import REGISTERED
from template_service.aggregates.source_files import (
    LINES_NAMED,
    ROWS,
    FileProblem,
    FileRefused,
    Rule,
    SourceRows,
    fingerprint,
    opened,
    sql_text,
)
from template_service.aggregates.vocabulary import FIVE_YEAR_BANDS, SEXES

OLDEST: Final = 120
"""An age of more years than this is taken for a slip of the hand."""

_NEEDED: Final = ("practice", "sex", "lsoa", "registered")
_ALLOWED: Final = ("pcn", "age_band", "age")
_CELL: Final = ("practice", "sex", "lsoa", "age_band", "age")
_TWICE: Final = Rule(
    "practice", "", "has more than one row for this sex, age and LSOA", "duplicate"
)
_RULES: Final = (
    ods_code("practice"),
    ods_code("pcn", blank=True),
    one_of("sex", SEXES),
    one_of("age_band", FIVE_YEAR_BANDS),
    Rule(
        "age",
        f"NOT CASE WHEN regexp_full_match(age, '0|[1-9][0-9]{{0,2}}') THEN age::INT <= {OLDEST}"
        " ELSE age IS NULL END",
        f"must be whole years from 0 to {OLDEST}, or blank",
        "value",
    ),
    area("lsoa"),
    Rule(
        "registered",
        "NOT regexp_full_match(registered, '[0-9]{1,9}') OR registered IS NULL",
        "must be a whole number of people, 0 or more",
        "value",
    ),
)


@dataclass(frozen=True, slots=True)
class PopulationReport:
    """How many people are registered, by practice in order of code.

    `unknown` is how many of them have a blank `sex`, `age_band`, `lsoa` or `pcn`, or a `practice`
    or `lsoa` that the geography does not know; they are kept, and count as unknown there.
    """

    file: str
    registered: int
    by_practice: tuple[tuple[str, int], ...]
    unknown: tuple[tuple[str, int], ...]


def import_population(
    folder: Path,
    source: Path,
    *,
    geography: Geography | None = None,
) -> PopulationReport:
    """Take registered lists into `folder/population/registered.parquet`, in place of older ones.

    A `.csv` or `.parquet` file with `practice`, `sex`, `age_band` (five years) or `age` (whole
    years), `lsoa`, `registered` and, if need be, `pcn`; a blank `pcn` is that of the practice in
    the `geography`, which also says what practices and small areas there are. Kept are `practice`,
    `pcn`, `sex`, `age_band`, `lsoa` and `registered` (people), one row for each cell.
    Raises FileRefused with every rule that rows break, NotFound, UnsupportedMedia or Unavailable.
    """
    lists = (folder / REGISTERED).parent
    with held_alone(lists), workplace(lists) as work:
        lines = fingerprint(source).lines
        with opened(source, lines, work, needed=_NEEDED, allowed=_ALLOWED) as rows:
            _check(rows)
            _place(rows, geography)
            rows.connection.execute(_REGISTERED)
            report = _report(rows)
            path = work / Path(REGISTERED).name
            rows.connection.execute(f"COPY registered TO {sql_text(path)} (FORMAT parquet)")
        sync(path)
        path.replace(lists / path.name)
        sync(lists)
    return report


def _check(rows: SourceRows) -> None:
    if ("age" in rows.columns) == ("age_band" in rows.columns):
        either = "must have either an age_band or an age column"
        raise FileRefused(problems=[FileProblem(rows.source.name, "", either)])
    problems = rows.broken((*_NEEDED, *_ALLOWED), _RULES)
    count, first = rows.connection.execute(_TWICE_ROWS).fetchone() or (0, ())
    if count:
        problems.append(rows.problem(_TWICE, count, first))
    if problems:
        raise FileRefused(problems=problems)


def _place(rows: SourceRows, geography: Geography | None) -> None:
    """The tables of what is known; where nobody says what is, everything named is."""
    networks: list[tuple[str, str | None]] | None = None
    lsoas: list[tuple[str, str | None]] | None = None
    if geography is not None:
        networks = [(each.ods_code, each.pcn_code) for each in geography.practices()]
        lsoas = [(code, None) for code in geography.small_areas()]
    _known(rows, "known_practice", "practice", networks)
    _known(rows, "known_lsoa", "lsoa", lsoas)


def _known(
    rows: SourceRows, table: str, column: str, codes: Sequence[tuple[str, str | None]] | None
) -> None:
    rows.connection.execute(f"CREATE TABLE {table} (code VARCHAR, pcn VARCHAR)")
    if codes is None:
        rows.connection.execute(
            f"INSERT INTO {table} SELECT DISTINCT {column}, NULL FROM {ROWS}"
            f" WHERE {column} IS NOT NULL"
        )
    elif codes:
        rows.connection.execute(
            f"INSERT INTO {table} SELECT unnest($codes), unnest($pcns)",
            {"codes": [code for code, _ in codes], "pcns": [pcn for _, pcn in codes]},
        )


def _report(rows: SourceRows) -> PopulationReport:
    by_practice = rows.connection.execute(_BY_PRACTICE).fetchall()
    unknown = rows.connection.execute(_UNKNOWN)
    names = [column[0] for column in unknown.description or ()]
    return PopulationReport(
        rows.source.name,
        sum(people for _, people in by_practice),
        tuple(by_practice),
        tuple(zip(names, unknown.fetchone() or (), strict=True)),
    )


_TWICE_ROWS: Final = (
    f"SELECT count(*), min(row, {LINES_NAMED}) FROM (SELECT row, row_number() OVER"
    f" (PARTITION BY {', '.join(_CELL)} ORDER BY row) AS time FROM {ROWS}) WHERE time > 1"
)
_BAND: Final = (
    "CASE WHEN age IS NULL THEN age_band WHEN age::INT >= 90 THEN '90+'"
    " ELSE (age::INT // 5 * 5) || '-' || (age::INT // 5 * 5 + 4) END"
)
_REGISTERED: Final = (
    "CREATE TABLE registered AS"
    f" SELECT practice, coalesce({ROWS}.pcn, known_practice.pcn) AS pcn, sex, {_BAND} AS age_band,"
    f" lsoa, sum(registered::BIGINT)::BIGINT AS registered FROM {ROWS}"
    " LEFT JOIN known_practice ON practice = code GROUP BY ALL ORDER BY ALL"
)
_BY_PRACTICE: Final = (
    "SELECT practice, sum(registered)::BIGINT FROM registered GROUP BY practice ORDER BY practice"
)
_UNKNOWN: Final = (
    "SELECT "
    + ", ".join(
        f"coalesce(sum(registered) FILTER ({unknown}), 0)::BIGINT AS {column}"
        for column, unknown in (
            ("practice", "practice NOT IN (SELECT code FROM known_practice)"),
            ("pcn", "pcn IS NULL"),
            ("sex", "sex IS NULL"),
            ("age_band", "age_band IS NULL"),
            ("lsoa", "lsoa IS NULL OR lsoa NOT IN (SELECT code FROM known_lsoa)"),
        )
    )
    + " FROM registered"
)
