"""How indicator figures are split: the fixed list of breakdowns and the categories of each.

A breakdown by deprivation always names its edition of the Index of Multiple Deprivation, so that
figures of two editions are never the same line: the editions rank different areas.
"""

import re
from functools import lru_cache
from typing import Final

from template_service.aggregates.vocabulary import ALL, IMD_DECILES, SEXES, UNKNOWN

IMD_DECILE: Final = "imd_decile"
IMD_EDITIONS: Final = ("2019", "2025")
FREE_SCHOOL_MEALS: Final = "free_school_meals"
# As the registry lists them. A crossing names them in this order; ethnic groups come last because
# the names that sources give them may hold the sign that joins two categories.
PUBLISHED_BREAKDOWNS: Final = (IMD_DECILE, "sex", "age_band", FREE_SCHOOL_MEALS, "ethnic_group")

JOIN: Final = "/"
_MOST_CROSSED: Final = 2
_BY_EDITION: Final = {f"{IMD_DECILE}_{edition}": IMD_DECILE for edition in IMD_EDITIONS}
_PUBLISHED_AS: Final = _BY_EDITION | {name: name for name in PUBLISHED_BREAKDOWNS[1:]}
_LISTED: Final = {
    IMD_DECILE: IMD_DECILES,
    "sex": (*SEXES, UNKNOWN),
    FREE_SCHOOL_MEALS: ("eligible", "not_eligible", UNKNOWN),
}
_AGE_BAND: Final = re.compile(r"(\d{1,3})(?:-(\d{1,3})|\+)", re.ASCII)
_LONGEST_CATEGORY: Final = 100


@lru_cache(maxsize=1024)
def read_breakdown(text: str) -> tuple[str, ...]:
    """The parts of a breakdown as a file names it: none for `all`, two for a crossing.

    `imd_decile_2019/sex` is deciles of IMD 2019 by sex. Raises ValueError saying what is wrong.
    """
    if text == ALL:
        return ()
    parts = tuple(text.split(JOIN))
    if IMD_DECILE in parts:
        editions = " or ".join(_BY_EDITION)
        raise ValueError(f"does not name the edition of the IMD: write {editions}")
    if any(part not in _PUBLISHED_AS for part in parts):
        known = ", ".join((ALL, *_PUBLISHED_AS))
        raise ValueError(f"is not one of {known}, or two of them joined by '{JOIN}'")
    if len(parts) > _MOST_CROSSED:
        raise ValueError("crosses more than two breakdowns")
    order = [PUBLISHED_BREAKDOWNS.index(published_as(part)) for part in parts]
    if len(set(order)) != len(order):
        raise ValueError("crosses a breakdown with itself; editions of the IMD are never joined")
    if order != sorted(order):
        names = ", ".join(PUBLISHED_BREAKDOWNS)
        raise ValueError(f"names a crossing out of order: the order is {names}")
    return parts


def published_as(part: str) -> str:
    """The word of the registry for a part of a breakdown: deciles of any edition are deciles."""
    return _PUBLISHED_AS[part]


def category_problem(parts: tuple[str, ...], category: str) -> str | None:
    """What is wrong with the category of a breakdown, or None."""
    if not parts:
        return None if category == ALL else f"is not '{ALL}', though the breakdown is"
    given = category.split(JOIN, len(parts) - 1)
    if len(given) != len(parts):
        return f"does not have one category for each breakdown, joined by '{JOIN}'"
    problems = (_problem(part, each) for part, each in zip(parts, given, strict=True))
    return next((problem for problem in problems if problem), None)


def category_order(category: str) -> tuple[tuple[int, str], ...]:
    """Sorts categories as people read them: decile 2 before decile 10, `5-9` before `10-14`."""
    digits = (re.match(r"\d*", part, re.ASCII) for part in category.split(JOIN))
    numbers = (int(found[0]) if found and found[0] else 0 for found in digits)
    return tuple(zip(numbers, category.split(JOIN), strict=True))


def _problem(part: str, category: str) -> str | None:
    name = published_as(part)
    if name in _LISTED:
        known = _LISTED[name]
        return None if category in known else f"is not a category of {name}: {', '.join(known)}"
    if name == "age_band":
        return None if _is_age_band(category) else "is not an age band such as 16-24 or 80+"
    # Sources group and name ethnicity in ways of their own; to map one on another would be a guess.
    if not category or len(category) > _LONGEST_CATEGORY:
        return f"names no ethnic group, or takes more than {_LONGEST_CATEGORY} characters"
    return None


def _is_age_band(category: str) -> bool:
    shape = _AGE_BAND.fullmatch(category)
    if shape is None:
        return category == UNKNOWN
    return shape[2] is None or int(shape[1]) <= int(shape[2])
