"""Searching with wishes: what is left out is said, with why; what nobody knows is not guessed."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory import search_order
from directory.filters import Search
from directory.matching import EXCLUSIONS_PER_NEED, Directory, Results
from directory.model import NEEDS, Phone, Schedule, Service
from directory.opening import When
from directory.postings import Entry
from directory.ranking import points
from directory.reasons import OPENING_UNKNOWN
from tests.unit.directory.made_up import (
    CROWDED,
    HAREHILLS,
    IN_HAREHILLS,
    IN_OTLEY,
    NOW,
    PLACES,
    a_service,
)
from tests.unit.directory.oracle import is_for

NEED, OTHER_NEED = CROWDED[:2]
EVERYBODY = 10_000

Look = Callable[..., Results]


MONDAY_MORNING = (Schedule("monday", "09:00", "12:00"),)


@pytest.mark.parametrize(
    ("facts", "wishes", "reason"),
    [
        ({"maximum_age": 24}, {"age": 25}, "Only for under 25s"),
        ({"sex": "female"}, {"sex": "male"}, "Only for women"),
        ({"status": "defunct"}, {}, "No longer running"),
        ({"service_area": (HAREHILLS,)}, {"place": IN_OTLEY}, "Does not cover Otley & Yeadon"),
        ({"public_funds": "yes"}, {"no_public_funds": True}, "Counts as public funds"),
        ({}, {"needs": (OTHER_NEED,)}, f"Not listed for {NEEDS[OTHER_NEED]}"),
        ({}, {"language": "ro"}, "Does not say that it speaks Romanian"),
        ({"access": ("step-free",)}, {"access": {"BSL"}}, "Does not say that it offers BSL"),
        ({"cost": "£3.50 a week"}, {"free": True}, "Does not say that it is free"),
        ({}, {"free": True}, "Does not say that it is free"),
        (
            {"channels": ("phone",)},
            {"channels": {"in-person", "home-visit"}},
            "Does not say that it is reached in person or at home",
        ),
        (
            {"schedules": MONDAY_MORNING},
            {"opening": When("monday", "12:00")},
            "Not open on Monday at 12:00",
        ),
        (
            {"schedules": MONDAY_MORNING},
            {"opening": When("monday", since="13:00")},
            "Not open on Monday after 13:00",
        ),
        ({"schedules": MONDAY_MORNING}, {"text": "open on sunday"}, "Not open on Sunday"),
    ],
)
@pytest.mark.parametrize("text", ["", "helps"])
def test_what_is_left_out_and_why(
    look_at_one: Look, facts: dict[str, Any], wishes: dict[str, Any], reason: str, text: str
) -> None:
    found = look_at_one(a_service(**facts), **{"text": text} | wishes)
    assert found.matches == ()
    assert [one.reason for one in found.excluded] == [reason]


@pytest.mark.parametrize(
    ("facts", "wishes", "reason"),
    [
        ({"maximum_age": 24}, {"age": 24}, "For under 25s"),
        ({"maximum_age": 24}, {}, "For under 25s: check"),
        ({"needs": CROWDED[:2]}, {"needs": (OTHER_NEED,)}, f"Helps with {NEEDS[OTHER_NEED]}"),
        ({"languages": ("Romanian",)}, {"language": "ro"}, "Speaks Romanian"),
        ({"access": ("BSL",)}, {"access": {"BSL"}}, "Offers BSL"),
        ({"cost": "free"}, {"free": True}, "Free"),
        ({"channels": ("home-visit",)}, {"channels": {"home-visit", "phone"}}, "Home visits"),
        ({}, {"opening": When("monday")}, OPENING_UNKNOWN),
        ({"schedules": MONDAY_MORNING}, {"text": "open now"}, "Open on Monday, 09:00 to 12:00"),
        ({"opening_hours": "24 hours"}, {"text": "open now"}, "Open all day on Monday"),
        ({"schedules": MONDAY_MORNING}, {}, "Open now, until 12:00"),
    ],
)
def test_what_is_shown_and_why(
    look_at_one: Look, facts: dict[str, Any], wishes: dict[str, Any], reason: str
) -> None:
    found = look_at_one(a_service(**facts), **wishes)
    assert found.excluded == ()
    (match,) = found.matches
    assert reason in match.reasons


def test_a_service_with_no_need_of_ours_says_nothing_of_needs(look_at_one: Look) -> None:
    (match,) = look_at_one(a_service(needs=()), text="helps people").matches
    assert match.need == ""
    assert not any(reason.startswith("Helps with") for reason in match.reasons)


def test_an_interpreter_speaks_every_language(look_at_one: Look) -> None:
    service = a_service(access=("Interpreters by phone",))
    assert look_at_one(service, language="so").matches


def test_known_to_be_open_comes_before_perhaps_open(published: Callable[..., Directory]) -> None:
    directory = published(
        a_service(name="Gardening perhaps", description="Gardening, gardening"),
        a_service(name="Open", description="Some gardening", opening_hours="24 hours"),
        a_service(name="Closed", description="Gardening", schedules=MONDAY_MORNING),
    )
    found = directory.look(Search(now=NOW, text="gardening open on tuesday"))
    assert [match.service.name for match in found.matches] == ["Open", "Gardening perhaps"]
    assert [(one.name, one.reason) for one in found.excluded] == [("Closed", "Not open on Tuesday")]
    assert found.opening == When("tuesday")


def test_with_no_words_everything_is_ranked_as_in_matching(
    published: Callable[..., Directory],
) -> None:
    nobody = a_service(name="A silent one", phone=())
    far = a_service(name="B city-wide")
    near = a_service(name="C local", service_area=(HAREHILLS,))
    found = published(nobody, far, near).look(Search(now=NOW, place=IN_HAREHILLS))
    assert [it.service.name for it in found.matches] == ["C local", "B city-wide", "A silent one"]


@pytest.mark.parametrize("text", ["!!!", "zzzzzz", "\0"])
def test_words_that_nothing_holds_find_nothing(look_at_one: Look, text: str) -> None:
    found = look_at_one(a_service(), text=text)
    assert (found.matches, found.total, found.excluded) == ((), 0, ())


def test_no_reason_crowds_out_another(published: Callable[..., Directory]) -> None:
    paid = [a_service(name="Choir", cost="£3 a week") for _ in range(60)]
    elsewhere = [a_service(name="Art", needs=(OTHER_NEED,), cost="free") for _ in range(60)]
    young = a_service(name="Youth drama", maximum_age=24, cost="free")
    directory = published(*elsewhere, *paid, young)
    wishes: dict[str, Any] = {"needs": (NEED,), "free": True, "age": 40}
    for text in ("", "helps"):
        found = directory.look(Search(now=NOW, text=text, **wishes)).excluded
        assert len(found) == EXCLUSIONS_PER_NEED
        assert ("Youth drama", "Only for under 25s") in [(one.name, one.reason) for one in found]
        # Nobody looks for what helps with something else.
        assert {one.name for one in found} == {"Youth drama", "Choir"}


def test_with_no_words_only_what_may_be_shown_is_ranked(
    published: Callable[..., Directory], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = published(*[a_service(maximum_age=18) for _ in range(9)], a_service())
    ranked: list[Entry] = []

    def counted(entry: Entry, *others: Any) -> int:
        ranked.append(entry)
        return points(entry, *others)

    monkeypatch.setattr(search_order, "points", counted)
    assert directory.look(Search(now=NOW, age=40)).total == len(ranked) == 1


def test_a_correction_is_told(published: Callable[..., Directory]) -> None:
    directory = published(a_service(name="Bailiffs"), a_service(name="Another"))
    found = directory.look(Search(now=NOW, text="bialiffs"))
    assert found.corrected == {"bialiffs": "bailiffs"}
    assert found.matches[0].service.name == "Bailiffs"


def test_more_are_counted_than_shown(directory: Directory) -> None:
    found = directory.look(Search(now=NOW, text="service", needs=(NEED,)), limit=3)
    assert len(found.matches) == 3
    assert found.total > 3


def test_the_one_that_fits_is_found_among_thousands_that_do_not(
    published: Callable[..., Directory],
) -> None:
    """Only some of so many are ranked, yet the wish is asked of all."""
    young = [a_service(name="Swimming", maximum_age=18) for _ in range(1_300)]
    directory = published(*young, a_service(name="Lake", description="Swimming for all"))
    found = directory.look(Search(now=NOW, text="swimming", age=40))
    assert [match.service.name for match in found.matches] == ["Lake"]
    assert {one.reason for one in found.excluded} == {"Only for under 19s"}


@settings(max_examples=150, deadline=None)
@given(
    needs=st.lists(st.sampled_from(CROWDED), max_size=2, unique=True),
    place=st.sampled_from(PLACES),
    age=st.none() | st.integers(0, 100),
    language=st.sampled_from((None, "en", "ro")),
    free=st.booleans(),
    text=st.sampled_from(("", "service", "helps with service", "people open today")),
)
def test_everything_is_either_shown_or_left_out_and_nothing_unfit_is_shown(
    directory: Directory, services: tuple[Service, ...], text: str, needs: list[str], **who: Any
) -> None:
    search = Search(now=NOW, text=text, needs=tuple(needs), **who)
    found = directory.look(search, EVERYBODY)
    shown = {match.service.id for match in found.matches}
    assert len(shown) == len(found.matches) == found.total
    assert shown.isdisjoint(one.service_id for one in found.excluded)
    for match in found.matches:
        assert is_for(match.service, match.need, search.seeker)
        assert not needs or match.need in needs
        assert not search.free or match.service.cost == "free"
    if not text and not needs and not search.free and search.language is None:
        fitting = [one for one in services if is_for(one, one.needs[0], search.seeker)]
        assert shown == {one.id for one in fitting}


def test_a_phone_number_is_no_operator(look_at_one: Look) -> None:
    service = a_service(phone=(Phone("0113 496 0000"),))
    assert look_at_one(service, text='helps" OR name:* NEAR(').matches


LONDON = {"lat": 51.5, "lon": -0.12}
IN_LEEDS = {"lat": 53.80, "lon": -1.52}


def test_of_services_with_the_same_words_those_of_the_place_come_first(
    published: Callable[..., Directory],
) -> None:
    visited = {"channels": ("in-person",), "needs": (NEED,)}
    far = a_service(name="Food bank food bank", service_area=(), **visited, **LONDON)
    near = a_service(name="Food bank of the parish", service_area=(), **visited, **IN_LEEDS)
    covering = a_service(name="Community food bank", service_area=(HAREHILLS,), **visited)
    directory = published(far, near, covering)

    found = directory.look(Search(now=NOW, text="food bank", place=IN_HAREHILLS)).matches

    assert {match.service.name for match in found[:2]} == {near.name, covering.name}
    assert found[2].service.name == far.name
    assert any(it.endswith("km away: check") for it in found[2].reasons)
    assert not any(it.endswith(": check") for match in found[:2] for it in match.reasons[2:3])


def test_a_national_service_covers_england_whatever_the_place(look_at_one: Look) -> None:
    (found,) = look_at_one(a_service(service_area=("E92000001",))).matches
    assert "Covers England" in found.reasons
