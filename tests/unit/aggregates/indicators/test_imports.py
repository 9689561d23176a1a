"""Importing: what is refused and where, and what the same or another file changes."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from template_service.aggregates.indicators import store
from template_service.aggregates.indicators.figures import IndicatorValue
from template_service.aggregates.indicators.imports import PUBLISHED_EXAMPLES, import_indicators
from template_service.aggregates.indicators.problems import IndicatorsDamaged, IndicatorsRefused
from template_service.aggregates.indicators.reading import indicator_values
from template_service.errors import Malformed, ServiceError, Unavailable
from tests.unit.aggregates.indicators.lines import HEADER, Row, bare, csv_of, row

Write = Callable[..., Path]


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "indicators").glob("*.parquet"))


def refused_lines(folder: Path, path: Path, *, replace: bool = False) -> list[str]:
    """The lines of the message of a refused import, which kept nothing."""
    before = kept(folder)
    with pytest.raises(IndicatorsRefused) as refusal:
        import_indicators(folder, path, replace=replace)
    assert kept(folder) == before
    return refusal.value.message.splitlines()


def refused(folder: Path, path: Path) -> list[tuple[int, str, str]]:
    """Line, column and words of every problem of a refused import."""
    parts = [each.split(":", 3) for each in refused_lines(folder, path)]
    assert {file for file, *_ in parts} == {path.name}
    return [(int(line), column.strip(), what.strip()) for _, line, column, what in parts]


BAD_CELLS: dict[str, tuple[Row, str, str]] = {
    "indicator 0": (row(indicator="0"), "indicator", "is not the number of an indicator, 1 to 15"),
    "indicator 16": (row(indicator="16"), "indicator", "is not the number of an indicator"),
    "indicator word": (row(indicator="five"), "indicator", "is not the number of an indicator"),
    "indicator digits": (row(indicator="５"), "indicator", "is not the number of an indicator"),
    "indicator blank": (row(indicator=""), "indicator", "is not the number of an indicator"),
    "period": (row(period="2020-22"), "period", "is not a period such as"),
    "future": (row(period="2026-11"), "period", "lies in the future"),
    "area": (row(geography_type="parish"), "geography_type", "is not one of city, pcn, practice"),
    "ward as MSOA": (
        row(geography_type="msoa", geography_code="E05011385"),
        "geography_code",
        "is not the code of a msoa",
    ),
    "code": (row(geography_code="Leeds"), "geography_code", "is not the code of a city"),
    "area not published": (
        row(geography_type="pcn", geography_code="U12345"),
        "geography_type",
        "is not published for indicator 5",
    ),
    "ward not published": (
        row(indicator="13", geography_type="ward", geography_code="E05011385"),
        "geography_type",
        "is not published for indicator 13",
    ),
    "breakdown": (row(breakdown="shoe_size"), "breakdown", "is not one of all, imd_decile_2019"),
    "breakdown not published": (
        row(breakdown="age_band", category="16-24"),
        "breakdown",
        "is not published for indicator 5",
    ),
    "half of a crossing not published": (
        row(indicator="6", breakdown="imd_decile_2019/sex", category="1/male"),
        "breakdown",
        "is not published for indicator 6",
    ),
    "no edition": (
        row(breakdown="imd_decile", category="1"),
        "breakdown",
        "does not name the edition of the IMD: write imd_decile_2019 or imd_decile_2025",
    ),
    "edition unknown": (row(breakdown="imd_decile_2020", category="1"), "breakdown", "is not one"),
    "two editions": (
        row(breakdown="imd_decile_2019/imd_decile_2025", category="1/1"),
        "breakdown",
        "crosses a breakdown with itself; editions of the IMD are never joined",
    ),
    "crossing out of order": (
        row(breakdown="sex/imd_decile_2019", category="male/1"),
        "breakdown",
        "names a crossing out of order",
    ),
    "three crossed": (
        row(breakdown="imd_decile_2019/sex/ethnic_group", category="1/male/x"),
        "breakdown",
        "crosses more than two breakdowns",
    ),
    "decile 0": (row(breakdown="imd_decile_2019", category="0"), "category", "is not a category"),
    "decile 11": (row(breakdown="imd_decile_2025", category="11"), "category", "is not a category"),
    "decile in a crossing": (
        row(breakdown="imd_decile_2019/sex", category="11/male"),
        "category",
        "is not a category of imd_decile",
    ),
    "one category for two": (
        row(breakdown="imd_decile_2019/sex", category="1"),
        "category",
        "does not have one category for each breakdown",
    ),
    "category of all": (row(category="male"), "category", "is not 'all', though the breakdown is"),
    "sex": (row(breakdown="sex", category="f"), "category", "is not a category of sex"),
    "free school meals": (
        row(breakdown="free_school_meals", category="yes"),
        "category",
        "is not a category of free_school_meals: eligible, not_eligible",
    ),
    "age band": (
        bare(indicator="9", breakdown="age_band", category="24-16"),
        "category",
        "is not an age band",
    ),
    "no ethnic group": (row(breakdown="ethnic_group", category=""), "category", "names no ethnic"),
    "unprintable": (
        row(breakdown="ethnic_group", category="Asian\x07"),
        "category",
        "holds characters that cannot be printed",
    ),
    "no value": (bare(value=""), "value", "is missing: leave out the line"),
    "words": (bare(value="low"), "value", "is not a number such as 58.3"),
    "percent sign": (bare(value="58.3%"), "value", "is not a number"),
    "thousands": (bare(indicator="9", value="1,234"), "value", "is not a number"),
    "not a number": (bare(value="nan"), "value", "is not a number"),
    "endless": (bare(indicator="12", value="1e999"), "value", "is not a number"),
    "python number": (bare(value="1_0"), "value", "is not a number"),
    "above 100 %": (bare(value="100.1"), "value", "is above 100, the most that makes sense"),
    "below 0 %": (bare(value="-0.1"), "value", "is below 0"),
    "below 0 households": (bare(indicator="12", value="-1"), "value", "is below 0"),
    "years": (bare(indicator="1", value="776"), "value", "is above 120"),
    "births": (bare(indicator="2", value="1001"), "value", "is above 1000"),
    "attainment": (bare(indicator="6", value="90.1"), "value", "is above 90"),
    "rate": (bare(indicator="10", value="100001"), "value", "is above 100000"),
    "upper above 100 %": (row(upper="630"), "upper", "is above 100"),
    "lower above value": (row(lower="61.6"), "lower", "is above the value"),
    "upper below value": (row(upper="61.4"), "upper", "is below the value"),
    "lower no number": (row(lower="sixty"), "lower", "is not a number"),
    "one limit": (row(upper=""), "upper", "is missing, though the other limit is there"),
    "the other limit": (row(lower=""), "lower", "is missing, though the other limit is there"),
    "more than all": (row(numerator="1001"), "numerator", "is above the denominator"),
    "more than all babies": (
        bare(indicator="2", value="70", numerator="71", denominator="70"),
        "numerator",
        "is above the denominator",
    ),
    "negative count": (row(numerator="-1"), "numerator", "is below 0"),
    "of nobody": (row(numerator="0", denominator="0"), "denominator", "is 0, so there is no"),
    "no source": (row(source="  "), "source", "is missing"),
    "long source": (row(source="s" * 501), "source", "is longer than 500 characters"),
    "two-line source": (row(source="one\ntwo"), "source", "holds characters that cannot be"),
}


@pytest.mark.parametrize("name", BAD_CELLS)
def test_a_bad_cell_is_refused_by_line_and_column(name: str, folder: Path, write: Write) -> None:
    bad, column, words = BAD_CELLS[name]
    path = write(row(period="2021/22"), bad, row(period="2022/23"))
    [(line, found, what)] = refused(folder, path)
    assert (line, found) == (3, column)
    assert what.startswith(words)
    assert not folder.exists()


def test_every_problem_of_every_line_is_named_at_once(folder: Path, write: Write) -> None:
    path = write(
        row(indicator="99", period="then", geography_type="parish", source=""),
        row(),
        row(value="x", lower="y", upper="z"),
    )
    assert [(line, column) for line, column, _ in refused(folder, path)] == [
        (2, "source"),
        (2, "period"),
        (2, "indicator"),
        (2, "geography_type"),
        (4, "value"),
        (4, "lower"),
        (4, "upper"),
    ]


def test_the_message_names_every_place_and_repeats_no_cell(folder: Path, write: Write) -> None:
    path = write(row(value="SECRET"), row(source="", category="SECRET"), row(breakdown="SECRET"))
    with pytest.raises(IndicatorsRefused) as refusal:
        import_indicators(folder, path)
    lines = refusal.value.message.splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "figures.csv:2:",
        "figures.csv:3:",
        "figures.csv:3:",
        "figures.csv:4:",
    ]
    assert "SECRET" not in refusal.value.message
    assert str(path.parent) not in refusal.value.message


@pytest.mark.parametrize(
    "changes",
    [
        {"value": "0", "lower": "0", "upper": "0"},
        {"value": "100", "lower": "100", "upper": "100"},
        {"lower": "61.5", "upper": "61.5"},
        {"numerator": "1000"},
        {"period": "2026-10"},
        {"breakdown": "imd_decile_2025/ethnic_group", "category": "10/Asian / Asian British"},
        {"indicator": "9", "value": "5e3", "upper": "6000", "numerator": "2000"},
        {"indicator": "9", "breakdown": "age_band", "category": "90+"},
        {"indicator": "12", "value": "100000", "lower": "", "upper": ""},
    ],
)
def test_what_lies_on_the_edge_is_sound(
    changes: dict[str, str], folder: Path, write: Write
) -> None:
    assert import_indicators(folder, write(row(**changes))).new == 1


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 0, "is empty"),
        (",".join(HEADER), 0, "holds no figures"),
        (",".join(HEADER[:-1]), 1, "source: is missing"),
        (",".join([*HEADER, "value"]), 1, "value: is there more than once"),
        (",".join([*HEADER, "colour"]), 1, "column 13 is not one of indicator, period"),
        (csv_of([row()]) + "5,2024/25\n", 3, "has 2 cells, the header has 12"),
        (csv_of([row()]) + '5,"2024"x,\n', 3, "is not CSV"),
        (csv_of([row(source="one\ntwo")]) + "5\n", 4, "has 1 cells"),
    ],
)
def test_a_file_that_is_not_the_format_is_refused(
    text: str, line: int, words: str, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "figures.csv"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(IndicatorsRefused) as refusal:
        import_indicators(folder, path)
    place = f"figures.csv:{line}" if line else "figures.csv"
    assert refusal.value.message.splitlines()[-1].startswith(f"{place}: {words}")
    assert not folder.exists()


def test_text_in_another_encoding_is_refused_by_its_line(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_bytes(csv_of([row(), row(source="é")]).encode("latin-1"))
    with pytest.raises(IndicatorsRefused, match=r"^figures\.csv:3: is not text in UTF-8$"):
        import_indicators(folder, path)


def test_a_file_that_is_not_there_is_refused_without_its_path(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"^gone\.csv: No such file or directory$"):
        import_indicators(folder, tmp_path / "gone.csv")


def test_spreadsheet_habits_are_read(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    turned = HEADER[::-1]
    lines = [",".join(turned), ",".join(f" {row()[name]} " for name in turned)]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([*lines, "," * 11, ""]).encode())
    assert import_indicators(folder, path).new == 1
    assert [value.value for value in indicator_values(folder)] == [61.5]


def test_a_figure_given_twice_is_refused_even_with_replacement(folder: Path, write: Write) -> None:
    path = write(row(), row(period="2023/24"), row(), row(value="62"))
    assert refused_lines(folder, path, replace=True) == [
        "figures.csv:4: gives the figure of line 2 again",
        "figures.csv:5: gives the figure of line 2 again",
    ]


@pytest.mark.parametrize("indicator", ["7", "14", "15"])
def test_splits_to_be_confirmed_are_kept_with_a_warning(
    indicator: str, folder: Path, write: Write
) -> None:
    split = {"breakdown": "sex", "category": "male", "geography_code": "E05011385"}
    path = write(
        bare(indicator=indicator), bare(indicator=indicator, geography_type="ward", **split)
    )
    done = import_indicators(folder, path)
    assert done.new == 2
    assert [(each.severity, each.line, each.column) for each in done.warnings] == [
        ("warning", 3, "geography_type"),
        ("warning", 3, "breakdown"),
    ]
    assert "has yet to confirm" in done.warnings[0].message


def test_the_same_file_again_changes_nothing(folder: Path, write: Write) -> None:
    path = write(row(), row(period="2023/24"))
    first = import_indicators(folder, path)
    files = {each: each.read_bytes() for each in kept(folder)}
    assert (first.new, first.unchanged, len(files)) == (2, 0, 1)
    for replace in (False, True):
        again = import_indicators(folder, path, replace=replace)
        assert (again.file, again.new, again.replaced, again.unchanged) == (None, 0, 0, 2)
    assert {each: each.read_bytes() for each in kept(folder)} == files


def test_another_figure_needs_replacement_and_every_line_is_named(
    folder: Path, write: Write
) -> None:
    import_indicators(folder, write(row(), row(period="2023/24"), row(period="2022/23")))
    later = write(
        row(value="62"),
        row(period="2023/24"),
        row(period="2022/23", source="another"),
        row(period="2021/22"),
    )
    with pytest.raises(IndicatorsRefused) as refusal:
        import_indicators(folder, later)
    found = [(each.code, each.message.split(": ")[0]) for each in refusal.value.problems]
    assert found == [("conflict", "figures.csv:2"), ("conflict", "figures.csv:4")]
    assert len(kept(folder)) == 1
    assert {each.value for each in indicator_values(folder)} == {61.5}

    done = import_indicators(folder, later, replace=True)
    assert (done.new, done.replaced, done.unchanged) == (1, 2, 1)
    assert [(each.period, each.value, each.source) for each in indicator_values(folder)] == [
        ("2021/22", 61.5, "made up"),
        ("2022/23", 61.5, "another"),
        ("2023/24", 61.5, "made up"),
        ("2024/25", 62, "made up"),
    ]


def test_what_was_replaced_can_be_put_back(folder: Path, write: Write) -> None:
    first, second = write(row(), name="a.csv"), write(row(value="62"), name="b.csv")
    import_indicators(folder, first)
    import_indicators(folder, second, replace=True)
    assert [each[:8] for each in refused_lines(folder, first)] == ["a.csv:2:"]
    import_indicators(folder, first, replace=True)
    assert [each.value for each in indicator_values(folder)] == [61.5]
    assert [each.name[:6] for each in kept(folder)] == ["000001", "000002", "000003"]


def test_editions_of_the_imd_are_figures_of_their_own(folder: Path, write: Write) -> None:
    decile = {"category": "1", "value": "50", "lower": "", "upper": ""}
    import_indicators(folder, write(row(breakdown="imd_decile_2019", **decile)))
    done = import_indicators(folder, write(row(breakdown="imd_decile_2025", **decile)))
    assert (done.new, done.replaced) == (1, 0)


def test_a_write_that_fails_leaves_what_was_there(
    folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_indicators(folder, write(row()))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match=r"^indicators: No space left on device$"):
        import_indicators(folder, write(row(period="2023/24")))
    names = sorted(each.name for each in (folder / "indicators").iterdir())
    assert names == [".lock", kept(folder)[0].name]
    assert [each.period for each in indicator_values(folder)] == ["2024/25"]


def test_what_a_killed_import_left_is_never_read_and_cleared_away(
    folder: Path, write: Write
) -> None:
    import_indicators(folder, write(row()))
    half = folder / "indicators" / ".work-half"
    half.mkdir()
    (half / f"000002-{'0' * 64}.parquet").write_bytes(b"PAR1")
    assert len(indicator_values(folder)) == 1
    import_indicators(folder, write(row(period="2023/24")))
    assert not half.exists()


def test_two_imports_at_once_do_not_mix(folder: Path, write: Write) -> None:
    with store.importing(folder), pytest.raises(Unavailable, match=r"^indicators: another command"):
        import_indicators(folder, write(row()))
    assert kept(folder) == []
    assert import_indicators(folder, write(row())).new == 1


def test_a_folder_that_cannot_be_made_is_named_without_its_path(
    tmp_path: Path, write: Write
) -> None:
    (tmp_path / "aggregates").write_text("a file")
    with pytest.raises(Unavailable, match=r"^indicators: Not a directory$"):
        import_indicators(tmp_path / "aggregates", write(row()))


def cut_short(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])


def altered(path: Path) -> None:
    path.chmod(0o644)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def misnamed(path: Path) -> None:
    path.rename(path.with_name("figures.parquet"))


@pytest.mark.parametrize("damage", [cut_short, altered, misnamed])
def test_a_damaged_import_is_never_read(
    damage: Callable[[Path], None], folder: Path, write: Write
) -> None:
    import_indicators(folder, write(row()))
    damage(kept(folder)[0])
    with pytest.raises(IndicatorsDamaged):
        indicator_values(folder)
    with pytest.raises(ServiceError):
        import_indicators(folder, write(row(period="2023/24")))


def test_the_published_examples_are_those_of_the_report(folder: Path) -> None:
    assert import_indicators(folder, PUBLISHED_EXAMPLES).warnings == ()

    def shown(value: IndicatorValue) -> tuple[object, ...]:
        return value.indicator, value.period, value.breakdown, value.category, value.value

    assert [shown(value) for value in indicator_values(folder)] == [
        (1, "2020-2022", "imd_decile_2019/sex", "1/female", 77.6),
        (1, "2020-2022", "imd_decile_2019/sex", "1/male", 73.0),
        (1, "2020-2022", "imd_decile_2019/sex", "10/female", 86.9),
        (1, "2020-2022", "imd_decile_2019/sex", "10/male", 83.0),
        (5, "2022/23", "all", "all", 58.3),
    ]
    assert all("programme report" in value.source for value in indicator_values(folder))
