"""A chart as a value, how charts look, and their rendering in process, without a network."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, cast

import altair as alt
import orjson
import vl_convert

from template_service.aggregates.report.fonts import Font, checked

# Colours of the Government Analysis Function for charts, in its order.
BLUE: Final = "#12436D"
TURQUOISE: Final = "#28A197"
PINK: Final = "#801650"
ORANGE: Final = "#F46A25"
GREY: Final = "#3D3D3D"
PURPLE: Final = "#A285D1"

# Altair 6 writes Vega-Lite 6; the compiler of that line is named, so that output stays the same.
_VEGA_LITE: Final = "6.4"
# Lines drawn as symbols, so that a legend can show them beside dots: wide and flat, high and thin.
FLAT_LINE: Final = "M-1.4,-0.2h2.8v0.4h-2.8z"
HIGH_LINE: Final = "M-0.15,-1h0.3v2h-0.3z"

# Kinds and sizes of charts.
_KEPT: Final = 64

_SIDES: Final = ("left", "top", "right", "bottom")

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Size:
    """Width, height and letter size of a chart, in points where it is placed."""

    width: int
    height: int
    letters: float = 9.5

    def line(self, width: float) -> float:
        """A line's width on a page, grown with the letters."""
        return width * self.letters / 9.5

    def mark(self, area: float) -> float:
        """A mark's area on a page, grown with the letters."""
        return area * (self.letters / 9.5) ** 2


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its Vega-Lite specification, one sentence instead of it, and its table.

    `measure` is what is drawn, of whom; it stands above the chart, where `title` is the heading.
    Proportions in `rows` are 0 to 1; a cell without a number says why in words or is None.
    """

    name: str
    title: str
    measure: str
    alternative: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    specification: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Margins:
    """Room around the plot in letter sizes; fixed, so that every page has the same plots.

    Measuring it from the texts instead would cost a conversion several passes over all of them.
    """

    left: float
    top: float
    right: float
    bottom: float


def styled(chart: alt.LayerChart | alt.FacetChart, size: Size, margins: Margins) -> dict[str, Any]:
    """The specification of a chart in our style, whose data sets are named but not yet there."""
    words = {"labelFontSize": size.letters, "titleFontSize": size.letters, "labelColor": GREY}
    room = {side: round(getattr(margins, side) * size.letters) for side in _SIDES}
    drawn = chart.properties(
        width=size.width - room["left"] - room["right"],
        height=size.height - room["top"] - room["bottom"],
        autosize=alt.AutoSizeParams(type="none"),
        padding=room,
    ).configure(
        background="white",
        view={"stroke": None},
        axis=words | {"titleColor": GREY, "titleFontWeight": "normal", "gridColor": "#DDDDDD"},
        legend=words
        | {"orient": "top", "title": None, "offset": 4, "symbolSize": size.mark(60)}
        | {"gridAlign": "none", "columnPadding": 8},
        text={"fontSize": size.letters, "color": GREY},
    )
    # What Altair would check here costs half a chart's time; tests check every kind of chart.
    return cast("dict[str, Any]", drawn.to_dict(validate=False))


def filled(specification: dict[str, Any], **data_sets: list[dict[str, Any]]) -> dict[str, Any]:
    """A specification with the rows of its named data sets; the one given stays empty."""
    return specification | {"datasets": data_sets}


def svg(chart: Chart, font: Font) -> str:
    """The chart as SVG with its texts as text."""
    _register(font)
    return vl_convert.vega_to_svg(_vega(chart, font), allowed_base_urls=[])


def png(chart: Chart, font: Font, *, ppi: float = 144) -> bytes:
    """The chart as PNG; a point is 1/72 inch, as on the page."""
    _register(font)
    return vl_convert.vega_to_png(_vega(chart, font), allowed_base_urls=[], scale=1.0, ppi=ppi)


def _vega(chart: Chart, font: Font) -> dict[str, Any]:
    """The chart as Vega, compiled once for every chart of its kind and size."""
    data_sets = chart.specification["datasets"]
    empty = orjson.dumps(chart.specification | {"datasets": {}})
    compiled = _compiled(empty, font)
    data = [
        part | {"values": data_sets[part["name"]]} if part["name"] in data_sets else part
        for part in compiled["data"]
    ]
    return compiled | {"data": data}


@lru_cache(maxsize=_KEPT)
def _compiled(specification: bytes, font: Font) -> dict[str, Any]:
    return vl_convert.vegalite_to_vega(
        specification.decode(), vl_version=_VEGA_LITE, config=_family(font)
    )


def _family(font: Font) -> dict[str, str]:
    # Quoted: a family whose name has a word of digits is no CSS identifier.
    return {"font": f"'{font.family}', Arial, sans-serif"}


@cache
def _register(font: Font) -> None:
    vl_convert.register_font_directory(str(checked(font).folder))
