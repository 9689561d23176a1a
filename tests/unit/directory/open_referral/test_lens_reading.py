"""What the lens makes of the records of a feed: facts, cautions and notes, never silence."""

from datetime import date
from typing import Any

import pytest

from directory.model import InvalidService, Phone, Schedule, Service
from directory.open_referral.attributes import CURATED, addition, need_attribute
from directory.open_referral.lens_reading import NOT_KNOWN, Context
from directory.open_referral.records import Record, uuid_of
from directory.open_referral.service_graph import ServiceIndex
from directory.open_referral.service_lens import Reading, in_context, service_of

SERVICE = Record("service", "s", {"name": "Advice", "status": "active"}, "services.csv:2")
TODAY = date(2026, 11, 23)


def part(kind: str, **fields: Any) -> Record:
    """A record of the service, or of what `fields` say it belongs to."""
    links = {"service_id", "location_id", "organization_id", "contact_id"} & fields.keys()
    record_id = fields.pop("id", f"{kind}-1")
    return Record(kind, record_id, fields if links else {"service_id": "s", **fields}, "feed:1")


def read(*parts: Record, context: Context | None = None, **fields: Any) -> Reading:
    service = SERVICE._replace(fields={**SERVICE.fields, **fields})
    graph = ServiceIndex((service, *parts)).graph("s")
    return service_of(graph, "feed", context or Context())


def place(**fields: Any) -> tuple[Record, ...]:
    return (
        part("service_at_location", location_id="l", service_id="s"),
        Record("location", "l", {"location_type": "physical", **fields}, "feed:1"),
    )


def test_a_bare_service_says_its_name_and_nothing_else() -> None:
    found = read()
    assert found == Reading(Service(uuid_of("feed", "service", "s"), "Advice", "", "", ()), ())


def test_a_service_without_a_name_is_none() -> None:
    with pytest.raises(InvalidService, match="name: write a name"):
        read(name="<b></b>")


@pytest.mark.parametrize("status", [None, "", "  "])
def test_a_blank_status_is_unknown_and_not_inactive(status: str | None) -> None:
    found = read(status=status)
    assert found.service.status == "active"
    assert found.service.caution == NOT_KNOWN
    assert found.notes == ("status: not stated, so nobody knows whether it runs",)


def test_a_status_is_read_in_any_case_and_a_strange_one_is_told() -> None:
    assert read(status="Temporarily Closed").service.status == "temporarily closed"
    assert read(status="open").notes[0].startswith("status: 'open' is no status")


def test_html_is_read_as_text_and_links_that_run_code_are_dropped() -> None:
    found = read(description="<p>Come <script>x()</script>in.</p>", url=" javascript:alert(1)")
    assert found.service.description == "Come in."
    assert found.service.url == ""
    assert found.notes == ("url: a link that would run code is not taken",)


def test_numbers_of_the_service_come_first_and_each_once() -> None:
    found = read(
        *place(),
        part("contact", id="c", service_id="s", name="Ann Persona", title="Reception"),
        part("phone", id="at-place", location_id="l", number="0113 496 0001"),
        part("phone", id="again", location_id="l", number="01134960000"),
        part("phone", id="of-contact", contact_id="c", number="0113 496 0002"),
        part("phone", id="own", number="0113 496 0000", description="Advice <b>line</b>"),
        part("phone", id="fax", number="0113 496 0003", type="fax"),
        part("phone", id="ext", number="0113 496 0004", extension=12, type="textphone"),
    )
    assert found.service.phone == (
        Phone("0113 496 0000", "Advice line"),
        Phone("0113 496 0004 ext. 12", "Textphone"),
        Phone("0113 496 0002"),
        Phone("0113 496 0001"),
    )
    assert found.notes == ("phone: a fax number is in the records only",)


def test_the_name_of_a_contact_is_nowhere_in_the_service() -> None:
    found = read(part("contact", id="c", service_id="s", name="Ann Persona", email="a@example.org"))
    assert "Persona" not in repr(found)
    assert found.service.email == "a@example.org"


def test_what_the_service_does_not_say_its_organization_does() -> None:
    found = read(
        Record("organization", "o", {"name": "Org", "website": "https://o.example"}, "feed:1"),
        part("phone", organization_id="o", number="0113 496 0000"),
        organization_id="o",
    )
    assert found.service.organisation == "Org"
    assert found.service.phone == (Phone("0113 496 0000"),)
    assert found.service.url == "https://o.example"
    assert found.notes == ("phone: the numbers are those of its organization",)


