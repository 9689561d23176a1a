"""The words of facts, cubes and figures: indicators, breakdowns, categories, kinds of area."""

from functools import cache
from typing import Final

import orjson

from template_service.artefacts import artefact_path

ANY: Final = "any"
ALL: Final = "all"
UNKNOWN: Final = "unknown"

INDICATORS: Final = (
    "asked",
    "declined",
    "not_offered",
    "need",
    "wants_help",
    "signposted",
    "referred",
    "helped",
)
BREAKDOWNS: Final = (ALL, "imd_decile", "sex", "age_band", "ethnic_group", "language_group")
GEOGRAPHY_TYPES: Final = ("city", "pcn", "practice", "ward", "msoa")

REGISTRATION: Final = "registration"
RESIDENCE: Final = "residence"
# The areas of a block. A person is registered with one practice and lives in one place, and what
# is published of either never crosses the other: that is what keeps the cells of a city few.
AREAS: Final = {REGISTRATION: ("practice", "pcn"), RESIDENCE: ("ward", "msoa")}
# Every count that leaves a closed month is a sum of multiples of this, the base of NHS Digital's
# disclosure control for published counts.
BASE: Final = 5

IMD_DECILES: Final = tuple(str(decile) for decile in range(1, 11))
SEXES: Final = ("female", "male", "other")
ETHNIC_GROUPS: Final = (
    "asian",
    "black",
    "mixed",
    "white_british",
    "white_other",
    "gypsy_roma_traveller",
    "other",
)
LANGUAGE_GROUPS: Final = ("english", "other", "interpreter")

# The five-year bands of facts and of registered lists, which ESP 2013 uses too.
FIVE_YEAR_BANDS: Final = (*(f"{low}-{low + 4}" for low in range(0, 90, 5)), "90+")

# The bands of the cube: every published band is a sum of them, and they nest in five years
# (docs/adr/0006).
AGE_BANDS: Final = ("0-4", "5-9", "10-14", "15-24", "25-44", "45-64", "65-79", "80+")
_LOWEST_AGES: Final = tuple(int(band.rstrip("+").split("-")[0]) for band in AGE_BANDS)

CATEGORIES: Final = {
    ALL: (ALL,),
    "imd_decile": (*IMD_DECILES, UNKNOWN),
    "sex": (*SEXES, UNKNOWN),
    "age_band": (*AGE_BANDS, UNKNOWN),
    "ethnic_group": (*ETHNIC_GROUPS, UNKNOWN),
    "language_group": (*LANGUAGE_GROUPS, UNKNOWN),
}

STATES: Final = ("not-asked", "not-offered", "no-need", "need", "unsure", "declined")
# Whoever answered or declined was asked; a question that was not offered was not.
ASKED_STATES: Final = ("no-need", "need", "unsure", "declined")
METHODS: Final = ("asked", "batch")
LEVELS: Final = (0, 1, 2, 3, 4)
WANTS_HELP: Final = ("yes-now", "later", "already-has-help", "no")
# Help wanted is help wanted now or later (CodeSystem template-answers).
WANTING: Final = ("yes-now", "later")
OUTCOMES: Final = ("resolved", "partly", "not", "left")
HELPED_OUTCOMES: Final = ("resolved", "partly")

# Safety and fairness, whose figures are never broken down to an area below the city.
CITY_ONLY_DOMAINS: Final = ("safety", "fairness")


@cache
def domains() -> tuple[str, ...]:
    """The domains of the template, in its order: the codes of CodeSystem template-domains."""
    system = orjson.loads(artefact_path("CodeSystem", "template-domains").read_bytes())
    return tuple(concept["code"] for concept in system["concept"])


def age_band_of(five_years: str) -> str:
    """The band of the cube that a band of five years (`"35-39"`, `"90+"`) lies in."""
    lowest = int(five_years.rstrip("+").split("-")[0])
    return next(
        band
        for band, low in zip(reversed(AGE_BANDS), reversed(_LOWEST_AGES), strict=True)
        if low <= lowest
    )
