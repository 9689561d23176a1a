"""Matching: nobody is sent where they cannot go, and nothing is said that is not stored."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.artefact import publish
from directory.geography import Geography, Place
from directory.matching import EXCLUSIONS_PER_NEED, Directory, Matches
from directory.model import NEEDS, Phone, Schedule, Service
from directory.reasons import NO_CONTACT
from directory.seeker import Seeker
from tests.unit.directory.made_up import (
    CROWDED,
    ENGLAND,
    HAREHILLS,
    IN_HAREHILLS,
    IN_OTLEY,
    LEEDS,
    NOW,
    OTLEY,
    TODAY,
    UNITED_KINGDOM,
    WITHOUT_ABODE,
    a_seeker,
    a_service,
    seekers,
)
from tests.unit.directory.oracle import expected_freshness, is_for, is_true

NEED, OTHER_NEED = CROWDED[:2]
EVERYBODY = 10_000


Publish = Callable[..., Directory]


@pytest.fixture
def published(tmp_path: Path, current: Callable[[Path], Directory]) -> Publish:
    """Publish these services and open them."""

    def publish_and_open(*services: Service) -> Directory:
        publish(services, tmp_path)
        return current(tmp_path)

    return publish_and_open


@pytest.fixture
def match_one(published: Publish) -> Callable[..., Matches]:
    """Match a seeker with the only service there is."""

    def match(service: Service, **facts: Any) -> Matches:
        return published(service).match(a_seeker(**facts))

    return match


def _numbered(*services: Service) -> list[Service]:
    return [
        replace(service, id=str(UUID(int=number)))
        for number, service in enumerate(services, start=1)
    ]


@settings(max_examples=150, deadline=None)
@given(seeker=seekers())
def test_matching_agrees_with_the_rules_said_a_second_time(
    directory: Directory, services: tuple[Service, ...], seeker: Seeker
) -> None:
    everybody = directory.match(seeker, EVERYBODY)
    for need in seeker.needs:
        fitting = {service.id for service in services if is_for(service, need, seeker)}
        matched = [match.service.id for match in everybody.matches if match.need == need]
        assert len(matched) == len(set(matched))
        assert set(matched) == fitting
        left_out = {item.service_id for item in everybody.excluded if item.need == need}
        unfit = {service.id for service in services if need in service.needs} - fitting
        assert left_out <= unfit
        assert len(left_out) == min(len(unfit), EXCLUSIONS_PER_NEED)
        assert (need in everybody.unmet) == (not fitting)
    assert set(everybody.unmet) <= set(seeker.needs)


@settings(max_examples=150, deadline=None)
@given(seeker=seekers())
def test_every_reason_is_true(directory: Directory, seeker: Seeker) -> None:
    today = seeker.now.astimezone(ZoneInfo("Europe/London")).date()
    for match in directory.match(seeker, 8).matches:
        assert len(match.reasons) == len(set(match.reasons))
        false = [reason for reason in match.reasons if not is_true(reason, match, seeker)]
        assert false == []
        assert match.freshness == expected_freshness(match.service, today)
        assert match.contact


@settings(max_examples=60, deadline=None)
@given(seeker=seekers(), k=st.integers(0, 5))
def test_fewer_are_the_best_of_all(directory: Directory, seeker: Seeker, k: int) -> None:
    everybody = directory.match(seeker, EVERYBODY).matches
    best = directory.match(seeker, k).matches
    for need in seeker.needs:
        best_ids = [match.service.id for match in best if match.need == need]
        all_ids = [match.service.id for match in everybody if match.need == need]
        assert best_ids == all_ids[:k]
    order = {need: place for place, need in enumerate(seeker.needs)}
    assert [order[match.need] for match in best] == sorted(order[match.need] for match in best)


@settings(max_examples=40, deadline=None)
@given(seeker=seekers())
def test_no_public_funds_means_never_offered_them(directory: Directory, seeker: Seeker) -> None:
    protected = replace(seeker, no_public_funds=True)
    for match in directory.match(protected, EVERYBODY).matches:
        assert match.service.public_funds == "no"


@settings(max_examples=40, deadline=None)
@given(seeker=seekers())
def test_an_urgent_need_gets_only_who_acts_today_phones_first(
    directory: Directory, seeker: Seeker
) -> None:
    everything_urgent = replace(seeker, urgent=frozenset(seeker.needs))
    found = directory.match(everything_urgent, EVERYBODY).matches
    assert all(match.service.urgent_today for match in found)
    assert all(match.service.phone or match.service.drop_in for match in found)
    for need in seeker.needs:
        phones = [bool(match.service.phone) for match in found if match.need == need]
        assert phones == sorted(phones, reverse=True)


@settings(max_examples=40, deadline=None)
@given(seeker=seekers())
def test_no_protected_characteristic_lowers_anybody(directory: Directory, seeker: Seeker) -> None:
    """Among services open to both, a person's age, sex and household change no order."""
    anybody = replace(seeker, age=None, sex=None, household=frozenset())
    theirs = [(it.need, it.service.id) for it in directory.match(seeker, EVERYBODY).matches]
    general = [(it.need, it.service.id) for it in directory.match(anybody, EVERYBODY).matches]
    assert theirs == [pair for pair in general if pair in set(theirs)]


