"""The laws of the lens: what is not edited stays, what was put is read back, nothing else moves."""

from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.model import InvalidService, Service, read_service
from directory.open_referral.lens_text import is_safe_link
from directory.open_referral.records import Quarantined, Record
from directory.open_referral.schemas import checked
from directory.open_referral.service_graph import ServiceGraph, ServiceIndex, graphs
from directory.open_referral.service_lens import edited, records_of, records_of_all, service_of
from directory.starter import LEEDS
from tests.unit.directory.made_up import HAREHILLS, a_service, any_services, made_up_services

EDITABLE = tuple(it.name for it in fields(Service) if it.name != "id")
# Coordinates and ages are true in pairs only.
TOGETHER = ({"lat", "lon"}, {"minimum_age", "maximum_age"})


def graph_of(records: tuple[Record, ...], service_id: str) -> ServiceGraph:
    return ServiceIndex(records).graph(service_id)


def read(records: tuple[Record, ...], service_id: str) -> Service:
    return service_of(graph_of(records, service_id), "starter").service


@lru_cache(1)
def starter() -> tuple[Service, ...]:
    return tuple(map(read_service, orjson.loads((LEEDS / "services.json").read_bytes())))


def a_feed() -> tuple[Record, ...]:
    """Two services of one organization at one place, as a feed has them: nothing of it is ours."""
    raw: list[tuple[str, str, dict[str, Any]]] = [
        ("organization", "o", {"name": "Org &amp; Co", "website": "https://org.example"}),
        (
            "service",
            "s",
            {
                "name": "<b>Advice</b>",
                "description": "<p>One.</p><p>Two.</p>",
                "organization_id": "o",
                "application_process": "Walk in",
                "wait_time": "2 weeks",
                "unheard_of": {"kept": [1, 2]},
                "minimum_age": 16.5,
            },
        ),
        ("service", "t", {"name": "Other", "organization_id": "o", "status": "inactive"}),
        ("location", "l", {"location_type": "physical", "latitude": 53.8, "longitude": -1.5}),
        (
            "address",
            "a",
            {
                "location_id": "l",
                "address_1": "1 Example Street",
                "city": "Leeds",
                "state_province": "West Yorkshire",
                "postal_code": "LS9 6AU",
                "country": "GB",
                "address_type": "physical",
            },
        ),
        ("service_at_location", "sl", {"service_id": "s", "location_id": "l"}),
        ("service_at_location", "tl", {"service_id": "t", "location_id": "l"}),
        ("phone", "p", {"service_id": "s", "number": "0113 496 0000", "extension": 12}),
        ("phone", "pl", {"location_id": "l", "number": "0113 496 0001", "type": "voice"}),
        ("service_area", "sa", {"service_id": "s", "name": "Somewhere"}),
        (
            "schedule",
            "w",
            {
                "service_id": "s",
                "freq": "WEEKLY",
                "byday": "MO,TU",
                "opens_at": "09:00Z",
                "closes_at": "17:00Z",
                "description": "Not on bank holidays.",
            },
        ),
        ("cost_option", "c", {"service_id": "s", "amount": 5, "amount_description": "a visit"}),
        ("taxonomy", "x", {"name": "openEligibility"}),
        ("taxonomy_term", "xf", {"name": "Emergency Food", "code": "102-02", "taxonomy_id": "x"}),
        ("attribute", "at", {"link_id": "s", "link_entity": "service", "taxonomy_term_id": "xf"}),
    ]
    return tuple(
        Record(kind, record_id, found, f"feed:{n}")
        for n, (kind, record_id, found) in enumerate(raw)
    )


def merged(records: tuple[Record, ...], changed: tuple[Record, ...]) -> tuple[Record, ...]:
    by_key = {(it.kind, it.id): it for it in records} | {(it.kind, it.id): it for it in changed}
    return tuple(by_key.values())


def services() -> st.SearchStrategy[Service]:
    """Any service with a link that may be followed."""
    return any_services().filter(lambda it: is_safe_link(it.url))


def changes() -> st.SearchStrategy[dict[str, Any]]:
    """Some fields of some service, pairs kept together."""
    names = st.sets(st.sampled_from(EDITABLE), min_size=1)
    return st.builds(_of, services() | st.sampled_from(starter()), names)


def _of(service: Service, names: set[str]) -> dict[str, Any]:
    for pair in TOGETHER:
        names = names | pair if names & pair else names
    return {name: getattr(service, name) for name in sorted(names)}


@pytest.mark.parametrize("service", starter(), ids=lambda it: it.name)
def test_every_starter_service_is_read_back(service: Service) -> None:
    records = records_of(service)
    assert read(records, service.id) == service
    assert service_of(graph_of(records, service.id), "starter").notes == ()


def test_a_crowd_of_services_is_read_back() -> None:
    services = made_up_services(100)
    records = records_of_all(services)
    assert tuple(service_of(it, "made-up").service for it in graphs(records)) == services


@given(services())
def test_any_service_is_read_back(service: Service) -> None:
    assert read(records_of(service), service.id) == service


@settings(max_examples=40)
@given(services())
def test_the_order_in_which_records_are_kept_does_not_matter(service: Service) -> None:
    by_id = tuple(sorted(records_of(service), key=lambda it: (it.kind, it.id)))
    assert read(by_id, service.id) == service


@settings(max_examples=40)
@given(services())
def test_records_of_ours_are_valid_and_whole(service: Service) -> None:
    records = records_of(service)
    assert len({(it.kind, it.id) for it in records}) == len(records)
    held = {(it.kind, it.id) for it in records}
    for it in records:
        found = checked(it.kind, {"id": it.id, **it.fields}, it.place)
        assert not isinstance(found, Quarantined), found
        assert found == it
        for field, kind in (("organization_id", "organization"), ("location_id", "location")):
            assert it.fields.get(field) is None or (kind, it.fields[field]) in held


