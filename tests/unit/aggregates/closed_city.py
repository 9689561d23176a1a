"""Closed months written by hand: cubes with the cells a test asks for, without rounding anything.

A test of what is made of cells needs cells it knows; that cells of facts are right is another test.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from template_service.aggregates.areas import Areas
from template_service.aggregates.layout import CUBE_SCHEMA
from template_service.aggregates.vocabulary import ALL, CATEGORIES, INDICATORS, domains

CITY = "E08000035"
NETWORKS = {"U10001": ("B86001", "B86002", "B86003"), "U10002": ("B86004", "B86005")}
PIECES = (("E05000001", "E02000001"), ("E05000001", "E02000002"), ("E05000002", "E02000002"))
DOMAINS = (*domains(), "any")

AREAS = Areas(
    city=CITY,
    names={
        "city": {CITY: "Leeds"},
        "pcn": {"U10001": "First PCN", "U10002": "Second PCN"},
        "practice": {code: f"Practice {code}" for codes in NETWORKS.values() for code in codes},
        "ward": {"E05000001": "First Ward", "E05000002": "Second Ward"},
        "msoa": {},
    },
    pcn_of={code: pcn for pcn, codes in NETWORKS.items() for code in codes},
    small_areas={"E01000001": (1, "E05000001"), "E01000002": (9, "E05000002")},
    imd_edition="IMD 2019",
)


def cell(month: str, domain: str, cell: tuple[str, str], **known: Any) -> dict[str, Any]:
    """A row of a cube: codes and counts as given, the rest blank or 0; the block by the codes."""
    blank = dict.fromkeys(("practice", "pcn", "ward", "msoa"), "")
    block = "residence" if "ward" in known else "registration"
    row = {"month": month, "block": block, "domain": domain, **blank}
    return (
        row
        | dict(zip(("breakdown", "category"), cell, strict=True))
        | (dict.fromkeys(INDICATORS, 0) | known)
    )


def write_cube(folder: Path, month: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Put a closed month where months are kept."""
    (folder / "cubes").mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist([dict(row) for row in rows], CUBE_SCHEMA)
    pq.write_table(table, folder / "cubes" / f"{month}.parquet")


def random_rows(month: str, seed: int) -> list[dict[str, Any]]:
    """Every cell of the small city with random multiples of 5 that add up in every table."""
    random = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for domain in DOMAINS:
        for practice, pcn in AREAS.pcn_of.items():
            rows += _tables(random, month, domain, {"practice": practice, "pcn": pcn})
        for ward, msoa in PIECES:
            rows += _tables(random, month, domain, {"ward": ward, "msoa": msoa})
    return rows


def _tables(
    random: np.random.Generator, month: str, domain: str, area: Mapping[str, str]
) -> list[dict[str, Any]]:
    asked = int(random.integers(0, 60))
    need = int(random.integers(0, asked + 1))
    wants = int(random.integers(0, need + 1))
    totals = {"asked": asked, "need": need, "wants_help": wants, "declined": (asked - need) // 2}
    rows = []
    for breakdown, categories in CATEGORIES.items():
        # People fall into categories from the last indicator outwards, so that parts stay within.
        drawn: dict[str, Any] = {}
        before = np.zeros(len(categories), np.int64)
        held = 0
        for indicator in ("wants_help", "need", "asked"):
            share = np.ones(len(categories)) / len(categories)
            before = before + random.multinomial(totals[indicator] - held, share)
            held = totals[indicator]
            drawn[indicator] = before
        rest = drawn["asked"] - drawn["need"]
        drawn["declined"] = _spread(rest, totals["declined"])
        for place, category in enumerate(categories):
            counts = {name: 5 * int(values[place]) for name, values in drawn.items()}
            rows.append(cell(month, domain, (breakdown, category), **area, **counts))
    assert sum(row["asked"] for row in rows if row["breakdown"] == ALL) == 5 * asked
    return rows


def _spread(room: Any, total: int) -> Any:
    """So many people put where there is room, first places first."""
    start = np.concatenate([[0], np.cumsum(room)[:-1]])
    return np.clip(total - start, 0, room)
