"""Walking JSON: every place named, and neither depth nor order of any matter."""

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from template_service.questionnaire.elements import (
    PLACE_LIMIT,
    elements,
    fingerprint,
    items,
    objects_in,
)
from tests.strategies import json_values

_PART = len(".item[0]")


def nested(levels: int) -> dict[str, Any]:
    node: dict[str, Any] = {"linkId": "deepest"}
    for _ in range(levels):
        node = {"item": [node]}
    return node


def test_places_are_named() -> None:
    resource = {"item": [{"linkId": "1", "_text": {"extension": [{"url": "x"}]}}, {"item": [{}]}]}
    assert [place for place, _ in elements(resource, "Q")] == [
        "Q",
        "Q.item[0]",
        "Q.item[0].text",
        "Q.item[0].text.extension[0]",
        "Q.item[1]",
        "Q.item[1].item[0]",
    ]
    assert [place for place, _ in items(resource)] == [
        "Questionnaire.item[0]",
        "Questionnaire.item[1]",
        "Questionnaire.item[1].item[0]",
    ]


def test_the_place_of_what_is_far_too_deep_is_cut() -> None:
    deep = nested(20_000)
    for walk in (elements(deep, "Questionnaire"), items(deep)):
        places = [place for place, _ in walk]
        assert len(places) >= 20_000
        assert max(map(len, places)) < PLACE_LIMIT + _PART
        assert sum(map(len, places)) < 20_001 * (PLACE_LIMIT + _PART)


@given(json_values())
def test_the_walks_find_the_same_objects(value: Any) -> None:
    assert [id(node) for node in objects_in(value)] == [id(node) for _, node in elements(value, "")]


@given(st.lists(json_values(), min_size=2, max_size=2))
def test_the_fingerprint_is_that_of_the_json(pair: list[Any]) -> None:
    first, second = pair
    assert fingerprint(first) == fingerprint(copy.deepcopy(first))
    alike = json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
    assert (fingerprint(first) == fingerprint(second)) is alike


def test_the_fingerprint_knows_no_order_of_properties_but_one_of_lists() -> None:
    assert fingerprint({"a": 1, "b": [2, {}]}) == fingerprint({"b": [2, {}], "a": 1})
    assert fingerprint([1, 2]) != fingerprint([2, 1])
    assert fingerprint([[1], 2]) != fingerprint([[1, 2]])
    assert fingerprint(nested(20_000)) == fingerprint(nested(20_000))