def test_the_place_is_the_first_one_people_can_go_to() -> None:
    found = read(
        *place(latitude=53.8, longitude=-1.5),
        part("address", id="p", location_id="l", address_1="PO Box 1", address_type="postal"),
        part(
            "address",
            location_id="l",
            address_1="1 Example Street",
            city="Leeds",
            postal_code="LS9 6AU",
            address_type="physical",
        ),
        part("service_at_location", id="two", service_id="s", location_id="m"),
        Record("location", "m", {"location_type": "physical"}, "feed:1"),
    ).service
    assert (found.address, found.postcode) == ("1 Example Street, Leeds", "LS9 6AU")
    assert (found.lat, found.lon) == (53.8, -1.5)


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        ((0, 0), "latitude 0, longitude 0 is not in the United Kingdom"),
        ((54.5, 2.5), "latitude 54.5, longitude 2.5 is not in the United Kingdom"),
        ((-1.5, 53.8), "latitude -1.5, longitude 53.8 look swapped"),
        ((100, 101), "latitude 100 is not between -90 and 90"),
        ((53.8, None), "there is no longitude"),
        (("53.8", "-1.5"), "latitude is not a number"),
        ((True, 1), "latitude is not a number"),
    ],
)
def test_impossible_coordinates_are_none(point: tuple[Any, Any], reason: str) -> None:
    found = read(*place(latitude=point[0], longitude=point[1]))
    assert (found.service.lat, found.service.lon) == (None, None)
    assert found.notes == (f"lat, lon: {reason}; the place is kept without them",)


@pytest.mark.parametrize(
    ("area", "codes"),
    [
        (
            {"uri": "http://statistics.data.gov.uk/id/statistical-geography/E08000035"},
            ["E08000035"],
        ),
        ({"name": "Leeds (E08000035)"}, ["E08000035"]),
        ({"extent": "E05011394, E05011400", "extent_type": "text"}, ["E05011394", "E05011400"]),
        ({"name": "England"}, ["E92000001"]),
        ({"service_area": "England and Wales"}, ["E92000001", "W92000004"]),
        ({"name": "LEEDS"}, ["E08000035"]),
    ],
)
def test_areas_are_read_by_code_or_by_name(area: dict[str, Any], codes: list[str]) -> None:
    context = in_context(areas={"Leeds": "E08000035"})
    found = read(part("service_area", **area), context=context)
    assert list(found.service.service_area) == codes
    assert found.notes == ()
    assert found.service.national == ("E92000001" in codes)


def test_an_area_nobody_knows_is_a_caution_and_never_everywhere() -> None:
    found = read(part("service_area", name="Ilkley Moor"))
    assert found.service.service_area == ()
    assert found.service.caution == "Only covers: Ilkley Moor. Check that the person lives there."
    assert found.notes == ("service_area: 'Ilkley Moor' is no area we know",)


def test_of_several_areas_the_known_ones_count_and_the_others_are_told() -> None:
    found = read(
        part("service_area", id="1", name="Wales"),
        part("service_area", id="2", extent='{"type": "Polygon"}', extent_type="geojson"),
        alert="Ring first.",
    )
    assert found.service.service_area == ("W92000004",)
    assert found.service.caution == (
        "Ring first.\nAlso covers: an area that its source draws on a map."
    )


@pytest.mark.parametrize(
    ("ages", "read_as", "notes"),
    [
        ((16, None), (16, None), 0),
        ((16.0, 25.9), (16, 25), 1),
        ((0.5, 18), (1, 18), 1),
        ((-1, 200), (None, None), 2),
        ((30, 20), (None, None), 1),
        (("16", None), (None, None), 1),
    ],
)
def test_ages_are_whole_possible_years(
    ages: tuple[Any, Any], read_as: tuple[Any, Any], notes: int
) -> None:
    found = read(minimum_age=ages[0], maximum_age=ages[1])
    assert (found.service.minimum_age, found.service.maximum_age) == read_as
    assert len(found.notes) == notes


def test_opening_of_the_service_goes_before_that_of_the_building() -> None:
    rule = {"freq": "WEEKLY", "opens_at": "09:00", "closes_at": "17:00"}
    building = part("schedule", id="b", location_id="l", byday="MO", **rule)
    own = part("schedule", byday="TU", **rule)
    assert read(*place(), building).service.schedules == (Schedule("monday", "09:00", "17:00"),)
    assert read(*place(), building, own).service.schedules == (
        Schedule("tuesday", "09:00", "17:00"),
    )


@pytest.mark.parametrize(
    ("price", "cost"),
    [
        ({"amount": 0}, "free"),
        (
            {"amount": 35, "option": "Under 18s", "amount_description": "an hour"},
            "Under 18s: £35 an hour",
        ),
        ({"amount": 3.5, "currency": "GBP"}, "£3.50"),
        ({"amount": 3.5, "currency": "EUR"}, "EUR 3.50"),
        ({"amount": 5, "valid_to": "2026-11-22"}, ""),
    ],
)
def test_prices_are_said_in_words(price: dict[str, Any], cost: str) -> None:
    found = read(part("cost_option", **price), context=in_context(today=TODAY))
    assert found.service.cost == cost


