"""The chart of a comparison: need by part of life on both sides, and the difference in words."""

from functools import cache
from typing import Any, Final

import altair as alt

from template_service.aggregates.report.comparison import Comparison, Row
from template_service.aggregates.report.drawing import (
    BLUE,
    ORANGE,
    Chart,
    Margins,
    Size,
    filled,
    styled,
)
from template_service.aggregates.report.figures import Shown
from template_service.aggregates.report.wording import SIGNIFICANCE_NAMES, domain_names, percent
from template_service.aggregates.statistics.comparison import SIMILAR
from template_service.aggregates.vocabulary import ANY

COMPARISON_SIZE: Final = Size(536, 320, letters=11)
_MARGINS: Final = Margins(left=13.8, top=3.8, right=11, bottom=1.8)
_NEED: Final = "need"
_MINUS: Final = "−"
# Half a person in a hundred, which is written 0.
_HALF: Final = 0.005


def comparison_chart(found: Comparison, size: Size = COMPARISON_SIZE) -> Chart | None:
    """Need by part of life on both sides with intervals; None where no row has a difference.

    A part of life without a difference is left out, and so is `any`, beside which no other could
    be told apart; both stand in the comparison's own table.
    """
    rows = [row for row in found.rows if _is_drawn(row)]
    rows.sort(key=lambda row: -(row.left.value if row.left else 0))
    if not rows:
        return None
    words = "; ".join(_in_words(row, found) for row in rows)
    return Chart(
        name="comparison",
        title=f"{found.left} and {found.right}",
        measure="People with each need, of people asked; difference in people of every 100",
        alternative=f"Share of people asked who had each need. {words}.",
        columns=found.columns,
        rows=tuple(
            cells for row, cells in zip(found.rows, found.cells(), strict=True) if _is_drawn(row)
        ),
        specification=filled(
            _drawn(found.left, found.right, size),
            marks=[
                {
                    "name": domain_names()[row.domain],
                    "side": side,
                    "value": share.value,
                    "lower": share.lower,
                    "upper": share.upper,
                }
                for row in rows
                for side, share in _sides(row, found)
            ],
            notes=[{"name": domain_names()[row.domain], "note": _note(row)} for row in rows],
        ),
    )


def _is_drawn(row: Row) -> bool:
    return row.indicator == _NEED and row.domain != ANY and row.difference is not None


def _sides(row: Row, found: Comparison) -> list[tuple[str, Shown]]:
    sides = ((found.left, row.left), (found.right, row.right))
    return [(name, share) for name, share in sides if share]


def _in_words(row: Row, found: Comparison) -> str:
    each = ", ".join(f"{name} {percent(share.value)}" for name, share in _sides(row, found))
    word = SIGNIFICANCE_NAMES[row.difference.significance].lower() if row.difference else ""
    return f"{domain_names()[row.domain]}: {each} ({word})"


def _note(row: Row) -> str:
    if row.difference is None:
        return ""
    numbers = row.difference[:3]
    # A limit that reads 0 beside "higher" or "lower" would look like a slip.
    exact = row.difference.significance != SIMILAR and any(abs(n) < _HALF for n in numbers)
    value, lower, upper = (_points(number, digits=int(exact)) for number in numbers)
    word = SIGNIFICANCE_NAMES[row.difference.significance].lower()
    return f"{value} ({lower} to {upper}) {word}"


def _points(share: float, *, digits: int) -> str:
    """A difference in people of every 100, with its sign."""
    number = round(100 * share, digits)
    sign = "+" if number > 0 else _MINUS if number < 0 else ""
    return f"{sign}{abs(number):.{digits}f}"


@cache
def _drawn(left: str, right: str, size: Size) -> dict[str, Any]:
    sides = [left, right]
    # Names of networks are long: each has a line of its own, from the chart's own edge.
    legend = alt.Legend(
        orient="none",
        direction="vertical",
        legendX=-round((_MARGINS.left - 0.5) * size.letters),
        legendY=-round(_MARGINS.top * size.letters) + 2,
        labelLimit=size.width,
    )
    colour = alt.Color("side:N", scale=alt.Scale(domain=sides, range=[BLUE, ORANGE]), legend=legend)
    shape = alt.Shape(
        "side:N", scale=alt.Scale(domain=sides, range=["circle", "diamond"]), legend=legend
    )
    named = alt.Y(
        "name:N",
        sort=None,
        scale=alt.Scale(paddingInner=0.3),
        axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=400, labelPadding=6),
    )
    axis = alt.Axis(format="%", tickCount=5, labelFlush=False, title=None, domain=False)
    share = alt.X("value:Q", scale=alt.Scale(zero=True, nice=True), axis=axis)
    beside = alt.YOffset("side:N", sort=sides, scale=alt.Scale(domain=sides))
    marks = alt.Chart(alt.NamedData("marks")).encode(y=named, yOffset=beside, color=colour)
    notes = alt.Chart(alt.NamedData("notes")).mark_text(align="left")
    chart = alt.layer(
        marks.mark_rule(strokeWidth=size.line(1.5)).encode(x="lower:Q", x2="upper:Q"),
        marks.mark_point(filled=True, opacity=1, size=size.mark(45)).encode(x=share, shape=shape),
        notes.encode(y=named, x=alt.value(alt.expr("width + 8")), text="note:N"),
    )
    return styled(chart, size, _MARGINS)
