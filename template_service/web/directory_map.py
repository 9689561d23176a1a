"""The sketch of where services are: numbered marks, north up, with a scale; no map of anybody's.

Lengths are in units of the drawing, which a phone shows at about one pixel each.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final, NamedTuple

from directory.geography import distance_km

WIDTH: Final = 360.0
_LOWEST, _HIGHEST = 220.0, 340.0
_MARGIN: Final = 28.0
# Nobody is helped by a service two streets away drawn at the far end of the sketch.
_LEAST_KM: Final = 2.0
_LINE, _LETTER = 13.0, 6.6
# Letters of numbers that stand beside one another in a mark.
_LONGEST_LINE: Final = 10
_NAME_LINE, _NAME_LETTER = 13.0, 5.8
# Clear of a mark or the diamond.
_ASIDE: Final = 18.0
_BARS_KM: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
_LONGEST_BAR: Final = 0.34 * WIDTH


class Spot(NamedTuple):
    """Something at a point on the ground: a service by its number, or a place by its name."""

    text: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle around a middle; `lines` are the text in it."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]

    @property
    def left(self) -> float:
        """The left edge."""
        return self.x - self.width / 2

    @property
    def top(self) -> float:
        """The upper edge."""
        return self.y - self.height / 2

    @property
    def baselines(self) -> tuple[tuple[float, str], ...]:
        """Where each line of text stands."""
        first = self.y - (len(self.lines) - 1) * _LINE / 2 + 4
        return tuple((first + number * _LINE, line) for number, line in enumerate(self.lines))

    def meets(self, other: "Box") -> bool:
        """Whether two boxes touch."""
        return (
            abs(self.x - other.x) * 2 < self.width + other.width
            and abs(self.y - other.y) * 2 < self.height + other.height
        )


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is drawn: marks of services, names of wards, the place chosen, a bar so long."""

    height: float
    marks: tuple[Box, ...]
    names: tuple[Box, ...]
    home: Box | None
    bar: float
    bar_text: str

    width: float = WIDTH


def sketch(spots: Sequence[Spot], home: Spot | None, wards: Iterable[Spot]) -> Sketch | None:
    """The sketch of some services around a place; None where there is nothing to draw.

    Services that would stand on one another share a mark. Names of wards stand where they fit.
    """
    if not spots:
        return None
    frame = _Frame.around([*spots, home] if home else spots)
    bar, bar_text = frame.bar()
    taken = [
        Box(_MARGIN / 2 + bar / 2, frame.height - 14, bar + _MARGIN, 36, ()),
        Box(WIDTH - 14, 16, 36, 40, ()),
    ]
    at_home = frame.box(home, 22, 22) if home else None
    marks = tuple(frame.marks(spots))
    taken += [*marks, at_home] if at_home else marks
    names = tuple(frame.names(wards, taken, home))
    return Sketch(frame.height, marks, names, at_home, bar, bar_text)


class _Frame(NamedTuple):
    """How points on the ground fall on the drawing. `scale` is units for each km."""

    lat: float
    lon: float
    scale: float
    height: float

    @classmethod
    def around(cls, spots: Sequence[Spot]) -> "_Frame":
        lats, lons = [spot.lat for spot in spots], [spot.lon for spot in spots]
        lat, lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
        wide = max(distance_km(lat, min(lons), lat, max(lons)), _LEAST_KM)
        tall = max(distance_km(min(lats), lon, max(lats), lon), _LEAST_KM)
        scale = min((WIDTH - 2 * _MARGIN) / wide, (_HIGHEST - 2 * _MARGIN) / tall)
        return cls(lat, lon, scale, max(tall * scale + 2 * _MARGIN, _LOWEST))

    def point(self, spot: Spot) -> tuple[float, float]:
        """Where a spot falls: north is up, and the middle of the frame in the middle."""
        east = math.copysign(
            distance_km(self.lat, self.lon, self.lat, spot.lon), spot.lon - self.lon
        )
        north = math.copysign(
            distance_km(self.lat, self.lon, spot.lat, self.lon), spot.lat - self.lat
        )
        return WIDTH / 2 + east * self.scale, self.height / 2 - north * self.scale

    def box(self, spot: Spot, width: float, height: float) -> Box:
        """A box with its middle on a spot."""
        return Box(*self.point(spot), width, height, (spot.text,))

    def bar(self) -> tuple[float, str]:
        """The longest round bar that is not too long, and its length in words."""
        km = max(one for one in _BARS_KM if one * self.scale <= _LONGEST_BAR or one == _BARS_KM[0])
        return km * self.scale, f"{km:g} km" if km >= 1 else f"{km * 1000:g} m"

    def marks(self, spots: Sequence[Spot]) -> Iterator[Box]:
        """The marks, those that would touch as one."""
        groups = [[spot] for spot in spots]
        boxes = [self._mark(group) for group in groups]
        while pair := next(
            ((a, b) for a, b in combinations(range(len(boxes)), 2) if boxes[a].meets(boxes[b])),
            None,
        ):
            first, second = pair
            groups[first] += groups.pop(second)
            boxes.pop(second)
            boxes[first] = self._mark(groups[first])
        yield from boxes

    def _mark(self, group: Sequence[Spot]) -> Box:
        lines = _lines(sorted(int(spot.text) for spot in group))
        points = [self.point(spot) for spot in group]
        width = max(22.0, _LETTER * max(map(len, lines)) + 12)
        height = 22.0 + _LINE * (len(lines) - 1)
        x = sum(x for x, _ in points) / len(points)
        y = sum(y for _, y in points) / len(points)
        return Box(
            min(max(x, width / 2 + 2), WIDTH - width / 2 - 2),
            min(max(y, height / 2 + 2), self.height - height / 2 - 2),
            width,
            height,
            lines,
        )

    def names(
        self, wards: Iterable[Spot], taken: Sequence[Box], home: Spot | None
    ) -> Iterator[Box]:
        """The names that fit on or beside their place: the place chosen, then the middle first."""
        full = list(taken)
        own = [home] if home else []
        rest = (ward for ward in wards if home is None or ward.text != home.text)
        for spot in [*own, *sorted(rest, key=self._from_the_middle)]:
            box = next((it for it in self._beside(spot) if not any(map(it.meets, full))), None)
            if box is not None:
                full.append(box)
                yield box

    def _beside(self, spot: Spot) -> Iterator[Box]:
        """Where a name may stand: on its place, below or above it, whole inside the frame."""
        width = _NAME_LETTER * len(spot.text) + 6
        on = self.box(spot, width, _NAME_LINE)
        if not (0 <= on.y <= self.height and 0 <= on.x <= WIDTH):
            return
        x = min(max(on.x, width / 2 + 3), WIDTH - width / 2 - 3)
        for y in (on.y, on.y + _ASIDE, on.y - _ASIDE):
            if _NAME_LINE <= y <= self.height - _NAME_LINE:
                yield replace(on, x=x, y=y)

    def _from_the_middle(self, spot: Spot) -> float:
        x, y = self.point(spot)
        return math.hypot(x - WIDTH / 2, y - self.height / 2)


def _lines(numbers: Sequence[int]) -> tuple[str, ...]:
    """Numbers with runs drawn together ("1–3, 7"), in lines of a width that can be drawn."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    lines = [""]
    for run in runs:
        text = f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run))
        longer = f"{lines[-1]}, {text}" if lines[-1] else text
        if len(longer) > _LONGEST_LINE and lines[-1]:
            lines[-1] += ","
            lines.append(text)
        else:
            lines[-1] = longer
    return tuple(lines)
