"""The differencing game: can many questions tell whether one person was counted?

The attacker knows everybody but one person, and all that could be counted of that person, but not
whether they were counted. A coin decides; the attacker looks at what is shown of the cells that the
person would be in, asks on as sharply as the mechanism allows, and guesses. The advantage over
guessing blindly (2 x accuracy - 1) after the first look and after many questions shows whether
asking again helps: with noise drawn anew for every question it averages out, with one frozen draw
it does not. Source of the game: Yeom, Giacomelli, Fredrikson and Jha,
"Privacy Risk in Machine Learning", CSF 2018, experiment 1; of the noise that averages out: Asghar
and Kaafar, "Averaging Attacks on Bounded Noise-based Disclosure Control Algorithms", PoPETs 2020.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, norm

from template_service.aggregates.disclosure.published import Integers
from template_service.aggregates.disclosure.questions import Board, Filter, counted
from template_service.errors import Invalid

Answers = Callable[[Filter], int | None]
"""Answers a filter with the published count, None for a star."""

Mechanism = Callable[[Integers, np.random.Generator], Answers]
"""Publishes records (a row per person, a small code from 0 in each column) with secret chance."""

CONFIDENCE: Final = 0.95

# Answers are learned by the count behind them: small counts each on their own, since a rule of
# small numbers may treat each differently, larger ones by their place within a cycle, which a
# rounding base of 2, 4, 5, 10 or 20 divides.
_CYCLE: Final = 20
# Noise beyond this is taken for this much; stars stand one further out.
_FARTHEST: Final = 12
_SYMBOLS: Final = 2 * _FARTHEST + 2


class Advantage(NamedTuple):
    """2 x accuracy - 1 (0: blind guessing, 1: certainty), or a difference of two, with limits."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Game:
    """The attacker's advantage after the first look, after all, and what the others added (paired).

    Intervals are of 95 %: Wilson for an advantage, normal for the paired difference.
    """

    after_look: Advantage
    after_all: Advantage
    gained: Advantage
    questions: int
    games: int


class _Round(NamedTuple):
    """One game: was the person counted, and of each question the count without them, the answer."""

    counted: bool
    without: Integers
    answers: Integers


def play(
    release: Mechanism,
    records: Integers,
    *,
    questions: int = 200,
    games: int = 400,
    period: int | None = None,
    tables: Sequence[Sequence[int]] | None = None,
    widths: Integers | None = None,
    seed: int = 0,
) -> Game:
    """Play `games` to learn how the mechanism answers, then as many to be judged by.

    `period` is the column of months, which filters take as a span; `tables` are the columns that
    may be asked for together (by default all), `widths` how many codes each column has. The first
    look is the person's cell in each table; the `questions` after it repeat these, ask for a cell
    as the difference of two (which counts as one question), and ask at random for filters with the
    person in them.
    Raises `Invalid` where there is nothing to ask or nobody to ask about.
    """
    if min(questions, games - 1, len(records) - 1) < 1:
        raise Invalid("The differencing game needs two people, two games and a question")
    generator = np.random.default_rng(seed)
    board = Board(
        records.max(axis=0) + 1 if widths is None else widths,
        [range(records.shape[1])] if tables is None else tables,
        period,
    )
    learned, judged = (
        [_one(release, records, board, questions, generator) for _ in range(games)]
        for _ in ("learned", "judged")
    )
    attacker = _Attacker(learned, looks=len(board.tables))
    look, everything = (attacker.right(judged, look_only=only) for only in (True, False))
    gained = _gained(look, everything)
    return Game(_advantage(look), _advantage(everything), gained, questions, games)


def _one(
    release: Mechanism,
    records: Integers,
    board: Board,
    questions: int,
    generator: np.random.Generator,
) -> _Round:
    target = int(generator.integers(len(records)))
    is_counted = bool(generator.integers(2))
    others = np.delete(records, target, axis=0)
    answer = release(records if is_counted else others, generator)
    asked = len(board.tables) + questions
    without = np.zeros(asked, np.int64)
    answers = np.zeros(asked, np.int64)
    asking = board.questions(records[target], generator)
    known: dict[Filter, int] = {}
    for number, filters in zip(range(asked), asking, strict=False):
        for _, one in filters:
            if one not in known:
                known[one] = counted(others, one, board.widths)
        without[number] = sum(sign * known[one] for sign, one in filters)
        told = [(sign, answer(one)) for sign, one in filters]
        answers[number] = _symbol(told, int(without[number]))
    return _Round(is_counted, without, answers)


