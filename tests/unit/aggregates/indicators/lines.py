"""Lines of made-up indicator figures, written by Python's own csv module."""

import csv
import io
from collections.abc import Iterable, Mapping

Row = Mapping[str, str]

LEEDS = "E08000035"
SOUND: Row = {
    "indicator": "5",
    "period": "2024/25",
    "geography_type": "city",
    "geography_code": LEEDS,
    "breakdown": "all",
    "category": "all",
    "value": "61.5",
    "lower": "60.0",
    "upper": "63.0",
    "numerator": "615",
    "denominator": "1000",
    "source": "made up",
}
HEADER = list(SOUND)


def row(**changes: str) -> Row:
    """A sound line with these cells changed."""
    return {**SOUND, **changes}


def bare(**changes: str) -> Row:
    """A sound line without limits and counts, with these cells changed."""
    return row(**{"lower": "", "upper": "", "numerator": "", "denominator": ""} | changes)


def csv_of(rows: Iterable[Row]) -> str:
    """The rows under the header of the format."""
    text = io.StringIO(newline="")
    lines = csv.DictWriter(text, HEADER)
    lines.writeheader()
    lines.writerows(rows)
    return text.getvalue()
