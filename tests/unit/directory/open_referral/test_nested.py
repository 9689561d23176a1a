from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.open_referral.nested import Flattener
from directory.open_referral.records import Item, Quarantined, Record

SERVICE = {"id": "s1", "name": "Advice"}


def _read(*documents: Mapping[str, Any], kind: str = "service") -> list[Item]:
    flattener = Flattener()
    items = [
        item
        for number, document in enumerate(documents)
        for item in flattener.items(document, kind, f"[{number}]")
    ]
    return [*items, *flattener.rest()]


def _record(items: list[Item], kind: str) -> Record:
    (found,) = [it for it in items if isinstance(it, Record) and it.kind == kind]
    return found


def _refused(items: list[Item]) -> list[Quarantined]:
    return [it for it in items if isinstance(it, Quarantined)]


def test_children_point_at_parents_and_parents_at_single_objects() -> None:
    items = _read(
        SERVICE
        | {
            "organization": {"id": "o1", "name": "Charity"},
            "phones": [{"id": "p1", "number": "0113", "languages": [{"id": "l1"}]}],
            "service_at_locations": [{"id": "x", "location": {"id": "l", "name": "Hall"}}],
            "attributes": [{"id": "a1", "taxonomy_term": {"id": "t", "name": "Debt"}}],
        }
    )
    assert {(it.kind, it.id): it.fields for it in items if isinstance(it, Record)} == {
        ("service", "s1"): {"name": "Advice", "organization_id": "o1"},
        ("organization", "o1"): {"name": "Charity"},
        ("phone", "p1"): {"number": "0113", "service_id": "s1"},
        ("language", "l1"): {"phone_id": "p1"},
        ("service_at_location", "x"): {"service_id": "s1", "location_id": "l"},
        ("location", "l"): {"name": "Hall"},
        ("attribute", "a1"): {"link_id": "s1", "link_entity": "service", "taxonomy_term_id": "t"},
        ("taxonomy_term", "t"): {"name": "Debt"},
    }
    assert _record(items, "language").place == "[0].phones[0].languages[0]"


def test_unknown_nested_objects_stay_in_their_owner() -> None:
    reviews = [{"id": "r", "score": 5, "by": {"name": "x"}}]
    assert _record(_read(SERVICE | {"reviews": reviews}), "service").fields["reviews"] == reviews


def test_a_child_without_id_gets_one_that_stays_the_same() -> None:
    once, again = (
        _record(_read(SERVICE | {"phones": [{"number": "0113"}]}), "phone") for _ in range(2)
    )
    assert once == again
    assert UUID(once.id).version == 5
    other = _record(_read(SERVICE | {"phones": [{"number": "0114"}]}), "phone")
    elsewhere = _record(_read(SERVICE | {"id": "s2", "phones": [{"number": "0113"}]}), "phone")
    assert len({once.id, other.id, elsewhere.id}) == 3


def test_a_single_object_without_id_is_the_one_its_owner_names() -> None:
    named = SERVICE | {"organization_id": "o1", "organization": {"name": "Charity"}}
    assert _record(_read(named), "organization").id == "o1"
    items = _read(SERVICE | {"organization": {"name": "Charity"}})
    made = _record(items, "organization").id
    assert _record(items, "service").fields["organization_id"] == made


def test_a_shared_object_is_taken_once_with_all_that_is_said_of_it() -> None:
    first = SERVICE | {"organization": {"id": "o", "name": "Charity"}}
    second = SERVICE | {"id": "s2", "organization": {"id": "o", "name": "Charity", "uri": "u:1"}}
    items = _read(first, second, first | {"id": "s3"})
    assert _record(items, "organization").fields == {"name": "Charity", "uri": "u:1"}
    assert not _refused(items)


def test_a_repeat_that_contradicts_is_quarantined_and_the_first_stays() -> None:
    first = SERVICE | {"organization": {"id": "o", "name": "Charity"}}
    second = SERVICE | {"id": "s2", "organization": {"id": "o", "name": "Church"}}
    items = _read(first, second)
    assert _record(items, "organization").fields["name"] == "Charity"
    assert _refused(items) == [
        Quarantined(
            "organizations", "[1].organization", "o", "read at [0].organization with another name"
        )
    ]


def test_an_id_on_two_services_is_quarantined_and_the_same_service_again_is_not() -> None:
    items = _read(SERVICE, SERVICE, SERVICE | {"name": "Other"})
    assert _record(items, "service").fields["name"] == "Advice"
    assert _refused(items) == [
        Quarantined("services", "[2]", "s1", "read at [0] with another name")
    ]


