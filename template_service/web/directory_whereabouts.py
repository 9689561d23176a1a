"""Where the services of one page are: the sketch, and the table that says the same in words."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from directory.geography import Geography, Place, distance_km
from directory.matches import Match
from template_service.web.directory_choice import Choice
from template_service.web.directory_map import Sketch, Spot, sketch
from template_service.web.directory_places import City, city_of, place_name
from template_service.web.service_view import distance

# Further away than people go for help; one service in London would squeeze the city to a dot.
FAR_KM: Final = 40.0


class Located(NamedTuple):
    """A service people go to: its number in the list, and whether it is near enough to draw."""

    number: int
    name: str
    distance: str
    address: str
    spot: Spot
    is_drawn: bool


class Whereabouts(NamedTuple):
    """The sketch, if anything is near enough to draw, and the services people go to.

    `elsewhere` counts those of the page reached in other ways, or of unknown place.
    """

    sketch: Sketch | None
    located: tuple[Located, ...]
    elsewhere: int


def whereabouts(
    geography: Geography, choice: Choice, matches: Sequence[Match], first: int
) -> Whereabouts:
    """Where the services of a page are; `first` is the number of the first of them."""
    city = city_of(geography)
    place = matches[0].profile.seeker.place if matches else None
    located = tuple(_located(matches, first, _middle(city, place)))
    home = None
    if place is not None and place.lat is not None and place.lon is not None:
        home = Spot(place_name(geography, choice.near), place.lat, place.lon)
    drawn = [one.spot for one in located if one.is_drawn]
    return Whereabouts(sketch(drawn, home, _wards(city)), located, len(matches) - len(located))


def _located(
    matches: Iterable[Match], first: int, middle: tuple[float, float] | None
) -> Iterator[Located]:
    for number, match in enumerate(matches, start=first):
        found = match.service
        if not match.entry.visited or found.lat is None or found.lon is None:
            continue
        yield Located(
            number,
            found.name,
            distance(match.distance_km),
            ", ".join(filter(None, (found.address, found.postcode))),
            Spot(str(number), found.lat, found.lon),
            middle is None or distance_km(*middle, found.lat, found.lon) <= FAR_KM,
        )


def _middle(city: City, place: Place | None) -> tuple[float, float] | None:
    """Where to look from: the place chosen, or else the middle of the city."""
    for one in (place, city):
        if one is not None and one.lat is not None and one.lon is not None:
            return one.lat, one.lon
    return None


def _wards(city: City) -> Iterator[Spot]:
    for ward in city.wards.values():
        if ward.lat is not None and ward.lon is not None:
            yield Spot(ward.ward_name or "", ward.lat, ward.lon)
