"""The game against our own rounding: asking again tells hardly more."""

import pytest

from template_service.aggregates.audit import ONE_LOOK
from template_service.aggregates.disclosure.membership import play_one_table
from template_service.aggregates.disclosure.sight import Sight, seen
from tests.unit.aggregates.disclosure.conftest import Record
from tests.unit.aggregates.made_up_cubes import a_cube


@pytest.fixture(scope="module")
def sight() -> Sight:
    return seen([a_cube(month) for month in ("2026-07", "2026-08")])


def test_200_questions_about_a_table_tell_no_more_than_one_look_can(
    sight: Sight, record: Record
) -> None:
    game = play_one_table(sight, questions=200, games=150, seed=2)

    record("our cubes, one table, one question", game.after_one)
    record("our cubes, one table, 200 questions", game.after_all)
    assert game.after_one.lower <= ONE_LOOK
    assert game.after_all.lower <= ONE_LOOK
    assert game.after_all.upper < 0.5


def test_the_same_seed_plays_the_same_game(sight: Sight) -> None:
    one, same = (play_one_table(sight, questions=6, games=4, seed=9) for _ in range(2))

    assert one == same
