"""The audit before publication: what an attacker could learn from all closed months together.

Shown to the attacker are every cell of every cube, both blocks, and all sums, more than any release
prints. Two attacks: *deduction* (`disclosure.couplings` says what is known; a cell is safe when
tables of counts that explain everything hold it at least two apart) and the *differencing game*
(`disclosure.membership`), which asks our rounding about made-up people that look like the cubes'.

Cells are tried part by part: a month, a domain with `any`, and the indicators that bound each
other. Nothing is lost by that. Months share no figure, nor do indicators that bound no other.
Domains are tied through `any` only, and a witness is two people more in a domain *and* in `any`:
other domains stay within `any`, and `any` within the sum of domains. So each witness of a part is
one for all months together. Left out is what a registered list would say of a year's sum: within 4
of twelve months it is too loose to tell anything of a cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from template_service.aggregates.disclosure.attack import attack
from template_service.aggregates.disclosure.bounds import Contradiction
from template_service.aggregates.disclosure.couplings import Tables
from template_service.aggregates.disclosure.membership import play_release
from template_service.aggregates.disclosure.newcomers import Newcomers, kinds_of
from template_service.aggregates.disclosure.sight import STARTS, Sight, seen
from template_service.aggregates.vocabulary import BASE, INDICATORS

QUESTIONS: Final = 200
GAMES: Final = 150
TOLERANCE: Final = 0.1
"""By how much questions after the first look at a release may surely tell more. Frozen cells tell
nothing more (docs/adr/0007); cells rounded anew for every question tell all there is."""

# An attacker who happened to learn badly from the look seems to gain by the questions. So games
# that stand against a release are played anew, four times as many: a real gain is surer in these.
_AGAIN: Final = 4

# Seconds the solver has for what no witness showed; our own cubes leave it nothing to do.
_PATIENCE: Final = 30.0
_GROUPS: Final = (
    ("asked", "declined", "need", "wants_help"),
    *((name,) for name in ("not_offered", "signposted", "referred", "helped")),
)


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What an attacker learns of `cells` cells in `parts` parts; releases need `passed`.

    `exact`, `narrow` (exact ones included) and `undecided` count cells, as `attack.AttackResult`
    has it. `inconsistent` tables have cells that are no rounded counts or do not add up; `redrawn`
    cells were shown with two values. `advantage_look` and `advantage_questions` are 2 x
    accuracy - 1 of an attacker who knows everybody else, after one look at a release and after all
    questions. What the questions gain is judged; the look is the price of the figures
    (docs/adr/0007).
    """

    cells: int
    exact: int
    narrow: int
    undecided: int
    inconsistent: int
    redrawn: int
    parts: int
    seconds: float
    advantage_look: float
    advantage_questions: float
    passed: bool


def audit_cubes(
    cubes: Sequence[pa.Table],
    *,
    questions: int = QUESTIONS,
    games: int = GAMES,
    seed: int = 0,
    patience: float = _PATIENCE,
) -> AuditResult:
    """Audit all cubes released so far and the one to be released, side by side.

    `questions` are asked in each of `games` games (as many again to learn from; four times as many
    where only the games stand against the release); `patience` is how many seconds the solver may
    take. Cubes in which hardly anybody was counted, so that all was rounded to nothing, show
    nothing to attack. Raises `Invalid` for no cube, or what is none.
    """
    start = monotonic()
    if cubes and not any(cube.num_rows for cube in cubes):
        return _NOTHING_SHOWN
    sight = seen(cubes)
    found = _deduced(sight, start + patience)
    inconsistent = _inconsistent(sight)
    clean = not (found.narrow or found.undecided or inconsistent or sight.redrawn)
    game = play_release(sight, questions=questions, games=games, seed=seed)
    if clean and game.gained.lower > TOLERANCE:
        game = play_release(sight, questions=questions, games=games * _AGAIN, seed=seed + 1)
    return AuditResult(
        cells=sum(block.shown.size for block in sight.blocks),
        exact=found.exact,
        narrow=found.narrow,
        undecided=found.undecided,
        inconsistent=inconsistent,
        redrawn=sight.redrawn,
        parts=found.parts,
        seconds=round(monotonic() - start, 3),
        advantage_look=game.after_look.value,
        advantage_questions=game.after_all.value,
        passed=clean and game.gained.lower <= TOLERANCE,
    )


_NOTHING_SHOWN: Final = AuditResult(
    cells=0,
    exact=0,
    narrow=0,
    undecided=0,
    inconsistent=0,
    redrawn=0,
    parts=0,
    seconds=0.0,
    advantage_look=0.0,
    advantage_questions=0.0,
    passed=True,
)


class _Found(NamedTuple):
    """What was found in some parts."""

    exact: int = 0
    narrow: int = 0
    undecided: int = 0
    parts: int = 0

    def __add__(self, other: object) -> "_Found":
        if not isinstance(other, _Found):
            return NotImplemented
        return _Found(*(one + two for one, two in zip(self, other, strict=True)))


def _deduced(sight: Sight, deadline: float) -> _Found:
    """What follows from everything shown, part by part."""
    found = _Found()
    for group in _GROUPS:
        indicators = [INDICATORS.index(name) for name in group]
        proved = _proved(sight, indicators)
        found += _Found(parts=proved.size)
        for domain in range(len(sight.domains)):
            if not proved[:, domain].all():
                tables = Tables.of(sight, [domain], indicators)
                for month in np.flatnonzero(~proved[:, domain]).tolist():
                    found += _attacked(sight, tables, month, deadline)
    return found


def _proved(sight: Sight, indicators: Sequence[int]) -> NDArray[np.bool_]:
    """For which months and domains every cell was proved wide, by two people more of each kind."""
    whole = sight.any_domain
    others = [domain for domain in range(len(sight.domains)) if domain != whole]
    proved = np.ones((len(sight.months), len(sight.domains)), bool)
    any_domain = [] if whole is None else [whole]
    # What ties the cells of a domain to those of `any` is the same for each.
    tables = Tables.of(sight, [*others[:1], *any_domain], indicators)
    newcomers = Newcomers(sight, tables)
    for month in range(len(sight.months)):
        for first in others or any_domain:
            domains = list(dict.fromkeys([first, *any_domain]))
            cells = newcomers.proved(tables.values(sight, month, domains))
            for domain, held in zip(domains, tables.by_domain(sight, cells), strict=True):
                proved[month, domain] &= held
    return proved


def _attacked(sight: Sight, tables: Tables, month: int, deadline: float) -> _Found:
    """The whole attack on the tables of one month that nobody proved safe."""
    values = tables.values(sight, month, tables.domains)
    left = deadline - monotonic()
    if left <= 0:
        return _Found(undecided=len(values))
    moves = kinds_of(sight, tables.domains, tables.indicators)
    try:
        result = attack(tables.published(values), moves=moves, patience=left)
    except Contradiction:
        return _Found(undecided=len(values))
    return _Found(result.exact, result.narrow, result.undecided)


def _inconsistent(sight: Sight) -> int:
    """How many tables (month x domain x indicator) are no rounded counts or do not add up."""
    first, second = (block.shown.sum(axis=3) for block in sight.blocks)
    sound: NDArray[np.bool_] = (first == second).all(axis=-1)
    for block in sight.blocks:
        totals = np.add.reduceat(block.shown, STARTS, axis=-1)
        sound &= (totals == totals[..., :1]).all(axis=(-1, -2))
        sound &= ((block.shown % BASE == 0) & (block.shown >= 0)).all(axis=(-1, -2))
    return int((~sound).sum())
