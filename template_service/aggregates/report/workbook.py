"""The accessible workbook of an area: cover, contents, notes and one table a sheet.

It follows the Analysis Function's "Releasing statistics in spreadsheets": one table a sheet marked
as a table, no merged or empty cells, and shorthand in square brackets instead of missing numbers.
The workbook holds what the page shows and every breakdown of need; `figures.csv` holds everything.
"""

import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final, NamedTuple, cast

import pandas as pd

from template_service.aggregates.report.charts import PAGE_SIZES, charts
from template_service.aggregates.report.child_needs import SCHOOL, UNDER_FIVE
from template_service.aggregates.report.context import DEMONSTRATION, ReportContext
from template_service.aggregates.report.drawing import Cell
from template_service.aggregates.report.figures import Area, Figure, Figures
from template_service.aggregates.report.wording import (
    BREAKDOWN_NAMES,
    FLAG_NAMES,
    SMALL_COUNTS,
    category_name,
    day_name,
    domain_names,
    listed,
    period_name,
)
from template_service.aggregates.vocabulary import ALL, BREAKDOWNS, CATEGORIES

with warnings.catch_warnings():
    # gptables 2.0 leaves the file of its theme to be closed by the interpreter.
    warnings.simplefilter("ignore", ResourceWarning)
    import gptables

# Shorthand of the Analysis Function ("Symbols in tables: definitions and help").
CONFIDENTIAL: Final = "[c]"
UNRELIABLE: Final = "[u]"
UNAVAILABLE: Final = "[x]"
SHORTHAND: Final = {
    CONFIDENTIAL: "too few people, or a group that must not be shown",
    UNRELIABLE: "too small to tell from the rounding",
    UNAVAILABLE: "not available",
}
_FLAGGED: Final = {"fewer_than_8": CONFIDENTIAL, "group": CONFIDENTIAL, "noise": UNRELIABLE}
_NOTES: Final = {
    "rounding": "Every count is rounded at random to a multiple of 5, once, and totals are sums of"
    " the same rounded counts.",
    "small": f"{SMALL_COUNTS} Some can be worked out from a total and the figures beside it.",
    "asked": "Need is counted among people who were asked. It does not say how many people in the"
    " area have a need.",
    "interval": "Lower and upper are the ends of a 95% interval.",
    "deciles": "Deprivation deciles run from 1, the most deprived tenth of areas in England, to"
    " 10. Core20 is deciles 1 and 2.",
    "opt-out": "People who opted out are not counted.",
}


class _Sheet(NamedTuple):
    label: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def workbook(figures: Figures, about: ReportContext) -> bytes:
    """The workbook as .xlsx; percentages have one decimal."""
    sheets = {sheet.label: _table(sheet) for sheet in _sheets(figures, about)}
    file = BytesIO()
    # XlsxWriter, which gptables calls, takes any binary file where a name is asked for.
    gptables.write_workbook(
        cast("str", file),
        sheets,
        cover=_cover(about),
        notes_table=pd.DataFrame(_NOTES.items(), columns=["Note", "Text"]),
        notesheet_options={"instructions": "This sheet explains how to read every table."},
        contentsheet_options={"column_names": ["Sheet", "What it shows"]},
        workbook_options={"in_memory": True},
    )
    return file.getvalue()


def _cover(about: ReportContext) -> Any:
    shorthand = [f"{sign} {meaning}" for sign, meaning in SHORTHAND.items()]
    return gptables.Cover(
        title=f"People’s needs and the help they get: {about.name}, {period_name(about.period)}",
        intro=["Introduction", *([DEMONSTRATION] if about.demonstration else []), _INTRODUCTION],
        about=[
            "About these figures",
            f"Made on {day_name(about.generated)}.",
            f"Deprivation is {about.imd_edition}.",
            "Shorthand in the tables:",
            *shorthand,
        ],
    )


_INTRODUCTION: Final = (
    "These tables show who was asked, who had a need, who wanted help and who was helped."
)


def _sheets(figures: Figures, about: ReportContext) -> Iterator[_Sheet]:
    for chart in charts(figures, about, PAGE_SIZES).values():
        title = f"{chart.title}: {chart.measure}"
        yield _Sheet(chart.name.capitalize(), title, chart.columns, chart.rows)
    for breakdown in BREAKDOWNS:
        rows = tuple(_breakdown(figures, about, breakdown))
        if breakdown != ALL and rows:
            name = BREAKDOWN_NAMES[breakdown]
            title = f"At least one need by {name.lower()}, of people asked"
            yield _Sheet(f"Need by {name.lower()}", title, _BREAKDOWN_COLUMNS, rows)
    if slopes := tuple(_slopes(about)):
        yield _Sheet("Slope", "Need over the deprivation gradient", _SLOPE_COLUMNS, slopes)
    if about.child_needs:
        rows = tuple(_child_needs(about))
        yield _Sheet("Child needs", "Needs of children asked about", _CHILD_COLUMNS, rows)
    if about.indicators:
        yield _Sheet("Indicators", "Indicators of other sources", _INDICATORS, _indicators(about))
    if about.gaps:
        rows = tuple((gap.need, ward) for gap in about.gaps for ward in gap.wards)
        yield _Sheet("Gaps", "Needs without a service, by ward", ("Need", "Ward"), rows)


