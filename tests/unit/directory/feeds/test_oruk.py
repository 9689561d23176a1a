from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.feeds.answers import WrongAnswer, parsed_json
from directory.feeds.oruk import LISTS, Page, api_of, is_full, listed_at, object_of, page_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
ENVELOPE = st.sampled_from(
    ["total_items", "total_pages", "page_number", "first_page", "last_page", "contents", "content"]
)


@pytest.mark.parametrize(
    "given_address",
    [
        "https://feed.example/o/v2",
        "https://feed.example/o/v2/",
        "https://feed.example/o/v2/services",
        "https://feed.example/o/v2/services/?page=4&per_page=50",
        "https://feed.example/o/v2/organizations",
        "https://feed.example/o/v2/services/11240340",
    ],
)
def test_the_base_is_found(given_address: str) -> None:
    assert api_of(given_address).base == "https://feed.example/o/v2"


def test_addresses_carry_the_query_of_the_feed_and_quote_ids() -> None:
    api = api_of("https://feed.example/services?area=a%20b&page=4")
    assert api.list_address("services", page=2) == "https://feed.example/services?area=a+b&page=2"
    assert api.one_address("services", "a/../b?c") == (
        "https://feed.example/services/a%2F..%2Fb%3Fc?area=a+b"
    )
    itself = listed_at("https://feed.example/list/")
    assert itself.list_address("services", page=1) == "https://feed.example/list?page=1"


def test_both_envelopes_are_read() -> None:
    modern = {
        "total_items": 12,
        "total_pages": 3,
        "page_number": 2,
        "first_page": False,
        "last_page": False,
        "contents": [{"id": "a"}],
    }
    old = {
        "totalElements": "12",
        "totalPages": "3",
        "number": "2",
        "first": False,
        "last": False,
        "content": [{"id": "a"}],
    }
    assert page_of(modern) == Page(({"id": "a"},), 2, 3, 12, False, False)
    assert page_of(old) == Page(({"id": "a"},), 2, 3, 12, False, False, v1=True)
    assert page_of([1, 2]) == Page((1, 2), bare=True)


@given(JSON | st.dictionaries(ENVELOPE, JSON))
def test_any_json_is_a_page_or_no_page(document: Any) -> None:
    try:
        page = page_of(document)
    except WrongAnswer:
        return
    assert isinstance(page.contents, tuple)
    for number in (page.number, page.pages, page.items):
        assert number is None or number >= 0


def test_examples_of_the_standard_are_pages(shared: Any) -> None:
    folder = shared / "data" / "directory" / "oruk" / "uk-profile-v3" / "examples"
    for table in LISTS:
        name = {"taxonomies": "taxonomy"}.get(table, table.removesuffix("s"))
        path = folder / f"{name}_list.json"
        page = page_of(parsed_json(path.read_bytes(), "application/json", depth=40))
        assert page.contents
        assert page.first is True
    listed = page_of(parsed_json((folder / "service_list.json").read_bytes(), "", depth=40))
    full = parsed_json((folder / "service_full.json").read_bytes(), "", depth=40)
    assert not is_full(listed.contents[0])
    assert is_full(full)
    assert object_of(full, full["id"]) is full
