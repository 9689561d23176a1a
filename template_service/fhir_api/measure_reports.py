"""MeasureReport: the released figures of an area in a period, read, searched and evaluated."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from template_service.access.principal import Principal
from template_service.aggregates.kept_figures import reporting
from template_service.aggregates.measures import definitions
from template_service.aggregates.measures.definitions import Resource
from template_service.aggregates.measures.report_ids import ReportId
from template_service.errors import Invalid, NotFound
from template_service.service import Service

from .measure_areas import Area, area_code, seen_area, seen_areas
from .measure_parameters import Given, days_of, read_evaluation
from .outcomes import Remark
from .searching import Query, bundle, criteria, page_of

if TYPE_CHECKING:
    from template_service.aggregates.released_figures import ReleasedFigures

# Of the first and last day searched for, and of a report.
_Days = tuple[date, date]
_COMPARISONS: Final[Mapping[str, Callable[[_Days, _Days], bool]]] = {
    "eq": lambda sought, days: sought[0] <= days[0] and days[1] <= sought[1],
    "ge": lambda sought, days: days[1] >= sought[0],
    "le": lambda sought, days: days[0] <= sought[1],
}
_NO_PERIOD = "The parameter 'period' must be a date, alone or after eq, ge or le."


class _Listed(NamedTuple):
    id: ReportId
    area: Area


_Test = Callable[[_Listed], bool]


def evaluate(
    service: Service, principal: Principal, measure_id: str, parameters: Iterable[Given]
) -> Resource:
    """The MeasureReport of a Measure for the area and period that are asked for.

    Raises `NotFound` for an unknown Measure, an area that is not the caller's to see, or months not
    released (it names them), `Invalid` for parameters, and what `Service.figures` raises.
    """
    measure = definitions.measure(measure_id)
    asked = read_evaluation(parameters)
    figures = service.figures()
    code = figures.areas.city if asked.subject is None else area_code(asked.subject, asked.place)
    area = seen_area(figures.areas, principal, code)
    return _report(figures, _Listed(ReportId(measure.id, code, asked.period), area))


def report(service: Service, principal: Principal, report_id: str) -> Resource:
    """The MeasureReport with an id: of any released months, whether or not a search lists it.

    Raises `NotFound` for what is no report, and what `evaluate` raises for areas and months.
    """
    wanted = ReportId.parse(report_id)
    definitions.measure(wanted.measure)
    figures = service.figures()
    area = seen_area(figures.areas, principal, wanted.area)
    return _report(figures, _Listed(wanted, area))


def reports_found(service: Service, principal: Principal, query: Query, base: str) -> Resource:
    """The Bundle of a search over the reports of the latest release's periods, a page at a time.

    In order of period, area and Measure; what the caller may not see is not there. Raises `Invalid`
    for other parameters and values, and what `Service.figures` raises.
    """
    wanted = [
        [_CRITERIA[name](value) for value in values]
        for name, values in criteria(query, tuple(_CRITERIA))
    ]
    page = page_of(query)
    figures = service.figures()
    found = [
        each
        for each in _listed(figures, principal)
        if all(any(test(each) for test in tests) for tests in wanted)
    ]
    shown = _reports(figures, page.of(found))
    return bundle(shown, total=len(found), page=page, base=base, query=query)


def _listed(figures: "ReleasedFigures", principal: Principal) -> Iterator[_Listed]:
    for period in figures.latest.periods:
        for area in seen_areas(figures.areas, principal):
            if area.code in figures.sources.counts(period, area.geography_type).codes:
                for measure in definitions.published():
                    yield _Listed(ReportId(measure, area.code, period), area)


def _reports(figures: "ReleasedFigures", wanted: Iterable[_Listed]) -> Iterator[Resource]:
    """The reports of a list, those of one area in one period from one table."""
    with reporting():
        from template_service.aggregates.figures import Wanted  # noqa: PLC0415 -- an extra
        from template_service.aggregates.measures.reports import measure_reports  # noqa: PLC0415

    for (period, area), same in groupby(wanted, lambda each: (each.id.period, each.area)):
        table = figures.table(period, [Wanted(area.geography_type, (area.code,))])
        yield from measure_reports(
            table,
            made_at=figures.latest.document["made_at"],
            measures=[each.id.measure for each in same],
        )


def _report(figures: "ReleasedFigures", wanted: _Listed) -> Resource:
    for found in _reports(figures, [wanted]):
        return found
    raise NotFound("There are no figures of this area in this period")


def _of_id(value: str) -> _Test:
    return lambda each: str(each.id) == value


def _of_measure(value: str) -> _Test:
    """A reference to a Measure: its canonical address with or without version, or its id."""

    def test(each: _Listed) -> bool:
        named = definitions.measure(each.id.measure)
        return value in (named.resource["url"], named.canonical, f"Measure/{named.id}", named.id)

    return test


def _of_area(value: str) -> _Test:
    code = area_code(value)
    return lambda each: each.area.code == code


def _of_period(value: str) -> _Test:
    """A date with or without prefix, as FHIR R4 compares it with a period (search.html#prefix)."""
    prefixed = value[:2] in _COMPARISONS
    days = days_of(value[2:] if prefixed else value)
    if days is None:
        raise Invalid(problems=[Remark("value", _NO_PERIOD)])
    compare = _COMPARISONS[value[:2] if prefixed else "eq"]
    return lambda each: compare(days, each.id.days)


_CRITERIA: Final[Mapping[str, Callable[[str], _Test]]] = {
    "_id": _of_id,
    "measure": _of_measure,
    "period": _of_period,
    "reporter": _of_area,
    "subject": _of_area,
}
