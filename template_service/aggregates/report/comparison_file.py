"""A comparison as a file: every row of its table, with the people behind each share."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final

from template_service.aggregates.report.comparison import Comparison, Row
from template_service.aggregates.report.drawing import Cell
from template_service.aggregates.report.figures import Shown
from template_service.aggregates.report.wording import (
    INDICATOR_NAMES,
    SIGNIFICANCE_NAMES,
    domain_names,
)

_PARTS: Final = ("share", "from", "to", "people", "of people")


def comparison_csv(found: Comparison) -> bytes:
    """The rows of a comparison as CSV in UTF-8, in the order of domains and indicators.

    Shares and differences are proportions, -1 to 1; people are rounded as everywhere. A side that
    may not be shown is blank, and the last column says why.
    """
    text = StringIO()
    out = csv.writer(text)
    sides = (f"{side}: {part}" for side in (found.left, found.right) for part in _PARTS)
    differences = ("Difference", "Difference from", "Difference to", f"{found.left} is")
    out.writerow(("Part of life", "What is counted", *sides, *differences))
    out.writerows(_cells(found))
    return text.getvalue().encode()


def _cells(found: Comparison) -> Iterator[tuple[Cell, ...]]:
    for row in found.rows:
        words = (domain_names()[row.domain], INDICATOR_NAMES[row.indicator])
        yield (*words, *_side(row.left), *_side(row.right), *_apart(row))


def _side(row: Shown | None) -> tuple[Cell, ...]:
    return (None,) * len(_PARTS) if row is None else row[: len(_PARTS)]


def _apart(row: Row) -> tuple[Cell, ...]:
    if row.difference is None:
        return None, None, None, row.why
    return *row.difference[:3], SIGNIFICANCE_NAMES[row.difference.significance]
