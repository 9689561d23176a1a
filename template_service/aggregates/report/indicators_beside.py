"""The programme's indicators that stand beside a network's figures: those of its wards."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from template_service.aggregates.areas import CITY, WARD, Areas
from template_service.aggregates.indicators.figures import IndicatorValue
from template_service.aggregates.indicators.periods import read_period
from template_service.aggregates.indicators.registry import registry
from template_service.aggregates.report.context import MarmotIndicator
from template_service.aggregates.vocabulary import ALL

# The first wards are where most of a network's people live.
_MOST_WARDS: Final = 3


def indicators_beside(
    values: Iterable[IndicatorValue],
    areas: Areas,
    wards: Sequence[str],
    *,
    higher: Collection[str] = (),
) -> tuple[MarmotIndicator, ...]:
    """Of each indicator the newest figures of the wards, or of the city where they have none.

    `values` may be of any area; only those of everybody are taken. A ward stands beside the city's
    value of the same period only. Indicators beside a part of life in `higher` come first, then by
    number; wards keep their order.
    """
    held: dict[int, dict[tuple[str, str, str], IndicatorValue]] = {}
    for value in values:
        if value.breakdown == ALL:
            place = (value.geography_type, value.geography_code, value.period)
            held.setdefault(value.indicator, {})[place] = value
    found: list[MarmotIndicator] = []
    for _, mine in sorted(held.items()):
        chosen = _newest(mine, [(WARD, ward) for ward in wards[:_MOST_WARDS]])
        chosen = chosen or _newest(mine, [(CITY, areas.city)])
        found += [_placed(v, areas, mine.get((CITY, areas.city, v.period))) for v in chosen]
    first = set(higher)
    return tuple(sorted(found, key=lambda row: (first.isdisjoint(row.domains), row.number)))


def _newest(
    values: dict[tuple[str, str, str], IndicatorValue], places: list[tuple[str, str]]
) -> list[IndicatorValue]:
    """The values of places in the newest period any of them has."""
    periods = {period for *place, period in values if tuple(place) in places}
    if not periods:
        return []
    newest = max(periods, key=read_period)
    return [values[(*place, newest)] for place in places if (*place, newest) in values]


def _placed(value: IndicatorValue, areas: Areas, city: IndicatorValue | None) -> MarmotIndicator:
    indicator = registry().indicators[value.indicator - 1]
    return MarmotIndicator(
        number=value.indicator,
        name=indicator.name,
        unit=indicator.unit.words if indicator.unit else "",
        period=value.period,
        place=areas.name(value.geography_type, value.geography_code),
        value=value.value,
        lower=value.lower,
        upper=value.upper,
        city_value=city.value if city else None,
        source=value.source,
        broken_series=bool(value.after_break),
        domains=indicator.domains,
    )
