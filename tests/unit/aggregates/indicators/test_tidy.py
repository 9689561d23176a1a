"""The tidy CSV, there and back: nothing is lost, and no spreadsheet runs a cell."""

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from template_service.aggregates.indicators.figures import IndicatorValue
from template_service.aggregates.indicators.imports import import_indicators
from template_service.aggregates.indicators.reading import indicator_values
from template_service.aggregates.indicators.registry import registry
from template_service.aggregates.indicators.tidy import tidy_csv
from tests.unit.aggregates.indicators.lines import HEADER

RUN_BY_SHEETS = tuple("=+-@\t\r")
CODES = {"city": "E08", "ward": "E05", "msoa": "E02"}

printable = st.characters(codec="utf-8").filter(str.isprintable)
texts = (
    st.builds(
        str.__add__,
        st.sampled_from(["", "=", "+", "-", "@", "'", "''", "'=", "＝", '"', ","]),
        st.text(printable, max_size=20),
    )
    .map(str.strip)
    .filter(bool)
)
CATEGORIES = {
    "imd_decile": st.integers(1, 10).map(str),
    "sex": st.sampled_from(["female", "male", "other", "unknown"]),
    "age_band": st.sampled_from(["0-4", "16-24", "90+", "unknown"]),
    "free_school_meals": st.sampled_from(["eligible", "not_eligible"]),
    "ethnic_group": texts,
}
PERIODS = ("2023", "2020-2022", "2022/23", "2021/22-2023/24", "2026-09", "2026-07/2026-09")


@st.composite
def values(draw: st.DrawFn) -> IndicatorValue:
    """A sound figure of any indicator, split in any way that is published for it."""
    indicator = draw(st.sampled_from(registry().indicators))
    splits = draw(
        st.lists(st.sampled_from(indicator.breakdowns), max_size=2, unique=True)
        if indicator.breakdowns
        else st.just([])
    )
    splits.sort(key=list(CATEGORIES).index)
    edition = draw(st.sampled_from(["2019", "2025"]))
    named = [f"{split}_{edition}" if split == "imd_decile" else split for split in splits]
    area = draw(st.sampled_from(indicator.areas))
    highest = indicator.unit.highest if indicator.unit else 1e9
    numbers = st.floats(0, min(highest, 1e9))
    lower, value, upper = sorted(draw(st.tuples(numbers, numbers, numbers)))
    limits = draw(st.booleans())
    counts = draw(st.none() | st.tuples(st.integers(0, 10**6), st.integers(10**6, 10**7)))
    return IndicatorValue(
        indicator=indicator.id,
        period=draw(st.sampled_from(PERIODS)),
        geography_type=area,
        geography_code=f"{CODES[area]}{draw(st.integers(0, 999_999)):06}",
        breakdown="/".join(named) or "all",
        category="/".join(draw(CATEGORIES[split]) for split in splits) or "all",
        value=value,
        lower=lower if limits else None,
        upper=upper if limits else None,
        numerator=float(counts[0]) if counts else None,
        denominator=float(counts[1]) if counts else None,
        source=draw(texts),
    )


@hypothesis_settings(max_examples=60)
@given(st.lists(values(), min_size=1, max_size=8, unique_by=lambda value: value.key))
def test_what_is_written_and_imported_comes_back(written: list[IndicatorValue]) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "aggregates"
        path = Path(made) / "figures.csv"
        path.write_text(tidy_csv(written), encoding="utf-8", newline="")
        assert import_indicators(folder, path).new == len(written)
        found = indicator_values(folder)
        # A break is worked out at reading; all else is as it was written.
        columns = [[getattr(value, name) for name in HEADER] for value in found]
        assert sorted(columns, key=repr) == sorted(
            ([getattr(value, name) for name in HEADER] for value in written), key=repr
        )
        path.write_text(tidy_csv(found), encoding="utf-8", newline="")
        again = import_indicators(folder, path)
        assert (again.file, again.unchanged) == (None, len(written))


@given(values())
def test_no_cell_is_run_by_a_spreadsheet(value: IndicatorValue) -> None:
    header, cells = csv.reader(io.StringIO(tidy_csv([value]), newline=""))
    assert header == HEADER
    assert not any(cell.startswith(RUN_BY_SHEETS) for cell in cells)
    assert not any(cell.startswith(tuple("＝＋－＠")) for cell in cells)


def test_a_formula_in_a_file_is_text_when_it_goes_out_again(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    line = '5,2024/25,city,E08000035,all,all,61.5,,,,,"=HYPERLINK(""x"")"'
    path.write_text(f"{','.join(HEADER)}\n{line}\n", encoding="utf-8")
    import_indicators(tmp_path / "aggregates", path)
    found = indicator_values(tmp_path / "aggregates")
    assert [value.source for value in found] == ['=HYPERLINK("x")']
    assert tidy_csv(found).splitlines()[1].endswith(',"\'=HYPERLINK(""x"")"')
