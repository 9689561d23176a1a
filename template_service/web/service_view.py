"""A service of the directory as pages and leaflets show it."""

import re
from dataclasses import dataclass
from datetime import date

from directory.freshness import VERIFIED, freshness
from directory.languages import language_name
from directory.matching import Match
from directory.model import NEEDS, Service
from template_service.web.speech import gettext as _
from template_service.web.speech import mark
from template_service.web.words import Fact, british_date, days_ago

NO_CONTACT = mark("No contact known yet: ask the link worker")
_CHANNELS = {
    "phone": "phone",
    "in-person": "in person",
    "online": "online",
    "home-visit": "home visit",
    "text": "text",
}
_DIALLED = re.compile(r"[^0-9+]")
# A note such as "option 2" is for the person to read, not for the phone to dial.
_NUMBER_PART = re.compile(r"^[+\d][\d\s()-]*")


@dataclass(frozen=True, slots=True)
class PhoneView:
    """A number to read and to dial."""

    number: str
    href: str
    note: str


@dataclass(frozen=True, slots=True)
class ServiceView:
    """One service: why it fits, how to reach it, and whether that has been checked.

    `facts` stand on the plan, `leaflet_facts` on the leaflet, `all_facts` on the directory page.
    """

    id: str
    name: str
    organisation: str
    description: str
    phones: tuple[PhoneView, ...]
    contact: str
    contact_href: str
    is_reachable: bool
    freshness: str
    freshness_text: str
    distance: str
    reasons: tuple[str, ...]
    caution: str
    facts: tuple[Fact, ...]
    leaflet_facts: tuple[Fact, ...]
    all_facts: tuple[Fact, ...]
    href: str = ""


def matched(match: Match, today: date) -> ServiceView:
    """A service that fits somebody, with the reasons why."""
    return present(
        match.service, today, reasons=match.reasons, distance=distance(match.distance_km)
    )


def present(
    service: Service,
    today: date,
    *,
    reasons: tuple[str, ...] = (),
    distance: str = "",
    href: str = "",
) -> ServiceView:
    """A service as it stands in the directory on a day."""
    fresh = freshness(service, today)
    contact = _contact(service)
    return ServiceView(
        id=service.id,
        name=service.name,
        organisation=service.organisation if service.organisation != service.name else "",
        description=service.description,
        phones=tuple(
            PhoneView(
                phone.number,
                dial(phone.number),
                ", ".join(filter(None, (phone.label, phone.hours))),
            )
            for phone in service.phone
        ),
        contact=contact,
        contact_href=href_of(contact),
        is_reachable=bool(service.phone or contact != NO_CONTACT),
        freshness=fresh,
        freshness_text=_freshness_text(service, fresh == VERIFIED, today),
        distance=distance,
        reasons=reasons,
        caution=service.caution,
        facts=_plan_facts(service, reasons),
        leaflet_facts=_leaflet_facts(service),
        all_facts=_all_facts(service),
        href=href,
    )


def dial(number: str) -> str:
    """A `tel:` address; what follows the number itself ("option 2") is not dialled."""
    digits = _NUMBER_PART.match(number.strip())
    return "tel:" + _DIALLED.sub("", digits.group() if digits else number)


def distance(kilometres: float | None) -> str:
    """A distance in words, to a tenth of a kilometre; empty when it is not known."""
    return "" if kilometres is None else _("%(distance)s km away", distance=f"{kilometres:.1f}")


def _freshness_text(service: Service, is_verified: bool, today: date) -> str:
    if is_verified and service.verified_on:
        return _("checked %(when)s", when=days_ago(service.verified_on, today))
    if service.verified_on:
        return _("check first: last checked %(date)s", date=british_date(service.verified_on))
    return _("check first")


def _contact(service: Service) -> str:
    """The best way in when there is no phone number."""
    return next(filter(None, (service.address, service.url, service.email)), NO_CONTACT)


def href_of(contact: str) -> str:
    """The address behind a contact that is a web page or an e-mail address; empty otherwise."""
    if contact.startswith(("https://", "http://")):
        return contact
    return f"mailto:{contact}" if "@" in contact and " " not in contact else ""


def _plan_facts(service: Service, reasons: tuple[str, ...]) -> tuple[Fact, ...]:
    """What the reasons have not said already."""
    said = {reason.casefold() for reason in reasons}
    cost = "" if service.cost.casefold() in said else service.cost
    return _facts((_("When"), service.opening_hours), (_("Cost"), cost), _languages(service))


def _facts(*pairs: tuple[str, str]) -> tuple[Fact, ...]:
    return tuple(Fact(term, text) for term, text in pairs if text)


def _languages(service: Service) -> tuple[str, str]:
    return (_("Languages"), ", ".join(language_name(code) for code in service.languages))


def _leaflet_facts(service: Service) -> tuple[Fact, ...]:
    return _facts(
        (_("Where"), ", ".join(filter(None, (service.address, service.postcode)))),
        (_("Website"), service.url),
        (_("When"), service.opening_hours),
        (_("Cost"), service.cost),
        _languages(service),
    )


def _all_facts(service: Service) -> tuple[Fact, ...]:
    known = _facts(
        ("Organisation", service.organisation),
        ("Helps with", ", ".join(NEEDS.get(need, need) for need in service.needs)),
        ("How", ", ".join(_CHANNELS.get(channel, channel) for channel in service.channels)),
        ("Who it is for", service.eligibility),
        ("Not for", service.exclusions),
        ("Email", service.email),
    )
    looked = tuple(
        Fact("Read on", ", ".join(filter(None, (source.title, british_date(source.seen_on)))))
        for source in service.sources
    )
    return (*known, *_leaflet_facts(service), *looked)
