"""What a report needs to know besides the figures: whose it is, when, and what stands beside."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from template_service.aggregates.report.figures import CITY, PCN, Area

DEMONSTRATION = "Demonstration: made-up people"


@dataclass(frozen=True, slots=True)
class Residents:
    """Registered people of one category: of the PCN or of the city, from the registered lists.

    `breakdown` is `imd_decile`, `language_group` or `child_age` (0-4, 5-9, 10-14) or
    `child_decile` (the deciles of children).
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

    Values are in the indicator's own unit; `broken_series` marks a change of definition.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContext:
    """Whose report it is and what stands beside the figures; `pcn_code` is blank for the city's."""

    pcn_code: str
    pcn_name: str
    city_code: str
    city_name: str
    period: str
    imd_edition: str
    generated: date
    demonstration: bool = False
    previous_period: str = ""
    residents: tuple[Residents, ...] = ()
    gaps: tuple[Gap, ...] = ()
    indicators: tuple[MarmotIndicator, ...] = ()

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

    def people_by(self, geography_type: str, breakdown: str) -> dict[str, int]:
        """Registered people by category of a breakdown, as they came."""
        return {
            row.category: row.people
            for row in self.residents
            if (row.geography_type, row.breakdown) == (geography_type, breakdown)
        }
