"""Which version of a questionnaire is the newest, and which resource id each one gets."""

import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service.questionnaire.catalogue import Catalogue, Listed, free_id, newer

URL = "https://example.org/Questionnaire/a"
VERSIONS = st.text(st.sampled_from("0123456789.-+vab é\u0660"), max_size=12) | st.text(max_size=8)


def listed(version: str = "", **told: Any) -> Listed:
    plain: dict[str, Any] = {
        "url": URL,
        "id": f"a-{version}",
        "title": "A",
        "status": "active",
        "date": "",
        "shipped": False,
        "retired": False,
    }
    return Listed(version=version, **plain | told)


@pytest.mark.parametrize(
    "ascending",
    [
        ["0.9.9", "1.0-draft", "1.0", "1.0.1", "1.2", "1.10", "2"],
        ["1.0.0-alpha", "1.0.0-alpha.2", "1.0.0-alpha.10", "1.0.0-beta", "1.0.0"],
        ["2023-12-31", "2024-02", "2024-10-01", "2024-10-02"],
        ["draft", "v0.1", "v1.0", "v1.1"],
        ["", "first", "1"],
        ["9" * 4_999, "9" * 5_000],
    ],
)
def test_versions_stand_in_the_order_people_expect(ascending: list[str]) -> None:
    shuffled = random.Random(7).sample(ascending, len(ascending))
    assert sorted(shuffled, key=newer) == ascending


@pytest.mark.parametrize(("one", "other"), [("1.0", "1.0.0"), ("v2", "2"), ("1.0+a", "1.0+b")])
def test_what_differs_in_writing_only_is_equally_new(one: str, other: str) -> None:
    assert newer(one) == newer(other)


@given(st.lists(VERSIONS, max_size=6))
def test_any_texts_can_be_put_in_order(versions: list[str]) -> None:
    once, alphabetical = sorted(versions, key=newer), sorted(versions)
    again = sorted(alphabetical, key=newer)
    assert list(map(newer, again)) == list(map(newer, once))


@pytest.mark.parametrize(
    ("versions", "newest"),
    [
        ([listed("2", status="draft"), listed("1")], "1"),
        ([listed("2", retired=True), listed("1", status="draft")], "1"),
        ([listed("2", status="retired"), listed("1", status="unknown")], "1"),
        ([listed("2"), listed("10")], "10"),
        ([listed("1.0", date="2025"), listed("1.0.0", date="2024")], "1.0"),
        ([listed(""), listed("0.1")], "0.1"),
        ([listed("1", retired=True), listed("2", retired=True)], "2"),
    ],
)
def test_a_url_alone_stands_for_the_newest_that_may_be_used(
    versions: list[Listed], newest: str
) -> None:
    for order in (versions, versions[::-1]):
        catalogue = Catalogue(order)
        assert catalogue.newest[URL].version == newest
        assert catalogue.versions(URL)[-1].version == newest


def test_an_id_is_kept_where_nobody_has_it() -> None:
    assert free_id({"id": "phq-4", "url": URL}, ()) == "phq-4"
    assert free_id({"url": "https://example.org/Questionnaire/My form/"}, ()) == "My-form"
    assert free_id({"url": "urn:uuid:x", "id": "no such id"}, ()) == "urn-uuid-x"
    assert free_id({"url": "///"}, ()) == "questionnaire"


def test_a_second_of_an_id_gets_a_suffix_of_its_own_that_stays() -> None:
    first, second = ({"id": "a" * 64, "url": URL, "version": each} for each in ("1", "2"))
    suffixed = free_id(second, {free_id(first, ())})
    assert suffixed == free_id(second, {"a" * 64, "another"})
    assert re.fullmatch(r"a{55}-[0-9a-f]{8}", suffixed)
    longer = free_id(second, {"a" * 64, suffixed})
    assert re.fullmatch(r"a{47}-[0-9a-f]{16}", longer)
    every = {"a" * 64}
    while (found := free_id(second, every)) not in every:
        every.add(found)
    assert len(every) == 5


@given(st.fixed_dictionaries({"url": st.text()}, optional={"id": st.text() | st.integers()}))
def test_every_id_is_one_of_fhir(resource: dict[str, Any]) -> None:
    for taken in ((), (free_id(resource, ()),)):
        assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", free_id(resource, taken), re.ASCII)
