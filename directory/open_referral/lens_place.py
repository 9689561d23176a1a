"""Where a service is and whom it covers: addresses, coordinates and areas of its records."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from directory.open_referral.coordinates import POINT, misplaced
from directory.open_referral.lens_text import plain
from directory.open_referral.records import Record
from directory.open_referral.service_graph import ServiceGraph

# How the Office for National Statistics writes an area as linked data.
AREA_URI: Final = "http://statistics.data.gov.uk/id/statistical-geography/"

# ONS codes (Register of Geographic Codes): a letter for the country (K: several), eight digits.
_AREA_CODE: Final = re.compile(r"(?<![A-Za-z0-9])[EKNSW]\d{8}(?!\d)", re.ASCII)
# SOURCE: Register of Geographic Codes (ONS). "Great Britain" and "England and Wales" are told by
# their countries, because people are placed by country.
COUNTRIES: Final[Mapping[str, tuple[str, ...]]] = {
    "england": ("E92000001",),
    "wales": ("W92000004",),
    "scotland": ("S92000003",),
    "northern ireland": ("N92000002",),
    "uk": ("K02000001",),
    "united kingdom": ("K02000001",),
    "great britain": ("E92000001", "S92000003", "W92000004"),
    "england and wales": ("E92000001", "W92000004"),
}
NATIONAL: Final = frozenset({"E92000001", "K02000001", "K03000001", "K04000001"})
_NAMES: Final = ("name", "service_area", "extent", "description")


class Spot(NamedTuple):
    """Where a service is: one place, the first with an address people can go to."""

    address: str = ""
    postcode: str = ""
    lat: float | None = None
    lon: float | None = None
    notes: tuple[str, ...] = ()


class Covered(NamedTuple):
    """ONS codes of the areas covered, and the stated areas that are no area we know."""

    codes: tuple[str, ...]
    unknown: tuple[str, ...]


def spot_of(graph: ServiceGraph) -> Spot:
    """Where the service is; of several places the first, the others told in a note."""
    places = [it for it in graph.of("location") if it.fields.get("location_type") != "virtual"]
    # A place one can go to before an address for letters.
    places.sort(key=lambda it: it.fields.get("location_type") == "postal")
    if not places:
        return Spot()
    location = places[0]
    lat, lon, problem = _coordinates(location)
    address = main_address(graph, location)
    text, postcode = address_text(address) if address else ("", "")
    notes = [f"address: {len(places) - 1} more places are in the records only"] * (len(places) > 1)
    return Spot(text, postcode, lat, lon, (*notes, *problem))


def main_address(graph: ServiceGraph, location: Record) -> Record | None:
    """The address of a location that people go to; else the one for letters."""
    found = graph.linked("address", "location_id", location.id)
    ordered = sorted(found, key=lambda it: it.fields.get("address_type") == "postal")
    return next((it for it in ordered if it.fields.get("address_type") != "virtual"), None)


def address_text(address: Record) -> tuple[str, str]:
    """The lines of an address as one text, and its postcode."""
    fields = address.fields
    names = ("address_1", "address_2", "city", "region", "state_province")
    lines = dict.fromkeys(plain(fields.get(name)) for name in names)
    return ", ".join(line for line in lines if line), plain(fields.get("postal_code"))


def areas_of(records: Iterable[Record], known: Mapping[str, str]) -> Covered:
    """The areas these service areas state. `known` gives the ONS code of a name, case-folded."""
    codes: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for record in records:
        found = tuple(_codes(record.fields, known))
        if found:
            codes |= dict.fromkeys(found)
        else:
            unknown[_stated(record.fields)] = None
    return Covered(tuple(codes), tuple(unknown))


def area_fields(code: str, names: Mapping[str, str]) -> dict[str, str]:
    """An area as the fields of an HSDS service area, with its name where that is known."""
    return {"name": names.get(code, code), "uri": AREA_URI + code}


def _codes(fields: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[str]:
    for name in ("uri", *_NAMES):
        written = _AREA_CODE.findall(str(fields.get(name) or ""))
        if written:
            yield from written
            return
    for name in _NAMES:
        said = plain(fields.get(name)).strip().casefold()
        if said in known:
            yield known[said]
            return
        if said in COUNTRIES:
            yield from COUNTRIES[said]
            return


def _stated(fields: Mapping[str, Any]) -> str:
    drawn = fields.get("extent_type") not in (None, "", "text")
    names = ("name", "service_area", "description") if drawn else _NAMES
    said = (plain(fields.get(name)).strip() for name in names)
    return next((text for text in said if text), "an area that its source draws on a map")


def _coordinates(location: Record) -> tuple[float | None, float | None, tuple[str, ...]]:
    problem = misplaced(location.fields)
    if problem:
        return None, None, (f"lat, lon: {problem}; the place is kept without them",)
    if location.fields.get("latitude") is None:
        return None, None, ()
    lat, lon = (float(location.fields[name]) for name in POINT)
    return lat, lon, ()
