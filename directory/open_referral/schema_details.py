"""The objects of HSDS 3 and Open Referral UK v3 that say more of others, as schemas.

SOURCE: Human Services Data Specification 3.0 to 3.2 and the Open Referral UK profile 3.0 of it.
"""

from directory.open_referral.schema_fields import (
    Date,
    Identifier,
    Many,
    Moment,
    Number,
    NumberOrText,
    One,
    Reference,
    Text,
    Time,
    Uri,
    WebAddress,
    Word,
)
from directory.open_referral.schema_object import HsdsObject, Noted


class Schedule(Noted):
    """When something is open: a subset of the rules of iCalendar (RFC 5545)."""

    table = "schedules"

    service_id = Reference("service")
    location_id = Reference("location")
    service_at_location_id = Reference("service_at_location")
    valid_from = Date()
    valid_to = Date()
    dtstart = Date()
    timezone = NumberOrText()
    until = Date()
    count = Number()
    wkst = Word("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    freq = Word("WEEKLY", "MONTHLY")
    interval = Number()
    byday = Text()
    byweekno = Identifier()
    bymonthday = Identifier()
    byyearday = Identifier()
    description = Text()
    opens_at = Time()
    closes_at = Time()
    schedule_link = WebAddress()
    attending_type = Text()
    notes = Text()


class Funding(Noted):
    """Who pays for it."""

    table = "funding"

    organization_id = Reference("organization")
    service_id = Reference("service")
    source = Text()


class ServiceArea(Noted):
    """Where people must live."""

    table = "service_areas"

    service_id = Reference("service")
    service_at_location_id = Reference("service_at_location")
    name = Text()
    description = Text()
    extent = Text()
    extent_type = Text()
    uri = Uri()
    service_area = Text()


class RequiredDocument(Noted):
    """What to bring."""

    table = "required_documents"

    service_id = Reference("service")
    document = Text()
    uri = Uri()


class Language(Noted):
    """A language spoken."""

    table = "languages"

    service_id = Reference("service")
    location_id = Reference("location")
    phone_id = Reference("phone")
    name = Text()
    code = Identifier()
    note = Text()


class Accessibility(Noted):
    """How people with disabilities get in and are served."""

    table = "accessibility"

    location_id = Reference("location")
    description = Text()
    details = Text()
    url = WebAddress()
    accessibility = Text()


class CostOption(Noted):
    """A price."""

    table = "cost_options"

    service_id = Reference("service")
    valid_from = Date()
    valid_to = Date()
    option = Text()
    currency = Text()
    amount = Number()
    amount_description = Text()


class ServiceCapacity(Noted):
    """How much is free."""

    table = "service_capacities"
    profile_required = ("id", "available", "updated")

    service_id = Reference("service")
    unit_id = Reference("unit")
    available = Number()
    maximum = Number()
    description = Text()
    updated = Moment()
    unit = One("unit")


class Unit(Noted):
    """What a capacity is counted in."""

    table = "units"
    profile_required = ("id", "name")

    name = Text(required=True)
    scheme = Text()
    identifier = Identifier()
    uri = Uri()


class Url(Noted):
    """A further web address."""

    table = "urls"
    profile_required = ("id", "url")

    label = Text()
    url = WebAddress(required=True)
    organization_id = Reference("organization")
    service_id = Reference("service")


class Attribute(HsdsObject):
    """That a term, or a value, describes an object: `link_entity` is its kind, `link_id` its id."""

    table = "attributes"

    link_id = Identifier()
    taxonomy_term_id = Reference("taxonomy_term")
    link_type = Text()
    link_entity = Text()
    value = NumberOrText()
    label = Text()
    taxonomy_term = One("taxonomy_term")
    metadata = Many("metadata", "resource_id")


class Taxonomy(HsdsObject):
    """A vocabulary."""

    table = "taxonomies"
    profile_required = ("id", "name", "description")

    name = Text(required=True)
    description = Text()
    uri = Uri()
    version = Identifier()
    taxonomy_terms = Many("taxonomy_term", "taxonomy_id")
    metadata = Many("metadata", "resource_id")


class TaxonomyTerm(HsdsObject):
    """A term of a vocabulary."""

    table = "taxonomy_terms"
    profile_required = ("id", "name", "description")

    code = Identifier()
    name = Text(required=True)
    description = Text()
    parent_id = Reference("taxonomy_term")
    taxonomy = Text()
    language = Text()
    taxonomy_id = Reference("taxonomy")
    term_uri = Uri()
    term = Text()
    taxonomy_detail = One("taxonomy")
    metadata = Many("metadata", "resource_id")


class Metadata(HsdsObject):
    """A change once made to an object: `resource_type` is its kind, `resource_id` its id."""

    table = "metadata"
    profile_required = (
        "id",
        "last_action_date",
        "last_action_type",
        "field_name",
        "previous_value",
        "replacement_value",
        "updated_by",
    )

    resource_id = Identifier()
    resource_type = Text()
    last_action_date = Date()
    last_action_type = Text()
    field_name = Text()
    previous_value = Text()
    replacement_value = Text()
    updated_by = Text()


class MetaTableDescription(Noted):
    """What a table of a data package is written in."""

    table = "meta_table_descriptions"

    name = Text()
    language = Text()
    character_set = Text()
