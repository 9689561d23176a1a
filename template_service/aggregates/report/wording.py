"""The words of reports: names of domains and groups, numbers and periods as people say them."""

from datetime import date
from functools import cache
from typing import Final

import orjson

from template_service.aggregates.figure_rules import FEWEST
from template_service.aggregates.frozen_cube import CORE20, REST
from template_service.aggregates.vocabulary import ANY, UNKNOWN
from template_service.artefacts import artefact_path

# The most deprived fifth of areas in England (NHS England, Core20PLUS5).
CORE20_NAME: Final = "Deciles 1–2 (Core20)"
REST_NAME: Final = "Deciles 3–10"
GROUP_NAMES: Final = {CORE20: CORE20_NAME, REST: REST_NAME}

INDICATOR_NAMES: Final = {
    "asked": "Asked",
    "declined": "Declined",
    "not_offered": "Not offered",
    "need": "Had a need",
    "wants_help": "Wanted help",
    "signposted": "Told about a service",
    "referred": "Referred",
    "helped": "Helped",
}
BREAKDOWN_NAMES: Final = {
    "all": "Everyone",
    "imd_decile": "Deprivation decile",
    "sex": "Sex",
    "age_band": "Age",
    "ethnic_group": "Ethnic group",
    "language_group": "Language",
}
LANGUAGE_NAMES: Final = {
    "english": "English",
    "other": "Another language",
    "interpreter": "Needs an interpreter",
    "unknown": "Not known",
}
# The same in a sentence.
LANGUAGE_WORDS: Final = {
    "english": "English",
    "other": "another language",
    "interpreter": "with an interpreter",
    "unknown": "not known",
}
CHILD_BAND_NAMES: Final = {"0-4": "Under 5", "5-9": "5 to 9", "10-14": "10 to 14"}
# A word beside every shape, so that nothing hangs on colour (WCAG 2.2, 1.4.1).
SIGNIFICANCE_NAMES: Final = {"higher": "Higher", "similar": "Similar", "lower": "Lower"}
FLAG_NAMES: Final = {
    "fewer_than_8": "Fewer than 8 people",
    "group": "Too few people to show this group",
    "noise": "Too small to tell from rounding",
}
# The same where there is room for a few letters only.
FLAG_NOTES: Final = FLAG_NAMES | {"group": "Too few people to show"}
# A flag is about what misleads; it does not promise that a count cannot be worked out (ADR 6).
SMALL_COUNTS: Final = "Counts below 8 are not printed, because that small they mislead."


@cache
def domain_names() -> dict[str, str]:
    """Domain to its name, from CodeSystem template-domains, and `any` for at least one."""
    system = orjson.loads(artefact_path("CodeSystem", "template-domains").read_bytes())
    names = {concept["code"]: concept["display"] for concept in system["concept"]}
    return {ANY: "At least one need"} | names


def percent(value: float, digits: int = 0) -> str:
    """A proportion of 0 to 1 as a percentage, as in `38%`; below 1 % with one more digit."""
    few = 0 < value < 0.01
    return f"{100 * value:.{digits + few}f}%"


def count(number: int | None) -> str:
    """A number of people with commas, or `not known`."""
    return "not known" if number is None else f"{number:,}"


def registered(number: int | None) -> str:
    """Registered people as lists have them, not rounded; `fewer than 8` and `not known` in words.

    Source: as for every count, `figure_rules.FEWEST`.
    """
    return "fewer than 8" if number is not None and number < FEWEST else count(number)


def in_every_100(*values: float) -> tuple[str, ...]:
    """Proportions as people in every 100, with one decimal where whole people would look alike."""
    whole = [f"{100 * value:.0f}" for value in values]
    alike = len(set(whole)) < len(set(values)) or "0" in whole
    return tuple(f"{100 * value:.1f}" for value in values) if alike else tuple(whole)


def period_name(period: str) -> str:
    """`2026-09` as `September 2026`, `2026-07/2026-09` as `July 2026 to September 2026`."""
    return " to ".join(
        date.fromisoformat(f"{month}-01").strftime("%B %Y") for month in period.split("/")
    )


def day_name(day: date) -> str:
    """A date as `22 November 2026`."""
    return f"{day.day} {day:%B %Y}"


def listed(words: list[str]) -> str:
    """Words in a row: `a`, `a and b`, `a, b and c`."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


_CATEGORY_NAMES: Final = {
    "sex": {"female": "Female", "male": "Male", "other": "Other"},
    "ethnic_group": {
        "asian": "Asian or Asian British",
        "black": "Black or Black British",
        "mixed": "Mixed or multiple",
        "white_british": "White British",
        "white_other": "White other",
        "gypsy_roma_traveller": "Gypsy, Roma or Traveller",
        "other": "Other",
    },
    "language_group": LANGUAGE_NAMES,
}


def category_name(breakdown: str, category: str) -> str:
    """A category as people read it; deciles and ages are their own names."""
    names = _CATEGORY_NAMES.get(breakdown, {}) | {UNKNOWN: "Not known"}
    return names.get(category, category)
