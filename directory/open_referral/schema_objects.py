"""The objects of HSDS 3 and Open Referral UK v3 that a directory is made of, as schemas.

Together with `schema_details` the only description of the formats: fields with their types and
vocabularies, what an object points at, what is nested in it, and the name of its table.

SOURCE: Human Services Data Specification 3.0 to 3.2 and the Open Referral UK profile 3.0 of it.
"""

from typing import Final

from directory.open_referral.schema_fields import (
    Date,
    Degrees,
    Email,
    Identifier,
    Many,
    Moment,
    Number,
    NumberOrText,
    One,
    Reference,
    Text,
    Uri,
    WebAddress,
    Word,
)
from directory.open_referral.schema_object import Noted

_PLACES: Final = ("physical", "postal", "virtual")
_STATUSES: Final = ("active", "inactive", "defunct", "temporarily closed")


class Organization(Noted):
    """Who provides services."""

    table = "organizations"
    profile_required = ("id", "name", "description")

    name = Text(required=True)
    alternate_name = Text()
    description = Text()
    email = Email()
    website = WebAddress()
    tax_status = Text()
    tax_id = Identifier()
    year_incorporated = Number()
    legal_status = Text()
    logo = Uri()
    uri = Uri()
    parent_organization_id = Reference("organization")
    additional_websites = Many("url", "organization_id")
    funding = Many("funding", "organization_id")
    contacts = Many("contact", "organization_id")
    phones = Many("phone", "organization_id")
    locations = Many("location", "organization_id")
    programs = Many("program", "organization_id")
    organization_identifiers = Many("organization_identifier", "organization_id")
    services = Many("service", "organization_id")


class OrganizationIdentifier(Noted):
    """A number of a register, such as a charity or company number."""

    table = "organization_identifiers"
    profile_required = ("id", "identifier_type", "identifier")

    organization_id = Reference("organization")
    identifier_scheme = Text()
    identifier_type = Text()
    identifier = Identifier(required=True)


class Program(Noted):
    """A group of related services of one organization."""

    table = "programs"
    profile_required = ("id", "name", "description")

    organization_id = Reference("organization")
    name = Text(required=True)
    alternate_name = Text()
    description = Text()


class Service(Noted):
    """What is offered. A missing status means unknown, not inactive."""

    table = "services"
    profile_required = ("id", "name", "status")

    organization_id = Reference("organization")
    program_id = Reference("program")
    name = Text(required=True)
    alternate_name = Text()
    description = Text()
    url = WebAddress()
    email = Email()
    status = Word(*_STATUSES)
    interpretation_services = Text()
    application_process = Text()
    fees_description = Text()
    wait_time = Text()
    fees = Text()
    accreditations = Text()
    eligibility_description = Text()
    minimum_age = Number()
    maximum_age = Number()
    assured_date = Date()
    assurer_email = Email()
    licenses = Text()
    alert = Text()
    last_modified = Moment()
    additional_urls = Many("url", "service_id")
    phones = Many("phone", "service_id")
    schedules = Many("schedule", "service_id")
    service_areas = Many("service_area", "service_id")
    service_at_locations = Many("service_at_location", "service_id")
    languages = Many("language", "service_id")
    organization = One("organization")
    funding = Many("funding", "service_id")
    cost_options = Many("cost_option", "service_id")
    program = One("program")
    required_documents = Many("required_document", "service_id")
    contacts = Many("contact", "service_id")
    capacities = Many("service_capacity", "service_id")


class ServiceAtLocation(Noted):
    """That a service is offered at a place."""

    table = "service_at_locations"

    service_id = Reference("service")
    location_id = Reference("location")
    description = Text()
    service_areas = Many("service_area", "service_at_location_id")
    contacts = Many("contact", "service_at_location_id")
    phones = Many("phone", "service_at_location_id")
    schedules = Many("schedule", "service_at_location_id")
    location = One("location")
    service = One("service")


class Location(Noted):
    """A place: a building, a postal address, or somewhere online. Degrees are WGS84.

    Coordinates that cannot be right are no reason to lose the place: see `coordinates`.
    """

    table = "locations"
    profile_required = ("id", "location_type")

    location_type = Word(*_PLACES)
    url = WebAddress()
    organization_id = Reference("organization")
    name = Text()
    alternate_name = Text()
    description = Text()
    transportation = Text()
    latitude = Degrees()
    longitude = Degrees()
    external_identifier = Identifier()
    external_identifier_type = Text()
    languages = Many("language", "location_id")
    addresses = Many("address", "location_id")
    contacts = Many("contact", "location_id")
    accessibility = Many("accessibility", "location_id")
    phones = Many("phone", "location_id")
    schedules = Many("schedule", "location_id")


class Phone(Noted):
    """A telephone number."""

    table = "phones"
    profile_required = ("id", "number")

    location_id = Reference("location")
    service_id = Reference("service")
    organization_id = Reference("organization")
    contact_id = Reference("contact")
    service_at_location_id = Reference("service_at_location")
    number = Identifier(required=True)
    extension = NumberOrText()
    type = Text()
    description = Text()
    languages = Many("language", "phone_id")


class Contact(Noted):
    """Whom to ask for."""

    table = "contacts"

    organization_id = Reference("organization")
    service_id = Reference("service")
    service_at_location_id = Reference("service_at_location")
    location_id = Reference("location")
    name = Text()
    title = Text()
    department = Text()
    email = Email()
    phones = Many("phone", "contact_id")


class Address(Noted):
    """An address of a location."""

    table = "addresses"
    profile_required = (
        "id",
        "address_1",
        "city",
        "state_province",
        "postal_code",
        "country",
        "address_type",
    )

    location_id = Reference("location")
    attention = Text()
    address_1 = Text()
    address_2 = Text()
    city = Text()
    region = Text()
    state_province = Text()
    postal_code = Identifier()
    country = Text()
    address_type = Word(*_PLACES)
