"""A person as the strip at the top of a page and a line of a list."""

from dataclasses import dataclass
from datetime import date

from flask import url_for

from directory.geography import InvalidPostcode, UnknownPostcode
from template_service.access.principal import Principal
from template_service.records.people import Person
from template_service.service import Service
from template_service.web.blueprint import Link, may_open
from template_service.web.speech import english, figures, mark
from template_service.web.speech import gettext as _
from template_service.web.words import Fact, british_date, nhs_number_text

_PAGES = (
    ("web.template", mark("Template")),
    ("web.plan", mark("Plan")),
    ("web.questionnaires", mark("Questionnaires")),
)


@dataclass(frozen=True, slots=True)
class PersonView:
    """Who a page is about. Nothing of it belongs in a title, an address or a log."""

    id: str
    name: str
    facts: tuple[Fact, ...]
    links: tuple[Link, ...] = ()
    href: str = ""
    last: str = ""


def strip(
    person: Person,
    who: Principal,
    today: date,
    *,
    area: str = "",
    last: str = "",
    here: str = "",
) -> PersonView:
    """The strip of a person's pages; `last` tells of the last time, `here` is this endpoint."""
    facts = (*_facts(person, today), Fact(_("Lives in"), area), Fact(_("Last time"), last))
    links = tuple(
        Link(_(text), url_for(endpoint, person_id=person.person_id), current=endpoint == here)
        for endpoint, text in _PAGES
        if may_open(endpoint, who)
    )
    return PersonView(
        id=person.person_id,
        name=person.display_name,
        facts=tuple(fact for fact in facts if fact.text),
        links=links,
    )


def line(person: Person, today: date, *, last: str = "") -> PersonView:
    """A person in a list, leading to their template."""
    return PersonView(
        id=person.person_id,
        name=person.display_name,
        facts=tuple(fact for fact in _facts(person, today) if fact.text),
        href=url_for("web.template", person_id=person.person_id),
        last=last,
    )


def home_area(service: Service, person: Person) -> str:
    """Where a person lives, as `LS9 · Gipton & Harehills`; empty when it is not known."""
    try:
        place = service.geography.place(person.postcode) if person.postcode else None
    except (InvalidPostcode, UnknownPostcode):
        return ""
    if place is None:
        return ""
    if place.no_fixed_abode:
        return _("No fixed home")
    district = (place.postcode or "").partition(" ")[0]
    return english(" · ".join(part for part in (district, place.ward_name) if part))


def _facts(person: Person, today: date) -> tuple[Fact, ...]:
    age = person.age_on(today)
    born = british_date(person.birth_date)
    return (
        Fact(_("Born"), f"{born} ({age})" if born else ""),
        Fact(_("NHS number"), figures(nhs_number_text(person.nhs_number))),
    )
