"""Made-up facts of a month in Leeds, for tests and benchmarks: deterministic, and as many as asked.

The places are real (starter tables of the directory), the people are not. Chances are made up so
that a gradient over the deciles is there to be found; no figure of them says anything about Leeds.
The starter tables have no MSOA, so that it is blank unless a look-up is given.
"""

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from directory.starter import LEEDS
from template_service.aggregates.vocabulary import (
    ETHNIC_GROUPS,
    FIVE_YEAR_BANDS,
    LANGUAGE_GROUPS,
    METHODS,
    OUTCOMES,
    SEXES,
    STATES,
    WANTS_HELP,
    domains,
)

Codes = NDArray[np.int8]
Indices = NDArray[np.int64]

_PEOPLE_AT_ONCE: Final = 50_000
_NEAR_PRACTICES: Final = 5
_BLANK: Final = -1
_SAFETY: Final = "safety"
_STATE: Final = {state: index for index, state in enumerate(STATES)}

# Chances by decile from 1 to 10 of a need, before the domain's own; both are made up.
_GRADIENT: Final = np.linspace(1.7, 0.55, 10)
_BASE_NEED: Final = np.linspace(0.09, 0.145, len(domains()))
_NEED_RANGE: Final = (0.05, 0.25)


@dataclass(frozen=True, slots=True)
class _Leeds:
    """Small areas with their ward and decile (1-10), and the practices near each, nearest first."""

    lsoas: tuple[str, ...]
    wards: tuple[str, ...]
    deciles: Codes
    practices: tuple[str, ...]
    pcns: tuple[str, ...]
    near: Indices


@dataclass(frozen=True, slots=True)
class _People:
    """Each array holds, for every person, the place of their code among the codes; -1 is blank."""

    home: Indices
    practice: Indices
    decile: Codes
    age: Codes
    sex: Codes
    ethnic: Codes
    language: Codes


def write_facts(
    path: Path,
    *,
    people: int,
    month: str,
    seed: int,
    asked_all: bool = True,
    msoas: Mapping[str, str] | None = None,
) -> None:
    """Write a sound fact file of a month (`YYYY-MM`), CSV or Parquet by suffix: 12 rows a person.

    With `asked_all` everybody was asked everything; without, some were not asked, some not offered
    and some rows hold an event alone. `msoas` gives the MSOA of a LSOA of 2011.
    """
    rng = np.random.default_rng(seed)
    with _writer(path) as writer:
        for first in range(0, people, _PEOPLE_AT_ONCE):
            count = min(_PEOPLE_AT_ONCE, people - first)
            ids = [f"p{seed:x}-{number:08x}" for number in range(first, first + count)]
            drawn = _people(rng, count)
            answers = _answers(rng, drawn, asked_all=asked_all)
            writer.write_table(_table(ids, month, drawn, answers, msoas or {}))


def shared_msoas(shared: Path) -> dict[str, str]:
    """The MSOA of each LSOA of 2011, from the postcode look-up beside the project."""
    path = shared / "data" / "geo" / "leeds_postcodes_joined.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return {row["lsoa11cd"]: row["msoa11cd"] for row in csv.DictReader(stream)}


def _writer(path: Path) -> Any:
    if path.suffix == ".csv":
        return pa.csv.CSVWriter(path, _SCHEMA)
    return pa.parquet.ParquetWriter(path, _SCHEMA)