_BREAKDOWN_COLUMNS: Final = (
    *("Area", "Group", "Had a need", "Lower", "Upper", "With need", "Asked"),
    "Against the city",
)
_INDICATORS: Final = (
    *("Number", "Indicator", "Unit", "Period", "Place", "Group", "Value", "Lower", "Upper"),
    *("City", "Source", "Definition changed"),
)


_SLOPE_COLUMNS: Final = (
    *("Area", "Slope index", "Lower", "Upper"),
    *("Relative index", "Relative lower", "Relative upper", "Deciles"),
)
_CHILD_COLUMNS: Final = (
    *("Part of life", "Age", "Had a need", "Lower", "Upper", "With need", "Asked about"),
    *("City", "Against the city"),
)


def _slopes(about: ReportContext) -> Iterator[tuple[Cell, ...]]:
    """Both indices; the relative one is a ratio, so it is written out and not as a percentage."""
    for name, slope in ((about.city_name, about.slope), (about.pcn_name, about.own_slope)):
        if slope:
            relative = (
                [f"{limit:.2f}" for limit in slope.rii[:3]] if slope.rii else [UNAVAILABLE] * 3
            )
            yield (name, *slope.sii[:3], *relative, listed(list(slope.deciles)))


def _child_needs(about: ReportContext) -> Iterator[tuple[Cell, ...]]:
    for domain, name in domain_names().items():
        for ages in (UNDER_FIVE, SCHOOL):
            if row := about.child_needs.get((domain, ages)):
                numbers = (row.value, row.lower, row.upper, row.numerator, row.denominator)
                yield name, ages, *numbers, row.comparison, row.significance or UNAVAILABLE


def _breakdown(
    figures: Figures, about: ReportContext, breakdown: str
) -> Iterator[tuple[Cell, ...]]:
    for area in dict.fromkeys((about.here, about.city)):
        for category in CATEGORIES[breakdown]:
            figure = _need(figures, area, breakdown, category)
            if figure:
                yield (
                    about.name if area == about.here else about.city_name,
                    category_name(breakdown, category),
                    *_numbers(figure),
                    figure.significance or UNAVAILABLE,
                )


def _need(figures: Figures, area: Area, breakdown: str, category: str) -> Figure | None:
    return figures.one(area, "need", breakdown=breakdown, category=category)


def _numbers(figure: Figure) -> tuple[Cell, ...]:
    numbers = (figure.value, figure.lower, figure.upper, figure.numerator, figure.denominator)
    return (_FLAGGED.get(figure.flag, CONFIDENTIAL),) * len(numbers) if figure.flag else numbers


def _indicators(about: ReportContext) -> tuple[tuple[Cell, ...], ...]:
    """Values stay in their own unit, so they are written out and not read as proportions."""
    return tuple(
        (
            *(row.number, row.name, row.unit.replace("%", "percent"), row.period, row.place),
            row.category or "All",
            *map(_in_its_unit, (row.value, row.lower, row.upper, row.city_value)),
            row.source,
            "Yes" if row.broken_series else "No",
        )
        for row in about.indicators
    )


def _in_its_unit(value: float | None) -> str:
    return UNAVAILABLE if value is None else f"{value:,.10g}"


def _table(sheet: _Sheet) -> Any:
    """A sheet's table: proportions become percentages and their columns say so."""
    shares = {
        place
        for place in range(len(sheet.columns))
        if any(isinstance(row[place], float) for row in sheet.rows)
    }
    columns = [f"{name} (%)" if i in shares else name for i, name in enumerate(sheet.columns)]
    rows = [
        [_share(cell) if i in shares else _cell(cell) for i, cell in enumerate(row)]
        for row in sheet.rows
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return gptables.GPTable(
        frame,
        table_name=sheet.label.replace(" ", "_"),
        title=sheet.title,
        instructions="This sheet has one table. The notes sheet says how to read it.",
        # gptables turns `$$name$$` into the number of the note.
        scope="Read it with these notes: " + "".join(f"$${note}$$" for note in _NOTES),
        legend=[f"{sign}: {meaning}" for sign, meaning in SHORTHAND.items()],
    )


def _share(cell: Cell) -> Cell:
    """A cell of a column of shares: what a page says in words is shorthand here."""
    return CONFIDENTIAL if cell == FLAG_NAMES["fewer_than_8"] else _cell(cell)


def _cell(cell: Cell) -> Cell:
    if cell is None:
        return UNAVAILABLE
    return round(100 * cell, 1) if isinstance(cell, float) else cell
