"""Asking again wins where noise is new each time, and gains nothing where cells are frozen."""

import numpy as np
import pytest

from template_service.aggregates.disclosure.differencing import (
    Answers,
    Game,
    Mechanism,
    play,
)
from template_service.errors import Invalid
from tests.unit.aggregates.disclosure.conftest import Record
from tests.unit.aggregates.disclosure.made_up import (
    Integers,
    a_city,
    cube_of,
    frozen,
    not_frozen,
    total,
)

# Practice, age band, decile, month.
WIDTHS = (4, 5, 6, 3)
MONTH = 3


def the_game(release: Mechanism, games: int = 150) -> Game:
    return play(release, a_city(1500, WIDTHS, seed=5), games=games, period=MONTH, seed=7)


def test_rounding_anew_for_every_question_loses(record: Record) -> None:
    game = the_game(not_frozen(WIDTHS))

    record("rounded, not frozen", game)
    # Apart from one another: no more than a guess after one question, right mostly after all.
    assert game.after_look.upper < 0.5
    assert game.after_all.lower > 0.5
    assert game.gained.lower > 0.4


def test_frozen_cells_tell_no_more_after_200_questions_than_after_one(
    record: Record,
) -> None:
    game = the_game(frozen(WIDTHS), games=300)

    record("rounded and frozen", game)
    assert game.questions == 200
    # One more person moves one rounded cell with probability 1/5, and no question sees more.
    assert game.after_look.lower <= 0.2
    assert game.after_all.lower <= 0.2
    assert game.gained.lower <= 0.0
    assert game.gained.value < 0.1


def test_who_saw_many_tables_at_the_first_look_still_wins_where_noise_is_new() -> None:
    tables = [(), *((column,) for column in range(MONTH)), (0, 1), (0, 2)]
    people = a_city(1500, WIDTHS, seed=5)

    game = play(not_frozen(WIDTHS), people, games=150, period=MONTH, tables=tables, seed=7)

    assert game.after_look.upper < 0.7
    assert game.after_all.lower > 0.7
    assert game.gained.lower > 0.2


def test_stars_lose_too() -> None:
    def release(records: Integers, generator: np.random.Generator) -> Answers:
        cube = cube_of(records, np.array(WIDTHS))

        def answer(asked: tuple[tuple[int, ...], ...]) -> int | None:
            count = total(cube, asked)
            return None if 1 <= count <= 7 else count

        return answer

    assert the_game(release, games=60).after_all.lower > 0.5


def test_one_secret_offset_upon_every_answer_falls_to_differences() -> None:
    def release(records: Integers, generator: np.random.Generator) -> Answers:
        cube = cube_of(records, np.array(WIDTHS))
        offset = int(generator.integers(1000))
        return lambda asked: offset + total(cube, asked)

    game = the_game(release, games=60)

    # Apart from one another: no more than a guess after one question, right mostly after all.
    assert game.after_look.upper < 0.5
    assert game.after_all.lower > 0.5


def test_who_is_told_nothing_guesses_blindly() -> None:
    game = the_game(lambda _records, _generator: lambda _asked: None, games=100)

    assert game.after_look.lower < 0.0 < game.after_look.upper
    assert game.after_all.lower < 0.0 < game.after_all.upper


def test_the_same_seed_plays_the_same_game() -> None:
    people = a_city(200, WIDTHS, seed=5)

    one, same, other = (
        play(not_frozen(WIDTHS), people, questions=10, games=30, seed=seed) for seed in (1, 1, 2)
    )

    assert one == same
    assert one != other


@pytest.mark.parametrize(("people", "questions", "games"), [(1, 5, 5), (9, 0, 5), (9, 5, 1)])
def test_a_game_of_nothing_is_refused(people: int, questions: int, games: int) -> None:
    with pytest.raises(Invalid, match="two people, two games and a question"):
        play(
            frozen(WIDTHS), a_city(people, WIDTHS, seed=5), questions=questions, games=games, seed=1
        )
