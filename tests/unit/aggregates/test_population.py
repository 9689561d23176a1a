"""Registered lists: every cell once, ages that people have, and what is unknown is said."""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.geography import Geography
from template_service.aggregates.population import OLDEST, PopulationReport, import_population
from template_service.aggregates.source_files import FileProblem, FileRefused
from template_service.aggregates.vocabulary import FIVE_YEAR_BANDS, SEXES
from template_service.errors import NotFound, Unavailable

BANDS = "practice,sex,age_band,lsoa,registered"
AGES = "practice,sex,age,lsoa,registered"
SOUND = "B86002,female,35-39,E01011373,120"

Kept = list[tuple[str | int | None, ...]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "aggregates"


def source(folder: Path, *lines: str) -> Path:
    path = folder.parent / "lists.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def kept(folder: Path) -> Kept:
    path = folder / "population" / "registered.parquet"
    with duckdb.connect() as connection:
        return connection.execute(f"FROM read_parquet('{path}') ORDER BY ALL").fetchall()


def refused(folder: Path, *lines: str) -> list[tuple[tuple[int, ...], str, int]]:
    with pytest.raises(FileRefused) as refusal:
        import_population(folder, source(folder, *lines))
    assert not list(folder.rglob("*.parquet"))
    found = [each for each in refusal.value.problems if isinstance(each, FileProblem)]
    return [(problem.lines, problem.column, problem.count) for problem in found]


def test_lists_are_kept_with_totals_by_practice(folder: Path) -> None:
    lines = (SOUND, "B86002,male,90+,,5", "B86003,,,E01011373,7")
    report = import_population(folder, source(folder, BANDS, *lines))
    assert kept(folder) == [
        ("B86002", None, "female", "35-39", "E01011373", 120),
        ("B86002", None, "male", "90+", None, 5),
        ("B86003", None, None, None, "E01011373", 7),
    ]
    assert report == PopulationReport(
        "lists.csv",
        132,
        (("B86002", 125), ("B86003", 7)),
        (("practice", 0), ("pcn", 132), ("sex", 7), ("age_band", 7), ("lsoa", 5)),
    )


def test_a_network_is_the_files_else_the_practices(folder: Path, geography: Geography) -> None:
    path = source(
        folder,
        f"pcn,{BANDS}",
        f"U99999,{SOUND}",
        ",B86003,male,0-4,E01011373,3",
        ",Z99999,male,0-4,E01011373,4",
    )
    report = import_population(folder, path, geography=geography)
    assert [(practice, pcn) for practice, pcn, *_ in kept(folder)] == [
        ("B86002", "U99999"),
        ("B86003", "U92581"),
        ("Z99999", None),
    ]
    assert dict(report.unknown) == {"practice": 4, "pcn": 4, "sex": 0, "age_band": 0, "lsoa": 0}


def test_areas_that_are_not_known_are_kept_and_counted(folder: Path, geography: Geography) -> None:
    path = source(folder, BANDS, SOUND, "B86002,female,35-39,E01000001,30")
    report = import_population(folder, path, geography=geography)
    assert dict(report.unknown)["lsoa"] == 30
    assert report.registered == 150
    assert dict(import_population(folder, path).unknown)["lsoa"] == 0


def test_a_later_import_replaces_the_lists(folder: Path) -> None:
    import_population(folder, source(folder, BANDS, SOUND))
    import_population(folder, source(folder, BANDS, SOUND.replace("120", "121")))
    assert [each[-1] for each in kept(folder)] == [121]
    assert sorted(path.name for path in (folder / "population").iterdir()) == [
        ".lock",
        "registered.parquet",
    ]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (",female,35-39,E01011373,1", "practice"),
        ("The Surgery,female,35-39,E01011373,1", "practice"),
        ("B86003,F,35-39,E01011373,1", "sex"),
        ("B86003,female,35,E01011373,1", "age_band"),
        ("B86003,female,-5-0,E01011373,1", "age_band"),
        ("B86003,female,35-39,LS9 6AU,1", "lsoa"),
        ("B86003,female,35-39,E01011373,", "registered"),
        ("B86003,female,35-39,E01011373,-1", "registered"),
        ("B86003,female,35-39,E01011373,1.5", "registered"),
        ("B86003,female,35-39,E01011373,many", "registered"),
    ],
)
def test_a_row_that_breaks_a_rule_is_named(folder: Path, line: str, column: str) -> None:
    assert refused(folder, BANDS, SOUND, line) == [((3,), column, 1)]


