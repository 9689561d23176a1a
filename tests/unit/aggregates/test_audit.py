"""The audit: our cubes pass, spoiled ones do not, and it agrees with the attack on everything."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from template_service.aggregates import audit
from template_service.aggregates.audit import AuditResult, audit_cubes
from template_service.aggregates.disclosure.attack import attack
from template_service.aggregates.disclosure.couplings import Tables
from template_service.aggregates.disclosure.differencing import Advantage, Game
from template_service.aggregates.disclosure.newcomers import Newcomers, kinds_of
from template_service.aggregates.disclosure.sight import seen
from template_service.aggregates.folder import closed_months
from template_service.aggregates.months import close_month
from template_service.aggregates.vocabulary import INDICATORS
from template_service.errors import Invalid
from tests.facts import write_facts
from tests.unit.aggregates.disclosure.conftest import Record
from tests.unit.aggregates.made_up_cubes import a_cube, as_counted, changed

MONTHS = ("2026-07", "2026-08")


def quick(*cubes: pa.Table, patience: float = 1.0) -> AuditResult:
    """An audit with a game of a few rounds; the game has tests of its own."""
    return audit_cubes(cubes, questions=3, games=5, patience=patience)


@pytest.fixture(scope="module")
def cubes() -> list[pa.Table]:
    return [a_cube(month) for month in MONTHS]


def test_closed_months_of_made_up_facts_betray_no_cell(
    tmp_path: Path, record_property: Record
) -> None:
    for number, month in enumerate(MONTHS):
        place = tmp_path / "facts" / f"month={month}"
        place.mkdir(parents=True)
        write_facts(place / "part-0.parquet", people=300, month=month, seed=number)
        close_month(tmp_path, month)
    closed = [
        pq.read_table(tmp_path / "cubes" / f"{month}.parquet") for month in closed_months(tmp_path)
    ]
    result = quick(*closed)

    record_property("closed months", str(result))
    assert (result.exact, result.narrow, result.undecided) == (0, 0, 0)
    assert (result.inconsistent, result.redrawn) == (0, 0)
    # 13 domains, 5 groups of indicators.
    assert result.parts == len(MONTHS) * 13 * 5


def test_a_result_is_plain_json(cubes: list[pa.Table]) -> None:
    result = quick(*cubes)

    assert json.loads(json.dumps(asdict(result)))["exact"] == 0
    assert replace(result, passed=False) != replace(result, passed=True)


def test_the_attack_on_all_tables_of_a_month_at_once_agrees() -> None:
    sight = seen([a_cube(MONTHS[0], people=200, practices=2, domains=("food", "work"))])
    everything = range(len(sight.domains)), range(len(INDICATORS))
    tables = Tables.of(sight, *everything)
    values = tables.values(sight, 0, tables.domains)

    result = attack(tables.published(values), moves=kinds_of(sight, *everything))

    assert result.cells == len(values)
    assert (result.narrow, result.undecided, result.asked) == (0, 0, 0)
    assert Newcomers(sight, tables).proved(values).all()


def test_witnesses_are_refused_where_a_figure_leaves_no_room() -> None:
    sight = seen([a_cube(MONTHS[0], people=200, practices=2, domains=("food",))])
    tables = Tables.of(sight, [0], [INDICATORS.index("signposted")])
    values = tables.values(sight, 0, tables.domains)
    # One cell as it is, and the same more in each table of that row and city.
    cell = int(np.flatnonzero(values == 0)[0])
    sharper = values.copy()
    sharper[cell] = 3

    assert Newcomers(sight, tables).proved(values).all()
    assert not Newcomers(sight, tables).proved(sharper).any()


@pytest.mark.parametrize("indicator", ["asked", "need", "signposted"])
def test_cells_that_were_not_rounded_are_found_and_refused(indicator: str) -> None:
    cube = a_cube(MONTHS[0], people=200, practices=2, domains=("food",))
    counted = a_cube(MONTHS[0], people=200, practices=2, domains=("food",), rounding=as_counted)
    result = quick(counted)

    assert quick(cube).exact == 0
    assert result.exact > 0
    assert result.inconsistent > 0
    assert not result.passed
    # One indicator of one cell is enough.
    one = np.arange(cube.num_rows) == int(np.flatnonzero(cube[indicator].to_numpy() == 5)[0])
    spoiled = quick(changed(cube, indicator, one, -2))
    assert spoiled.inconsistent == 1
    assert not spoiled.passed


def test_a_cell_moved_by_a_whole_base_is_refused(cubes: list[pa.Table]) -> None:
    one = np.arange(cubes[0].num_rows) == int(np.flatnonzero(cubes[0]["need"].to_numpy() == 5)[0])
    result = quick(changed(cubes[0], "need", one, 5))

    assert result.inconsistent == 1
    assert not result.passed


def test_a_month_drawn_twice_is_refused(cubes: list[pa.Table]) -> None:
    again = a_cube("2026-09").to_pandas().assign(month=MONTHS[0])
    redrawn = pa.Table.from_pandas(again, cubes[0].schema, preserve_index=False)

    assert quick(*cubes, cubes[0]).redrawn == 0
    result = quick(*cubes, redrawn)
    assert result.redrawn > 0
    assert not result.passed


def test_a_cell_that_only_one_of_two_cubes_of_a_month_shows_is_refused(
    cubes: list[pa.Table],
) -> None:
    assert quick(cubes[0].slice(5), cubes[0]).redrawn == 5


def test_a_later_cube_that_lets_months_be_subtracted_is_refused(cubes: list[pa.Table]) -> None:
    # What both months have together, unrounded: one month less is the other to within a base.
    both = a_cube("2026-09", rounding=as_counted)

    assert quick(*cubes).inconsistent == 0
    assert not quick(*cubes, both).passed


def test_nothing_and_no_cube_are_refused(cubes: list[pa.Table]) -> None:
    with pytest.raises(Invalid, match="no cube"):
        audit_cubes([])
    with pytest.raises(Invalid, match="no column need"):
        audit_cubes([cubes[0].drop_columns(["need"])])
    strange = cubes[0].set_column(
        cubes[0].schema.get_field_index("category"),
        "category",
        pa.array(["no such category"] * cubes[0].num_rows),
    )
    with pytest.raises(Invalid, match="category"):
        audit_cubes([strange])


@pytest.mark.parametrize(("gains", "passed"), [([0.2, 0.0], True), ([0.2, 0.2], False)])
def test_games_alone_that_stand_against_a_release_are_played_again_and_longer(
    cubes: list[pa.Table], monkeypatch: pytest.MonkeyPatch, gains: list[float], passed: bool
) -> None:
    played = []

    def play(_sight: object, *, questions: int, games: int, seed: int) -> Game:
        played.append((games, seed))
        gained = Advantage(gains[len(played) - 1], gains[len(played) - 1], 1.0)
        return Game(gained, gained, gained, questions, games)

    monkeypatch.setattr(audit, "play_release", play)
    assert audit_cubes(cubes, games=5).passed is passed
    assert played == [(5, 0), (20, 1)]
