"""A word with a mistake in it still means the word."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.spelling import FEWEST_LETTERS, MOST_LETTERS, Vocabulary

KNOWN = Vocabulary(["Bailiffs and debt", "Debt advice", "A hostel; Samaritans", "Café, naïve"])
LETTERS = st.characters(min_codepoint=ord("a"), max_codepoint=ord("z"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bailifs", "bailiffs"),
        ("bialiffs", "bailiffs"),
        ("samaritens", "samaritans"),
        ("sammaritens", "samaritans"),
        ("advise", "advice"),
        ("cafe", "cafe"),
        ("HOSTAL", "hostel"),
    ],
)
def test_the_word_that_was_meant(typed: str, meant: str) -> None:
    assert KNOWN.suggestions(typed) == (meant,)


@pytest.mark.parametrize("typed", ["", "deb", "dbt", "xylophone", "hxxtel", "d" * 500, "😀😀😀😀"])
def test_nothing_is_guessed_for_what_is_short_or_far_from_every_word(typed: str) -> None:
    assert KNOWN.suggestions(typed) == ()


def test_words_equally_near_come_with_the_most_used_first() -> None:
    known = Vocabulary(["boats", "coats coats", "goats", "moats"])
    assert known.suggestions("xoats") == ("coats", "boats", "goats")


@pytest.mark.parametrize("typed", ["till", "bils", "bil", "bllx", "boll", "ill"])
def test_a_word_of_four_letters_is_not_made_into_another(typed: str) -> None:
    assert Vocabulary(["bill", "bills bill", "debt"]).suggestions(typed) == ()


@pytest.mark.parametrize(("typed", "meant"), [("dbet", "debt"), ("detb", "debt"), ("blil", "bill")])
def test_two_letters_swapped_are_forgiven_in_a_short_word(typed: str, meant: str) -> None:
    assert Vocabulary(["bill", "debt"]).suggestions(typed) == (meant,)


@given(
    word=st.text(LETTERS, min_size=FEWEST_LETTERS + 1, max_size=MOST_LETTERS - 1),
    data=st.data(),
)
def test_one_mistake_is_always_forgiven(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(LETTERS)
    mistakes = (
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    )
    typed = data.draw(st.sampled_from(mistakes))
    # Short words beside it would be near to some that are drawn: "alse" is near to "else" too.
    assert Vocabulary([word, "incomprehensibilities"]).suggestions(typed) == (word,)


def test_who_types_well_does_not_load_the_library() -> None:
    code = "import sys, directory.matching; print('rapidfuzz' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "False"
