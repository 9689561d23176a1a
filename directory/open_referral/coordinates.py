"""Coordinates of places that cannot be right: kept as their source says them, but never used."""

import math
from collections.abc import Mapping
from typing import Any, Final

from directory.open_referral.records import Record

POINT: Final = ("latitude", "longitude")
"""The two fields of a place that say where it is; one means nothing without the other."""

# Area of use of the British National Grid, Northern Ireland inside. SOURCE: EPSG:27700.
_UK_LATITUDES: Final = (49.75, 61.01)
_UK_LONGITUDES: Final = (-9.01, 2.01)


def misplaced(fields: Mapping[str, Any]) -> str:
    """Why the coordinates of a place are no place in the United Kingdom; blank when they are one.

    Blank too where there are none. Degrees are WGS84. Text that is no number is not quoted.
    """
    point: tuple[Any, ...] = tuple(fields.get(name) for name in POINT)
    north, east = point
    if north is None and east is None:
        return ""
    for name, value, most in (("latitude", north, 90), ("longitude", east, 180)):
        if value is None:
            return f"there is no {name}"
        if not _is_number(value):
            return f"{name} is not a number"
        if abs(value) > most:
            return f"{name} {value} is not between -{most} and {most}"
    if _in_uk(north, east):
        return ""
    said = f"latitude {north}, longitude {east}"
    return f"{said} look swapped" if _in_uk(east, north) else f"{said} is not in the United Kingdom"


def placed(record: Record) -> Record:
    """The record as it is published: without coordinates that cannot be right."""
    if record.kind != "location" or not misplaced(record.fields):
        return record
    kept = {name: value for name, value in record.fields.items() if name not in POINT}
    return record._replace(fields=kept)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _in_uk(north: float, east: float) -> bool:
    south, most_north = _UK_LATITUDES
    west, most_east = _UK_LONGITUDES
    return south <= north <= most_north and west <= east <= most_east
