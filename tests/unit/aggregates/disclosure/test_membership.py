"""The game against our own rounding: a release tells something, asking on tells no more."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from template_service.aggregates.audit import GAMES, TOLERANCE
from template_service.aggregates.controlled_rounding import Counts, Rounded, Rows, round_month
from template_service.aggregates.disclosure.membership import play_release
from template_service.aggregates.disclosure.sight import Sight, seen
from tests.unit.aggregates.disclosure.conftest import Record
from tests.unit.aggregates.made_up_cubes import a_cube


@pytest.fixture(scope="module")
def sight() -> Sight:
    return seen([a_cube(month) for month in ("2026-07", "2026-08")])


def test_200_questions_more_tell_no_more_than_one_look_at_a_release(
    sight: Sight, record: Record
) -> None:
    game = play_release(sight, questions=200, games=250, seed=2)

    record("our cubes, one look at a release", game.after_look)
    record("our cubes, and 200 questions", game.after_all)
    assert game.questions == 200
    assert game.gained.lower <= 0.0
    assert game.gained.value < 0.05
    # What a look tells is known (docs/adr/0007): an attacker who found less would be no test.
    assert game.after_look.upper > 0.5
    assert game.after_look.lower < 0.6


@pytest.mark.parametrize("seed", [2, 5])
def test_domains_drawn_apart_are_found_out(sight: Sight, record: Record, seed: int) -> None:
    """What the audit is there to refuse: as many looks at a person as there are domains."""

    def apart(
        counts: Mapping[str, Counts],
        blocks: Mapping[str, Rows],
        generator_of: Callable[[str], np.random.Generator],
    ) -> dict[str, dict[str, dict[str, dict[str, Rounded]]]]:
        return {
            domain: round_month({domain: counts[domain]}, blocks, generator_of)[domain]
            for domain in counts
        }

    game = play_release(sight, questions=200, games=GAMES, seed=seed, rounding=apart)

    record("domains drawn apart, 200 questions", game.after_all)
    assert game.gained.lower > TOLERANCE


def test_the_same_seed_plays_the_same_game(sight: Sight) -> None:
    one, same = (play_release(sight, questions=6, games=4, seed=9) for _ in range(2))

    assert one == same
