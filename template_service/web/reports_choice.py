"""What a reader of the reports chose: period, area, domain and breakdown, from a page's address."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from flask import request

from template_service.aggregates.areas import CITY, PCN
from template_service.aggregates.figures import Wanted
from template_service.aggregates.frozen_cube import all_domains
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.figures import Area
from template_service.aggregates.report.wording import domain_names, period_name
from template_service.aggregates.reporting_period import Period
from template_service.aggregates.vocabulary import ANY, CITY_ONLY_DOMAINS
from template_service.errors import Invalid, NotFound

# What the form calls the city, whatever its code.
THE_CITY = "city"
PERSON_YEARS = (
    "This period crosses financial years. Everybody is counted once a year, so these figures are"
    " person-years, not people."
)


class Option(NamedTuple):
    """One option of a select."""

    value: str
    text: str
    selected: bool


class Place(NamedTuple):
    """An area of the figures: its type, code and name."""

    kind: str
    code: str
    name: str

    @property
    def wanted(self) -> Wanted:
        """How the figures are asked for it."""
        return Wanted(self.kind, (self.code,))

    @property
    def key(self) -> str:
        """What stands for it in an address."""
        return THE_CITY if self.kind == CITY else self.code

    def within(self, period: Period) -> Area:
        """The same area in the figures of a period."""
        return Area(str(period), self.kind, self.code)


def period_asked(figures: ReleasedFigures) -> Period:
    """The period of the address (`period`, or `from` and `to`), else the year to date.

    Raises `Invalid` for what is no period and `NotFound` for months that are not published.
    """
    # Two months are a period whichever was chosen first: the lists begin with the latest.
    ends = sorted(filter(None, (request.args.get("from", ""), request.args.get("to", ""))))
    text = request.args.get("period", "") or "/".join(ends)
    return released_period(figures, text) if text else figures.year_to_date


def released_period(figures: ReleasedFigures, text: str) -> Period:
    """The period that a text names; raises as `period_asked`."""
    period = Period.parse(text)
    # Its ends first: a period of centuries would name every month that is missing.
    if not {period.first, period.last} <= set(figures.months):
        raise NotFound(f"There are no figures of this period. {months_held(figures)}")
    return period.checked(figures.months)


def months_held(figures: ReleasedFigures) -> str:
    """The published months in a sentence."""
    months = figures.months
    return f"Published months: {period_name(months[0])} to {period_name(months[-1])}."


def period_note(period: Period) -> str:
    """What must be said of the sums of a period, or nothing."""
    return "" if period.within_one_year else PERSON_YEARS


def the_city(figures: ReleasedFigures) -> Place:
    """The city."""
    code = figures.areas.city
    return Place(CITY, code, figures.areas.name(CITY, code))


def network(figures: ReleasedFigures, code: str) -> Place:
    """A network by its code; raises `NotFound`."""
    if code not in figures.areas.names[PCN]:
        raise NotFound("There is no such primary care network (PCN)")
    return Place(PCN, code, figures.areas.name(PCN, code))


def networks(figures: ReleasedFigures) -> list[Place]:
    """Every network, by name: never by any figure."""
    named = figures.areas.names[PCN].items()
    return sorted((Place(PCN, code, name) for code, name in named), key=lambda place: place.name)


def place_asked(figures: ReleasedFigures, name: str = "area") -> Place:
    """The area of the address, else the city; raises `NotFound`."""
    key = request.args.get(name, "") or THE_CITY
    return the_city(figures) if key == THE_CITY else network(figures, key)


def one_of(name: str, known: Iterable[str], default: str) -> str:
    """A word of the address out of a fixed list; raises `Invalid` naming what it should say."""
    chosen = request.args.get(name, "") or default
    if chosen not in known:
        raise Invalid(f"The address names a {name.replace('_', ' ')} that there is not")
    return chosen


def domain_asked() -> str:
    """The domain of the address, else `any`; raises `Invalid`."""
    return one_of("domain", all_domains(), ANY)


def only_of_the_city(domain: str, place: Place) -> str:
    """Why a domain has no figures of an area, or nothing where it has."""
    if place.kind == CITY or domain not in CITY_ONLY_DOMAINS:
        return ""
    return (
        f"Figures of “{domain_names()[domain]}” are published for the whole city only, to protect"
        " people. Choose the city to see them."
    )


def month_options(figures: ReleasedFigures, chosen: str) -> list[Option]:
    """The released months, latest first."""
    return options({month: period_name(month) for month in reversed(figures.months)}, chosen)


def place_options(figures: ReleasedFigures, chosen: Place) -> list[Option]:
    """The city and every network by name."""
    places = (the_city(figures), *networks(figures))
    return options({place.key: place.name for place in places}, chosen.key)


def domain_options(chosen: str) -> list[Option]:
    """At least one need, then each domain in the template's order."""
    return options(domain_names(), chosen)


def options(named: Mapping[str, str], chosen: str) -> list[Option]:
    """Options of a select, one of them chosen."""
    return [Option(value, text, value == chosen) for value, text in named.items()]
