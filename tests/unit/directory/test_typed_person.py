"""An age or a sex that is typed is read where it is clearly of whoever needs help."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.model import OLDEST, SEXES
from directory.searching.words import MOST_CHARACTERS
from directory.typed_person import AGE, SEX, Typed, typed_person


@pytest.mark.parametrize(
    ("text", "left", "ages"),
    [
        ("12 year old self harm", "self harm", (12, 12)),
        ("my 8 year old self harms", "my self harms", (8, 8)),
        ("13 yr old", "", (13, 13)),
        ("12-year-old's anxiety", "anxiety", (12, 12)),
        ("12yo hitting me", "hitting me", (12, 12)),
        ("lonely 80 Years Old", "lonely", (80, 80)),
        ("aged 70", "", (70, 70)),
        ("lonely, age 70", "lonely,", (70, 70)),
        ("under 18 nowhere to sleep", "nowhere to sleep", (0, 17)),
        ("under 5s playgroup", "playgroup", (0, 4)),
        ("under the age of 16", "", (0, 15)),
        ("8 year old, an 8 year old", ", an", (8, 8)),
    ],
)
def test_an_age_is_read_and_taken_out(text: str, left: str, ages: tuple[int, int]) -> None:
    found = typed_person(text)
    assert " ".join(found.text.split()) == left
    assert found.ages == ages


@pytest.mark.parametrize(
    "text",
    [
        "50 year old boiler",
        "10 year old washing machine",
        "6 year old debts",
        "two bedroom",
        "carer for my 80 year old dad",
        "looking after my 90 year old mum",
        "hit by my 30 year old boyfriend",
        "my 30 year old boyfriend hits me",
        "im 14 and my boyfriend is 30 years old",
        "suicidal mum of 2 year old",
        "I have a 3 year old and cannot pay rent",
        "raped when I was 10 years old",
        "abused aged 8",
        "50 year old man touched my daughter",
        "12 and 8 year old",
        "aged 5, 7 and 9",
        "2 kids under 5 no food",
        "age 11 upwards",
        "not under 18",
        "under 20 mins",
        "10 year old immigration case",
        "8 year old and 12 year old",
        "aged 16 to 24",
        "aged 60 and over",
        "under 16 hours work",
        "under 18 months",
        "under 60",
        "500 year old",
        "section 21",
        "teenager",
        "İ 12 year old",
    ],
)
def test_what_is_no_age_of_theirs_stays_as_typed(text: str) -> None:
    assert typed_person(text) == Typed(text)


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("male victim of abuse", "male"),
        ("men", "male"),
        ("Woman", "female"),
        ("lonely old man", "male"),
        ("support for men", "male"),
        ("women only", "female"),
        ("I'm a woman", "female"),
        ("woman hit by husband", "female"),
        ("13 year old girl cutting herself", "female"),
        ("women attacked by a young man", "female"),
    ],
)
def test_a_sex_is_read_and_its_words_stay(text: str, sex: str) -> None:
    assert typed_person(text, frozenset({AGE})) == Typed(text, sex=sex)


@pytest.mark.parametrize(
    "text",
    [
        "carer for my wife",
        "carer for elderly man",
        "debt man at door",
        "man following me",
        "scared of men",
        "attacked by a young man",
        "Men's Advice Line",
        "Women's Aid",
        "female GP",
        "old man next door touched me",
        "male partner hits me",
        "he is a man who hits me",
        "men sending pictures",
        "older man pays me",
        "dating an older man",
        "forced marriage to 50 year old man",
        "touched by 50 year old man",
        "need to talk to a woman",
        "husband left me for a younger woman",
        "transgender woman",
        "young trans woman",
        "for men and for women",
        "my husband hits me",
        "forced marriage",
        "manager",
    ],
)
def test_who_else_is_spoken_of_has_no_sex_of_theirs(text: str) -> None:
    assert typed_person(text) == Typed(text)


def test_what_somebody_took_back_is_not_read() -> None:
    text = "12 year old girl"
    assert typed_person(text, frozenset({AGE, SEX})) == Typed(text)
    assert typed_person(text, frozenset({SEX})).sex is None
    assert typed_person(text, frozenset({AGE})) == Typed(text, sex="female")


PARTS = st.sampled_from(["12 year old", "under 18", "aged 999", "man", "for ", "women", "by", "İ"])


@given(st.lists(PARTS | st.text(max_size=9), max_size=30).map(" ".join))
def test_any_text_is_read(text: str) -> None:
    found = typed_person(text)
    assert len(found.text) <= MOST_CHARACTERS
    assert found.sex in {None, *SEXES}
    assert found.ages is None or 0 <= found.ages[0] <= found.ages[1] <= OLDEST
