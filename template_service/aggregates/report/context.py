"""What a report needs to know besides the figures: whose it is, when, and what stands beside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from template_service.aggregates.areas import CITY, PCN
from template_service.aggregates.gradient_figures import Slope
from template_service.aggregates.report.figures import Area, Shown
from template_service.aggregates.reporting_period import Period
from template_service.aggregates.standardised_need import StandardisedNeed

DEMONSTRATION = "Demonstration: made-up people"


@dataclass(frozen=True, slots=True)
class Residents:
    """Registered people of one category: of the PCN or of the city, from the registered lists.

    `breakdown` is `imd_decile`, `child_age` (0-4, 5-9, 10-14) or `child_decile` (the deciles of
    children).
    """

    geography_type: Literal["pcn", "city"]
    breakdown: str
    category: str
    people: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A need that no service in the directory meets for some wards.

    `need` is the plain phrase of the need category; `count` is people, where known; `families`
    says that it belongs on the children's page.
    """

    need: str
    wards: tuple[str, ...]
    count: int | None = None
    families: bool = False


@dataclass(frozen=True, slots=True)
class MarmotIndicator:
    """One imported indicator with the place it is for; `number` is 1 to 15 of the programme's set.

    Values are in the indicator's own unit; `city_value` is of the same period, or None;
    `broken_series` marks a change of definition; `domains` are the parts of life it stands beside.
    """

    number: int
    name: str
    unit: str
    period: str
    place: str
    value: float
    lower: float | None
    upper: float | None
    city_value: float | None
    source: str
    category: str = ""
    broken_series: bool = False
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContext:
    """Whose report it is and what stands beside the figures; `pcn_code` is blank for the city's.

    `standardised` is need by domain allowing for age, where it can be given; `child_needs` are as
    `report.child_needs` makes them; `slope` is the city's and `own_slope` the network's;
    `stretches` are the city's deciles as stretches of the people asked. `counted_before`: months of
    the same financial year before the period were counted too.
    """

    pcn_code: str
    pcn_name: str
    city_code: str
    city_name: str
    period: str
    imd_edition: str
    generated: date
    demonstration: bool = False
    counted_before: bool = False
    previous_period: str = ""
    residents: tuple[Residents, ...] = ()
    gaps: tuple[Gap, ...] = ()
    indicators: tuple[MarmotIndicator, ...] = ()
    standardised: Mapping[str, StandardisedNeed] = field(default_factory=dict)
    child_needs: Mapping[tuple[str, str], Shown] = field(default_factory=dict)
    slope: Slope | None = None
    own_slope: Slope | None = None
    stretches: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def here(self) -> Area:
        """The area the report is about."""
        return Area(self.period, PCN, self.pcn_code) if self.pcn_code else self.city

    @property
    def city(self) -> Area:
        """The city the area is compared with."""
        return Area(self.period, CITY, self.city_code)

    @property
    def name(self) -> str:
        """The name of the area the report is about."""
        return self.pcn_name if self.pcn_code else self.city_name

    @property
    def person_years(self) -> bool:
        """Whether somebody may be counted twice, as the period lies in two financial years."""
        return not Period.parse(self.period).within_one_year

    def people_by(self, geography_type: str, breakdown: str) -> dict[str, int]:
        """Registered people by category of a breakdown, as they came."""
        return {
            row.category: row.people
            for row in self.residents
            if (row.geography_type, row.breakdown) == (geography_type, breakdown)
        }
