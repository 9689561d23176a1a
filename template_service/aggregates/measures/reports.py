"""MeasureReport: the figures of an area in a period as FHIR R4 says them."""

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from html import escape
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from template_service.aggregates.areas import CITY
from template_service.aggregates.measures.definitions import (
    Published,
    Resource,
    category_codes,
    published,
)
from template_service.aggregates.measures.report_ids import ReportId
from template_service.aggregates.reporting_period import Period
from template_service.aggregates.vocabulary import ALL

# The identifier system of ODS codes that NHS England publishes.
ODS_CODE: Final = "https://fhir.nhs.uk/Id/ods-organization-code"
DATA_ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_POPULATIONS: Final = "http://terminology.hl7.org/CodeSystem/measure-population"
# Codes of the value set data-absent-reason: hidden to protect people, or beyond this method.
_ABSENT: Final = {"fewer_than_8": "masked", "group": "masked", "noise": "unsupported"}
_NOT_KNOWN: Final = "unknown"

_AREA: Final = ("period", "geography_type", "geography_code", "geography_name")
_NUMBERS: Final = ("numerator", "denominator", "value", "flag")
_PEOPLE: Final = (
    "Counts are rounded at random to multiples of 5; a count that could tell of a person is left"
    " out."
)
_PERSON_YEARS: Final = (
    " The period crosses financial years, so that counts are person-years, not people."
)


class _Area(NamedTuple):
    """What a report is about, as the columns of figures name it."""

    period: str
    geography_type: str
    code: str
    name: str


class _Cell(NamedTuple):
    """The numbers of one figure."""

    numerator: int | None
    denominator: int | None
    value: float | None
    flag: str


# domain -> breakdown -> category -> figure
_Cells = dict[str, dict[str, dict[str, _Cell]]]


def measure_reports(
    table: pa.Table, *, made_at: str, measures: Collection[str] = ()
) -> Iterator[Resource]:
    """The MeasureReports of figures: one for each area, period and Measure, as JSON to be.

    `table` has the columns of `figures.FIGURES_SCHEMA`, `made_at` is an instant of FHIR, and
    `measures` are the ids of the Measures wanted; none means all. A flagged figure has no score,
    and its counts have a data-absent-reason: `masked` for fewer than 8 people and for groups,
    `unsupported` for rounding. The area is the reporter, because R4 admits no organisation as
    subject. Source: FHIR R4, measurereport.html.
    """
    wanted = {
        each.indicator: each
        for each in published().values()
        if each.id in (measures or published())
    }
    rows = table.filter(pc.is_in(table["indicator"], pa.array(list(wanted))))
    for (area, indicator), cells in _gathered(rows).items():
        yield _report(wanted[indicator], area, cells, made_at)


def _gathered(rows: pa.Table) -> Mapping[tuple[_Area, str], _Cells]:
    names = (*_AREA, "indicator", "domain", "breakdown", "category", *_NUMBERS)
    found: dict[tuple[_Area, str], _Cells] = {}
    for row in zip(*(rows[name].to_pylist() for name in names), strict=True):
        indicator, domain, breakdown, category = row[4:8]
        cells = found.setdefault((_Area(*row[:4]), indicator), {})
        cells.setdefault(domain, {}).setdefault(breakdown, {})[category] = _Cell(*row[8:])
    return found


def _report(of: Published, area: _Area, cells: _Cells, made_at: str) -> Resource:
    period = Period.parse(area.period)
    report_id = ReportId(of.id, area.code, period)
    first, last = report_id.days
    notation = of.resource.get("improvementNotation")
    return {
        "resourceType": "MeasureReport",
        "id": str(report_id),
        "language": "en-GB",
        "text": _narrative(of, area, period),
        "status": "complete",
        "type": "summary",
        "measure": of.canonical,
        "date": made_at,
        "reporter": _reporter(area),
        "period": {"start": first.isoformat(), "end": last.isoformat()},
        **({"improvementNotation": notation} if notation else {}),
        "group": [
            {
                "code": code,
                **_measured(cells[domain][ALL][ALL]),
                "stratifier": list(_stratifiers(of, cells[domain])),
            }
            for domain, code in of.domain_codes.items()
            if domain in cells
        ],
    }


def _stratifiers(of: Published, cells: Mapping[str, Mapping[str, _Cell]]) -> Iterator[Resource]:
    for breakdown, code in of.breakdown_codes.items():
        categories = category_codes(breakdown)
        strata = [
            {"value": categories[category], **_measured(cell)}
            for category, cell in cells.get(breakdown, {}).items()
        ]
        if strata:
            yield {"code": [code], "stratum": strata}


def _measured(cell: _Cell) -> Resource:
    """The populations of a figure, and its score where it has one."""
    absent = _ABSENT.get(cell.flag, _NOT_KNOWN)
    under = _counted(cell.denominator, absent)
    populations = [
        {"code": _population("initial-population"), **under},
        {"code": _population("denominator"), **under},
        {"code": _population("numerator"), **_counted(cell.numerator, absent)},
    ]
    score = {} if cell.value is None else {"measureScore": {"value": cell.value}}
    return {"population": populations, **score}


def _counted(people: int | None, absent: str) -> Resource:
    if people is not None:
        return {"count": people}
    return {"_count": {"extension": [{"url": DATA_ABSENT, "valueCode": absent}]}}


@cache
def _population(code: str) -> Resource:
    return {"coding": [{"system": _POPULATIONS, "code": code}]}


def _reporter(area: _Area) -> Resource:
    """The area. No FHIR system for ONS codes is published, so that of the city has none."""
    if area.geography_type == CITY:
        return {"type": "Location", "identifier": {"value": area.code}, "display": area.name}
    identifier = {"system": ODS_CODE, "value": area.code}
    return {"type": "Organization", "identifier": identifier, "display": area.name}


def _narrative(of: Published, area: _Area, period: Period) -> dict[str, Any]:
    title = f"{of.resource['title']}: {area.name}, {' to '.join(dict.fromkeys(period))}."
    caution = _PEOPLE if period.within_one_year else _PEOPLE + _PERSON_YEARS
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in (title, caution))
    div = f'<div xmlns="http://www.w3.org/1999/xhtml" lang="en-GB">{paragraphs}</div>'
    return {"status": "generated", "div": div}
