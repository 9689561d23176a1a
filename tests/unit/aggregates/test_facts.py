"""Fact files: taken whole or not at all, and every row that breaks a rule is named by its line."""

import csv
import errno
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from template_service.aggregates import facts as facts_module
from template_service.aggregates.areas import Areas
from template_service.aggregates.fact_places import NotKnown
from template_service.aggregates.fact_rules import FACT_TYPES
from template_service.aggregates.facts import (
    FactsReport,
    MonthFacts,
    TakenBack,
    facts_held,
    import_facts,
    take_back,
)
from template_service.aggregates.population import import_population
from template_service.aggregates.source_files import FileProblem, FileRefused
from template_service.aggregates.vocabulary import SEXES
from template_service.errors import Conflict, Invalid, NotFound, Unavailable, UnsupportedMedia
from tests.facts import write_facts

TODAY = date(2026, 9, 30)
COLUMNS = tuple(FACT_TYPES)
Row = dict[str, str]
Write = Callable[..., Path]

ROW: Row = dict.fromkeys(COLUMNS, "") | {
    "month": "2026-09",
    "person": "p1",
    "practice": "B86002",
    "pcn": "U16878",
    "lsoa": "E01011373",
    "ward": "E05012647",
    "msoa": "E02002414",
    "imd_decile": "1",
    "age_band": "35-39",
    "sex": "female",
    "ethnic_group": "white_british",
    "language_group": "english",
    "domain": "food",
    "state": "need",
    "method": "asked",
    "level": "3",
    "wants_help": "yes-now",
    "signposted": "1",
    "referred": "0",
}
BLANK_ALLOWED = (
    "pcn",
    "lsoa",
    "ward",
    "msoa",
    "imd_decile",
    "age_band",
    "sex",
    "ethnic_group",
    "language_group",
)


def row(**changes: str) -> Row:
    return ROW | changes


