"""What a search of the directory page found, as the page shows it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from flask import url_for

from directory.geography import Geography, Place
from directory.matches import Exclusion, Match, Results
from directory.matching import EXCLUSIONS_PER_NEED
from directory.model import Service as Found
from template_service import clock
from template_service.service import Service
from template_service.web.blueprint import Link
from template_service.web.directory_choice import Choice
from template_service.web.directory_places import place_name
from template_service.web.directory_whereabouts import Whereabouts, whereabouts
from template_service.web.directory_wishes import Wish
from template_service.web.service_view import ServiceView, matched
from template_service.web.words import Fact, counted

EACH_PAGE: Final = 20
# Nobody looks further; a word or a filter finds more than another page.
LAST_PAGE: Final = 25
# A service of many areas names the first.
MOST_AREAS: Final = 3


class LeftOut(NamedTuple):
    """A reason, and the services that are not shown for it."""

    reason: str
    services: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of results, and all that is told of them.

    `less_likely_from` is the number of the first that suits the words badly, 0 where all suit.
    """

    heading: str
    first: int
    less_likely_from: int
    services: tuple[ServiceView, ...]
    corrected: tuple[tuple[str, str], ...]
    measured_from: str
    before: str
    after: str
    is_cut: bool
    left_out: tuple[LeftOut, ...]
    left_out_heading: str
    whereabouts: Whereabouts


def shown(service: Service, choice: Choice, results: Results, page: int) -> Shown:
    """One page of the results of a search of `page * EACH_PAGE`: the last there is, at most."""
    page = min(page, max(1, -(-results.total // EACH_PAGE)))
    first = (page - 1) * EACH_PAGE
    matches = results.matches[first : first + EACH_PAGE]
    place = matches[0].profile.seeker.place if matches else None
    left_out = [one for one in results.excluded if _is_for(service, choice.need, one.service_id)]
    return Shown(
        heading=_heading(results.total, first, len(matches)),
        first=first + 1,
        less_likely_from=results.likely + 1 if 0 < results.likely < results.total else 0,
        services=tuple(_service(service.geography, match) for match in matches),
        corrected=tuple(results.corrected.items()),
        measured_from=_measured_from(service, choice, place),
        before=href(choice, page - 1) if page > 1 else "",
        after=href(choice, page + 1) if results.total > page * EACH_PAGE < _MOST else "",
        is_cut=page == LAST_PAGE and results.total > _MOST,
        left_out=_by_reason(left_out),
        left_out_heading=_left_out_heading(len(left_out)),
        whereabouts=whereabouts(service.geography, choice, matches, first + 1),
    )


def tries(service: Service, choice: Choice, wishes: Iterable[Wish]) -> tuple[Link, ...]:
    """The same words with one wish less, where that finds something, what finds most first.

    Without words none: each would sift the whole directory anew.
    """
    now = clock.now()
    less = [wish for wish in wishes if wish.without.search] if choice.search else []
    found = [
        (service.directory.look(wish.without.as_search(service.geography, now), 0).total, wish)
        for wish in less
    ]
    found.sort(key=lambda one: -one[0])
    return tuple(
        Link(f"{wish.way}: {counted(total, 'service', 'services')}", href(wish.without))
        for total, wish in found
        if total
    )


def href(choice: Choice, page: int = 1) -> str:
    """The address that asks for a choice."""
    values: dict[str, Any] = choice.address | ({"page": page} if page > 1 else {})
    return url_for("web.directory", **values)


_MOST: Final = EACH_PAGE * LAST_PAGE


def _heading(total: int, first: int, here: int) -> str:
    every = counted(total, "service", "services")
    return every if here == total else f"{first + 1} to {first + here} of {every}"


def _service(geography: Geography, match: Match) -> ServiceView:
    view = matched(match, match.profile.today)
    return replace(
        view,
        href=url_for("web.service", service_id=match.service.id),
        contact=_short(view.contact),
        facts=(*_where(geography, match.service, view.contact), *view.facts),
    )


def _where(geography: Geography, service: Found, contact: str) -> Iterator[Fact]:
    """Where a service is, and whom it covers, as far as its way in does not say so already."""
    said = (" ".join(part.split()) for part in (service.address, service.postcode))
    place = ", ".join(filter(None, said))
    if place and place != contact:
        yield Fact("Where", place)
    names = geography.area_names()
    known = [names[code] for code in service.service_area if code in names]
    if known:
        more = len(service.service_area) - MOST_AREAS
        last = f" and {more} more" if more > 0 else ""
        yield Fact("Area", ", ".join(known[:MOST_AREAS]) + last)


def _short(contact: str) -> str:
    """A way in, with a web page named by its site: the rest of its address is behind the link."""
    return urlsplit(contact).netloc.removeprefix("www.") or contact


def _measured_from(service: Service, choice: Choice, place: Place | None) -> str:
    """From where distances are measured; empty where none are."""
    if place is None or place.lat is None:
        return ""
    name = place_name(service.geography, choice.near)
    return name if place.no_fixed_abode else f"the middle of {name}"


def _by_reason(excluded: Iterable[Exclusion]) -> tuple[LeftOut, ...]:
    grouped: dict[str, list[Link]] = {}
    for one in excluded:
        address = url_for("web.service", service_id=one.service_id)
        grouped.setdefault(one.reason, []).append(Link(one.name, address))
    return tuple(LeftOut(reason, tuple(links)) for reason, links in grouped.items())


def _is_for(service: Service, need: str, service_id: str) -> bool:
    """Whether a service helps with the need chosen: nobody looks for one that does not."""
    return not need or need in service.directory.service(service_id).needs


def _left_out_heading(count: int) -> str:
    more = " and perhaps more" if count >= EXCLUSIONS_PER_NEED else ""
    return f"Not shown: {counted(count, 'service', 'services')}{more}, and why"
