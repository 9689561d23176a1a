"""Our additions as attribute records: any value goes in and comes out; ids are made, not drawn."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from directory.model import NEEDS
from directory.open_referral.attributes import (
    ADDITIONS,
    NEED_OF_TERM,
    addition,
    field_of,
    made_id,
    need_attribute,
    value_of,
    vocabulary_of,
)
from directory.open_referral.records import Quarantined, Record
from directory.open_referral.schemas import checked

SERVICE = Record("service", "s", {"name": "A"})
_texts = st.text(st.characters(codec="utf-8"))
_values = st.none() | st.booleans() | st.integers(-1000, 1000) | st.lists(_texts) | _texts


@given(_values)
def test_a_value_is_read_back_after_the_schema(value: Any) -> None:
    made = addition(SERVICE, "cost", value)
    taken = checked("attribute", {"id": made.id, **made.fields}, made.place)
    assert not isinstance(taken, Quarantined)
    assert value_of(taken) == value


def test_ordinary_text_is_written_as_it_is() -> None:
    assert addition(SERVICE, "cost", "free (NHS)").fields["value"] == "free (NHS)"
    assert addition(SERVICE, "urgent_today", True).fields["value"] == "true"


def test_ids_are_uuids_made_from_what_they_are_of_and_sort_as_a_list() -> None:
    ids = [made_id("s", "phone", ordinal=ordinal) for ordinal in range(300)]
    assert sorted(ids) == ids
    assert len(set(ids)) == 300
    assert all(str(UUID(it)) == it and UUID(it).version == 5 for it in ids)
    assert ids[0] == made_id("s", "phone")
    assert ids[0] != made_id("s", "language")


def test_a_field_is_known_by_its_term_and_by_the_name_of_our_vocabulary() -> None:
    made = addition(SERVICE, "cost", "free")
    assert field_of(made, {}) == "cost"
    elsewhere = Record("taxonomy_term", "x", {"taxonomy": ADDITIONS, "code": "cost"})
    theirs = Record("taxonomy_term", "y", {"taxonomy": "Theirs", "code": "cost"})
    terms = {"x": elsewhere, "y": theirs}
    assert field_of(made._replace(fields={"taxonomy_term_id": "x"}), terms) == "cost"
    assert field_of(made._replace(fields={"taxonomy_term_id": "y"}), terms) is None


def test_the_vocabularies_hold_every_term_that_is_pointed_at() -> None:
    attributes = [
        addition(SERVICE, "cost", "free"),
        need_attribute(SERVICE, "food-aid", 0),
        need_attribute(SERVICE, "debt-advice", 1),
    ]
    records = vocabulary_of(attributes)
    assert [it.fields["code"] for it in records if it.kind == "taxonomy_term"] == [
        "cost",
        "debt-advice",
        "food-aid",
    ]
    taxonomies = {it.id for it in records if it.kind == "taxonomy"}
    assert {it.fields["taxonomy_id"] for it in records if it.kind == "taxonomy_term"} == taxonomies


def test_every_need_is_a_term() -> None:
    assert set(NEED_OF_TERM.values()) == set(NEEDS)
