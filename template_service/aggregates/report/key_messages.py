"""Sentences about an area, each only from figures that pass their own size and significance rules.

A figure is spoken of when it has no flag and at least a hundred people asked; a difference when the
release calls it significant, or (between two groups or months) when the 95 % intervals do not
touch, which is stricter than a test at 5 % (N. Schenker and J. F. Gentleman, The American
Statistician 55, 2001). No sentence names a cause, and none gives need without how many were asked.
"""

from typing import Final

from template_service.aggregates.frozen_cube import CORE20, REST
from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.domain_needs import DomainNeed, domain_needs, shown_domains
from template_service.aggregates.report.figures import (
    ENOUGH,
    Area,
    Figure,
    Figures,
    Shown,
    shown,
)
from template_service.aggregates.report.wording import (
    count,
    domain_names,
    in_every_100,
    listed,
    period_name,
)
from template_service.aggregates.vocabulary import IMD_DECILES

# A page has room for this many domains in words; the chart has them all.
_MOST_DOMAINS: Final = 2


def key_messages(figures: Figures, about: ReportContext) -> list[str]:
    """The sentences that hold for an area, the headline first; empty when none passes."""
    own = [_headline(figures, about), *_domains(figures, about), _help_wanted(figures, about)]
    asked = _asked(figures, about)
    # The city's gradient is no headline of a network that nothing can be said of.
    gradient = _gradient(figures, about) if about.here == about.city or any(own) else ""
    return [sentence for sentence in (*own, gradient, asked) if sentence]


def about_chart(figures: Figures, about: ReportContext, chart: str) -> str:
    """The first sentence that passes about what a chart shows, or an empty string."""
    found: dict[str, list[str]] = {
        "coverage": [_asked(figures, about)],
        "gradient": [_gradient(figures, about)],
        "domains": _domains(figures, about),
        "cascade": [_help_wanted(figures, about)],
    }
    return next(iter(found.get(chart, [])), "")


def what_changed(figures: Figures, about: ReportContext) -> list[str]:
    """Need now against the period before, said only where the intervals do not touch."""
    if not about.previous_period:
        return []
    before = about.here._replace(period=about.previous_period)
    places = {"any": "At least one need"} | {d: domain_names()[d] for d in shown_domains(about)}
    found = (
        _change(name, *(_spoken(figures.one(a, "need", domain=d)) for a in (before, about.here)))
        for d, name in places.items()
    )
    changes = [sentence for sentence in found if sentence]
    since = period_name(about.previous_period)
    return changes or [f"No need is clearly different from {since}."]


def what_you_could_do(figures: Figures, about: ReportContext) -> list[str]:
    """Things to consider, each from a figure that passed or a gap in provision; never a cause."""
    differing = _differing(figures, about)
    higher = [need.name for need, _ in differing if need.significance == "higher"]
    found = []
    asked = _spoken(figures.one(about.here, "asked"))
    if asked and asked.significance == "lower":
        found.append(f"Ask more people: fewer are asked here than across {about.city_name}.")
    if higher:
        found.append(f"Look first at {listed(higher[:3]).lower()}: needs here are higher.")
    found += [
        f"Look for a service for {gap.need} (see the gaps in provision)." for gap in about.gaps[:1]
    ]
    return [*found, "Ask people who live here what would help, and check these figures with them."]


def _spoken(figure: Figure | None) -> Shown | None:
    """The numbers of a figure that may be spoken of."""
    row = shown(figure)
    return row if row and row.denominator >= ENOUGH else None


def _headline(figures: Figures, about: ReportContext) -> str:
    row = _spoken(figures.one(about.here, "need"))
    if row is None:
        return ""
    people = f"in every 100 of the {count(row.denominator)} people asked had at least one need"
    compared = _compared(row, about)
    value = compared[0] if compared else in_every_100(row.value)[0]
    said = f"In {about.name}, {value} {people}."
    if compared is None:
        return said
    _, city, word = compared
    if word == "similar":
        return f"{said} That is not clearly different from {about.city_name}."
    return f"{said} That is {word} than in {about.city_name} ({city} in every 100)."