def test_what_a_service_says_of_its_fees_goes_before_prices() -> None:
    assert read(part("cost_option", amount=5), fees="Free to everyone").service.cost == (
        "Free to everyone"
    )
    assert read(fees_description="£2").service.cost == "£2"


def test_how_to_apply_what_to_bring_and_the_wait_are_kept() -> None:
    found = read(
        part("required_document", document="proof of address"),
        description="Advice.",
        application_process="Walk in.",
        eligibility_description="Residents.",
        wait_time="2 weeks",
    ).service
    assert found.description == "Advice.\nHow to apply: Walk in."
    assert found.eligibility == "Residents.\nBring: proof of address"
    assert found.caution == "Usual wait: 2 weeks"


def test_languages_by_name_or_code_and_interpreters_as_access() -> None:
    found = read(
        part("language", id="1", name="Polish"),
        part("language", id="2", code="ro-RO"),
        part("language", id="3"),
        interpretation_services="on the phone",
    )
    assert found.service.languages == ("Polish", "Romanian")
    assert found.service.access == ("interpreters: on the phone",)
    assert found.notes == ("languages: one has neither name nor code",)


def term(record_id: str, **fields: Any) -> tuple[Record, Record]:
    return (
        Record("taxonomy_term", record_id, fields, "feed:1"),
        Record(
            "attribute",
            f"a-{record_id}",
            {"link_id": "s", "link_entity": "service", "taxonomy_term_id": record_id},
            "feed:1",
        ),
    )


def test_needs_come_from_terms_of_known_vocabularies() -> None:
    found = read(
        *term("1", name="Emergency Food", code="102-02", taxonomy="openEligibility"),
        *term("esdServiceType:1755", name="Carers assessment"),
        *term("3", name="Debt", term_uri="http://id.esd.org.uk/service/298"),
        *term("4", name="Basket weaving", taxonomy="Ours"),
    )
    assert found.service.needs == ("food-aid", "carers-assessment", "carer-support")
    assert found.notes == ("needs: 'Basket weaving' is mapped to no need",)


def test_a_term_that_is_missing_is_told() -> None:
    (_, attribute) = term("gone", name="x")
    assert read(attribute).notes == ("needs: term gone is not in the source",)


def test_a_service_of_no_known_need_is_published_all_the_same() -> None:
    assert read(*term("4", name="Basket weaving")).service.needs == ()


def test_a_claim_of_a_feed_verifies_nothing() -> None:
    claims = {
        "verified_on": "2026-11-01",
        "verified_by": "Somebody",
        "urgent_today": True,
        "public_funds": "no",
        "safe_for_private_disclosure": True,
    }
    attributes = [
        addition(SERVICE, name, value)._replace(place="feed:9") for name, value in claims.items()
    ]
    found = read(*attributes, assured_date="2026-11-01", assurer_email="a@example.org")
    assert found.service.verified_on is None
    assert found.service.verified_by == ""
    assert not found.service.urgent_today
    assert found.service.public_funds == "unknown"
    assert found.service.safe_for_private_disclosure is None
    for name in claims:
        assert (
            f"{name}: only a curator can say this; what the source says is not taken" in found.notes
        )
    assert "verified_on: that its source calls it assured is no verification" in found.notes


def test_the_same_said_by_a_curator_counts() -> None:
    said = addition(SERVICE, "verified_on", "2026-11-01")
    assert said.place == CURATED
    assert read(said).service.verified_on == date(2026, 11, 1)


def test_additions_of_another_deployment_that_harm_nobody_are_taken() -> None:
    household = addition(SERVICE, "household", ["under5"])._replace(place="feed:9")
    need = need_attribute(SERVICE, "food-aid", 0)._replace(place="feed:9")
    found = read(household, need)
    assert found.service.household == ("under5",)
    assert found.service.needs == ("food-aid",)


@pytest.mark.parametrize(
    ("field", "value"),
    [("household", ["dog"]), ("channels", "fax"), ("drop_in", "maybe"), ("lat", 53.8)],
)
def test_an_addition_that_is_no_value_is_told_and_left_out(field: str, value: Any) -> None:
    found = read(addition(SERVICE, field, value))
    assert getattr(found.service, field) in ((), None)
    assert any(note.startswith(field) for note in found.notes)


def test_an_unsafe_link_is_not_taken_from_an_addition_either() -> None:
    assert read(addition(SERVICE, "url", "javascript:x")).service.url == ""


def test_somewhere_online_is_a_channel() -> None:
    virtual = place(location_type="virtual", name="Video calls")
    found = read(*virtual)
    assert found.service.channels == ("online",)
    assert found.service.address == ""
