"""Made-up services and seekers: a seeded crowd for matching, strategies for single values."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final, TypeVar
from uuid import UUID

from hypothesis import strategies as st

from directory.geography import Place
from directory.model import (
    CHANNELS,
    DAYS,
    HOUSEHOLDS,
    NEEDS,
    OLDEST,
    PUBLIC_FUNDS,
    SEXES,
    STATUSES,
    TENURES,
    Phone,
    Schedule,
    Service,
    Source,
)
from directory.seeker import Seeker

T = TypeVar("T")

TODAY: Final = date(2026, 11, 23)  # a Monday
NOW: Final = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

LEEDS: Final = "E08000035"
HAREHILLS: Final = "E05011394"
OTLEY: Final = "E05011549"
ENGLAND: Final = "E92000001"
UNITED_KINGDOM: Final = "K02000001"
WALES: Final = "W92000004"

# Few needs, so that every need has many services.
CROWDED: Final = tuple(sorted(NEEDS))[:6]

IN_HAREHILLS: Final = Place(
    postcode="LS9 6AU",
    ward_code=HAREHILLS,
    ward_name="Gipton & Harehills",
    lad_code=LEEDS,
    lad_name="Leeds",
    lat=53.81,
    lon=-1.5,
    imd_decile=1,
)
IN_OTLEY: Final = Place(
    ward_code=OTLEY,
    ward_name="Otley & Yeadon",
    lad_code=LEEDS,
    lad_name="Leeds",
    lat=53.9,
    lon=-1.69,
)
WITHOUT_ABODE: Final = Place(
    ward_code=HAREHILLS,
    ward_name="Gipton & Harehills",
    lad_code=LEEDS,
    lad_name="Leeds",
    lat=53.81,
    lon=-1.5,
    no_fixed_abode=True,
)
PLACES: Final = (IN_HAREHILLS, IN_OTLEY, WITHOUT_ABODE, Place(no_fixed_abode=True), None)

PHONE: Final = Phone("0113 496 0000", "Advice line", "Monday to Friday")


def a_service(**facts: Any) -> Service:
    """A running service of Leeds with nothing special about it."""
    given = {
        "id": str(UUID(int=1)),
        "name": "A service",
        "organisation": "Made-up organisation",
        "description": "Helps people.",
        "needs": (CROWDED[0],),
        "phone": (PHONE,),
        "service_area": (LEEDS,),
        "channels": ("phone",),
        "public_funds": "no",
    }
    return Service(**(given | facts))


def a_seeker(**facts: Any) -> Seeker:
    """Somebody in Harehills with one need, of whom nothing else is known."""
    given: dict[str, Any] = {"needs": (CROWDED[0],), "place": IN_HAREHILLS, "now": NOW}
    return Seeker(**(given | facts))


def made_up_services(count: int) -> tuple[Service, ...]:
    """This many services, the same ones every time."""
    random = Random(20261123)
    return tuple(_made_up(random, number) for number in range(count))


def _some(random: Random, choices: Sequence[T], most: int) -> tuple[T, ...]:
    return tuple(random.sample(choices, random.randint(0, most)))


def _made_up(random: Random, number: int) -> Service:
    lowest = random.choice((None, None, None, 0, 16, 18, 55))
    highest = random.choice((None, None, None, 55, 80))
    placed = random.random() < 0.5
    seen = TODAY - timedelta(days=random.randint(0, 900))
    return Service(
        id=str(UUID(int=number + 1)),
        name=f"Service {random.choice('ABCDEFGH')}",
        organisation="Made-up organisation",
        description="Helps people.",
        needs=tuple(sorted(random.sample(CROWDED, random.randint(1, 4)))),
        status=random.choice(("active",) * 7 + STATUSES),
        phone=(PHONE,) if random.random() < 0.6 else (),
        url=random.choice(("", "https://service.example/")),
        email=random.choice(("", "", "help@service.example")),
        address=random.choice(("", "1 Example Street")),
        lat=53.7 + random.random() / 4 if placed else None,
        lon=-1.8 + random.random() / 2 if placed else None,
        service_area=_some(
            random, (LEEDS, LEEDS, HAREHILLS, OTLEY, ENGLAND, UNITED_KINGDOM, WALES), 2
        ),
        minimum_age=lowest,
        maximum_age=highest,
        sex=random.choice((None,) * 6 + SEXES),
        tenures=_rarely(random, TENURES),
        household=_rarely(random, HOUSEHOLDS),
        languages=_rarely(random, ("English", "Romanian", "Polish", "Urdu")),
        channels=_some(random, CHANNELS, 3),
        access=_rarely(random, ("BSL", "step-free", "interpreter on the phone line")),
        cost=random.choice(("", "free", "£2 a visit")),
        schedules=_schedules(random),
        self_referral=random.choice((None, True, False)),
        professional_referral=random.choice((None, True, False)),
        drop_in=random.choice((None, True, False)),
        urgent_today=random.random() < 0.5,
        public_funds=random.choice(PUBLIC_FUNDS),
        national=random.random() < 0.3,
        seen_on=random.choice((None, seen)),
        verified_on=random.choice((None, seen, TODAY + timedelta(days=1))),
        review_by=random.choice((None, seen + timedelta(days=365))),
    )


def _rarely(random: Random, choices: Sequence[T]) -> tuple[T, ...]:
    return _some(random, choices, 2) if random.random() < 0.25 else ()


def _schedules(random: Random) -> tuple[Schedule, ...]:
    times = (("08:00", "09:00"), ("09:30", "12:00"), ("14:00", "16:00"))
    return tuple(Schedule(day, *random.choice(times)) for day in _rarely(random, DAYS[:3]))


def seekers() -> st.SearchStrategy[Seeker]:
    """People of every kind the rules tell apart, known and unknown."""
    needs = st.lists(st.sampled_from((*CROWDED, "unheard-of")), unique=True, max_size=4)
    return needs.flatmap(_seekers_of)


def _seekers_of(needs: list[str]) -> st.SearchStrategy[Seeker]:
    urgent = st.frozensets(st.sampled_from(needs)) if needs else st.just(frozenset())
    return st.builds(
        Seeker,
        needs=st.just(tuple(needs)),
        now=st.integers(0, 5 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
        urgent=urgent,
        place=st.sampled_from(PLACES),
        age=st.none() | st.integers(0, OLDEST),
        sex=st.sampled_from((None, "female", "male", "other")),
        language=st.sampled_from((None, "en", "ro", "ro-RO", "Romanian", "urdu", "Klingon")),
        tenure=st.none() | st.sampled_from((*TENURES, "declined")),
        household=st.frozensets(st.sampled_from((*HOUSEHOLDS, "adults", "alone", "declined"))),
        access_needs=st.frozensets(st.sampled_from(("BSL", "step-free"))),
        no_public_funds=st.booleans(),
    )


_words = st.text(st.characters(codec="utf-8"), max_size=30)
_names = _words.filter(str.strip)
_dates = st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1))


def any_services() -> st.SearchStrategy[Service]:
    """Any service at all that the model admits."""
    ages = st.lists(st.integers(0, OLDEST), min_size=2, max_size=2).map(sorted)
    points = st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180))
    return st.builds(
        _service, ages=st.none() | ages, point=points, facts=st.fixed_dictionaries(_FACTS)
    )


def _service(
    ages: list[int] | None, point: tuple[float, float] | None, facts: dict[str, Any]
) -> Service:
    lowest, highest = ages or (None, None)
    lat, lon = point or (None, None)
    return Service(minimum_age=lowest, maximum_age=highest, lat=lat, lon=lon, **facts)


def _tuples(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


_FACTS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "id": st.uuids().map(str),
    "name": _names,
    "organisation": _words,
    "description": _words,
    "needs": _tuples(st.sampled_from(sorted(NEEDS))),
    "status": st.sampled_from(STATUSES),
    "phone": _tuples(st.builds(Phone, _names, _words, _words)),
    "url": _words,
    "service_area": _tuples(st.sampled_from((LEEDS, ENGLAND, HAREHILLS))),
    "sex": st.none() | st.sampled_from(SEXES),
    "tenures": _tuples(st.sampled_from(TENURES)),
    "household": _tuples(st.sampled_from(HOUSEHOLDS)),
    "languages": _tuples(_words),
    "channels": _tuples(st.sampled_from(CHANNELS)),
    "access": _tuples(_words),
    "schedules": _tuples(
        st.builds(
            Schedule, st.sampled_from(DAYS), st.just("09:00"), st.sampled_from(("17:30", "24:00"))
        )
    ),
    "self_referral": st.none() | st.booleans(),
    "drop_in": st.none() | st.booleans(),
    "urgent_today": st.booleans(),
    "public_funds": st.sampled_from(PUBLIC_FUNDS),
    "safe_for_private_disclosure": st.none() | st.booleans(),
    "seen_on": _dates,
    "verified_on": _dates,
    "review_by": _dates,
    "sources": _tuples(st.builds(Source, _names, _words, _dates)),
}