@pytest.mark.parametrize(
    ("facts", "who", "reason"),
    [
        ({"status": "temporarily closed"}, {}, "Temporarily closed"),
        ({"status": "inactive"}, {}, "Not running at the moment"),
        ({"status": "defunct"}, {}, "No longer running"),
        ({"service_area": (HAREHILLS,)}, {"place": IN_OTLEY}, "Does not cover Otley & Yeadon"),
        ({"public_funds": "yes"}, {"no_public_funds": True}, "Counts as public funds"),
        (
            {"public_funds": "unknown"},
            {"no_public_funds": True},
            "May count as public funds: nobody has checked",
        ),
        ({"maximum_age": 24}, {"age": 25}, "Only for under 25s"),
        ({"minimum_age": 16}, {"age": 15}, "Only for ages 16 and over"),
        ({"minimum_age": 16, "maximum_age": 24}, {"age": 40}, "Only for ages 16 to 24"),
        ({"sex": "female"}, {"sex": "male"}, "Only for women"),
        (
            {"tenures": ("council", "private")},
            {"tenure": "association"},
            "Only for people who rent from the council or people who rent privately",
        ),
        (
            {"household": ("pregnant", "under5", "school")},
            {"household": frozenset({"alone"})},
            "Only for households with someone pregnant, a child under 5 or a child aged 5 to 17",
        ),
        ({"languages": ("Polish",)}, {"language": "ro"}, "Only for speakers of Polish"),
        ({}, {"urgent": frozenset({NEED})}, "Cannot act today"),
        (
            {"urgent_today": True, "phone": (), "url": "https://service.example/"},
            {"urgent": frozenset({NEED})},
            "No phone number and no drop-in known, so cannot act today",
        ),
        (
            {
                "urgent_today": True,
                "phone": (),
                "drop_in": True,
                "schedules": (Schedule("monday", "08:00", "10:00"),),
            },
            {"urgent": frozenset({NEED})},
            "Not open again today",
        ),
    ],
)
def test_who_is_left_out_and_why(
    match_one: Callable[..., Matches], facts: dict[str, Any], who: dict[str, Any], reason: str
) -> None:
    found = match_one(a_service(**facts), **who)
    assert [(item.need, item.reason) for item in found.excluded] == [(NEED, reason)]
    assert found.matches == ()
    assert found.unmet == (NEED,)


