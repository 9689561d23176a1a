"""Where help is looked for: a ward of the city or around a practice, so that no address is asked.

A postcode may be that of one house, so it is never in an address or a log: it becomes its ward.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean
from typing import Final

from directory.filters import Home
from directory.geography import Geography, InvalidPostcode, Place, UnknownPostcode
from directory.seeker import area_codes
from template_service.aggregates.areas import CITY, Areas

# No postcode ends with C, I, K, M, O or V (BS 7666): "A1 2pm" is none. ZZ99 is the NHS's own, for
# no fixed home and the like.
_POSTCODE: Final = re.compile(
    r"(?<!\w)(?:[a-z]{1,2}\d[a-z\d]?\s*\d[abd-hjlnp-uw-z]{2}|zz99\s*\d[a-z]{2})(?!\w)",
    re.IGNORECASE | re.ASCII,
)
# Postcodes in use around the middle of the city: more than the largest city but London has.
_REACH: Final = 40_000
# The middle of a ward from every fifth of its postcodes is some 50 m off, and found at once.
_EVERY: Final = 5
# The tables in use, and those of a test beside them.
_KEPT: Final = 2


class NotPlaced(ValueError):
    """A postcode that leads to no ward of the city; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class City:
    """The wards and practices to choose from; `lat` and `lon` are the middle of the practices.

    A ward's place has the mean of its postcodes for coordinates. Without practices in the
    geography tables there is no city, and nothing to choose.
    """

    name: str
    lat: float | None
    lon: float | None
    wards: Mapping[str, Place]
    practices: Mapping[str, str]


@lru_cache(maxsize=_KEPT)
def city_of(geography: Geography) -> City:
    """The city most practices of the tables lie in."""
    areas = Areas.of(geography)
    inside = [one for one in geography.practices() if one.place.lad_code == areas.city]
    middle = _middle(one.place for one in inside)
    around = geography.nearest_postcodes(Place(lat=middle[0], lon=middle[1]), _REACH)
    return City(
        areas.name(CITY, areas.city),
        *middle,
        _wards(areas.city, map(geography.place, around[::_EVERY])),
        {one.ods_code: one.name for one in sorted(inside, key=lambda one: one.name)},
    )


def place_of(geography: Geography, code: str) -> Place | None:
    """The place of a ward or a practice chosen; None for a code of neither."""
    return city_of(geography).wards.get(code) or geography.place_by_practice(code)


@lru_cache(maxsize=_KEPT)
def home_of(geography: Geography) -> Home | None:
    """The city, which most who search are from; None without one."""
    city = city_of(geography)
    if not city.wards:
        return None
    areas = frozenset[str]().union(*map(area_codes, city.wards.values()))
    return Home(Place(lat=city.lat, lon=city.lon), areas)


def postcodes_in(text: str) -> tuple[str, tuple[str, ...]]:
    """A text without the whole postcodes in it, and these."""
    return " ".join(_POSTCODE.sub(" ", text).split()), tuple(_POSTCODE.findall(text))


def place_name(geography: Geography, code: str) -> str:
    """What a ward or a practice is called; empty for a code of neither."""
    ward = city_of(geography).wards.get(code)
    if ward is not None:
        return ward.ward_name or ""
    return next((one.name for one in geography.practices() if one.ods_code == code), "")


def ward_of(geography: Geography, postcode: str) -> str:
    """The code of the ward of a postcode; raises `NotPlaced`, which never repeats it."""
    city = city_of(geography)
    try:
        place = geography.place(postcode)
    except InvalidPostcode:
        raise NotPlaced("Write a whole postcode, with both parts") from None
    except UnknownPostcode:
        raise NotPlaced("We do not know this postcode: choose a ward instead") from None
    if place.no_fixed_abode:
        raise NotPlaced("This postcode means no fixed home: choose a practice instead")
    if place.ward_code is None or place.ward_code not in city.wards:
        raise NotPlaced(f"This postcode is not in {city.name}: choose a ward nearby")
    return place.ward_code


def _wards(city: str, places: Iterable[Place]) -> dict[str, Place]:
    """The wards of a city among some places, by name, each where its places are on average."""
    by_ward: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        if place.lad_code == city and place.ward_code and place.ward_name:
            by_ward[place.ward_code].append(place)
    ordered = sorted(by_ward.items(), key=lambda it: it[1][0].ward_name or "")
    return {code: _ward(those) for code, those in ordered}


def _ward(places: list[Place]) -> Place:
    lat, lon = _middle(places)
    one = places[0]
    return Place(
        ward_code=one.ward_code,
        ward_name=one.ward_name,
        lad_code=one.lad_code,
        lad_name=one.lad_name,
        lat=lat,
        lon=lon,
    )


def _middle(places: Iterable[Place]) -> tuple[float | None, float | None]:
    points = [(one.lat, one.lon) for one in places if one.lat is not None and one.lon is not None]
    if not points:
        return None, None
    return fmean(lat for lat, _ in points), fmean(lon for _, lon in points)
