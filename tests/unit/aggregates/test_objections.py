"""How many people object is kept of the city only, and told in a way that names nobody."""

from pathlib import Path

import pytest

from template_service.aggregates.objections import keep_objections, objections
from template_service.errors import Unavailable


@pytest.mark.parametrize(
    ("people", "told"), [(0, "fewer than 8"), (7, "fewer than 8"), (9, "5"), (10, "10"), (14, "10")]
)
def test_few_objections_are_few_and_others_are_rounded(
    tmp_path: Path, people: int, told: str
) -> None:
    keep_objections(tmp_path, "2026-09", people)
    assert objections(tmp_path, "2026-09") == told


def test_the_last_count_of_a_month_is_the_one(tmp_path: Path) -> None:
    for people in (30, 25):
        keep_objections(tmp_path, "2026-09", people)
    assert objections(tmp_path, "2026-09") == "25"


def test_where_nobody_kept_it_nothing_is_told(tmp_path: Path) -> None:
    assert objections(tmp_path, "2026-09") is None


def test_a_damaged_count_is_named(tmp_path: Path) -> None:
    keep_objections(tmp_path, "2026-09", 30)
    (tmp_path / "objections" / "2026-09.json").write_text("[]")
    with pytest.raises(Unavailable, match=r"2026-09\.json"):
        objections(tmp_path, "2026-09")