def test_a_service_said_more_of_later_is_not_lost_in_silence() -> None:
    items = _read(SERVICE, SERVICE | {"email": "a@example.org"})
    assert _refused(items) == [Quarantined("services", "[1]", "s1", "read at [0] without email")]


def test_a_service_of_its_own_takes_what_was_said_of_it_before() -> None:
    flattener = Flattener()
    organization = {"id": "o", "name": "Charity", "services": [SERVICE | {"fees": "none"}]}
    items = [
        *flattener.items(organization, "organization", "a"),
        *flattener.items(SERVICE, "service", "b"),
        *flattener.rest(),
    ]
    service = _record(items, "service")
    assert service.fields == {"name": "Advice", "fees": "none", "organization_id": "o"}
    assert service.place == "b"


def test_an_id_on_two_children_of_other_content_is_quarantined() -> None:
    phone = {"id": "p", "number": "0113"}
    items = _read(SERVICE | {"phones": [phone]}, SERVICE | {"id": "s2", "phones": [phone]})
    reason = "an object with this id and other content was read before"
    assert _refused(items) == [Quarantined("phones", "[1].phones[0]", "p", reason)]


def test_a_child_under_two_owners_of_one_document_belongs_to_both() -> None:
    phone = {"id": "p", "number": "0113"}
    items = _read(SERVICE | {"phones": [phone], "contacts": [{"id": "c", "phones": [phone]}]})
    assert _record(items, "phone").fields == {
        "number": "0113",
        "service_id": "s1",
        "contact_id": "c",
    }


@pytest.mark.parametrize(
    ("nested", "row", "reason"),
    [
        ({"phones": "0113"}, "[0].phones", "an object is expected, this is text"),
        ({"phones": [5]}, "[0].phones[0]", "an object is expected, this is a number"),
        ({"organization": ["x"]}, "[0].organization", "an object is expected, this is a list"),
    ],
)
def test_a_nested_name_that_holds_no_object(nested: Any, row: str, reason: str) -> None:
    items = _read(SERVICE | nested)
    assert [(it.row, it.reason) for it in _refused(items)] == [(row, reason)]
    assert _record(items, "service").fields == {"name": "Advice"}


def test_a_single_child_where_a_list_should_be_is_taken() -> None:
    items = _read(SERVICE | {"phones": {"id": "p", "number": "0113"}})
    assert _record(items, "phone").place == "[0].phones"


def test_references_that_contradict_the_nesting_are_quarantined() -> None:
    phone = {"id": "p", "number": "0113", "service_id": "s9"}
    stated = {"organization_id": "o2", "organization": {"id": "o1", "name": "Charity"}}
    items = _read(SERVICE | stated | {"phones": [phone]})
    assert [(it.id, it.reason) for it in _refused(items)] == [
        ("s1", "organization_id: not the id of the organization that stands here"),
        ("p", "service_id: names another service than the one it stands in"),
    ]


def test_children_of_an_object_without_id_are_quarantined_shared_ones_taken() -> None:
    items = _read(
        {
            "name": "Advice",
            "organization": {"id": "o", "name": "Charity"},
            "phones": [{"number": "0113"}],
        }
    )
    assert [(it.table, it.reason) for it in _refused(items)] == [
        ("services", "id: missing"),
        ("phones", "id: missing; the service it belongs to has no id"),
    ]
    assert _record(items, "organization").id == "o"


def test_numbers_no_writer_can_write_become_text() -> None:
    fields = _record(_read(SERVICE | {"x": [10**30, 1.5]}), "service").fields
    assert fields["x"] == [str(10**30), 1.5]


@given(depth=st.integers(30, 5000))
def test_objects_nested_without_end_are_quarantined(depth: int) -> None:
    deep: Any = "end"
    for _ in range(depth + 5):
        deep = [deep]
    refused = _refused(_read(SERVICE | {"x": deep}))
    assert [it.reason for it in refused] == ["nested more than 32 deep"]


def test_known_objects_nested_without_end_are_quarantined() -> None:
    document: dict[str, Any] = dict(SERVICE)
    for _ in range(100):
        organization = {"id": "o", "name": "x", "services": [document]}
        document = SERVICE | {"organization": organization}
    assert {it.reason for it in _refused(_read(document))} == {"nested more than 32 deep"}
