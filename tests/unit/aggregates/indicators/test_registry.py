import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from template_service.aggregates.indicators import registry as registries
from template_service.aggregates.indicators.registry import (
    Indicator,
    RegistryError,
    load_registry,
    registry,
)
from tests.strategies import leeds_form, leeds_questionnaire

DOMAINS = leeds_form().domains
SHIPPED = Path(registries.__file__).with_name("registry.json")

# The table of the programme's report: ward, MSOA, then the letters of the other splits.
TABLE = {
    1: "wm is",
    2: "wm is",
    3: "wm isef",
    4: "wm isef",
    5: "wm isef",
    6: "wm ief",
    7: "?",
    8: "wm ise",
    9: "wm isea",
    10: "wm isea",
    11: "wm isea",
    12: "",
    13: "m ie",
    14: "?",
    15: "?",
}
LETTERS = {
    "i": "imd_decile",
    "s": "sex",
    "e": "ethnic_group",
    "f": "free_school_meals",
    "a": "age_band",
    "w": "ward",
    "m": "msoa",
}


def raw() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return loaded


def load(changed: object) -> registries.Registry:
    return load_registry(json.dumps(changed).encode(), DOMAINS)


@pytest.mark.parametrize("indicator", registry().indicators, ids=lambda each: str(each.id))
def test_splits_are_those_of_the_published_table(indicator: Indicator) -> None:
    published = TABLE[indicator.id]
    assert indicator.breakdowns_confirmed == (published != "?")
    split = {LETTERS[letter] for letter in published if letter in LETTERS}
    assert split | {"city"} == set(indicator.areas) | set(indicator.breakdowns)


def test_two_indicators_are_in_development() -> None:
    assert [each.id for each in registry().indicators if each.developmental] == [14, 15]


def test_nothing_the_programme_has_not_published_is_filled_in() -> None:
    for each in registry().indicators:
        assert (each.owner, each.baseline, each.target) == ("", "", "")
        assert (each.target_year, each.gap_measure, each.next_review) == (None, "", "")


def test_free_school_meals_break_in_september_2026() -> None:
    for each in registry().indicators:
        breaks = [(found.breakdown, found.since) for found in each.breaks]
        split = "free_school_meals" in each.breakdowns
        assert breaks == ([("free_school_meals", "2026-09")] if split else [])


def domain_extensions(element: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for extension in element.get("extension", ()):
        if extension["url"].endswith("/sdoh-domain"):
            yield extension
    for item in element.get("item", ()):
        yield from domain_extensions(item)


def test_neighbours_are_those_the_questionnaire_names() -> None:
    def inside(extension: dict[str, Any], url: str) -> list[Any]:
        kinds = ("valueInteger", "valueCode")
        found = (each for each in extension["extension"] if each["url"] == url)
        return [next(each[kind] for kind in kinds if kind in each) for each in found]

    domains: dict[int, list[str]] = {number: [] for number in range(1, 16)}
    principles: dict[int, set[int]] = {number: set() for number in range(1, 16)}
    for extension in domain_extensions(leeds_questionnaire()):
        for number in inside(extension, "indicator"):
            domains[number] += inside(extension, "id")
            principles[number].update(inside(extension, "marmot"))
    for each in registry().indicators:
        assert list(each.domains) == domains[each.id]
        assert [one.number for one in each.principles] == sorted(principles[each.id])
    assert any(domains.values())


def test_what_stands_beside_a_domain() -> None:
    assert [each.id for each in registry().beside("work")] == [8, 11, 15]
    assert registry().beside("caring") == ()
    words = [one.words for one in registry().indicators[11].principles]
    assert words == ["Create and develop healthy and sustainable places and communities"]


def test_an_indicator_is_found_by_its_id_only() -> None:
    assert [registry().indicator(number) for number in (-1, 0, 16)] == [None, None, None]
    found = registry().indicator(15)
    assert found is not None
    assert found.id == 15


def _changed(field: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda loaded: loaded["indicators"][2].__setitem__(field, value)


BAD: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "unit": (_changed("unit", "furlongs"), "indicators.2.unit"),
    "polarity": (_changed("polarity", "up"), "indicators.2.polarity"),
    "breakdown": (_changed("breakdowns", ["sex", "shoe_size"]), "indicators.2.breakdowns.1"),
    "twice": (_changed("breakdowns", ["sex", "sex"]), "indicators.2.breakdowns"),
    "area": (_changed("areas", ["parish"]), "indicators.2.areas.0"),
    "flag": (_changed("developmental", "perhaps"), "indicators.2.developmental"),
    "year": (_changed("target_year", "soon"), "indicators.2.target_year"),
    "id": (_changed("id", 4), "indicators"),
    "unknown field": (_changed("colour", "red"), "indicators.2.colour"),
    "missing field": (lambda loaded: loaded["indicators"][2].pop("owner"), "indicators.2.owner"),
    "break month": (
        _changed("breaks", [{"from": "2026", "breakdown": "sex", "note": "n"}]),
        "indicators.2.breaks.0.from",
    ),
    "break without a word": (
        _changed("breaks", [{"from": "2026-09", "breakdown": "sex", "note": ""}]),
        "indicators.2.breaks.0.note",
    ),
    "fourteen": (lambda loaded: loaded["indicators"].pop(), "indicators"),
    "seven principles": (lambda loaded: loaded["principles"].pop(), "principles"),
    "source": (lambda loaded: loaded.__setitem__("source", ""), "source"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_registry_with_a_mistake_is_refused_by_its_place(name: str) -> None:
    change, place = BAD[name]
    loaded = raw()
    change(loaded)
    with pytest.raises(RegistryError) as refusal:
        load(loaded)
    assert refusal.value.message.startswith(f"registry.json: {place}: ")
    assert "\n" not in refusal.value.message


def test_every_mistake_is_named_at_once() -> None:
    loaded = raw()
    for field in ("unit", "polarity"):
        loaded["indicators"][0][field] = "nonsense"
    with pytest.raises(RegistryError) as refusal:
        load(loaded)
    assert len(refusal.value.message.splitlines()) == 2


@pytest.mark.parametrize("text", [b"{", b"[]", b"null"])
def test_what_is_no_registry_is_refused(text: bytes) -> None:
    with pytest.raises(RegistryError):
        load_registry(text, DOMAINS)


def test_a_domain_that_names_an_unknown_number_is_refused() -> None:
    wrong = (
        replace(DOMAINS[0], indicators=(16,)),
        replace(DOMAINS[1], marmot=(0, 1)),
        replace(DOMAINS[2], marmot=(9,)),
    )
    with pytest.raises(RegistryError) as refusal:
        load_registry(SHIPPED.read_bytes(), wrong)
    named = [line.split(":")[0] for line in refusal.value.message.splitlines()]
    assert named == [f"domain {domain.id}" for domain in wrong]
