"""Organisations, services given and accounts: read back as kept, each in its organisation."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from template_service.records import given, organisations, users
from template_service.records.organisations import Kind, Organisation, UnknownOrganisation
from template_service.records.store import Store
from tests.unit.records.practice import (
    BY,
    CITY,
    NEIGHBOUR,
    NOW,
    OTHER_PCN,
    PCN,
    PRACTICE,
)


def test_organisations_are_read_back_by_code_and_kind(store: Store) -> None:
    with store.read() as conn:
        found = organisations.get(conn, PRACTICE)
        assert found == Organisation(
            ods_code=PRACTICE, name="Made Up Surgery", kind=Kind.PRACTICE, parent=PCN
        )
        assert organisations.get(conn, "Y99999") is None
        assert [one.ods_code for one in organisations.organisations(conn, Kind.PCN)] == [
            OTHER_PCN,
            PCN,
        ]
        assert len(organisations.organisations(conn)) == 5


def test_importing_again_brings_up_to_date(store: Store) -> None:
    with store.write() as conn:
        (old,) = organisations.organisations(conn, Kind.CITY)
        new = replace(old, name="Renamed City", postcode="LS99 9ZZ")
        assert organisations.import_organisations(conn, [new]) == 1
        assert organisations.get(conn, CITY) == new
        assert organisations.import_organisations(conn, []) == 0


def test_an_unknown_organisation_is_named(store: Store) -> None:
    with store.read() as conn, pytest.raises(UnknownOrganisation, match="Y99999"):
        organisations.known(conn, "Y99999")


def test_services_given_are_read_back_newest_first(ann: str, store: Store) -> None:
    values: dict[str, Any] = {
        "person_id": ann,
        "response_id": None,
        "service_id": "s1",
        "service_name": "Made Up Food Bank",
        "need": "food-aid",
        "channel": "print",
        "directory_version": "v1",
        **BY,
    }
    with store.write() as conn:
        first = given.add_given(conn, PRACTICE, at=NOW, **values)
        second = given.add_given(conn, PRACTICE, at=NOW + timedelta(hours=1), **values)
        assert given.given_to(conn, PRACTICE, ann) == (second, first)
        assert given.given_to(conn, NEIGHBOUR, ann) == ()


def _add_account(store: Store, username: str) -> users.User:
    with store.write() as conn:
        return users.add_account(
            conn,
            PRACTICE,
            username=username,
            name="Dr Made Up",
            role="clinician",
            password_hash="$argon2id$made-up",
            at=NOW,
        )


def test_an_account_is_found_by_its_username(store: Store) -> None:
    made = _add_account(store, "clinician")
    with store.write() as conn:
        assert users.by_username(conn, "clinician") == made
        assert users.by_username(conn, "nobody") is None
        users.replace_password_hash(conn, made, "newer")
        assert users.accounts(conn) == (replace(made, password_hash="newer"),)


def test_a_username_is_taken_once(store: Store) -> None:
    _add_account(store, "clinician")
    with pytest.raises(users.UsernameTaken):
        _add_account(store, "clinician")


def test_whether_somebody_has_a_role_at_an_organisation(store: Store) -> None:
    _add_account(store, "clinician")
    with store.read() as conn:
        assert users.has_role(conn, PRACTICE, "clinician")
        assert not users.has_role(conn, PRACTICE, "link_worker")
        assert not users.has_role(conn, NEIGHBOUR, "clinician")


def test_a_password_hash_does_not_show_in_a_repr(store: Store) -> None:
    assert "argon2" not in repr(_add_account(store, "clinician"))
