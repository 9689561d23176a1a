"""Of whom the words are, and where most are from: what that shuts out, what comes last."""

from collections.abc import Callable
from typing import Any

import pytest

from directory.filters import Home, Search
from directory.matching import Directory, Results
from directory.typed_person import AGE, SEX
from tests.unit.directory.made_up import ENGLAND, HAREHILLS, IN_OTLEY, LEEDS, NOW, a_service

Look = Callable[..., Results]


@pytest.mark.parametrize(
    ("facts", "text", "shown"),
    [
        ({"maximum_age": 17}, "under 18 helps", "For under 18s"),
        ({"minimum_age": 16}, "under 18 helps", "For ages 16 and over: check"),
        ({"maximum_age": 12}, "12 year old helps", "For under 13s"),
        ({"household": ("under5",)}, "under 5 helps", "For households with a child under 5"),
        ({"sex": "male"}, "helps men", "For men"),
    ],
)
def test_whom_the_words_are_about_is_compared(
    look_at_one: Look, facts: dict[str, Any], text: str, shown: str
) -> None:
    (match,) = look_at_one(a_service(**facts), text=text).matches
    assert shown in match.reasons


@pytest.mark.parametrize(
    ("facts", "text", "reason"),
    [
        ({"minimum_age": 18}, "under 18 helps", "For ages 18 and over: check"),
        ({"minimum_age": 18}, "12 year old helps", "For ages 18 and over: check"),
        ({"minimum_age": 18}, "12 year old", "For ages 18 and over: check"),
        ({"minimum_age": 18}, "my 12 year old son", "For ages 18 and over: check"),
        ({"sex": "female"}, "helps men", "For women: check"),
    ],
)
def test_whom_the_words_seem_to_be_about_hides_nothing(
    published: Callable[..., Directory], facts: dict[str, Any], text: str, reason: str
) -> None:
    theirs, others = a_service(name="Z helps"), a_service(name="A helps", **facts)
    found = published(theirs, others).look(Search(now=NOW, text=text))
    assert [match.service.name for match in found.matches] == ["Z helps", "A helps"]
    assert (found.excluded, found.likely) == ((), 1)
    assert reason in found.matches[1].reasons


def test_an_age_chosen_shuts_out_and_goes_before_one_typed(look_at_one: Look) -> None:
    service = a_service(maximum_age=13)
    assert look_at_one(service, text="30 year old helps", age=12).likely == 1
    (one,) = look_at_one(service, text="12 year old helps", age=30).excluded
    assert one.reason == "Only for under 14s"


def test_words_taken_back_shut_nothing_out(look_at_one: Look) -> None:
    service = a_service(minimum_age=18, sex="female")
    not_about = frozenset({AGE, SEX})
    assert look_at_one(service, text="12 year old boy helps", not_about=not_about).matches


MALVERN = {"lat": 52.11, "lon": -2.33, "channels": ("in-person",)}


@pytest.mark.parametrize("text", ["", "food"])
def test_what_may_be_elsewhere_comes_after_what_covers_home(
    published: Callable[..., Directory], text: str
) -> None:
    elsewhere = [
        a_service(name="A Food, Malvern", service_area=(), address="1 A Street", **MALVERN),
        a_service(name="B Food", service_area=(), address="1 A Street"),
        a_service(name="C Food", service_area=("E07000235",)),
    ]
    here = [
        a_service(name="X Food", service_area=(LEEDS,)),
        a_service(name="W Food", service_area=(HAREHILLS,)),
        a_service(name="Y Food", service_area=(ENGLAND,)),
        a_service(name="Z Food", service_area=(), lat=53.81, lon=-1.5, channels=("in-person",)),
    ]
    directory = published(*elsewhere, *here)
    home = Home(IN_OTLEY, frozenset({LEEDS, HAREHILLS, ENGLAND}))
    found = directory.look(Search(now=NOW, text=text, home=home))
    names = [match.service.name for match in found.matches]
    assert set(names[:4]) == {one.name for one in here}
    assert set(names[4:]) == {one.name for one in elsewhere}
    # Where they are from says nothing of where the person lives.
    assert found.excluded == ()
    assert all(match.distance_km is None for match in found.matches)
    # Where nobody said so, nothing is elsewhere.
    everywhere = directory.look(Search(now=NOW))
    assert [match.service.name for match in everywhere.matches] == sorted(names)
