"""One published figure of an indicator."""

from dataclasses import dataclass
from typing import Final

KEY: Final = ("indicator", "period", "geography_type", "geography_code", "breakdown", "category")
NUMBERS: Final = ("value", "lower", "upper", "numerator", "denominator")
COLUMNS: Final = (*KEY, *NUMBERS, "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorValue:
    """A figure as its source published it, in the unit of its indicator (percent: 0 to 100).

    Two figures with one key are the same figure, published twice. `after_break` is blank, or says
    what changed before the period ended, so that the figure continues no older line; it is worked
    out when the figure is read and never kept.
    """

    indicator: int
    period: str
    geography_type: str
    geography_code: str
    breakdown: str
    category: str
    value: float
    lower: float | None
    upper: float | None
    numerator: float | None
    denominator: float | None
    source: str
    after_break: str = ""

    @property
    def key(self) -> tuple[int, str, str, str, str, str]:
        """The columns of `KEY`."""
        return (
            self.indicator,
            self.period,
            self.geography_type,
            self.geography_code,
            self.breakdown,
            self.category,
        )
