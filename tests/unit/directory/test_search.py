"""Text search: everyday words find services, and no text is ever an operator."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.artefact import publish
from directory.filters import Search
from directory.matching import Directory
from directory.model import NEEDS
from directory.searching.alternatives import ALTERNATIVES
from directory.searching.children import WORDS_BY_NEED
from directory.searching.words import Words, split
from directory.typed_person import SEX
from tests.unit.directory.made_up import NOW, a_service


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


@pytest.mark.parametrize("words", ["carer for my wife exhausted", "husband has dementia", "wife"])
def test_whom_somebody_speaks_of_is_no_need_by_itself(starter: Directory, words: str) -> None:
    found = starter.search(words)
    assert not any(need.startswith("domestic-abuse") for one in found for need in one.needs)


@pytest.mark.parametrize("words", ["my husband hits me", "scared of my partner"])
def test_whom_somebody_speaks_of_counts_with_what_they_do(starter: Directory, words: str) -> None:
    assert all("domestic-abuse" in one.needs for one in starter.search(words)[:3])


def _look(directory: Directory, text: str, **wishes: Any) -> list[str]:
    found = directory.look(Search(now=NOW, text=text, **wishes))
    return [match.service.name for match in found.matches[: found.likely]]


@pytest.mark.parametrize("text", ["no food till friday", "no food until friday"])
def test_no_word_is_made_of_a_small_one(starter: Directory, text: str) -> None:
    found = starter.look(Search(now=NOW, text=text))
    assert not found.corrected
    assert all("food-aid" in match.service.needs for match in found.matches[:6])


DUTY = "Leeds children's Duty and Advice team"
FOR_CHILDREN = [
    ("12 year old self harm", {}, {DUTY, "Childline", "MindMate"}),
    ("self harm", {"age": 12}, {DUTY, "Childline", "MindMate"}),
    ("under 18 nowhere to sleep", {}, {DUTY, "Childline"}),
    ("15 year old hit by dad", {}, {DUTY, "Childline"}),
]


@pytest.mark.parametrize(("text", "wishes", "names"), FOR_CHILDREN)
def test_what_is_for_children_comes_first_for_a_child(
    starter: Directory, text: str, wishes: dict[str, Any], names: set[str]
) -> None:
    found = _look(starter, text, **wishes)
    assert set(found[: len(names)]) == names
    # What helps anybody stays as likely as it was.
    assert len(found) > len(names)


def test_what_is_for_children_is_not_brought_up_for_others(starter: Directory) -> None:
    for text in ("self harm", "30 year old self harm", "under 25 self harm"):
        assert "Childline" not in _look(starter, text)


def test_an_age_or_sex_typed_is_of_the_person_looked_for(starter: Directory) -> None:
    found = starter.look(Search(now=NOW, text="male victim of abuse"))
    assert found.matches[0].service.name == "Men's Advice Line"
    for_women = [
        place for place, it in enumerate(found.matches) if "For women: check" in it.reasons
    ]
    assert for_women
    assert min(for_women) >= found.likely
    assert found.excluded == ()
    literally = starter.look(
        Search(now=NOW, text="male victim of abuse", not_about=frozenset({SEX}))
    )
    assert "Leeds Women's Aid" in {match.service.name for match in literally.matches}


def test_what_is_for_anybody_comes_before_what_is_for_one_sex(starter: Directory) -> None:
    assert _look(starter, "forced marriage")[0] == "Leeds domestic violence helpline"


def test_a_need_with_words_for_children_is_one_of_ours() -> None:
    assert WORDS_BY_NEED.keys() <= NEEDS.keys()
    assert all(WORDS_BY_NEED.values())


def test_what_suits_half_as_well_is_less_likely(starter: Directory) -> None:
    found = starter.look(Search(now=NOW, text="funeral costs"))
    names = [match.service.name for match in found.matches]
    assert names[0] == "Cruse Bereavement Support"
    assert 0 < found.likely < found.total
    assert "Health for All food pantries" in names[found.likely :]


def test_a_child_is_shown_what_anybody_is_and_few_more(starter: Directory) -> None:
    anybody = starter.look(Search(now=NOW, text="self harm"))
    child = starter.look(Search(now=NOW, text="self harm", age=12))
    for_anybody = {match.service.name for match in anybody.matches}
    for_child = {match.service.name for match in child.matches}
    assert for_anybody - {one.name for one in child.excluded} <= for_child
    assert for_child - for_anybody == {"Childline", "MindMate"}
    assert child.likely > 3


def test_words_of_time_that_say_nothing_are_small() -> None:
    for text in ("food till friday", "food until friday"):
        assert Words.of(text).telling == ("food", "friday")


def test_a_child_alone_is_nothing_to_look_for(starter: Directory) -> None:
    assert starter.look(Search(now=NOW, text="12 year old zzzznothing")).total == 0
