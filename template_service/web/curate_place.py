"""Where a service is, so that a curator sees at once what is of another town."""

from collections.abc import Mapping
from typing import Final

from directory.model import Service

_AREAS: Final = 3


def where(found: Service, names: Mapping[str, str]) -> str:
    """Its address, else the areas that it covers by these `names`; blank where nobody knows."""
    place = ", ".join(filter(None, (found.address, found.postcode)))
    if place or not found.service_area:
        return place
    areas = [names.get(code, code) for code in found.service_area]
    more = len(areas) - _AREAS
    return ", ".join(areas[:_AREAS]) + (f" and {more} more areas" if more > 0 else "")
