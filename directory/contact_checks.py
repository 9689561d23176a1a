"""Whether the contacts of an entry can be right at all: phone numbers, postcodes, e-mail, web page.

What is found is a doubt for a curator to look at; nothing is changed or hidden by it.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from directory.feeds.addresses import is_public
from directory.geography import Geography, InvalidPostcode, UnknownPostcode, distance_km
from directory.model import Service

# A region of libphonenumber: numbers without a country are read as the UK's.
_REGION: Final = "GB"
# How far a map point may lie from its postcode: an entrance across a park, not another town.
FARTHEST_KM: Final = 1.0
_COUNTRY: Final = 44
_MISTYPED: Final = "is no number of the numbering plan: digits are wrong"
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")

# A host that ends so is an IPv4 address to a browser (WHATWG URL Standard, "ends in a number").
_A_NUMBER: Final = re.compile(r"\d+|0x[\da-f]*")


class Doubt(NamedTuple):
    """A field of an entry and what is wrong with it, in plain English."""

    field: str
    reason: str


def contact_doubts(service: Service, geography: Geography | None = None) -> tuple[Doubt, ...]:
    """What cannot be right about the contacts of a service.

    Phone numbers are checked against the UK's numbering plan (libphonenumber), 116 123, 111, 999
    and other short numbers too. With a `geography` postcodes are looked up and points on the map
    compared with them; a postcode it does not know is a doubt only where it lies in an area
    (the letters and digits before the space) that it does know.
    """
    return (
        *_phones(service),
        *_places(service, geography),
        *_addresses(service),
    )


def _phones(service: Service) -> Iterator[Doubt]:
    # Only curators check contacts.
    import phonenumbers  # noqa: PLC0415

    for number, phone in enumerate(service.phone):
        try:
            parsed = phonenumbers.parse(phone.number, _REGION)
        except phonenumbers.NumberParseException:
            yield Doubt(f"phone[{number}]", "is not a phone number")
            continue
        short = phonenumbers.is_valid_short_number_for_region(parsed, _REGION)
        if short or phonenumbers.is_valid_number(parsed):
            continue
        of_the_uk = parsed.country_code == _COUNTRY
        yield Doubt(f"phone[{number}]", _MISTYPED if of_the_uk else "is not a UK number")


def _places(service: Service, geography: Geography | None) -> Iterator[Doubt]:
    if not service.postcode or geography is None:
        return
    try:
        place = geography.place(service.postcode)
    except InvalidPostcode:
        yield Doubt("postcode", "is not written as a postcode is")
        return
    except UnknownPostcode:
        if geography.has_outward(service.postcode):
            yield Doubt("postcode", "is not one that is in use")
        return
    if None in (place.lat, place.lon, service.lat, service.lon):
        return
    away = distance_km(place.lat or 0, place.lon or 0, service.lat or 0, service.lon or 0)
    if away > FARTHEST_KM:
        yield Doubt("lat, lon", f"lie {away:.1f} km from the postcode")


def _addresses(service: Service) -> Iterator[Doubt]:
    if service.email and not _EMAIL.fullmatch(service.email):
        yield Doubt("email", "is not an e-mail address")
    if service.url and not _is_web_page(service.url):
        yield Doubt("url", "is not the address of a web page")


def _is_web_page(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and "." in host and len(host.split()) == 1


def may_be_public(url: str) -> bool:
    """Whether the host of a web page is a name, or a public address; raises ValueError.

    Browsers read `127.1` as an address, too.
    """
    host = urlsplit(url).hostname or ""
    last = host.rstrip(".").rpartition(".")[2]
    if ":" not in host and not _A_NUMBER.fullmatch(last):
        return True
    try:
        return is_public(host)
    except ValueError:
        return False
