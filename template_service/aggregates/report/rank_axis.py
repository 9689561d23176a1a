"""What is drawn over the ranks of the people asked: a fitted line, and the numbers of deciles."""

from collections.abc import Mapping
from typing import Final, NamedTuple

# Letter sizes that a figure of a decile's number takes with the gap beside it.
_ROOM: Final = 0.62
# Letter sizes that the middle of the last number may stand beyond the end of the axis.
_BEYOND: Final = 0.25


class End(NamedTuple):
    """One end of a drawn line: a rank and a share, both from 0 to 1."""

    rank: float
    value: float


def drawn_part(start: float, end: float) -> tuple[End, End]:
    """The part of a line from rank 0 to rank 1 that lies between 0 and 100 %.

    A line fitted to shares may leave what shares can be; it is cut there and keeps its direction,
    and the index that it stands for stays what it is. The line has shares of its own somewhere.
    """
    rise = end - start
    if not rise:
        return End(0.0, start), End(1.0, end)
    low, high = sorted((-start / rise, (1 - start) / rise))
    ranks = (max(low, 0.0), min(high, 1.0))
    # Cut where the line meets the limit, so the share there is the limit itself.
    first, last = (End(rank, min(max(start + rise * rank, 0.0), 1.0)) for rank in ranks)
    return first, last


def number_places(stretches: Mapping[str, tuple[float, float]], letters: float) -> dict[str, float]:
    """Where the numbers of deciles stand below their stretches of an axis so many letters wide.

    Each stands in the middle of its stretch. The first and the last are always there, because they
    say which end is which, and the last makes room for the one before it as far as the end of the
    axis lets it; another is there where it fits its own stretch and meets neither of them.
    """
    places = {name: sum(ends) / 2 for name, ends in stretches.items()}
    fitting = {
        name
        for name, (start, end) in stretches.items()
        if len(name) * _ROOM <= (end - start) * letters
    }
    first, *others = places or [""]
    if others:
        *_, before, last = places
        aside = _apart(before, last) / letters if before in fitting else 0.0
        places[last] = max(places[last], min(places[before] + aside, 1 + _BEYOND / letters))
    ends = (first, *others[-1:])

    def clear(name: str) -> bool:
        # Rounded: the last may have been moved to just where it meets no other.
        return all(
            round(abs(places[name] - places[end]) * letters, 6) >= _apart(name, end) for end in ends
        )

    return {
        name: place
        for name, place in places.items()
        if name in ends or (name in fitting and clear(name))
    }


def _apart(name: str, other: str) -> float:
    """Letter sizes between the middles of two numbers that do not meet."""
    return (len(name) + len(other)) / 2 * _ROOM
