"""The file of a comparison holds every row of it, and of what may not be shown only the reason."""

import csv
from io import StringIO

from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.comparison import Comparison, Row, compare
from template_service.aggregates.report.comparison_file import comparison_csv
from template_service.aggregates.report_assembly import Subject
from template_service.aggregates.reporting_period import Period
from tests.unit.aggregates.report.made_up_months import DEPRIVED, LEAFY

SEPTEMBER = Period.parse("2026-09")


def read(found: Comparison) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(comparison_csv(found).decode(), newline="")))


def test_every_row_is_there_with_its_numbers(released: ReleasedFigures) -> None:
    found = compare(released, Subject(DEPRIVED, SEPTEMBER), Subject(LEAFY, SEPTEMBER))
    rows = read(found)
    assert len(rows) == len(found.rows)
    for told, row in zip(rows, found.rows, strict=True):
        for side, name in ((row.left, found.left), (row.right, found.right)):
            numbers = [told[f"{name}: {part}"] for part in ("share", "people", "of people")]
            known = (side.value, side.numerator, side.denominator) if side else ("", "", "")
            assert numbers == [str(number) for number in known]
        difference = str(row.difference.value) if row.difference else ""
        assert told["Difference"] == difference
    need = rows[[(row.domain, row.indicator) for row in found.rows].index(("any", "need"))]
    assert (need["Part of life"], need["What is counted"]) == ("At least one need", "Had a need")
    assert need["Made-up Beck PCN is"] == "Higher"


def test_what_may_not_be_shown_is_blank_and_says_why() -> None:
    row = Row("food", "need", None, None, None, "Fewer than 8 people")
    (told,) = read(Comparison("A", "B", (row,)))
    assert told["A is"] == "Fewer than 8 people"
    assert {value for name, value in told.items() if name.startswith(("A:", "B:", "Diff"))} == {""}
