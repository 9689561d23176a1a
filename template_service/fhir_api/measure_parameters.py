"""What `Measure/$evaluate-measure` is asked (`fhir/OperationDefinition/evaluate-measure.json`)."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from template_service.aggregates.reporting_period import Period
from template_service.errors import Invalid

from .outcomes import Remark

# No deployment has more; a slip in a year is told before its missing months are listed.
LONGEST_YEARS: Final = 10
_TYPES: Final = {
    "periodStart": "valueDate",
    "periodEnd": "valueDate",
    "reportType": "valueCode",
    "subject": "valueString",
}
_REQUIRED: Final = ("periodStart", "periodEnd")
# How R4 calls it in the operation and in MeasureReport.type.
_OF_GROUPS: Final = ("population", "summary")
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)
_DECEMBER: Final = 12

_UNKNOWN = "This is not a parameter of $evaluate-measure here."
_NO_DATE = "The parameter '{}' must be a date: YYYY-MM-DD, YYYY-MM or YYYY."
_NO_START = "The parameter 'periodStart' must be the first day of a month: figures are of months."
_NO_END = "The parameter 'periodEnd' must be the last day of a month: figures are of months."
_BACKWARDS = "The period must not end before it starts."
_TOO_LONG = f"The period must not be longer than {LONGEST_YEARS} years."
_PERSONS = (
    "Reports are of groups only, never of a person: reportType must be population or summary."
)


class Given(NamedTuple):
    """A parameter as it came: `value` is None where it is not of its type."""

    name: str
    value: str | None
    place: str


class Evaluation(NamedTuple):
    """What was asked: a period of whole months, and a reference to an area (None: the city)."""

    period: Period
    subject: str | None
    place: str


def in_query(query: Iterable[tuple[str, str]]) -> Iterator[Given]:
    """The parameters of a query string."""
    for name, value in query:
        if name != "_format":
            place = f"Parameters.parameter.where(name = '{name}')" if name in _TYPES else _WHOLE
            yield Given(name, value, place)


def in_body(resource: Mapping[str, Any]) -> Iterator[Given]:
    """The parameters of a Parameters resource; raises `Invalid` for another resource."""
    if resource.get("resourceType") != "Parameters":
        sentence = "Send a Parameters resource."
        raise Invalid(problems=[Remark("invalid", sentence, expression="resourceType")])
    parameters = resource.get("parameter", [])
    for index, parameter in enumerate(parameters if isinstance(parameters, list) else [None]):
        place = f"{_WHOLE}[{index}]"
        name = parameter.get("name") if isinstance(parameter, dict) else None
        value = parameter.get(_TYPES[name]) if isinstance(name, str) and name in _TYPES else None
        yield Given(str(name), value if isinstance(value, str) else None, place)


def read_evaluation(parameters: Iterable[Given]) -> Evaluation:
    """What is asked for; raises `Invalid` naming every parameter that is wrong, and its place."""
    reader = _Reader()
    for given in parameters:
        reader.read(given)
    return reader.evaluation()


def days_of(text: str) -> tuple[date, date] | None:
    """The first and last day of a FHIR date, however precise; None for what is no date."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = (None if part is None else int(part) for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    last_month = month or _DECEMBER
    last = monthrange(first.year, last_month)[1]
    return first, date(first.year, last_month, day or last)


_WHOLE: Final = "Parameters.parameter"


class _Reader:
    """Collects the parameters of a request and what is wrong with them."""

    def __init__(self) -> None:
        self._given: dict[str, Given] = {}
        self._problems: list[Remark] = []

    def read(self, given: Given) -> None:
        """Takes one parameter."""
        if given.name not in _TYPES:
            self._refuse("not-supported", _UNKNOWN, given.place)
        elif given.name in self._given:
            self._refuse("duplicate", f"The parameter '{given.name}' is given twice.", given.place)
        else:
            self._given[given.name] = given
            if given.value is None:
                sentence = f"The parameter '{given.name}' is not of its type."
                self._refuse("value", sentence, given.place)

    def evaluation(self) -> Evaluation:
        """The whole request, or every problem at once."""
        for name in _REQUIRED:
            if name not in self._given:
                self._refuse("required", f"The parameter '{name}' is missing.", _WHOLE)
        kind = self._given.get("reportType")
        if kind is not None and kind.value is not None and kind.value not in _OF_GROUPS:
            self._refuse("not-supported", _PERSONS, kind.place)
        period = self._period()
        if self._problems or period is None:
            raise Invalid(problems=self._problems)
        subject = self._given.get("subject")
        return Evaluation(period, subject and subject.value, subject.place if subject else _WHOLE)

    def _period(self) -> Period | None:
        start, end = self._day("periodStart", last=False), self._day("periodEnd", last=True)
        if start is None or end is None:
            return None
        place = self._given["periodEnd"].place
        if end < start:
            self._refuse("value", _BACKWARDS, place)
        elif end.year - start.year > LONGEST_YEARS:
            self._refuse("value", _TOO_LONG, place)
        return Period(start.isoformat()[:7], end.isoformat()[:7])

    def _day(self, name: str, *, last: bool) -> date | None:
        """The day that begins or ends the period, as FHIR R4 reads a date that is not precise."""
        given = self._given.get(name)
        if given is None or given.value is None:
            return None
        days = days_of(given.value)
        if days is None:
            self._refuse("value", _NO_DATE.format(name), given.place)
            return None
        day = days[last]
        edge = monthrange(day.year, day.month)[1] if last else 1
        if day.day != edge:
            self._refuse("business-rule", _NO_END if last else _NO_START, given.place)
        return day

    def _refuse(self, code: str, sentence: str, place: str) -> None:
        self._problems.append(Remark(code, sentence, expression=place))
