import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service.aggregates.indicators.periods import read_period


@pytest.mark.parametrize(
    ("text", "start", "end", "months"),
    [
        ("2023", (2023, 1), (2023, 12), 12),
        ("2020-2022", (2020, 1), (2022, 12), 36),
        ("2022/23", (2022, 7), (2023, 6), 12),
        ("1999/00", (1999, 7), (2000, 6), 12),
        ("2021/22-2023/24", (2021, 7), (2024, 6), 36),
        ("2026-09", (2026, 9), (2026, 9), 1),
        ("2010-12", (2010, 12), (2010, 12), 1),
        ("2026-11/2027-01", (2026, 11), (2027, 1), 3),
    ],
)
def test_each_form_is_read(
    text: str, start: tuple[int, int], end: tuple[int, int], months: int
) -> None:
    period = read_period(text)
    assert (period.start, period.end, period.months) == (start, end, months)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2020-22",
        "2022-2020",
        "2022/24",
        "2022/23-2020/21",
        "2026-00",
        "2026-13",
        "2026-09/2026-08",
        "2026-09/2026-13",
        "1899",
        "23",
        "２０２３",
        "2023 ",
        "2023-Q1",
    ],
)
def test_what_could_be_mistaken_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a period such as 2023, 2020-2022"):
        read_period(text)


@given(first=st.integers(1900, 2098), length=st.integers(0, 5))
def test_later_years_sort_later(first: int, length: int) -> None:
    split = f"{first}/{(first + 1) % 100:02}"
    pooled = f"{first}-{first + length}", f"{first + 1}-{first + 1 + length}"
    assert read_period(pooled[0]) < read_period(pooled[1])
    assert read_period(str(first)) < read_period(split) < read_period(str(first + 1))
