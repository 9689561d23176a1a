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
    assert directory.search("warm coats") == (both,)
    assert set(directory.search("coats umbrellas")) == {both, one}


def test_threads_search_one_directory(starter: Directory) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(starter.search, ["samaritans"] * 50))
    assert {services[0].name for services in found} == {"Samaritans"}