@cache
def _leeds() -> _Leeds:
    areas = list(_rows("lsoa.csv"))
    practices = list(_rows("practices.csv"))
    index = {row["lsoa11"]: place for place, row in enumerate(areas)}
    middles = np.zeros((len(areas), 3))
    for row in _rows("postcodes.csv.gz"):
        if row["lat"]:
            middles[index[row["lsoa11"]]] += (float(row["lat"]), float(row["lon"]), 1)
    middles = middles[:, :2] / middles[:, 2:]
    surgeries = np.array([(float(row["lat"]), float(row["lon"])) for row in practices])
    shrink = np.array([1.0, np.cos(np.radians(middles[:, 0].mean()))])
    apart = (((middles[:, None, :] - surgeries[None, :, :]) * shrink) ** 2).sum(axis=2)
    return _Leeds(
        lsoas=tuple(row["lsoa11"] for row in areas),
        wards=tuple(row["ward_code"] for row in areas),
        deciles=np.array([int(row["imd2019_decile"]) for row in areas], np.int8),
        practices=tuple(row["ods_code"] for row in practices),
        pcns=tuple(row["pcn_code"] for row in practices),
        near=np.argsort(apart, axis=1, kind="stable")[:, :_NEAR_PRACTICES],
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    path = LEEDS / name
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _people(rng: np.random.Generator, count: int) -> _People:
    leeds = _leeds()
    home = rng.integers(len(leeds.lsoas), size=count)
    nth = _draw(rng, (0.5, 0.25, 0.12, 0.08, 0.05), count)
    decile = leeds.deciles[home]
    # The more deprived, the more varied: made up, but groups then differ in need by decile alone.
    minority = rng.random(count) < np.linspace(0.5, 0.1, 10)[decile - 1]
    others = _draw(rng, (0.4, 0.25, 0.12, 0, 0.18, 0.01, 0.04), count)
    ethnic = np.where(minority, others, ETHNIC_GROUPS.index("white_british"))
    spoken = np.where(minority, _draw(rng, (0.6, 0.28, 0.12), count), 0)
    return _People(
        home=np.where(rng.random(count) < 0.02, _BLANK, home),
        practice=leeds.near[home, nth],
        decile=decile,
        age=_some_blank(rng, _ages(rng, count), 0.01),
        sex=_some_blank(rng, _draw(rng, (0.505, 0.49, 0.005), count), 0.005),
        ethnic=_some_blank(rng, ethnic, 0.06),
        language=_some_blank(rng, spoken, 0.04),
    )


def _ages(rng: np.random.Generator, count: int) -> Codes:
    """Places of five-year bands: level until 65, then ever fewer."""
    chances = np.array([*[1.0] * 13, 0.8, 0.7, 0.55, 0.4, 0.25, 0.15])
    return _draw(rng, chances / chances.sum(), count)


def _answers(rng: np.random.Generator, people: _People, *, asked_all: bool) -> dict[str, Codes]:
    """For each person and domain (a row each) the places of state, method, level and the rest."""
    chance = np.clip(
        _GRADIENT[people.decile - 1][:, None] * _BASE_NEED[None, :], *_NEED_RANGE
    ).astype(np.float32)
    drawn = rng.random(chance.shape, np.float32)
    state = np.full(chance.shape, _STATE["no-need"], np.int8)
    state[drawn < chance + 0.06] = _STATE["declined"]
    state[drawn < chance + 0.03] = _STATE["unsure"]
    state[drawn < chance] = _STATE["need"]
    if not asked_all:
        skipped = rng.random(chance.shape, np.float32)
        state[skipped < 0.20] = _STATE["not-asked"]
        state[skipped < 0.05] = _STATE["not-offered"]
        state[skipped < 0.02] = _BLANK
    return _consequences(rng, state)


def _consequences(rng: np.random.Generator, states: Codes) -> dict[str, Codes]:
    domain = np.tile(np.arange(states.shape[1], dtype=np.int8), states.shape[0])
    state = states.ravel()
    rows = state.size
    need, alone = state == _STATE["need"], state == _BLANK
    open_to_help = need | (state == _STATE["unsure"])
    no_need = state == _STATE["no-need"]
    # One answer "nothing else" covers many rows, but never safety (rules.md).
    batch = no_need & (domain != domains().index(_SAFETY)) & (rng.random(rows) < 0.85)
    asked = open_to_help | no_need | (state == _STATE["declined"])
    level = np.where(need, 1 + _draw(rng, (0.4, 0.35, 0.2, 0.05), rows), _BLANK)
    wants = _some_blank(rng, _draw(rng, (0.45, 0.2, 0.15, 0.2), rows), 0.1)
    wants = np.where(open_to_help, wants, _BLANK)
    wanting = (wants == 0) | (wants == 1)
    signposted = (wanting & (rng.random(rows) < 0.7)) | alone
    referred = signposted & (rng.random(rows) < 0.35)
    outcome = _some_blank(rng, _draw(rng, (0.4, 0.3, 0.2, 0.1), rows), 0.3)
    return {
        "domain": domain,
        "state": state,
        "method": np.where(asked, batch.astype(np.int8), _BLANK),
        "level": np.where(no_need, 0, level),
        "wants_help": wants,
        "signposted": signposted.astype(np.int8),
        "referred": referred.astype(np.int8),
        "outcome": np.where(referred, outcome, _BLANK),
    }


def _table(
    ids: Sequence[str],
    month: str,
    people: _People,
    answers: Mapping[str, Codes],
    msoas: Mapping[str, str],
) -> pa.Table:
    leeds = _leeds()
    each = np.repeat(np.arange(len(ids)), len(domains()))
    home = people.home[each]
    practice = people.practice[each]
    decile = np.where(home == _BLANK, _BLANK, people.decile[each] - 1)
    columns = {
        "month": _coded(np.zeros(each.size, np.int8), (month,)),
        "person": _coded(each, ids),
        "practice": _coded(practice, leeds.practices),
        "pcn": _coded(practice, leeds.pcns),
        "lsoa": _coded(home, leeds.lsoas),
        "ward": _coded(home, leeds.wards),
        "msoa": _coded(home, tuple(msoas.get(lsoa) for lsoa in leeds.lsoas)),
        "imd_decile": _coded(decile, tuple(str(decile) for decile in range(1, 11))),
        "age_band": _coded(people.age[each], FIVE_YEAR_BANDS),
        "sex": _coded(people.sex[each], SEXES),
        "ethnic_group": _coded(people.ethnic[each], ETHNIC_GROUPS),
        "language_group": _coded(people.language[each], LANGUAGE_GROUPS),
    } | {name: _coded(answers[name], codes) for name, codes in _ANSWER_CODES.items()}
    return pa.table({name: column.cast(pa.string()) for name, column in columns.items()})


def _coded(places: NDArray[Any], codes: Sequence[str | None]) -> pa.DictionaryArray:
    """Codes by their places; blank where the place is -1."""
    indices = pa.array(places, pa.int32(), mask=places == _BLANK)
    return pa.DictionaryArray.from_arrays(indices, pa.array(codes, pa.string()))


def _draw(rng: np.random.Generator, chances: Sequence[float], count: int) -> Codes:
    """Places 0, 1, … drawn by their chances, which add up to 1."""
    steps = np.cumsum(np.asarray(chances, np.float32))[:-1]
    return np.searchsorted(steps, rng.random(count, np.float32), side="right").astype(np.int8)


def _some_blank(rng: np.random.Generator, places: NDArray[Any], chance: float) -> Codes:
    return np.where(rng.random(places.size) < chance, _BLANK, places).astype(np.int8)


_ANSWER_CODES: Final[Mapping[str, Sequence[str]]] = {
    "domain": domains(),
    "state": STATES,
    "method": METHODS,
    "level": ("0", "1", "2", "3", "4"),
    "wants_help": WANTS_HELP,
    "signposted": ("0", "1"),
    "referred": ("0", "1"),
    "outcome": OUTCOMES,
}
_SCHEMA: Final = pa.schema(
    [
        (name, pa.string())
        for name in (
            "month",
            "person",
            "practice",
            "pcn",
            "lsoa",
            "ward",
            "msoa",
            "imd_decile",
            "age_band",
            "sex",
            "ethnic_group",
            "language_group",
            *_ANSWER_CODES,
        )
    ]
)
