"""Which documents of a list a query asks for, and in which order."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Final

from directory.geography import Place, distance_km
from directory.seeker import area_codes

from .catalogue import Catalogue
from .facts import Facts, Opening
from .query import Query

# Lists of what belongs to services: searched, covered and placed as these are.
_OF_SERVICES: Final = frozenset({"services", "service_at_locations"})
_METRES_IN_KM: Final = 1000.0

Test = Callable[[Facts], bool]


def selected(catalogue: Catalogue, table: str, query: Query) -> Sequence[str]:
    """The ids of what a query asks for.

    Words typed put the best first, a postcode the nearest; what is alike is in order of ids.
    """
    chosen = list(catalogue.facts(table).values())
    for test in _tests(catalogue, table, query):
        chosen = [facts for facts in chosen if test(facts)]
    if query.place is not None:
        chosen = _nearest_first(chosen, query.place, query.proximity)
    if query.search and table in _OF_SERVICES:
        ranks = catalogue.found(query.search)
        chosen = [facts for facts in chosen if facts.service_id in ranks]
        chosen.sort(key=lambda facts: ranks[facts.service_id])
    return [facts.id for facts in chosen]


def _tests(catalogue: Catalogue, table: str, query: Query) -> Iterator[Test]:
    """What a document must meet, the cheapest first."""
    yield from _of_ids(query)
    yield from _of_ages(query)
    if query.day or query.start_time or query.end_time:
        yield lambda facts: any(_suits(opening, query) for opening in facts.openings)
    if query.search and table not in _OF_SERVICES:
        words = query.search.casefold().split()
        yield lambda facts: all(word in facts.words for word in words)
    if query.modified_after is not None:
        yield _changed(catalogue, table, query)
    if query.place is not None:
        yield _covering(catalogue, query.place)


def _of_ids(query: Query) -> Iterator[Test]:
    if query.organization_id:
        yield lambda facts: facts.organization_id == query.organization_id
    if query.taxonomy_term_id:
        yield lambda facts: query.taxonomy_term_id in facts.terms
    if query.taxonomy_id:
        yield lambda facts: query.taxonomy_id in facts.taxonomies
    if query.parent_id:
        yield lambda facts: facts.parent_id == query.parent_id
    if query.top_only:
        yield lambda facts: not facts.parent_id


def _of_ages(query: Query) -> Iterator[Test]:
    """By the letter of the specification: a service that states no such age does not have it."""
    least, most = query.minimum_age, query.maximum_age
    if least is not None:
        yield lambda facts: facts.minimum_age is not None and facts.minimum_age >= least
    if most is not None:
        yield lambda facts: facts.maximum_age is not None and facts.maximum_age <= most


def _suits(opening: Opening, query: Query) -> bool:
    """Whether one opening is on the day and within the times; what is unknown is not."""
    if query.day and query.day not in opening.days:
        return False
    if query.start_time and not (opening.opens and opening.opens >= query.start_time):
        return False
    return not query.end_time or bool(opening.closes and opening.closes <= query.end_time)


def _changed(catalogue: Catalogue, table: str, query: Query) -> Test:
    dates, after = catalogue.changed_at(table), query.modified_after
    return lambda facts: after is None or dates[facts.id] >= after


def _covering(catalogue: Catalogue, place: Place) -> Test:
    """Whether a document's service may come to a place: a stated area must hold it."""
    codes, areas = area_codes(place), catalogue.areas

    def covers(facts: Facts) -> bool:
        stated = areas.get(facts.service_id, frozenset())
        if not stated:
            # An area stated in a way nobody can read is known to hold no place.
            return not facts.states_area
        return not codes.isdisjoint(stated)

    return covers


def _nearest_first(chosen: Iterable[Facts], place: Place, proximity: float | None) -> list[Facts]:
    """Those within the proximity by the nearest of their places; those with no place come last."""
    away = [(_metres(facts, place), facts) for facts in chosen]
    near = [(metres, facts) for metres, facts in away if proximity is None or metres <= proximity]
    # Sorting keeps the order of ids among those as far away.
    near.sort(key=itemgetter(0))
    return [facts for _, facts in near]


def _metres(facts: Facts, place: Place) -> float:
    """How far the nearest of its places is; infinite when that is not known."""
    if not facts.places or place.lat is None or place.lon is None:
        return math.inf
    lat, lon = place.lat, place.lon
    return min([distance_km(lat, lon, *there) for there in facts.places]) * _METRES_IN_KM