def _compared(row: Shown, about: ReportContext) -> tuple[str, str, str] | None:
    """Value here, value of the city and the word; None where the release compared nothing."""
    if about.here == about.city or row.comparison is None or not row.significance:
        return None
    return (*_pair(row.value, row.comparison), row.significance)


def _pair(here: float, there: float) -> tuple[str, str]:
    first, second = in_every_100(here, there)
    return first, second


def _domains(figures: Figures, about: ReportContext) -> list[str]:
    found = []
    for need, city in _differing(figures, about)[:_MOST_DOMAINS]:
        here, there = _pair(need.value, city)
        age = ", allowing for age" if need.standardised else ""
        found.append(
            f"{need.name}: {here} in every 100 people asked had a need{age}."
            f" In {about.city_name} it was {there}."
        )
    return found


def _differing(figures: Figures, about: ReportContext) -> list[tuple[DomainNeed, float]]:
    """Needs that differ from the city's, and the city's: the higher first, then the furthest."""
    rows = [
        (need, need.comparison)
        for need in domain_needs(figures, about).values()
        if need.comparison is not None and need.denominator >= ENOUGH
        if about.here != about.city and need.significance in ("higher", "lower")
    ]
    return sorted(
        rows, key=lambda row: (row[0].significance != "higher", -abs(row[0].value - row[1]))
    )


def _help_wanted(figures: Figures, about: ReportContext) -> str:
    core20, rest = (
        _spoken(figures.one(about.here, "wants_help", breakdown="imd_decile", category=group))
        for group in (CORE20, REST)
    )
    if core20 is None or rest is None or not _apart(core20, rest):
        return ""
    here, there = _pair(core20.value, rest.value)
    return (
        f"Of every 100 people asked who live in deciles 1 and 2, {here} wanted help. Among people"
        f" in the other deciles, {there} did."
    )


def _gradient(figures: Figures, about: ReportContext) -> str:
    """How many of the city's ten deciles lie clearly above and below its average."""
    average = _spoken(figures.one(about.city, "need"))
    rows = _deciles(figures, about.city)
    if average is None or len(rows) < len(IMD_DECILES):
        return ""
    above = [decile for decile, row in rows.items() if row.lower > average.upper]
    below = [decile for decile, row in rows.items() if row.upper < average.lower]
    if not above or not below:
        return ""
    return (
        f"Across {about.city_name}, among people asked, need is above average in"
        f" {_deciles_named(above)} and below it in {_deciles_named(below)}."
    )


def _deciles(figures: Figures, area: Area) -> dict[str, Shown]:
    found = (
        (decile, _spoken(figures.one(area, "need", breakdown="imd_decile", category=decile)))
        for decile in IMD_DECILES
    )
    return {decile: row for decile, row in found if row}


def _deciles_named(deciles: list[str]) -> str:
    numbers = [int(decile) for decile in deciles]
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"deciles {numbers[0]} to {numbers[-1]}"
    return f"decile{'s' * (len(deciles) > 1)} {listed(deciles)}"


def _asked(figures: Figures, about: ReportContext) -> str:
    row = _spoken(figures.one(about.here, "asked"))
    if row is None:
        return ""
    people = f"{count(row.numerator)} of {count(row.denominator)} registered people were asked"
    compared = _compared(row, about)
    if compared is None or compared[2] == "similar":
        return f"{people} ({in_every_100(row.value)[0]} in every 100)."
    value, city, word = compared
    return f"{people} ({value} in every 100). That is {word} than in {about.city_name} ({city})."


def _change(name: str, before: Shown | None, now: Shown | None) -> str:
    if before is None or now is None or not _apart(before, now):
        return ""
    value, was = _pair(now.value, before.value)
    word = "more" if now.value > before.value else "fewer"
    return f"{name}: {value} in every 100 people asked, {word} than before ({was})."


def _apart(one: Shown, other: Shown) -> bool:
    return one.lower > other.upper or one.upper < other.lower
