"""One line of a file of indicator figures: what it says, or everything that is wrong with it."""

import math
import re
from datetime import date
from typing import Final

from template_service.aggregates.indicators.breakdowns import (
    category_problem,
    published_as,
    read_breakdown,
)
from template_service.aggregates.indicators.figures import NUMBERS, IndicatorValue
from template_service.aggregates.indicators.periods import read_period
from template_service.aggregates.indicators.problems import Findings
from template_service.aggregates.indicators.registry import Indicator, Registry
from template_service.aggregates.indicators.tidy import Line
from template_service.aggregates.indicators.units import Unit
from template_service.aggregates.vocabulary import GEOGRAPHY_TYPES

# ONS Register of Geographic Codes: local authorities E06 to E09, wards E05, MSOAs E02. NHS Data
# Dictionary, organisation code: a network is U and five digits, a practice a letter and five.
_CODES: Final = {
    "city": re.compile(r"E0[6-9]\d{6}", re.ASCII),
    "ward": re.compile(r"E05\d{6}", re.ASCII),
    "msoa": re.compile(r"E02\d{6}", re.ASCII),
    "pcn": re.compile(r"U\d{5}", re.ASCII),
    "practice": re.compile(r"[A-Z]\d{5}", re.ASCII),
}
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_LONGEST_SOURCE: Final = 500

_UNCONFIRMED: Final = "the programme has yet to confirm how this indicator is split; kept as given"


def read_value(
    line: Line, registry: Registry, today: date, findings: Findings
) -> IndicatorValue | None:
    """The figure of a line, or None when a problem of it was found; `findings` has every one.

    Limits, numerator and denominator may be blank (limits both or neither); nothing else may.
    """
    findings.line = line.number
    before = len(findings.errors)
    cells = line.cells
    _check_text(cells["source"], "source", _LONGEST_SOURCE, findings)
    _check_period(cells["period"], today, findings)
    indicator = _indicator(cells["indicator"], registry, findings)
    _check_area(cells["geography_type"], cells["geography_code"], findings)
    parts = _breakdown(cells["breakdown"], cells["category"], findings)
    if indicator is not None:
        _check_published(indicator, cells["geography_type"], parts, findings)
    unit = indicator.unit if indicator else None
    numbers = {name: _number(cells[name], name, findings) for name in NUMBERS}
    _check_numbers(numbers, unit, findings)
    _check_both_limits(cells["lower"], cells["upper"], findings)
    value = numbers["value"]
    if len(findings.errors) > before or indicator is None or value is None:
        return None
    return IndicatorValue(
        indicator=indicator.id,
        period=cells["period"],
        geography_type=cells["geography_type"],
        geography_code=cells["geography_code"],
        breakdown=cells["breakdown"],
        category=cells["category"],
        value=value,
        lower=numbers["lower"],
        upper=numbers["upper"],
        numerator=numbers["numerator"],
        denominator=numbers["denominator"],
        source=cells["source"],
    )


def _check_text(text: str, column: str, longest: int, findings: Findings) -> None:
    if not text:
        findings.add(column, "is missing", "required")
    elif len(text) > longest:
        findings.add(column, f"is longer than {longest} characters")
    elif not text.isprintable():
        findings.add(column, "holds characters that cannot be printed")


def _indicator(text: str, registry: Registry, findings: Findings) -> Indicator | None:
    found = registry.indicator(int(text)) if re.fullmatch(r"[1-9]\d?", text, re.ASCII) else None
    if found is None:
        last = registry.indicators[-1].id
        findings.add("indicator", f"is not the number of an indicator, 1 to {last}", "not-found")
    return found


def _check_period(text: str, today: date, findings: Findings) -> None:
    try:
        period = read_period(text)
    except ValueError as problem:
        findings.add("period", str(problem))
        return
    if period.start > (today.year, today.month):
        findings.add("period", "lies in the future")


def _check_area(kind: str, code: str, findings: Findings) -> None:
    if kind not in GEOGRAPHY_TYPES:
        known = ", ".join(GEOGRAPHY_TYPES)
        findings.add("geography_type", f"is not one of {known}", "not-found")
    elif not _CODES[kind].fullmatch(code):
        findings.add("geography_code", f"is not the code of a {kind}")


def _breakdown(text: str, category: str, findings: Findings) -> tuple[str, ...] | None:
    try:
        parts = read_breakdown(text)
    except ValueError as problem:
        findings.add("breakdown", str(problem), "not-found")
        return None
    problem_found = category_problem(parts, category)
    if problem_found is not None:
        findings.add("category", problem_found)
    elif not category.isprintable():
        findings.add("category", "holds characters that cannot be printed")
    return parts


def _check_published(
    indicator: Indicator, kind: str, parts: tuple[str, ...] | None, findings: Findings
) -> None:
    """Figures the programme does not publish are not its indicators, so they are refused."""
    splits = {published_as(part) for part in parts or ()} - set(indicator.breakdowns)
    unpublished = {
        "geography_type": kind in GEOGRAPHY_TYPES and kind not in indicator.areas,
        "breakdown": bool(splits),
    }
    for column in (column for column, found in unpublished.items() if found):
        if indicator.breakdowns_confirmed:
            what = f"is not published for indicator {indicator.id}"
            findings.add(column, what, "business-rule")
        else:
            findings.warn(column, _UNCONFIRMED)


def _number(text: str, column: str, findings: Findings) -> float | None:
    if not text:
        if column == "value":
            what = "is missing: leave out the line of a figure that was not published"
            findings.add(column, what, "required")
        return None
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(number):
        findings.add(column, "is not a number such as 58.3 (no commas, no % sign)")
        return None
    return number


def _check_numbers(numbers: dict[str, float | None], unit: Unit | None, findings: Findings) -> None:
    highest = unit.highest if unit else math.inf
    for name, number in numbers.items():
        if number is not None and number < 0:
            findings.add(name, "is below 0")
        elif number is not None and name in ("value", "lower", "upper") and number > highest:
            findings.add(name, f"is above {highest:g}, the most that makes sense in its unit")
    _check_limits(numbers["value"], numbers["lower"], numbers["upper"], findings)
    _check_counts(numbers["numerator"], numbers["denominator"], unit, findings)


def _check_both_limits(lower: str, upper: str, findings: Findings) -> None:
    if bool(lower) != bool(upper):
        missing = "upper" if lower else "lower"
        findings.add(missing, "is missing, though the other limit is there", "required")


def _check_limits(
    value: float | None, lower: float | None, upper: float | None, findings: Findings
) -> None:
    if value is not None and lower is not None and lower > value:
        findings.add("lower", "is above the value")
    if value is not None and upper is not None and upper < value:
        findings.add("upper", "is below the value")


def _check_counts(
    numerator: float | None, denominator: float | None, unit: Unit | None, findings: Findings
) -> None:
    if denominator == 0:
        findings.add("denominator", "is 0, so there is no figure")
    elif numerator is None or denominator is None or unit is None or not unit.part_of_whole:
        return
    elif numerator > denominator:
        findings.add("numerator", "is above the denominator")
