"""The records of one service: its own, its organization's, its places', nobody else's."""

import pytest

from directory.open_referral.records import Record
from directory.open_referral.service_graph import ServiceGraph, ServiceIndex, graphs


def rec(kind: str, record_id: str, **fields: object) -> Record:
    return Record(kind, record_id, fields, f"{kind}.csv:2")


RECORDS = (
    rec("organization", "o", name="Org"),
    rec("organization", "other", name="Other"),
    rec("service", "a", name="A", organization_id="o"),
    rec("service", "b", name="B", organization_id="o"),
    rec("service", "c", name="C", organization_id="other"),
    rec("location", "l", location_type="physical"),
    rec("location", "m", location_type="physical"),
    rec("service_at_location", "al", service_id="a", location_id="l"),
    rec("service_at_location", "bl", service_id="b", location_id="l"),
    rec("service_at_location", "bm", service_id="b", location_id="m"),
    rec("address", "ad", location_id="l", address_1="1 Example Street"),
    rec("phone", "of-a", service_id="a", number="1"),
    rec("phone", "of-l", location_id="l", number="2"),
    rec("phone", "of-b-at-l", location_id="l", service_id="b", number="3"),
    rec("phone", "of-o", organization_id="o", number="4"),
    rec("schedule", "at-bl", service_at_location_id="bl", location_id="l"),
    rec("contact", "ca", service_id="a"),
    rec("phone", "of-ca", contact_id="ca", number="5"),
    rec("language", "of-phone", phone_id="of-ca", name="Polish"),
    rec("taxonomy", "t", name="Kinds"),
    rec("taxonomy_term", "food", name="Food", taxonomy_id="t"),
    rec("attribute", "x", link_id="a", link_entity="service", taxonomy_term_id="food"),
    rec("attribute", "y", link_id="b", link_entity="service", taxonomy_term_id="food"),
    rec("attribute", "z", link_id="a", link_entity="phone", taxonomy_term_id="food"),
    rec("metadata", "h", resource_id="l", resource_type="location"),
    rec("their-own-object", "q", service_id="a", anything=1),
)


OF_A = {"a", "o", "al", "l", "ad", "of-a", "of-l", "of-o", "ca", "of-ca", "of-phone"}
OF_B = {"b", "o", "bl", "bm", "l", "m", "ad", "of-l", "of-b-at-l", "of-o", "at-bl"}


def ids(graph: ServiceGraph) -> set[str]:
    return {record.id for record in graph.records()}


def test_a_graph_holds_what_says_the_service_and_nothing_of_others() -> None:
    first, second, third = graphs(RECORDS)
    assert ids(first) == OF_A | {"t", "food", "x", "h", "q"}
    assert ids(second) == OF_B | {"t", "food", "y", "h"}
    assert ids(third) == {"c", "other"}


@pytest.mark.parametrize("said", ["service", "services", "", None])
def test_an_attribute_may_say_the_table_for_the_kind_or_nothing(said: object) -> None:
    own = rec("attribute", "w", link_id="a", link_entity=said, taxonomy_term_id="food")
    first, second, _ = graphs((*RECORDS, own))
    assert "w" in ids(first) - ids(second)


@pytest.mark.parametrize("said", ["phone", "phones", "organizations", "something"])
def test_an_attribute_of_another_kind_with_the_same_id_is_not_taken(said: str) -> None:
    other = rec("attribute", "w", link_id="a", link_entity=said, taxonomy_term_id="food")
    assert "w" not in ids(next(graphs((*RECORDS, other))))


def test_what_other_services_have_too_is_known_as_shared() -> None:
    first, _, third = graphs(RECORDS)
    assert first.shared == {("organization", "o"), ("location", "l")}
    assert third.shared == frozenset()


def test_parts_keep_the_order_of_the_source() -> None:
    phones = [rec("phone", name, service_id="a", number=name) for name in "zbxa"]
    graph = ServiceIndex((rec("service", "a", name="A"), *phones)).graph("a")
    assert [it.id for it in graph.of("phone")] == list("zbxa")


def test_a_service_nobody_has_is_none() -> None:
    with pytest.raises(KeyError):
        ServiceIndex(RECORDS).graph("no-such")


def test_an_organization_that_is_missing_leaves_the_service_readable() -> None:
    (graph,) = graphs([rec("service", "a", name="A", organization_id="gone")])
    assert graph.organization is None


def test_cycles_of_references_end() -> None:
    records = [
        rec("service", "a", name="A", organization_id="o"),
        rec("organization", "o", name="O", parent_organization_id="o"),
        rec("attribute", "x", link_id="x", link_entity="attribute", taxonomy_term_id="t"),
        rec("attribute", "w", link_id="a", taxonomy_term_id="t"),
        rec("taxonomy_term", "t", name="T", parent_id="t", taxonomy_id="t"),
    ]
    (graph,) = graphs(records)
    assert ids(graph) == {"a", "o", "w", "t"}


def test_changes_take_the_place_of_records_and_an_unlinked_one_is_gone() -> None:
    first, *_ = graphs(RECORDS)
    changed = first.with_changes(
        [rec("phone", "of-a", number="1"), rec("url", "u", service_id="a")]
    )
    assert "of-a" not in ids(changed)
    assert "u" in ids(changed)
    assert changed.shared == first.shared