def test_what_services_have_in_common_is_written_once() -> None:
    records = tuple(records_of_all(starter()))
    assert len({(it.kind, it.id) for it in records}) == len(records)
    organisations = {service.organisation for service in starter() if service.organisation}
    assert sum(it.kind == "organization" for it in records) == len(organisations)


@settings(max_examples=40)
@given(services())
def test_a_service_put_as_it_is_changes_no_record(service: Service) -> None:
    graph = graph_of(records_of(service), service.id)
    same = {name: getattr(service, name) for name in EDITABLE}
    assert edited(graph, same) == ()


def test_a_feed_put_as_it_is_reads_as_before() -> None:
    graph = graph_of(a_feed(), "s")
    before = service_of(graph, "feed").service
    same = {name: getattr(before, name) for name in EDITABLE if name != "status"}
    assert edited(graph, same) == ()


@settings(max_examples=60)
@given(services(), changes())
def test_what_was_put_into_a_service_of_ours_is_read_back(
    service: Service, put: dict[str, Any]
) -> None:
    records = records_of(service)
    found = read(merged(records, edited(graph_of(records, service.id), put)), service.id)
    # Whether it is national follows from where it is offered, until somebody says otherwise.
    follows = {} if "national" in put or "service_area" not in put else {"national": found.national}
    assert found == replace(service, **put | follows)


@settings(max_examples=60)
@given(changes())
def test_what_was_put_into_a_feed_is_read_back(put: dict[str, Any]) -> None:
    changed = edited(graph_of(a_feed(), "s"), put)
    after = merged(a_feed(), changed)
    found = service_of(graph_of(after, "s"), "feed").service
    assert {name: getattr(found, name) for name in put} == put


@settings(max_examples=60)
@given(changes())
def test_an_edit_of_one_service_never_changes_another(put: dict[str, Any]) -> None:
    other = service_of(graph_of(a_feed(), "t"), "feed").service
    after = merged(a_feed(), edited(graph_of(a_feed(), "s"), put))
    assert service_of(graph_of(after, "t"), "feed").service == other


@settings(max_examples=60)
@given(changes())
def test_an_edit_keeps_what_it_is_not_about(put: dict[str, Any]) -> None:
    before = {(it.kind, it.id): it for it in a_feed()}
    for it in edited(graph_of(a_feed(), "s"), put):
        if (it.kind, it.id) == ("service", "s"):
            assert it.fields["unheard_of"] == {"kept": [1, 2]}
            assert it.fields["application_process"] == "Walk in"
        elif (it.kind, it.id) in before:
            assert it.kind in {"phone", "language", "service_area", "schedule"}


@settings(max_examples=40)
@given(changes(), changes())
def test_the_last_of_two_edits_stands(first: dict[str, Any], second: dict[str, Any]) -> None:
    once = merged(a_feed(), edited(graph_of(a_feed(), "s"), first))
    twice = merged(once, edited(graph_of(once, "s"), second))
    found = service_of(graph_of(twice, "s"), "feed").service
    assert {name: getattr(found, name) for name in second} == second


def test_a_value_gives_way_when_what_it_stood_for_changes() -> None:
    graph = graph_of(a_feed(), "s")
    after = merged(a_feed(), edited(graph, {"postcode": "LS1 1AA"}))
    assert service_of(graph_of(after, "s"), "feed").service.postcode == "LS1 1AA"
    moved = tuple(
        it._replace(fields={**it.fields, "postal_code": "LS2 2BB"}) if it.id == "a" else it
        for it in after
    )
    found = service_of(graph_of(moved, "s"), "feed")
    assert found.service.postcode == "LS2 2BB"
    assert "postcode: what a curator had put gave way, because the source changed" in found.notes


def test_needs_a_curator_gave_stay_when_the_terms_of_the_feed_change() -> None:
    after = merged(a_feed(), edited(graph_of(a_feed(), "s"), {"needs": ("debt-advice",)}))
    without = tuple(it for it in after if it.id != "at")
    assert service_of(graph_of(without, "s"), "feed").service.needs == ("debt-advice",)


def test_a_corrected_number_is_corrected_where_others_read_it() -> None:
    service = starter()[0]
    records = records_of(service)
    (phone,) = service.phone
    put = {"phone": (replace(phone, number="0113 496 0009"),)}
    changed = edited(graph_of(records, service.id), put)
    assert [(it.kind, it.fields["number"]) for it in changed] == [("phone", "0113 496 0009")]


def test_a_link_that_runs_code_is_refused() -> None:
    graph = graph_of(a_feed(), "s")
    with pytest.raises(InvalidService, match="url: a link that would run code"):
        edited(graph, {"url": "javascript:x"})
    with pytest.raises(InvalidService, match="url: a link that would run code"):
        records_of(replace(starter()[0], url="javascript:x"))


def test_an_edit_keeps_what_a_curator_put_before() -> None:
    service = replace(a_service(), lat=10.0, lon=20.0, caution=" ", url="not a link")
    records = records_of(service)
    put: dict[str, Any] = {
        "address": "1 Example Street",
        "service_area": (HAREHILLS,),
        "organisation": "New",
    }
    found = read(merged(records, edited(graph_of(records, service.id), put)), service.id)
    assert found == replace(service, **put)


def test_only_fields_of_a_service_can_be_edited() -> None:
    graph = graph_of(a_feed(), "s")
    for name in ("id", "nmae"):
        with pytest.raises(InvalidService, match=f"{name}: not a field to edit"):
            edited(graph, {name: "x"})
