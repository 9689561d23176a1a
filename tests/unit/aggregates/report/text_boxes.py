"""Where every text of a PDF page stands: boxes from its content streams and its fonts' widths."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
import pikepdf
from numpy.typing import NDArray

# Capitals and figures of the font reach so high above the line; letters below it are let overlap,
# as lines of a paragraph may.
CAPITALS = 0.66
# Points by which letters of a word may be moved together.
KERNED = 1.5
Matrix = NDArray[np.float64]


class Box(NamedTuple):
    """A run of text: left, bottom, right, top in points from the page's lower left corner."""

    page: int
    left: float
    bottom: float
    right: float
    top: float


class _Font:
    def __init__(self, font: Any) -> None:
        (inner,) = font.DescendantFonts
        self.embedded = "/FontFile2" in inner.FontDescriptor or "/FontFile3" in inner.FontDescriptor
        self.name = str(font.BaseFont)
        self.usual = float(inner.get("/DW", 1000))
        self.widths = dict(_widths(inner.get("/W", [])))

    def width(self, text: bytes) -> float:
        """The width of two-byte codes, in ems."""
        codes = (int.from_bytes(text[i : i + 2], "big") for i in range(0, len(text), 2))
        return sum(self.widths.get(code, self.usual) for code in codes) / 1000


def boxes(content: bytes) -> list[Box]:
    """Every run of text of every page."""
    with pikepdf.open(BytesIO(content)) as pdf:
        return [
            Box(number, *edges)
            for number, page in enumerate(pdf.pages)
            for edges in _drawn(page, page.Resources, np.eye(3))
        ]


def fonts(content: bytes) -> dict[str, bool]:
    """Name of every font to whether it is embedded."""
    with pikepdf.open(BytesIO(content)) as pdf:
        found = [
            _Font(font) for page in pdf.pages for font in page.Resources.get("/Font", {}).values()
        ]
        return {font.name: font.embedded for font in found}


def overlapping(found: list[Box]) -> list[tuple[Box, Box]]:
    """Pairs of texts of which one lies on the other by more than letters of a word may."""
    pairs = []
    for page in {box.page for box in found}:
        here = [box for box in found if box.page == page]
        edges = np.array([box[1:] for box in here])
        wide = np.minimum.outer(edges[:, 2], edges[:, 2]) - np.maximum.outer(
            edges[:, 0], edges[:, 0]
        )
        high = np.minimum.outer(edges[:, 3], edges[:, 3]) - np.maximum.outer(
            edges[:, 1], edges[:, 1]
        )
        for one, other in np.argwhere(np.triu((wide > KERNED) & (high > KERNED), k=1)):
            pairs.append((here[one], here[other]))
    return pairs


def _widths(array: Any) -> Iterator[tuple[int, float]]:
    items = list(array)
    while items:
        first, second, *items = items
        if isinstance(second, pikepdf.Array):
            yield from ((int(first) + place, float(width)) for place, width in enumerate(second))
        else:
            width, *items = items
            yield from ((code, float(width)) for code in range(int(first), int(second) + 1))


def _drawn(stream: Any, resources: Any, at: Matrix) -> Iterator[tuple[float, ...]]:
    kept: list[Matrix] = []
    font, size, line = None, 0.0, np.eye(3)
    instructions: Any = pikepdf.parse_content_stream(stream)
    for operands, operator in instructions:
        match str(operator):
            case "q":
                kept.append(at)
            case "Q":
                at = kept.pop()
            case "cm":
                at = _matrix(operands) @ at
            case "Tf":
                font, size = _Font(resources.Font[str(operands[0])]), float(operands[1])
            case "Tm":
                line = _matrix(operands)
            case "Tj" | "TJ":
                assert font
                given = operands[0] if str(operator) == "TJ" else operands
                width = sum(
                    font.width(bytes(piece))
                    if isinstance(piece, pikepdf.String)
                    else -float(piece) / 1000
                    for piece in given
                )
                yield _edges(width * size, CAPITALS * size, line @ at)
                line = np.array([[1, 0, 0], [0, 1, 0], [width * size, 0, 1]]) @ line
            case "Do":
                form = resources.XObject[str(operands[0])]
                if form.Subtype == "/Form":
                    inner = _matrix(form.get("/Matrix", [1, 0, 0, 1, 0, 0]))
                    yield from _drawn(form, form.get("/Resources", resources), inner @ at)


def _matrix(numbers: Any) -> Matrix:
    a, b, c, d, e, f = (float(number) for number in numbers)
    return np.array([[a, b, 0], [c, d, 0], [e, f, 1]])


def _edges(width: float, height: float, at: Matrix) -> tuple[float, ...]:
    corners = np.array([[0, 0, 1], [width, height, 1]]) @ at
    (left, bottom), (right, top) = corners[:, :2].min(axis=0), corners[:, :2].max(axis=0)
    return float(left), float(bottom), float(right), float(top)