@pytest.mark.parametrize(
    ("facts", "who", "reason"),
    [
        ({}, {}, "Covers Leeds"),
        ({"service_area": (LEEDS, HAREHILLS)}, {}, "Covers Gipton & Harehills"),
        ({"service_area": (ENGLAND,)}, {}, "Covers England"),
        ({"service_area": (UNITED_KINGDOM,)}, {}, "Covers the whole UK"),
        ({"service_area": ()}, {}, "Area not stated: check first"),
        ({"service_area": (OTLEY,)}, {"place": None}, "Only for some areas: check first"),
        (
            {"service_area": (OTLEY,)},
            {"place": Place(no_fixed_abode=True)},
            "Only for some areas: check first",
        ),
        ({"minimum_age": 16}, {}, "For ages 16 and over: check"),
        ({"minimum_age": 16}, {"age": 16}, "For ages 16 and over"),
        ({"maximum_age": 24}, {"age": 24}, "For under 25s"),
        ({"sex": "female"}, {}, "For women: check"),
        ({"sex": "female"}, {"sex": "female"}, "For women"),
        (
            {"tenures": ("council",)},
            {"tenure": "declined"},
            "For people who rent from the council: check",
        ),
        (
            {"household": ("under5",)},
            {"household": frozenset({"declined"})},
            "For households with a child under 5: check",
        ),
        ({"household": ("over65",)}, {"age": 70}, "For households with someone 65 or over"),
        (
            {"channels": ("in-person",), "lat": 53.82, "lon": -1.5},
            {},
            "1.1 km away",
        ),
        (
            {"channels": ("in-person",), "lat": 53.82, "lon": -1.5},
            {"place": WITHOUT_ABODE},
            "1.1 km from the practice",
        ),
        ({"channels": ("in-person",), "lat": 53.81, "lon": -1.5}, {}, "Less than 0.1 km away"),
        ({"languages": ("Romanian",)}, {"language": "ro-RO"}, "Speaks Romanian"),
        (
            {"access": ("SignVideo (BSL)",)},
            {"access_needs": frozenset({"bsl"})},
            "Offers SignVideo (BSL)",
        ),
        ({"schedules": (Schedule("monday", "09:00", "12:00"),)}, {}, "Open now, until 12:00"),
        (
            {"schedules": (Schedule("monday", "12:00", "14:00"),)},
            {},
            "Open today, 12:00 to 14:00",
        ),
        ({"cost": "free"}, {}, "Free"),
        ({"self_referral": True}, {}, "You can ring yourself"),
        ({"channels": ("home-visit",)}, {}, "Home visits"),
        ({"urgent_today": True}, {"urgent": frozenset({NEED})}, "Can help the same day"),
        ({}, {"no_public_funds": True}, "Does not count as public funds"),
        (
            {"verified_on": TODAY - timedelta(days=12), "review_by": TODAY},
            {},
            "Verified 12 days ago",
        ),
    ],
)
def test_who_is_offered_it_and_why(
    match_one: Callable[..., Matches], facts: dict[str, Any], who: dict[str, Any], reason: str
) -> None:
    (match,) = match_one(a_service(**facts), **who).matches
    assert match.reasons[0] == f"Helps with {NEEDS[NEED]}"
    assert reason in match.reasons


@pytest.mark.parametrize(
    ("member", "youngest", "oldest"), [("under5", 0, 4), ("school", 5, 17), ("over65", 65, 130)]
)
def test_a_household_holds_the_person_themselves(
    published: Publish, member: str, youngest: int, oldest: int
) -> None:
    directory = published(a_service(household=(member,)))
    found = {age: directory.match(a_seeker(age=age)) for age in range(131)}
    certain = {age for age, matches in found.items() if _is_certain(matches)}
    assert certain == set(range(youngest, oldest + 1))


def _is_certain(found: Matches) -> bool:
    return not any(reason.endswith(": check") for reason in found.matches[0].reasons)


@pytest.mark.parametrize(
    "facts",
    [
        {"languages": ()},
        {"languages": ("Polish",), "channels": ("phone", "online")},
        {"languages": ("Polish",), "channels": ()},
        {"languages": ("Polish",), "email": "help@service.example"},
        {"languages": ("Polish",), "access": ("Interpreters by phone",)},
    ],
)
def test_a_language_shuts_nobody_out_unless_speech_is_the_only_way(
    match_one: Callable[..., Matches], facts: dict[str, Any]
) -> None:
    assert match_one(a_service(**facts), language="ro").matches


def test_a_helpline_far_away_has_no_distance(match_one: Callable[..., Matches]) -> None:
    (match,) = match_one(a_service(lat=51.5, lon=0.1, channels=("phone",))).matches
    assert match.distance_km is None


def test_with_no_stated_area_the_nearer_comes_first_however_far_all_are(
    published: Publish, geography: Geography
) -> None:
    home = geography.place("LS9 6AU")
    assert home.lat is not None
    named = {"A far town": 2.5, "B next town": 0.4, "C next city": 0.15, "D round the corner": 0.01}
    facts: dict[str, Any] = {"service_area": (), "channels": ("in-person",), "lon": home.lon}
    services = _numbered(
        *(a_service(name=name, lat=home.lat + north, **facts) for name, north in named.items())
    )

    found = published(*services).match(a_seeker(place=home), 4).matches

    assert [match.service.name for match in found] == sorted(named, reverse=True)


