"""Needs of under fives and of school children: bands of age summed, so that more may be shown."""

from math import sqrt
from typing import Final

import numpy as np

from template_service.aggregates.figure_rules import ASKED, FEWEST, NOISE_SHARE, SMALL_GROUP
from template_service.aggregates.frozen_cube import CELLS, People, all_domains
from template_service.aggregates.report.figures import Shown
from template_service.aggregates.statistics.comparison import significance
from template_service.aggregates.statistics.proportions import proportion
from template_service.aggregates.vocabulary import BASE, CITY_ONLY_DOMAINS, INDICATORS

UNDER_FIVE: Final = "0-4"
SCHOOL: Final = "5-14"
_BANDS: Final = {UNDER_FIVE: ("0-4",), SCHOOL: ("5-9", "10-14")}
_NEED: Final = INDICATORS.index("need")

ChildNeeds = dict[tuple[str, str], Shown]
"""(domain, `UNDER_FIVE` or `SCHOOL`) to the share of children asked about who had the need."""


def child_needs(area: People, city: People) -> ChildNeeds:
    """Needs of children, of tables `[domain, cell, indicator]`, beside the city's.

    What may not be shown is absent, by the rules of `figure_rules` (fewer than 8, all of a small
    group, mostly rounding), and so are the domains that only the city shows. Nothing is compared
    where area and city are the same.
    """
    found = {}
    for place, domain in enumerate(all_domains()):
        for ages, bands in _BANDS.items():
            cells = [CELLS.index(("age_band", band)) for band in bands]
            here = _shown(area[place, cells].sum(axis=0), len(cells))
            there = _shown(city[place, cells].sum(axis=0), len(cells))
            if domain not in CITY_ONLY_DOMAINS and here:
                found[domain, ages] = here if area is city else _beside(here, there)
    return found


def _shown(counts: People, bands: int) -> Shown | None:
    need, asked = int(counts[_NEED]), int(counts[ASKED])
    # Bands were rounded one by one, so their sum is as far off as all of them.
    noise = sqrt(bands * np.square(BASE) / 6)
    group = need == asked and asked < SMALL_GROUP
    if need < FEWEST or need > asked or group or noise > NOISE_SHARE * need:
        return None
    found = proportion(need, asked)
    return Shown(found.value, found.lower, found.upper, need, asked, None, "")


def _beside(here: Shown, there: Shown | None) -> Shown:
    if there is None:
        return here
    word = significance(here.lower, here.upper, there.value)
    return here._replace(comparison=there.value, significance=word)
