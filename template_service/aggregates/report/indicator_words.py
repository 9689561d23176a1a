"""The programme's figures as people read them: breakdowns, groups, numbers and cautions."""

from typing import Final

from template_service.aggregates.indicators.breakdowns import (
    FREE_SCHOOL_MEALS,
    IMD_DECILE,
    JOIN,
    published_as,
    read_breakdown,
)
from template_service.aggregates.indicators.figures import IndicatorValue
from template_service.aggregates.report.wording import category_name
from template_service.aggregates.vocabulary import ALL, UNKNOWN

# Columns of `figure_cells`.
FIGURE_COLUMNS: Final = ("Group", "Value", "95% interval", "Note")
# Below this one person more or less moves a share by more than one in every 100.
FEW_PEOPLE: Final = 100
NOTHING: Final = "–"

_ETHNIC_GROUP: Final = "ethnic_group"
_BREAKDOWNS: Final = {
    "sex": "sex",
    "age_band": "age",
    FREE_SCHOOL_MEALS: "free school meals",
    _ETHNIC_GROUP: "ethnic group",
}
_MEALS: Final = {
    "eligible": "Eligible for free school meals",
    "not_eligible": "Not eligible for free school meals",
}


def breakdown_words(breakdown: str) -> str:
    """`imd_decile_2019/sex` as `deprivation decile (IMD 2019) and sex`; blank for everybody."""
    return " and ".join(_part_words(part) for part in read_breakdown(breakdown))


def group_words(breakdown: str, category: str) -> str:
    """The category of a breakdown: `1/female` of deciles by sex as `Decile 1, female`.

    Ethnic groups are named as their source names them.
    """
    parts = read_breakdown(breakdown)
    if not parts:
        return "Everybody"
    first, *others = zip(parts, category.split(JOIN, len(parts) - 1), strict=True)
    return ", ".join((_group(*first), *(_within(*other) for other in others)))


def number_words(number: float | None) -> str:
    """A published number with commas and the digits it came with; a dash for none."""
    return NOTHING if number is None else f"{number:,.10g}"


def has_interval(value: IndicatorValue) -> bool:
    """Whether both limits were imported."""
    return value.lower is not None and value.upper is not None


def caution(value: IndicatorValue) -> str:
    """Why a group's figure is to be read with care, as a note beside it; blank for no reason."""
    if value.breakdown == ALL:
        return ""
    if value.denominator is not None and value.denominator < FEW_PEOPLE:
        return "few people: read with care"
    return "" if has_interval(value) else "no interval: read with care"


def break_words(value: IndicatorValue) -> str:
    """What changed before the figure's period ended, or blank."""
    return f"Break in the series: {value.after_break}" if value.after_break else ""


def figure_cells(value: IndicatorValue) -> tuple[str, ...]:
    """A figure as a row of `FIGURE_COLUMNS`."""
    interval = f"{number_words(value.lower)} to {number_words(value.upper)}"
    care = caution(value)
    notes = (break_words(value), care[:1].upper() + care[1:])
    return (
        group_words(value.breakdown, value.category),
        number_words(value.value),
        interval if has_interval(value) else NOTHING,
        " ".join(note for note in notes if note) or NOTHING,
    )


def _part_words(part: str) -> str:
    if published_as(part) == IMD_DECILE:
        return f"deprivation decile (IMD {part.removeprefix(f'{IMD_DECILE}_')})"
    return _BREAKDOWNS[part]


def _group(part: str, category: str) -> str:
    kind = published_as(part)
    if kind == IMD_DECILE:
        return f"Decile {category}"
    if kind == "age_band" and category != UNKNOWN:
        older = category.endswith("+")
        return f"Age {category[:-1]} and over" if older else f"Age {category.replace('-', ' to ')}"
    if kind == FREE_SCHOOL_MEALS and category in _MEALS:
        return _MEALS[category]
    return category_name(kind, category).replace("_", " ")


def _within(part: str, category: str) -> str:
    """A group named after another; the names of ethnic groups keep their capitals."""
    words = _group(part, category)
    return words if part == _ETHNIC_GROUP else words[:1].lower() + words[1:]
