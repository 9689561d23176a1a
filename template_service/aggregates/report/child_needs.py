"""Needs of under fives and of school children: bands of age summed, so that more may be shown."""

from typing import Final

from template_service.aggregates.figure_rules import ASKED, FEWEST, NOISE_SHARE
from template_service.aggregates.frozen_cube import CELLS, People, all_domains
from template_service.aggregates.report.figures import Shown
from template_service.aggregates.rounding_noise import count_spread, share_reach, widened
from template_service.aggregates.statistics.comparison import significance
from template_service.aggregates.statistics.proportions import proportion
from template_service.aggregates.vocabulary import CITY_ONLY_DOMAINS, INDICATORS

UNDER_FIVE: Final = "0-4"
SCHOOL: Final = "5-14"
_BANDS: Final = {UNDER_FIVE: ("0-4",), SCHOOL: ("5-9", "10-14")}
_NEED: Final = INDICATORS.index("need")

ChildNeeds = dict[tuple[str, str], Shown]
"""(domain, `UNDER_FIVE` or `SCHOOL`) to the share of children asked about who had the need."""


def child_needs(area: People, city: People, roundings: int = 1) -> ChildNeeds:
    """Needs of children, of tables `[domain, cell, indicator]`, beside the city's.

    `roundings` is how many months are summed. What may not be shown is absent, by the rules of
    `figure_rules` (fewer than 8, all of a group, mostly rounding), and so are the domains that only
    the city shows. Nothing is compared where area and city are the same.
    """
    found = {}
    for place, domain in enumerate(all_domains()):
        for ages, bands in _BANDS.items():
            cells = [CELLS.index(("age_band", band)) for band in bands]
            # Bands were rounded one by one, so their sum is as far off as all of them.
            apart = len(cells) * roundings
            here = _shown(area[place, cells].sum(axis=0), apart)
            there = _shown(city[place, cells].sum(axis=0), apart)
            if domain not in CITY_ONLY_DOMAINS and here:
                found[domain, ages] = here if area is city else _beside(here, there, apart)
    return found


def _shown(counts: People, roundings: int) -> Shown | None:
    need, asked = int(counts[_NEED]), int(counts[ASKED])
    if need < FEWEST or need >= asked or count_spread(roundings) > NOISE_SHARE * need:
        return None
    found = proportion(need, asked)
    return Shown(found.value, found.lower, found.upper, need, asked, None, "")


def _beside(here: Shown, there: Shown | None, roundings: int) -> Shown:
    if there is None:
        return here
    reach = share_reach(here.denominator, roundings)
    low, high = widened(here.value, (here.lower, here.upper), reach)
    word = significance(float(low), float(high), there.value)
    return here._replace(comparison=there.value, significance=word)