def test_other_needs_are_never_told_in_the_reasons(match_one: Callable[..., Matches]) -> None:
    service = a_service(needs=("domestic-abuse", "housing-advice"))
    found = match_one(service, needs=("housing-advice", "domestic-abuse"))
    (housing,) = (match for match in found.matches if match.need == "housing-advice")
    assert not any(NEEDS["domestic-abuse"] in reason for reason in housing.reasons)


@pytest.mark.parametrize(
    ("verified_on", "review_by", "expected"),
    [
        (None, None, "check-first"),
        (None, TODAY + timedelta(days=9), "check-first"),
        (TODAY, None, "check-first"),
        (TODAY, TODAY, "verified"),
        (TODAY - timedelta(days=90), TODAY - timedelta(days=1), "check-first"),
        (TODAY + timedelta(days=1), TODAY + timedelta(days=9), "check-first"),
    ],
)
def test_only_what_a_curator_confirmed_and_will_review_is_verified(
    match_one: Callable[..., Matches],
    verified_on: date | None,
    review_by: date | None,
    expected: str,
) -> None:
    service = a_service(seen_on=TODAY, verified_on=verified_on, review_by=review_by)
    (match,) = match_one(service).matches
    assert match.freshness == expected
    assert match.last_checked == verified_on


def test_days_are_counted_in_local_time(match_one: Callable[..., Matches]) -> None:
    """At 23:30 UTC in July it is already the next day in Leeds."""
    late = datetime(2026, 7, 1, 23, 30, tzinfo=NOW.tzinfo)
    service = a_service(verified_on=date(2026, 6, 1), review_by=date(2026, 7, 1))
    (match,) = match_one(service, now=late).matches
    assert match.freshness == "check-first"


@pytest.mark.parametrize(
    ("facts", "contact"),
    [
        ({"url": "https://service.example/"}, "0113 496 0000 (Advice line)"),
        ({"phone": (Phone("111"),)}, "111"),
        (
            {
                "phone": (),
                "drop_in": True,
                "address": "1 Example Street",
                "url": "https://x.example/",
            },
            "Drop in at 1 Example Street",
        ),
        ({"phone": (), "url": "https://service.example/"}, "https://service.example/"),
        ({"phone": (), "email": "help@service.example"}, "help@service.example"),
        ({"phone": ()}, NO_CONTACT),
    ],
)
def test_the_best_contact_is_never_silently_nothing(
    match_one: Callable[..., Matches], facts: dict[str, Any], contact: str
) -> None:
    (match,) = match_one(a_service(**facts)).matches
    assert match.contact == contact


@pytest.mark.parametrize(
    ("better", "worse", "who"),
    [
        ({}, {"needs": CROWDED[:4]}, {}),
        (
            {"needs": (NEED, OTHER_NEED)},
            {"needs": (NEED, CROWDED[2])},
            {"needs": (NEED, OTHER_NEED)},
        ),
        ({"service_area": (HAREHILLS,)}, {}, {}),
        ({}, {"service_area": (ENGLAND,)}, {}),
        (
            {"channels": ("in-person",), "phone": (), "lat": 53.81, "lon": -1.51},
            {"channels": ("in-person",), "phone": (), "lat": 53.90, "lon": -1.69},
            {},
        ),
        ({"languages": ("Romanian",), "channels": ()}, {"channels": ()}, {"language": "ro"}),
        ({"access": ("BSL",)}, {}, {"access_needs": frozenset({"BSL"})}),
        ({"verified_on": TODAY, "review_by": TODAY}, {}, {}),
        ({"cost": "free"}, {}, {}),
        ({}, {"phone": (), "url": "https://service.example/"}, {}),
        ({"url": "https://service.example/", "phone": ()}, {"phone": ()}, {}),
    ],
)
def test_what_comes_first(
    published: Publish, better: dict[str, Any], worse: dict[str, Any], who: dict[str, Any]
) -> None:
    # The worse one has the earlier name, so only its points can put it second.
    services = _numbered(a_service(name="B better", **better), a_service(name="A worse", **worse))
    directory = published(*services)
    found = directory.match(a_seeker(**who)).matches
    assert [match.service.name for match in found if match.need == NEED] == ["B better", "A worse"]


def test_ties_are_settled_by_name_and_then_id(published: Publish) -> None:
    first, second, third = _numbered(*(a_service(name=name) for name in ("b", "A", "A")))
    directory = published(third, first, second)
    found = directory.match(a_seeker()).matches
    assert [match.service for match in found] == [second, third, first]