@pytest.mark.parametrize("age", ["-1", "121", "999", "35.5", "forty", "035", "1e1"])
def test_an_age_nobody_has_is_named(folder: Path, age: str) -> None:
    assert refused(folder, AGES, f"B86002,female,{age},E01011373,1") == [((2,), "age", 1)]


def test_a_cell_twice_is_refused(folder: Path) -> None:
    lines = (SOUND, "B86002,male,35-39,E01011373,1", SOUND, "B86002,,,,1", "B86002,,,,2")
    assert refused(folder, BANDS, *lines) == [((4, 6), "practice", 2)]


@pytest.mark.parametrize(
    "header", ["practice,sex,lsoa,registered", "practice,sex,age,age_band,lsoa,registered"]
)
def test_ages_come_one_way(folder: Path, header: str) -> None:
    line = ",".join({"practice": "B86002", "registered": "1"}.get(c, "") for c in header.split(","))
    with pytest.raises(FileRefused, match="either an age_band or an age column"):
        import_population(folder, source(folder, header, line))


def test_a_column_missing_and_one_too_many(folder: Path) -> None:
    with pytest.raises(FileRefused) as refusal:
        import_population(folder, source(folder, "practice,sex,age,registered,name", "B,,,1,x"))
    assert [problem.message for problem in refusal.value.problems] == [
        "lists.csv: lsoa is missing",
        "lists.csv: column 5 is not one of this kind of file, or there twice",
    ]


def test_a_refused_file_leaves_the_older_lists(folder: Path) -> None:
    import_population(folder, source(folder, BANDS, SOUND))
    with pytest.raises(FileRefused):
        import_population(folder, source(folder, BANDS, SOUND, SOUND))
    assert [each[-1] for each in kept(folder)] == [120]


def test_what_cannot_be_read_or_written_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"absent\.csv"):
        import_population(folder, tmp_path / "absent.csv")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unavailable, match="population"):
        import_population(tmp_path / "file", source(folder, BANDS, SOUND))


def band_of(age: str) -> str | None:
    """The five-year band, worked out by looking."""
    if not age:
        return None
    for band in FIVE_YEAR_BANDS:
        low, _, high = band.rstrip("+").partition("-")
        if int(low) <= int(age) <= int(high or OLDEST):
            return band
    raise AssertionError(age)


_CELLS = st.tuples(
    st.sampled_from(("B86002", "B86003")),
    st.sampled_from((*SEXES, "")),
    st.integers(0, OLDEST).map(str) | st.just(""),
    st.sampled_from(("E01011373", "E01011292", "")),
)


@given(st.dictionaries(_CELLS, st.integers(0, 999_999_999), min_size=1, max_size=30))
@settings(max_examples=60)
def test_single_years_add_up_to_bands(cells: dict[Sequence[str], int]) -> None:
    expected: Counter[tuple[str | int | None, ...]] = Counter()
    for (practice, sex, age, lsoa), registered in cells.items():
        expected[(practice, None, sex or None, band_of(age), lsoa or None)] += registered
    with TemporaryDirectory() as place:
        path = Path(place) / "lists.csv"
        with path.open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(AGES.split(","))
            writer.writerows((*cell, registered) for cell, registered in cells.items())
        report = import_population(Path(place), path)
        found = {row[:-1]: row[-1] for row in kept(Path(place))}
    assert found == dict(expected)
    assert report.registered == sum(cells.values())