def to_csv(path: Path, rows: Iterable[Mapping[str, str]], columns: Iterable[str] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(columns), lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes rows to a CSV file."""

    def to_file(*rows: Row, name: str = "facts.csv") -> Path:
        return to_csv(tmp_path / name, rows)

    return to_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "aggregates"


def taken(
    folder: Path, source: Path, closed: Iterable[str] = (), areas: Areas | None = None
) -> FactsReport:
    return import_facts(folder, source, today=TODAY, closed=tuple(closed), areas=areas)


def refused(folder: Path, source: Path, closed: Iterable[str] = ()) -> list[tuple[object, ...]]:
    """Line, column and count of every problem; nothing may have been written."""
    before = partitions(folder)
    with pytest.raises(FileRefused) as refusal:
        taken(folder, source, closed)
    assert partitions(folder) == before
    assert all(problem.file == source.name for problem in problems(refusal.value))
    return [(p.lines[:1], p.column, p.count) for p in problems(refusal.value)]


def problems(refusal: FileRefused) -> list[FileProblem]:
    return [p for p in refusal.problems if isinstance(p, FileProblem)]


def messages(folder: Path, source: Path) -> list[str]:
    with pytest.raises(FileRefused) as refusal:
        taken(folder, source)
    return [problem.message for problem in problems(refusal.value)]


def partitions(folder: Path) -> list[str]:
    """Every file and folder, but for the lock that stays."""
    found = (str(path.relative_to(folder)) for path in folder.rglob("*"))
    return sorted(name for name in found if name not in ("facts", "facts/.lock"))


def kept(folder: Path, month: str = "2026-09") -> list[dict[str, str]]:
    """The facts of a month as text, in order of person and domain."""
    texts = ", ".join(f"coalesce({name}::VARCHAR, '') AS {name}" for name in COLUMNS)
    pattern = folder / "facts" / f"month={month}" / "*.parquet"
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT {texts} FROM read_parquet('{pattern}', hive_partitioning = false)"  # noqa: S608
            " ORDER BY person, domain"
        ).fetchall()
    return [dict(zip(COLUMNS, values, strict=True)) for values in found]


def in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda one: (one["person"], one["domain"]))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("asked_all", [True, False])
def test_a_sound_file_is_kept_as_it_is(
    tmp_path: Path, folder: Path, suffix: str, asked_all: bool
) -> None:
    for name in (f"facts{suffix}", "read.csv"):
        write_facts(tmp_path / name, people=300, month="2026-09", seed=7, asked_all=asked_all)
    with (tmp_path / "read.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    report = taken(folder, tmp_path / f"facts{suffix}")

    assert kept(folder) == in_order(rows)
    assert report.months == (MonthFacts("2026-09", 3600, 300),)
    assert report.rows == 3600
    assert not report.already_held
    assert dict(report.unknown) == {
        name: sum(not one[name] for one in rows) for name in BLANK_ALLOWED
    }


def test_columns_are_kept_with_their_types_and_blank_is_null(write: Write, folder: Path) -> None:
    taken(folder, write(row(**dict.fromkeys(BLANK_ALLOWED, ""))))
    pattern = folder / "facts" / "month=2026-09" / "*.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE kept AS FROM read_parquet('{pattern}', hive_partitioning = false)"
        )
        types = connection.execute("SELECT column_name, column_type FROM (DESCRIBE kept)")
        assert dict(types.fetchall()) == FACT_TYPES
        nulls = " AND ".join(f"{name} IS NULL" for name in BLANK_ALLOWED)
        assert connection.execute(f"SELECT count(*) FROM kept WHERE {nulls}").fetchone() == (1,)  # noqa: S608


def test_columns_may_stand_in_any_order(tmp_path: Path, folder: Path) -> None:
    taken(folder, to_csv(tmp_path / "facts.csv", [row()], reversed(COLUMNS)))
    assert kept(folder) == [row()]


def test_a_parquet_file_may_hold_numbers_and_empty_texts(tmp_path: Path, folder: Path) -> None:
    numbers = {"imd_decile", "level", "signposted", "referred"}
    values = ", ".join(
        f"{value} AS {name}" if name in numbers else f"'{value}' AS {name}"
        for name, value in row().items()
    )
    duckdb.sql(f"COPY (SELECT {values}) TO '{tmp_path / 'facts.parquet'}'")
    taken(folder, tmp_path / "facts.parquet")
    assert kept(folder) == [row()]


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path, folder: Path) -> None:
    source = tmp_path / "facts.csv"
    text = f"{','.join(COLUMNS)}\r\n{','.join(row().values())}\r\n"
    source.write_bytes(b"\xef\xbb\xbf" + text.encode())
    taken(folder, source)
    assert kept(folder) == [row()]


def test_a_file_name_is_no_pattern(write: Write, folder: Path) -> None:
    write(row(domain="work"), name="facts-a.csv")
    taken(folder, write(row(), name="facts-[ab]'*.csv"))
    assert kept(folder) == [row()]


def test_months_of_one_file_go_to_their_partitions(write: Write, folder: Path) -> None:
    report = taken(folder, write(row(), row(month="2026-08"), row(month="2026-08", person="p2")))
    assert report.months == (MonthFacts("2026-08", 2, 2), MonthFacts("2026-09", 1, 1))
    assert kept(folder) == [row()]
    assert kept(folder, "2026-08") == [row(month="2026-08"), row(month="2026-08", person="p2")]


def test_the_same_file_again_changes_nothing_and_says_so(write: Write, folder: Path) -> None:
    first = taken(folder, write(row()))
    before = partitions(folder)
    again = taken(folder, write(row(), name="renamed.csv"))
    assert again == FactsReport("renamed.csv", first.digest, already_held=True)
    assert partitions(folder) == before


def test_another_file_of_a_month_is_added(write: Write, folder: Path) -> None:
    taken(folder, write(row()))
    added = taken(folder, write(row(domain="work"), row(person="p2"), name="more.csv"))
    assert added.months == (MonthFacts("2026-09", 2, 2),)
    assert kept(folder) == [row(), row(domain="work"), row(person="p2")]


def test_a_person_domain_and_month_already_held_is_refused(write: Write, folder: Path) -> None:
    taken(folder, write(row(), row(person="p2")))
    source = write(
        row(person="p3"),
        row(domain="work"),
        row(person="p2", state="no-need", level="", wants_help=""),
        name="more.csv",
    )
    assert refused(folder, source) == [((4,), "person", 1)]
    taken(folder, write(row(month="2026-08"), name="other month.csv"))


def test_a_person_and_domain_twice_in_a_month_is_refused(write: Write, folder: Path) -> None:
    twice = [row(), row(person="p2"), row(domain="work"), row(), row(month="2026-08"), row()]
    assert refused(folder, write(*twice)) == [((5,), "person", 2)]


def test_a_repetition_says_what_it_repeats(write: Write, folder: Path) -> None:
    taken(folder, write(row(person="p9")))
    twice = write(row(), row(person="p2"), row(domain="work"), row(), row(person="p9"), row())
    assert messages(folder, twice) == [
        (
            "facts.csv:5: person is there more than once for a domain and month: line 5 after"
            " line 2, line 6 after facts already held, line 7 after line 2 (3 lines: 5, 6, 7)"
        )
    ]
    moved = write(row(), row(domain="work", sex="male"), row(person="p9", domain="work", sex=""))
    assert messages(folder, moved) == [
        (
            "facts.csv:3: person has other codes than earlier in the month: line 3 after line 2,"
            " line 4 after facts already held (2 lines: 3, 4)"
        )
    ]


def test_of_many_repetitions_the_first_are_named(write: Write, folder: Path) -> None:
    (message,) = messages(folder, write(*[row()] * 9))
    assert message.endswith("line 6 after line 2, line 7 after line 2 (8 lines: 3, 4, 5, 6, 7, …)")


CONTRADICTIONS = [
    ({"pcn": "U12345"}, "pcn", "is not the network the practice has earlier in the month"),
    ({"msoa": "E02000001"}, "msoa", "is not the one the LSOA has earlier in the month"),
    ({"imd_decile": "9"}, "imd_decile", "is not the one the LSOA has earlier in the month"),
]


@pytest.mark.parametrize(("changes", "column", "text"), CONTRADICTIONS)
def test_a_place_lies_in_one_other_place(
    write: Write, folder: Path, changes: Row, column: str, text: str
) -> None:
    blank, other = row(person="p0", **{column: ""}), row(person="p3", **changes)
    source = write(blank, row(), row(person="p2"), other)
    assert messages(folder, source) == [f"facts.csv:5: {column} {text}: line 5 after line 3"]
    assert not partitions(folder)
    taken(folder, write(blank, row(), name="first.csv"))
    assert messages(folder, write(other)) == [
        f"facts.csv:2: {column} {text}: line 2 after facts already held"
    ]
    taken(folder, write(other | {"month": "2026-08"}))


def test_lines_of_contradictions_are_those_of_the_file_where_some_are_empty(
    tmp_path: Path, folder: Path
) -> None:
    source = tmp_path / "facts.csv"
    one, other = (",".join(row(person=pcn, pcn=pcn).values()) for pcn in ("U1", "U2"))
    source.write_text("\n".join([",".join(COLUMNS), "", one, "", "", other]))
    (message,) = messages(folder, source)
    assert message.startswith("facts.csv:6: pcn ")
    assert message.endswith("line 6 after line 3")


def test_rows_that_end_in_a_carriage_return_alone_have_no_lines(
    tmp_path: Path, folder: Path
) -> None:
    source = tmp_path / "facts.csv"
    text = ",".join(row().values())
    source.write_bytes(f"{','.join(COLUMNS)}\n{text}\r{text}\r{text}\n".encode())
    assert messages(folder, source)[0].startswith(
        "facts.csv: person is there more than once for a domain and month (2 lines"
    )


PLACED = st.tuples(
    st.sampled_from(("2026-08", "2026-09")),
    st.sampled_from(("B86002", "B86003")),
    st.sampled_from(("", "U1", "U2")),
    st.sampled_from(("", "E01011373", "E01011264")),
    st.sampled_from(("", "E02000001", "E02000002")),
    st.sampled_from(("", "1", "10")),
)


@given(held=st.lists(PLACED, max_size=3), more=st.lists(PLACED, min_size=1, max_size=6))
@settings(max_examples=30)
def test_contradictions_are_found_as_reading_row_by_row_finds_them(
    held: list[tuple[str, ...]], more: list[tuple[str, ...]]
) -> None:
    before, rows = placed("h", held), placed("m", more)
    if contradicting(before):
        before = []
    expected = [
        (line - len(before) + 2, column) for line, column in contradicting([*before, *rows])
    ]
    with TemporaryDirectory() as place:
        folder = Path(place) / "aggregates"
        if before:
            taken(folder, to_csv(Path(place) / "held.csv", before))
        source = to_csv(Path(place) / "more.csv", rows)
        if not expected:
            assert taken(folder, source).rows == len(rows)
            return
        found = refused(folder, source)
    columns = [column for _, column in expected]
    firsts = {column: line for line, column in reversed(expected)}
    assert {column: (lines, count) for lines, column, count in found} == {
        column: ((line,), columns.count(column)) for column, line in firsts.items()
    }


def placed(name: str, places: Iterable[tuple[str, ...]]) -> list[Row]:
    """A row of another person for each place."""
    columns = ("month", "practice", "pcn", "lsoa", "msoa", "imd_decile")
    return [
        row(person=f"{name}{number}", **dict(zip(columns, codes, strict=True)))
        for number, codes in enumerate(places)
    ]


def contradicting(rows: Iterable[Row]) -> list[tuple[int, str]]:
    """The number of each row, from 0, and the column in which it contradicts one before."""
    first: dict[tuple[str, ...], str] = {}
    return [
        (number, column)
        for number, each in enumerate(rows)
        for place, column in (("practice", "pcn"), ("lsoa", "msoa"), ("lsoa", "imd_decile"))
        if each[place] and each[column]
        if first.setdefault((each["month"], column, each[place]), each[column]) != each[column]
    ]


def test_a_blank_place_contradicts_none(write: Write, folder: Path) -> None:
    blanks = {"pcn": "", "msoa": "", "imd_decile": ""}
    taken(folder, write(row(person="p0", **blanks), row(), row(person="p2", **blanks)))
    taken(folder, write(row(person="p4"), row(person="p5", **blanks), name="more.csv"))


def test_a_boundary_of_wards_may_cut_a_small_area(write: Write, folder: Path) -> None:
    assert taken(folder, write(row(), row(person="p2", ward="E05011383"))).rows == 2


def test_a_code_of_the_wrong_form_contradicts_nothing_else(write: Write, folder: Path) -> None:
    source = write(row(pcn="u1"), row(person="p2"), row(person="p3", msoa="E02"))
    assert refused(folder, source) == [((2,), "pcn", 1), ((4,), "msoa", 1)]


def register(folder: Path, tmp_path: Path, *practices: str) -> None:
    lists = tmp_path / "lists.csv"
    lines = [f"{practice},female,35-39,E01011373,12" for practice in practices]
    lists.write_text("\n".join(["practice,sex,age_band,lsoa,registered", *lines]))
    import_population(folder, lists)


def test_codes_nobody_knows_are_counted_and_reported(
    write: Write, folder: Path, tmp_path: Path, leeds: Areas
) -> None:
    register(folder, tmp_path, "B86002")
    strange = row(person="p3", practice="B99999", pcn="U99999", lsoa="E01999999")
    source = write(
        row(),
        row(person="p2", lsoa="E01011264", ward="E05999999", msoa="E02999999"),
        strange,
        strange | {"domain": "work"},
        row(person="p4", practice="B99998", pcn="", lsoa="", msoa="", ward="", imd_decile=""),
    )
    report = taken(folder, source, areas=leeds)
    assert report.not_known == (
        NotKnown("practice", 3, 2, ("B99999", "B99998")),
        NotKnown("pcn", 2, 1, ("U99999",)),
        NotKnown("lsoa", 2, 1, ("E01999999",)),
        NotKnown("ward", 1, 1, ("E05999999",)),
    )
    assert kept(folder)[3]["practice"] == "B99999"


def test_what_nobody_listed_is_not_looked_for(
    write: Write, folder: Path, tmp_path: Path, leeds: Areas
) -> None:
    strange = {"pcn": "U99999", "lsoa": "E01999999", "ward": "E05999999"}
    first = row(practice="B99999", **strange)
    assert taken(folder, write(first)).not_known == ()
    # The geography's practices stand where no lists do.
    second = write(row(month="2026-08", practice="B99999"), name="second.csv")
    known = taken(folder, second, areas=leeds).not_known
    assert known == (NotKnown("practice", 1, 1, ("B99999",)),)
    register(folder, tmp_path, "B99999")
    third = write(row(month="2026-07", practice="B99999", **strange), name="third.csv")
    assert taken(folder, third).not_known == ()
    assert [known.column for known in taken(folder, third, areas=leeds).not_known] == []


def test_of_many_unknown_codes_the_most_frequent_are_named(
    write: Write, folder: Path, tmp_path: Path
) -> None:
    register(folder, tmp_path, "B86002")
    others = [row(person=f"p{number}", practice=f"B9900{number}") for number in range(7)]
    most = row(person="p6", practice="B99006", domain="work")
    (known,) = taken(folder, write(*others, most)).not_known
    assert known == NotKnown("practice", 8, 7, ("B99006", "B99000", "B99001", "B99002", "B99003"))


def test_what_does_not_look_like_a_code_is_not_named(
    write: Write, folder: Path, tmp_path: Path
) -> None:
    register(folder, tmp_path, "B86002")
    # Somebody's name, or a postcode, in the wrong column has the form of an ODS code.
    rows = [
        row(person=f"p{number}", practice=practice)
        for number, practice in enumerate(("ZEBEDEE", "ZZ99ZZ", "0000000000", "B99999"))
    ]
    assert taken(folder, write(*rows)).not_known == (NotKnown("practice", 4, 4, ("B99999",)),)


def test_registered_lists_that_cannot_be_read_are_no_fault_of_the_file(
    write: Write, folder: Path
) -> None:
    (folder / "population").mkdir(parents=True)
    (folder / "population" / "registered.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(Unavailable, match="registered lists cannot be read"):
        taken(folder, write(row()))
    assert not (folder / "facts").exists()


def test_a_file_taken_by_mistake_is_taken_back(write: Write, folder: Path) -> None:
    taken(folder, write(row(person="p2"), name="right.csv"))
    before = partitions(folder)
    wrong = write(row(), row(domain="work"), row(month="2026-08"), name="wrong.csv")
    report = taken(folder, wrong)
    back = take_back(folder, wrong, closed=())
    assert back == TakenBack(
        report.digest, (MonthFacts("2026-08", 1, 1), MonthFacts("2026-09", 2, 1))
    )
    assert partitions(folder) == before
    assert kept(folder) == [row(person="p2")]
    assert take_back(folder, wrong, closed=()) == TakenBack(report.digest, ())
    assert taken(folder, wrong).months == report.months


def test_a_file_that_is_gone_is_taken_back_by_its_digest(write: Write, folder: Path) -> None:
    source = write(row())
    digest = taken(folder, source).digest
    source.unlink()
    assert take_back(folder, digest.upper(), closed=()).months == (MonthFacts("2026-09", 1, 1),)
    assert partitions(folder) == []
    assert take_back(folder, digest, closed=()).months == ()
    with pytest.raises(Invalid, match="64"):
        take_back(folder, digest[:-1], closed=())
    with pytest.raises(Invalid, match="64"):
        take_back(folder, f"../{'0' * 61}", closed=())
    with pytest.raises(NotFound, match=r"facts\.csv"):
        take_back(folder, source, closed=())


def test_what_a_closed_month_counted_is_not_taken_back(write: Write, folder: Path) -> None:
    source = write(row(month="2026-08"))
    taken(folder, source)
    for _ in range(2):
        with pytest.raises(Conflict, match="2026-08 is closed"):
            take_back(folder, source, closed=["2026-08"])


def test_what_no_month_counted_yet_is_taken_back_alone(write: Write, folder: Path) -> None:
    source = write(row(), row(month="2026-08"))
    digest = taken(folder, source).digest
    back = take_back(folder, source, closed=["2026-08"])
    assert back == TakenBack(digest, (MonthFacts("2026-09", 1, 1),), closed=("2026-08",))
    assert partitions(folder) == []
    with pytest.raises(Conflict, match="2026-08 is closed"):
        take_back(folder, source, closed=["2026-08"])


def test_taking_back_waits_for_no_other_command(write: Write, folder: Path) -> None:
    source = write(row())
    taken(folder, source)
    with facts_held(folder), pytest.raises(Unavailable, match="another command is at work"):
        take_back(folder, source, closed=())
    assert kept(folder) == [row()]


def test_a_taking_back_that_was_cut_off_is_finished_by_the_next_command(
    write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(row(), row(month="2026-08"))
    digest = taken(folder, source).digest
    unlink = Path.unlink

    def fails_at_the_second(path: Path, missing_ok: bool = False) -> None:
        if path.parent.name == "month=2026-09":
            raise OSError(5, "Input/output error")
        unlink(path, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", fails_at_the_second)
        with pytest.raises(Unavailable, match="facts: Input/output error"):
            take_back(folder, digest, closed=())
    assert taken(folder, source).rows == 2


def test_a_person_has_one_place_and_one_of_each_characteristic(write: Write, folder: Path) -> None:
    moved = row(domain="work", practice="B86003")
    assert refused(folder, write(row(), row(person="p2"), moved)) == [((4,), "person", 1)]
    taken(folder, write(row(), row(month="2026-08", sex="")))
    later = write(row(domain="work", imd_decile=""), name="later.csv")
    assert refused(folder, later) == [((2,), "person", 1)]


def test_months_before_a_closed_one_take_no_more(write: Write, folder: Path) -> None:
    rows = [row(month=month) for month in ("2026-06", "2026-07", "2026-08")]
    assert refused(folder, write(*rows), closed=["2026-07"]) == [((2,), "month", 2)]


def test_facts_of_a_month_that_was_closed_are_removed(write: Write, folder: Path) -> None:
    taken(folder, write(row(), row(month="2026-08")))
    taken(folder, write(row(person="p2"), name="more.csv"), closed=["2026-08"])
    assert kept(folder) == [row(), row(person="p2")]
    assert not (folder / "facts" / "month=2026-08").exists()


UNASKED = {"state": "not-asked", "method": "", "level": "", "wants_help": ""}
RED = [
    ({"month": "2026-13"}, "month", "must be YYYY-MM"),
    ({"month": "September"}, "month", "must be YYYY-MM"),
    ({"month": "../2026-09"}, "month", "must be YYYY-MM"),
    ({"month": ""}, "month", "must be YYYY-MM"),
    ({"month": "2026-10"}, "month", "is in the future"),
    (
        {"month": "2026-07"},
        "month",
        "is closed, or before a month that is: it can no longer be counted",
    ),
    ({"person": ""}, "person", "must be an opaque id"),
    ({"person": "somebody's name"}, "person", "must be an opaque id"),
    ({"person": "9" * 65}, "person", "must be an opaque id"),
    ({"practice": ""}, "practice", "must be an ODS code"),
    ({"practice": "The Surgery"}, "practice", "must be an ODS code"),
    ({"pcn": "u16878"}, "pcn", "must be an ODS code"),
    ({"lsoa": "E02011373"}, "lsoa", "must be an ONS code, E01"),
    ({"lsoa": "LS9 6AU"}, "lsoa", "must be an ONS code, E01"),
    ({"lsoa": "E010113731"}, "lsoa", "must be an ONS code, E01"),
    ({"ward": "E01011373"}, "ward", "must be an ONS code, E05"),
    ({"msoa": "E0200241"}, "msoa", "must be an ONS code, E02"),
    ({"imd_decile": "0"}, "imd_decile", "must be one of 1, 2"),
    ({"imd_decile": "11"}, "imd_decile", "must be one of 1, 2"),
    ({"imd_decile": "1.0"}, "imd_decile", "must be one of 1, 2"),
    ({"age_band": "-4"}, "age_band", "must be one of 0-4, 5-9, …, 90+"),
    ({"age_band": "150-154"}, "age_band", "must be one of 0-4, 5-9, …, 90+"),
    ({"age_band": "35"}, "age_band", "must be one of 0-4, 5-9, …, 90+"),
    ({"sex": "F"}, "sex", "must be one of female, male, other, or blank"),
    ({"ethnic_group": "White"}, "ethnic_group", "must be one of asian"),
    ({"language_group": "polish"}, "language_group", "must be one of english"),
    ({"domain": "debt"}, "domain", "must be one of housing"),
    ({"domain": ""}, "domain", "must be one of housing"),
    ({"state": "yes", "wants_help": "", "level": "", "method": ""}, "state", "must be one of"),
    ({"method": "phone"}, "method", "must be one of asked, batch"),
    ({"level": "5"}, "level", "must be one of 0, 1, 2, 3, 4"),
    ({"level": "-1"}, "level", "must be one of 0, 1, 2, 3, 4"),
    ({"wants_help": "yes"}, "wants_help", "must be one of yes-now"),
    ({"signposted": "2"}, "signposted", "must be one of 0, 1"),
    ({"signposted": ""}, "signposted", "must be one of 0, 1"),
    ({"referred": "true"}, "referred", "must be one of 0, 1"),
    ({"referred": ""}, "referred", "must be one of 0, 1"),
    ({"outcome": "done"}, "outcome", "must be one of resolved"),
    (UNASKED | {"wants_help": "no"}, "wants_help", "may be given only where state is need"),
    (UNASKED | {"level": "2"}, "level", "may be given only where state is no-need"),
    (UNASKED | {"method": "asked"}, "method", "may be given only where state is no-need"),
    (UNASKED | {"state": "not-offered", "method": "batch"}, "method", "may be given only where"),
    (UNASKED | {"state": "", "level": "1"}, "level", "may be given only where"),
    (UNASKED | {"state": "", "method": "asked"}, "method", "may be given only where"),
    (UNASKED | {"state": "", "wants_help": "no"}, "wants_help", "may be given only where"),
    ({"state": "declined", "wants_help": ""}, "level", "may be given only where"),
    ({"state": "declined", "level": ""}, "wants_help", "may be given only where"),
    ({"state": "no-need", "level": "0"}, "wants_help", "may be given only where"),
    ({"state": "no-need", "wants_help": ""}, "level", "must be 0 or blank where state is no-need"),
    (UNASKED | {"state": "", "signposted": "0"}, "state", "is blank, and nothing was signposted"),
]


@pytest.mark.parametrize(("changes", "column", "text"), RED, ids=lambda each: str(each)[:40])
def test_a_row_that_breaks_a_rule_is_named(
    write: Write, folder: Path, changes: Row, column: str, text: str
) -> None:
    source = write(row(person="p2"), row(person="p3"), row(**changes), row(person="p4"))
    with pytest.raises(FileRefused) as refusal:
        taken(folder, source, closed=["2026-06", "2026-07"])
    (problem,) = problems(refusal.value)
    assert (problem.lines, problem.column, problem.count) == ((4,), column, 1)
    assert problem.message.startswith(f"facts.csv:4: {column} {text}")
    assert not partitions(folder)


GREEN = [
    UNASKED,
    UNASKED | {"state": "not-offered"},
    UNASKED | {"state": "declined", "method": "asked"},
    UNASKED | {"state": "", "signposted": "1"},
    UNASKED | {"state": "", "signposted": "0", "referred": "1"},
    UNASKED | {"state": "", "signposted": "0", "outcome": "partly"},
    {"state": "no-need", "method": "batch", "level": "0", "wants_help": ""},
    {"state": "unsure", "level": "", "wants_help": "later"},
    {"method": "", "level": "", "wants_help": ""},
    {"person": "0000000001"},
    {"person": "0198c0de-0000-7000-8000-000000000001"},
]


@pytest.mark.parametrize("changes", GREEN, ids=lambda each: str(each)[:40])
def test_what_the_design_allows_is_taken(write: Write, folder: Path, changes: Row) -> None:
    taken(folder, write(row(**changes)))
    assert kept(folder) == [row(**changes)]


def check_digit(nine: str) -> int:
    return (
        -sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), nine, strict=True)) % 11
    )


@given(st.from_regex(r"[0-9]{10}", fullmatch=True))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_id_is_no_nhs_number(number: str) -> None:
    real = number[0] in "4679" and check_digit(number[:9]) == int(number[9])
    with TemporaryDirectory() as place:
        source = to_csv(Path(place) / "facts.csv", [row(person=number)])
        if real:
            assert refused(Path(place) / "a", source) == [((2,), "person", 1)]
        else:
            assert taken(Path(place) / "a", source).rows == 1


@pytest.mark.parametrize("first", [400_000_000, 600_000_000, 700_000_000, 999_000_000])
def test_a_number_with_the_check_digit_of_the_nhs_is_refused(
    write: Write, folder: Path, first: int
) -> None:
    # Numbers of 999 are for tests: a system that sends them would send real ones next.
    nine = next(str(n) for n in range(first, first + 11) if check_digit(str(n)) < 10)
    source = write(row(person=f"{nine}{check_digit(nine)}"))
    assert refused(folder, source) == [((2,), "person", 1)]


def test_all_problems_are_told_at_once_with_counts_and_the_first_lines(
    write: Write, folder: Path
) -> None:
    lines = "1,200 lines: 3, 4, 5, 6, 7, …"
    many = [row(person=f"p{number}", sex="f") for number in range(1200)]
    with pytest.raises(FileRefused) as refusal:
        taken(folder, write(row(person="q", level="9"), *many))
    assert [problem.message for problem in refusal.value.problems] == [
        f"facts.csv:3: sex must be one of {', '.join(SEXES)}, or blank ({lines})",
        "facts.csv:2: level must be one of 0, 1, 2, 3, 4, or blank",
    ]


def test_no_message_holds_a_value_of_the_file(write: Write, folder: Path) -> None:
    secret = "Zebedee Quirk"
    source = write(
        row(**dict.fromkeys(COLUMNS, secret)), row(person="zq", sex="f"), row(person="zq")
    )
    with pytest.raises(FileRefused) as refusal:
        taken(folder, source)
    told = " ".join(problem.message for problem in refusal.value.problems)
    assert len(refusal.value.problems) >= len(COLUMNS)
    assert "Zebedee" not in told
    assert "zq" not in told


def test_lines_are_those_of_the_file_where_some_are_empty(tmp_path: Path, folder: Path) -> None:
    source = tmp_path / "facts.csv"
    lines = [
        ",".join(row(person=name, sex=sex).values())
        for name, sex in (("p1", "male"), ("p2", "m"), ("p3", "male"), ("p4", "f"))
    ]
    source.write_text(
        "\n".join([",".join(COLUMNS), lines[0], "", *lines[1:3], "", "", lines[3], ""])
    )
    assert refused(folder, source) == [((4,), "sex", 2)]


def test_rows_of_a_parquet_file_are_counted_from_one(tmp_path: Path, folder: Path) -> None:
    text = to_csv(tmp_path / "facts.csv", [row(), row(person="p2", sex="m")])
    source = tmp_path / "facts.parquet"
    duckdb.sql(f"COPY (FROM read_csv('{text}', all_varchar = true)) TO '{source}'")
    assert refused(folder, source) == [((2,), "sex", 1)]


def test_missing_unknown_and_repeated_columns_are_named(tmp_path: Path, folder: Path) -> None:
    columns = [*(name for name in COLUMNS if name not in ("sex", "msoa")), "name", "person"]
    source = to_csv(tmp_path / "facts.csv", [row(name="Zebedee")], columns)
    with pytest.raises(FileRefused) as refusal:
        taken(folder, source)
    assert [problem.message for problem in refusal.value.problems] == [
        "facts.csv: msoa is missing",
        "facts.csv: sex is missing",
        "facts.csv: column 19 is not one of this kind of file, or there twice",
        "facts.csv: column 20 is not one of this kind of file, or there twice",
    ]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"2026-09,p1", "has fewer values than the header"),
        (b",".join([b"x"] * 21), "has more values than the header"),
        (b'"2026-09,' + b",".join([b"x"] * 19), "has a quotation mark that is not closed"),
        (b"\xff," + b",".join([b"x"] * 19), "is not UTF-8"),
    ],
)
def test_a_line_that_is_no_csv_is_named(
    tmp_path: Path, folder: Path, line: bytes, text: str
) -> None:
    source = tmp_path / "facts.csv"
    sound = ",".join(row().values()).encode()
    source.write_bytes(b"\n".join([",".join(COLUMNS).encode(), sound, line]) + b"\n")
    with pytest.raises(FileRefused) as refusal:
        taken(folder, source)
    assert refusal.value.message.startswith(f"facts.csv:3: {text}")
    assert not partitions(folder)


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"month\xff", b"PAR1 and no more"])
@pytest.mark.parametrize("name", ["facts.csv", "facts.parquet"])
def test_a_file_of_another_kind_is_refused(
    tmp_path: Path, folder: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileRefused):
        taken(folder, tmp_path / name)
    assert not partitions(folder)


def test_a_parquet_file_cut_short_or_damaged_is_refused(tmp_path: Path, folder: Path) -> None:
    whole = tmp_path / "whole.parquet"
    write_facts(whole, people=50, month="2026-09", seed=1)
    content = whole.read_bytes()
    (tmp_path / "cut.parquet").write_bytes(content[: len(content) // 2])
    (tmp_path / "flipped.parquet").write_bytes(content[:4] + bytes(400) + content[404:])
    for name in ("cut.parquet", "flipped.parquet"):
        with pytest.raises(FileRefused, match="is damaged"):
            taken(folder, tmp_path / name)
    assert not partitions(folder)


def test_a_file_without_rows_is_refused(write: Write, folder: Path) -> None:
    with pytest.raises(FileRefused, match=r"facts\.csv: holds no rows"):
        taken(folder, write())


def test_a_file_that_is_not_there_and_a_kind_nobody_reads(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(NotFound, match="facts"):
        taken(folder, tmp_path / "facts.csv")
    (tmp_path / "facts.xlsx").write_bytes(b"PK")
    with pytest.raises(UnsupportedMedia, match=r"facts\.xlsx"):
        taken(folder, tmp_path / "facts.xlsx")


def test_an_import_cut_off_before_its_last_step_is_finished_by_the_next(
    write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(row(), row(month="2026-08"))
    moved = Path.replace

    def fails_at_the_second(path: Path, target: Path) -> Path:
        if "2026-09" in path.name:
            raise OSError(5, "Input/output error")
        return moved(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fails_at_the_second)
        with pytest.raises(Unavailable, match="facts: Input/output error"):
            taken(folder, source)
    with facts_held(folder) as facts:
        assert not list(facts.glob(".ready-*"))
    assert kept(folder) == [row()]
    assert kept(folder, "2026-08") == [row(month="2026-08")]
    assert taken(folder, source).already_held


def test_what_a_killed_import_left_is_swept(write: Write, folder: Path) -> None:
    left = folder / "facts" / ".work-killed"
    left.mkdir(parents=True)
    (left / "text.parquet").write_bytes(b"half")
    taken(folder, write(row()))
    assert not left.exists()


def test_only_one_command_at_a_time(write: Write, folder: Path) -> None:
    source = write(row())
    with facts_held(folder), pytest.raises(Unavailable, match="another command is at work"):
        taken(folder, source)
    assert taken(folder, source).rows == 1


@pytest.mark.parametrize(
    "trouble",
    [
        duckdb.OutOfMemoryException("Out of Memory Error: of somebody's value"),
        duckdb.IOException(f"IO Error: Could not write file: {os.strerror(errno.ENOSPC)}"),
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
def test_a_full_disk_or_memory_is_no_fault_of_the_file(
    write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def fails(*_: object) -> None:
        raise trouble

    source = write(row())
    with monkeypatch.context() as patch:
        patch.setattr(facts_module, "sync", fails)
        with pytest.raises(Unavailable, match=r"not enough memory or disk|No space left"):
            taken(folder, source)
    assert not partitions(folder)
    assert taken(folder, source).rows == 1


def test_a_folder_that_cannot_be_written_is_said(write: Write, tmp_path: Path) -> None:
    (tmp_path / "aggregates").write_bytes(b"a file in the way")
    with pytest.raises(Unavailable, match="facts: "):
        taken(tmp_path / "aggregates", write(row()))


_WRONG = ("x y!", "ж", "a,b", '"', "line\nbreak", "NULL!", " need", "'; --")


@given(data=st.data(), seed=st.integers(0, 3), asked_all=st.booleans())
@settings(max_examples=60)
def test_any_one_corrupted_field_is_found_at_its_line(
    data: st.DataObject, seed: int, asked_all: bool
) -> None:
    with TemporaryDirectory() as place:
        source = Path(place) / "facts.csv"
        write_facts(source, people=15, month="2026-09", seed=seed, asked_all=asked_all)
        with source.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        number = data.draw(st.integers(0, len(rows) - 1))
        column = data.draw(st.sampled_from(COLUMNS))
        rows[number][column] = data.draw(st.sampled_from(_WRONG))
        to_csv(source, rows)
        found = refused(Path(place) / "aggregates", source)
    assert ((number + 2,), column, 1) in found
    assert {lines for lines, _, _ in found} == {(number + 2,)}


@pytest.mark.parametrize("ending", [b"\r", b"\r\n"])
def test_lines_may_end_as_on_any_machine(tmp_path: Path, folder: Path, ending: bytes) -> None:
    source = tmp_path / "facts.csv"
    rows = [",".join(COLUMNS), ",".join(row().values()), ",".join(row(domain="work").values())]
    source.write_bytes(ending.join([*(each.encode() for each in rows), b""]))
    assert taken(folder, source).rows == 2
    assert kept(folder) == in_order([row(), row(domain="work")])