def test_a_repeated_need_is_answered_once(match_one: Callable[..., Matches]) -> None:
    assert len(match_one(a_service(), needs=(NEED, NEED)).matches) == 1


def test_national_lines_answer_the_phone_and_today_ones_come_first(published: Publish) -> None:
    line = {"national": True, "service_area": (ENGLAND,)}
    directory = published(
        *_numbered(
            a_service(name="A helpline", **line),
            a_service(name="B crisis line", urgent_today=True, **line),
            a_service(name="C website", **line | {"phone": (), "url": "https://x.example/"}),
            a_service(name="D closed", status="defunct", **line),
            a_service(name="E local"),
        ),
    )
    who = Seeker(needs=(NEED,), now=NOW, sex="female")
    lines = directory.national_lines(NEED, who)
    assert [line.name for line in lines] == ["B crisis line", "A helpline"]
    assert directory.national_lines(OTHER_NEED, who) == ()
    assert directory.national_lines("unheard-of", who) == ()


def test_a_national_line_for_men_is_not_given_to_a_woman(published: Publish) -> None:
    line = a_service(name="Men only", national=True, sex="male", service_area=(ENGLAND,))
    directory = published(line)
    names = {
        sex: [
            one.name
            for one in directory.national_lines(NEED, Seeker(needs=(NEED,), now=NOW, sex=sex))
        ]
        for sex in ("female", "male", None)
    }
    assert names == {"female": [], "male": ["Men only"], None: ["Men only"]}


def test_a_line_of_a_card_stands_there_whatever_the_need(published: Publish) -> None:
    directory = published(
        *_numbered(
            a_service(name="Duty team", needs=(), urgent_cards=("child_risk",)),
            a_service(name="Closed team", status="defunct", urgent_cards=("child_risk",)),
        )
    )
    assert [line.name for line in directory.lines_for_card("child_risk")] == ["Duty team"]
    assert directory.lines_for_card("no_food") == ()


def test_what_nobody_can_reach_comes_last(published: Publish) -> None:
    nobody = a_service(name="A silent one", phone=(), url="", email="", address="", postcode="")
    reachable = a_service(name="Z by letter", phone=(), address="1 Made-Up Street")
    found = published(*_numbered(nobody, reachable)).match(a_seeker()).matches
    assert [match.service.name for match in found] == ["Z by letter", "A silent one"]


def test_covers_asks_only_for_a_running_service_of_the_area(published: Publish) -> None:
    lapsed = date(2020, 1, 1)
    directory = published(
        *_numbered(
            a_service(service_area=(HAREHILLS,), verified_on=lapsed, review_by=lapsed),
            a_service(needs=(OTHER_NEED,), status="temporarily closed"),
        ),
    )
    assert directory.covers((OTHER_NEED, NEED), IN_HAREHILLS)
    assert not directory.covers((OTHER_NEED,), IN_HAREHILLS)
    assert not directory.covers((NEED,), IN_OTLEY)
    assert directory.covers((NEED,), None)
    assert not directory.covers((), IN_HAREHILLS)


def test_first_light_in_ls9(starter: Directory, geography: Geography) -> None:
    """Damp, a cold home and no food today, renting from the council near Bellbrooke Surgery."""
    seeker = Seeker(
        needs=("food-aid", "repairs-damp-mould", "energy-advice"),
        urgent=frozenset({"food-aid"}),
        place=geography.place("LS9 6AU"),
        age=34,
        tenure="council",
        now=NOW,
    )
    found = starter.match(seeker)
    assert found.unmet == ()
    for need in seeker.needs:
        matches = [match for match in found.matches if match.need == need]
        assert 1 <= len(matches) <= 3
        assert all(is_for(match.service, need, seeker) for match in matches)
        assert all(match.freshness == "check-first" for match in matches)


def test_every_starter_service_reads_check_first(starter: Directory) -> None:
    seeker = Seeker(needs=tuple(NEEDS), now=NOW)
    found = starter.match(seeker, EVERYBODY).matches
    offered = {it.id for it in starter.services() if it.status == "active" and it.needs}
    assert {match.service.id for match in found} == offered
    assert {match.freshness for match in found} == {"check-first"}


def test_services_by_id(starter: Directory) -> None:
    for service in starter.services():
        assert starter.service(service.id) is service
    with pytest.raises(KeyError):
        starter.service(str(UUID(int=0)))
