"""What people type into fields of a service: junk is told with its field, never a traceback."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.model import InvalidService, Service, service_record
from directory.working_copy import decisions, edits
from directory.working_copy.entered import after
from directory.working_copy.problems import Refused
from directory.working_copy.store import WorkingCopy
from tests.unit.directory.working_copy.curation import S1, WHO, services
from tests.unit.directory.working_copy.sources import (
    NOW,
    TODAY,
    changed,
    source,
    take,
)

WRONG = {
    "url": "javascript:alert(1)",
    "postcode": "BANANA",
    "email": "notanemail",
    "phone": [{"number": "ask at the desk"}],
    "minimum_age": 131,
    "seen_on": str(TODAY + timedelta(days=30)),
    "review_by": "2020-01-01",
    "sources": [{"title": "Made up", "url": "javascript:alert(1)"}],
    "status": "asleep",
    "lat": 53.8,
    "name": "a\x00b",
    "description": "half \udc80",
}


@pytest.fixture
def held(working: WorkingCopy) -> WorkingCopy:
    take(working, source())
    return working


@pytest.mark.parametrize("field", WRONG)
def test_a_wrong_value_is_refused_with_its_field(held: WorkingCopy, field: str) -> None:
    before = services(held)[S1]
    changes = {field: WRONG[field]}
    with pytest.raises(Refused, match=rf"Service 1: {field}"):
        edits.edit(held, [S1], changes, by=WHO, now=NOW, reason="typed")
    with pytest.raises(Refused, match=rf"Service 1: {field}"):
        decisions.propose(held, S1, changes, by=WHO, now=NOW)
    assert services(held)[S1] == before
    assert decisions.proposals(held) == ()


def test_every_field_at_fault_is_named_once(held: WorkingCopy) -> None:
    # What is no text at all cannot be looked at with the rest.
    wrong = {name: value for name, value in WRONG.items() if name not in ("name", "description")}
    with pytest.raises(InvalidService) as caught:
        after(services(held)[S1], wrong, TODAY)
    named = [problem.partition(":")[0].partition(",")[0] for problem in caught.value.problems]
    assert sorted(named) == sorted(wrong)


@pytest.mark.parametrize(
    ("lat", "lon", "said"), [(0, 0, "not in the United Kingdom"), (-1.5, 53.8, "look swapped")]
)
def test_a_place_is_in_the_united_kingdom(
    held: WorkingCopy, lat: float, lon: float, said: str
) -> None:
    with pytest.raises(InvalidService, match=f"lat: latitude.*{said}"):
        after(services(held)[S1], {"lat": lat, "lon": lon}, TODAY)
    assert after(services(held)[S1], {"lat": 53.8, "lon": -1.5}, TODAY).lat == 53.8


def test_what_a_feed_brought_stays_when_something_else_is_edited(working: WorkingCopy) -> None:
    take(working, changed(source(), "p1", number="ask at the desk"))
    edits.edit(working, [S1], {"cost": "Free"}, by=WHO, now=NOW, reason="rang")
    found = services(working)[S1]
    assert (found.cost, found.phone[0].number) == ("Free", "ask at the desk")


def test_a_value_that_is_right_is_taken(held: WorkingCopy) -> None:
    right: dict[str, Any] = {
        "url": "https://www.example.org/a",
        "postcode": "ls9 6au",
        "email": "desk@example.org",
        "phone": [{"number": "116 123"}, {"number": "85258", "label": "text"}],
        "seen_on": str(TODAY),
    }
    edits.edit(held, [S1], right, by=WHO, now=NOW, reason="rang")
    assert right.items() <= service_record(services(held)[S1]).items()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("Urdo", "'Urdo' looks like a slip of Urdu (ur)"),
        ("panjaby", "looks like a slip of Punjabi (pa)"),
    ],
)
def test_a_slip_of_a_language_is_told_and_no_other_language_refused(
    held: WorkingCopy, language: str, said: str
) -> None:
    before = services(held)[S1]
    with pytest.raises(InvalidService) as caught:
        after(before, {"languages": ["en", language]}, TODAY)
    assert said in str(caught.value)
    assert after(before, {"languages": ["ro-RO", "Polish", "urdu"]}, TODAY).languages
    unknown = ["cy", "Welsh", "Dari", "Tagalog", "Igbo", "Oromo", "BSL"]
    assert after(before, {"languages": unknown}, TODAY).languages == tuple(unknown)
    brought = replace(before, languages=(language,))
    assert after(brought, {"languages": [language, "en"]}, TODAY).languages == (language, "en")


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.0.1/admin",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://169.254.169.254/",
        "http://10.0.0.1.",
        "http://0x7f.0.0.0x1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[fe80::1.2.3.4]/",
        "http://localhost/",
        "http://intranet:8080/",
    ],
)
def test_a_page_of_our_own_network_is_no_page_for_people(held: WorkingCopy, url: str) -> None:
    with pytest.raises(InvalidService, match="url: is not the address of a web page"):
        after(services(held)[S1], {"url": url}, TODAY)


@pytest.mark.parametrize(
    "url", ["https://www.example.org", "http://8.8.8.8/", "https://a1.example"]
)
def test_a_page_of_the_open_web_is_taken(held: WorkingCopy, url: str) -> None:
    assert after(services(held)[S1], {"url": url}, TODAY).url == url


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=12)
    | st.sampled_from([*map(str, WRONG.values()), "active", "LS9 6AU", "2026-11-01"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["number", "label", "title", "url", "seen_on", "day", "opens", "closes"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)
EDITABLE = sorted({it.name for it in fields(Service)} - edits.VERIFICATION - {"id"})


@pytest.fixture(scope="module")
def junked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkingCopy]:
    with WorkingCopy.open(tmp_path_factory.mktemp("junk") / "working.sqlite") as working:
        take(working, source())
        yield working


@given(values=st.dictionaries(st.sampled_from(EDITABLE), JUNK, max_size=4))
def test_junk_in_any_field_is_taken_or_refused(junked: WorkingCopy, values: dict[str, Any]) -> None:
    refused = ""
    try:
        edits.edit(junked, [S1], values, by=WHO, now=NOW, reason="typed")
    except Refused as problem:
        refused = str(problem)
    assert not refused or any(name in refused for name in values)
