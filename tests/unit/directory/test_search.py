"""Text search: everyday words find services, and no text is ever an operator."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.artefact import publish
from directory.matching import Directory
from directory.searching.alternatives import ALTERNATIVES
from directory.searching.words import split
from tests.unit.directory.made_up import a_service


def _names(directory: Directory, text: str) -> list[str]:
    return [service.name for service in directory.search(text)]


@pytest.mark.parametrize(
    ("words", "need"),
    [
        ("skint", "income-maximisation"),
        ("bailiffs", "debt-advice"),
        ("mould", "repairs-damp-mould"),
        ("foodbank", "food-aid"),
        ("food bank", "food-aid"),
        ("I need help with damp please", "repairs-damp-mould"),
    ],
)
def test_everyday_words_find_services(starter: Directory, words: str, need: str) -> None:
    assert any(need in service.needs for service in starter.search(words)[:5])


@pytest.mark.parametrize(
    ("words", "need"),
    [
        ("patient says he doesn't want to be here anymore", "crisis-mental-health"),
        ("i dont want to be here any more", "crisis-mental-health"),
        ("she wants to end it all", "crisis-mental-health"),
        ("whats the point in going on", "crisis-mental-health"),
        ("13 year old self harming", "crisis-mental-health"),
        ("he won't let me leave the house", "domestic-abuse"),
        ("my boyfriend controls everything", "domestic-abuse"),
        ("scared to go home tonight", "domestic-abuse"),
        ("nowt in for the kids tea", "food-aid"),
    ],
)
def test_what_is_said_in_small_words_is_understood(
    starter: Directory, words: str, need: str
) -> None:
    helping = [
        any(it.startswith(need) for it in service.needs) for service in starter.search(words)[:4]
    ]
    assert sum(helping) >= 3


@pytest.mark.parametrize("text", ["Samaritans", "samaritan", "samari", "SAMARITANS", "sámaritans"])
def test_a_name_is_found_however_it_is_typed(starter: Directory, text: str) -> None:
    assert _names(starter, text)[0] == "Samaritans"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        '"',
        "'",
        "\0",
        "😀",
        "*",
        "-",
        "((((",
        "\ud800",
        "___",
    ],
)
def test_what_holds_no_word_finds_nothing(starter: Directory, text: str) -> None:
    assert starter.search(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        'samaritans"',
        '"samaritans',
        "samaritans OR",
        "name:samaritans",
        "samaritans*",
        "^samaritans",
        "NEAR(samaritans)",
        "samaritans\0",
        "samaritans😀",
        "samaritans') --",
    ],
)
def test_operators_are_words_like_any_other(starter: Directory, text: str) -> None:
    assert "Samaritans" in _names(starter, text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_no_text_is_an_error(starter: Directory, text: str) -> None:
    assert len(starter.search(text, limit=5)) <= 5


def test_the_name_weighs_most_and_synonyms_least(
    tmp_path: Path, current: Callable[[Path], Directory]
) -> None:
    words = {"name": "Gardening", "organisation": "Gardening", "description": "Gardening"}
    services = [
        a_service(id=str(UUID(int=number)), **({"name": "Another"} | {field: text}))
        for number, (field, text) in enumerate(words.items(), start=1)
    ]
    publish(services, tmp_path)
    found = current(tmp_path).search("gardening")
    assert [service.id for service in found] == [service.id for service in services]


def test_all_words_before_any_word(tmp_path: Path, current: Callable[[Path], Directory]) -> None:
    both = a_service(id=str(UUID(int=1)), description="Warm coats for children")
    one = a_service(id=str(UUID(int=2)), description="Coats")
    publish([both, one], tmp_path)
    directory = current(tmp_path)
    assert directory.search("warm coats") == (both, one)
    assert set(directory.search("coats umbrellas")) == {both, one}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("samaritens", "Samaritans"),
        ("alchohol", "Forward Leeds"),
        ("stepchnage", "StepChange Debt Charity"),
        ("bailifs", "National Debtline"),
        ("can't read", "Read Easy Leeds"),
        ("kids out of control", "School clusters in Leeds"),
    ],
)
def test_mistakes_and_everyday_words_find_what_was_meant(
    starter: Directory, words: str, name: str
) -> None:
    assert name in _names(starter, words)[:5]


def test_the_name_typed_comes_first_whatever_need_its_words_mean(starter: Directory) -> None:
    assert _names(starter, "dial house")[0] == "Dial House and Connect helpline"


def test_what_shares_only_a_common_word_is_not_shown(starter: Directory) -> None:
    assert len(_names(starter, "leeds samaritans")) < len(starter.services()) / 2


def test_the_best_is_found_among_more_than_are_ranked(
    tmp_path: Path, current: Callable[[Path], Directory]
) -> None:
    many = [
        a_service(id=str(UUID(int=number)), description="Gardening") for number in range(1, 1_200)
    ]
    last = a_service(id=str(UUID(int=2_000)), name="Gardening and bread")
    publish([*many, last], tmp_path)
    assert current(tmp_path).search("gardening bread", 1) == (last,)


def test_every_other_word_says_something_new() -> None:
    for word, others in ALTERNATIVES.items():
        assert split(word) == (word,)
        assert others
        assert word not in others
        assert all(split(other) for other in others)


def test_threads_search_one_directory(starter: Directory) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(starter.search, ["samaritans"] * 50))
    assert {services[0].name for services in found} == {"Samaritans"}