def _symbol(told: list[tuple[int, int | None]], without: int) -> int:
    """How far an answer lies from the count without the person, as a small number from 0."""
    implied = 0
    for sign, value in told:
        if value is None:
            return _SYMBOLS - 1
        implied += sign * value
    return min(max(implied - without, -_FARTHEST), _FARTHEST) + _FARTHEST


def _state(without: Integers) -> Integers:
    """What a mechanism's answer may depend on, of a count."""
    return np.where(without < _CYCLE, without, _CYCLE + without % _CYCLE)


class _Attacker:
    """Likelihood ratios learned from games whose outcome is known, and the best way to add them up.

    An answer speaks for the person by how often it is given for one more than the count without
    them; each cell of the first look and each kind of question after it (a cell again, a
    difference, a sum around) is learned apart, as their noise differs.
    """

    _KINDS = 3

    def __init__(self, learned: list[_Round], *, looks: int) -> None:
        answers = np.arange(len(learned[0].answers))
        self._looks = looks
        self._kinds = np.where(answers < looks, answers, looks + (answers - looks) % self._KINDS)
        # What the likelihoods were learned from would flatter them when the rule is chosen.
        half = len(learned) // 2
        self._speaks = self._likelihoods(learned[:half])
        chosen_by = learned[half:]
        counted = np.array([one.counted for one in chosen_by])
        self._rules = {
            look_only: self._best(self._scores(chosen_by, look_only=look_only), counted)
            for look_only in (True, False)
        }

    def right(self, rounds: list[_Round], *, look_only: bool) -> NDArray[np.bool_]:
        """In which games the attacker guesses right."""
        rule, threshold = self._rules[look_only]
        scores = self._scores(rounds, look_only=look_only)[rule]
        counted = np.array([one.counted for one in rounds])
        return np.asarray((scores > threshold) == counted)

    def _likelihoods(self, rounds: list[_Round]) -> NDArray[np.float64]:
        seen = np.ones((self._looks + self._KINDS, 2 * _CYCLE, 2 * _FARTHEST + 3))
        seen /= seen.shape[-1]
        for one in rounds:
            state = _state(one.without + one.counted)
            np.add.at(seen, (self._kinds, state, self._noise(one)), 1.0)
        speaks: NDArray[np.float64] = np.log(seen / seen.sum(axis=-1, keepdims=True))
        return speaks

    @staticmethod
    def _noise(one: _Round, counted: int | None = None) -> Integers:
        """Answers as noise upon the count with or without the person."""
        more = int(one.counted) if counted is None else counted
        star = one.answers == _SYMBOLS - 1
        return np.where(star, 2 * _FARTHEST + 2, one.answers - more + 1)

    def _scores(self, rounds: list[_Round], *, look_only: bool) -> NDArray[np.float64]:
        """One row a rule: evidence added up, and the mean answer, of parts of what was told."""
        return np.array([self._score(one, look_only=look_only) for one in rounds]).T

    def _score(self, one: _Round, *, look_only: bool) -> list[float]:
        evidence = (
            self._speaks[self._kinds, _state(one.without + 1), self._noise(one, 1)]
            - self._speaks[self._kinds, _state(one.without), self._noise(one, 0)]
        )
        told = one.answers.astype(float)
        first = self._kinds < self._looks
        later = [self._kinds == self._looks + kind for kind in range(self._KINDS)]
        parts = [first] if look_only else [first, self._kinds >= 0, *later]
        return [
            float(score)
            for part in parts
            if part.any()
            for score in (evidence[part].sum(), told[part].mean())
        ]

    @staticmethod
    def _best(scores: NDArray[np.float64], counted: NDArray[np.bool_]) -> tuple[int, float]:
        """The rule and the threshold that guess best in games whose outcome is known."""
        best = (-1.0, 0, 0.0)
        for rule, score in enumerate(scores):
            for threshold in (0.0, *np.quantile(score, np.linspace(0.02, 0.98, 49))):
                accuracy = float(((score > threshold) == counted).mean())
                best = max(best, (accuracy, -rule, float(threshold)))
        return -best[1], best[2]


def _advantage(right: NDArray[np.bool_]) -> Advantage:
    found = binomtest(int(right.sum()), len(right))
    limits = found.proportion_ci(CONFIDENCE, method="wilson")
    return Advantage(*(float(2 * each - 1) for each in (found.statistic, limits.low, limits.high)))


def _gained(look: NDArray[np.bool_], everything: NDArray[np.bool_]) -> Advantage:
    difference = 2.0 * (everything.astype(float) - look.astype(float))
    mean = float(difference.mean())
    half = float(norm.ppf(0.5 + CONFIDENCE / 2) * difference.std(ddof=1) / np.sqrt(len(look)))
    return Advantage(mean, mean - half, mean + half)
