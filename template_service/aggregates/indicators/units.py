"""Units of the indicators, and the numbers that make sense in each."""

import math
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its code, its words, the largest figure that makes sense; 0 is the smallest.

    `part_of_whole`: the numerator is counted among the denominator, so it is never larger.
    """

    code: str
    words: str
    highest: float
    part_of_whole: bool = False


# Attainment 8 ends at 90: eight subjects, English and mathematics counted twice, grade 9 the
# highest (Department for Education, secondary accountability measures).
_ALL: Final = (
    Unit("years", "years", 120),
    Unit("per_1000_live_births", "per 1,000 live births", 1000, part_of_whole=True),
    Unit("percent", "%", 100, part_of_whole=True),
    Unit("score", "average score", 90),
    Unit("dasr_per_100000", "per 100,000, directly age-standardised", 100_000),
    Unit("number", "number", math.inf),
)
UNITS: Final = {unit.code: unit for unit in _ALL}
