"""Passwords: argon2id, checked alike for known and unknown names, hashed anew when due."""

import subprocess
import sys
from dataclasses import replace
from typing import Literal

import argon2
import pytest

from template_service.access import passwords
from template_service.access.passwords import WeakPassword, add_user, check_password
from template_service.access.placement import PLACEMENT, MisplacedRole
from template_service.access.principal import Role
from template_service.records.organisations import UnknownOrganisation
from template_service.records.store import Store
from template_service.records.users import User, UsernameTaken
from tests.unit.records.practice import CITY, NOW, PCN, PRACTICE

PASSWORD = "correct horse battery"


def _add(
    store: Store,
    *,
    organisation_id: str = PRACTICE,
    role: Role = Role.CLINICIAN,
    password: str = PASSWORD,
) -> User:
    with store.write() as conn:
        return add_user(
            conn,
            organisation_id,
            username="someone",
            name="Dr Made Up",
            role=role,
            password=password,
            at=NOW,
        )


def test_the_right_password_gives_the_account_and_the_wrong_one_nobody(store: Store) -> None:
    user = _add(store)
    assert user.password_hash.startswith("$argon2id$")
    assert check_password(user, PASSWORD).user == user
    for wrong in ("", PASSWORD + "x", PASSWORD[:-1], PASSWORD.upper()):
        assert check_password(user, wrong).user is None


def test_an_unknown_account_costs_one_verification_too(monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []

    class Counting(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
            verified.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting(time_cost=1, memory_cost=8, parallelism=1))
    assert check_password(None, PASSWORD).user is None
    assert len(verified) == 1
    assert verified[0].startswith("$argon2id$")


def test_even_the_password_of_the_stand_in_signs_nobody_in() -> None:
    assert check_password(None, "nobody signs in with this").user is None


def test_a_hash_of_older_parameters_is_renewed_on_a_right_password(store: Store) -> None:
    user = _add(store)
    assert check_password(user, PASSWORD).rehash is None
    old = argon2.PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    aged = replace(user, password_hash=old.hash(PASSWORD))
    checked = check_password(aged, PASSWORD)
    assert checked.rehash is not None
    assert check_password(replace(aged, password_hash=checked.rehash), PASSWORD).rehash is None
    assert check_password(aged, "wrong").rehash is None
    assert checked.rehash not in repr(checked)


def test_a_damaged_hash_signs_nobody_in(store: Store) -> None:
    broken = replace(_add(store), password_hash="not a hash")
    assert check_password(broken, PASSWORD).user is None


@pytest.mark.parametrize("password", ["", "seven77", "x" * 257])
def test_a_password_of_unfit_length_is_refused_without_repeating_it(
    store: Store, password: str
) -> None:
    with pytest.raises(WeakPassword) as caught:
        _add(store, password=password)
    assert not password or password not in str(caught.value)


def test_a_long_password_counts_to_its_last_character(store: Store) -> None:
    user = _add(store, password="x" * 256)
    assert check_password(user, "x" * 256).user == user
    assert check_password(user, "x" * 255).user is None
    assert check_password(user, "x" * 100_000).user is None


def test_a_username_is_taken_once(store: Store) -> None:
    _add(store)
    with pytest.raises(UsernameTaken):
        _add(store)


def test_an_account_needs_an_organisation_that_is_there(store: Store) -> None:
    with pytest.raises(UnknownOrganisation, match="Y99999"):
        _add(store, organisation_id="Y99999")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("organisation_id", [PRACTICE, PCN, CITY])
def test_a_role_works_at_its_kind_of_organisation_only(
    store: Store, role: Role, organisation_id: str
) -> None:
    kinds = {PRACTICE: "practice", PCN: "pcn", CITY: "city"}
    if PLACEMENT.get(role, kinds[organisation_id]) == kinds[organisation_id]:
        assert _add(store, role=role, organisation_id=organisation_id).role == role
        return
    with pytest.raises(MisplacedRole, match=organisation_id):
        _add(store, role=role, organisation_id=organisation_id)


def test_outside_tests_a_hash_costs_what_rfc_9106_recommends() -> None:
    """Tests use a quick hasher (`tests/conftest.py`), so this looks from another process."""
    text = "from template_service.access.passwords import _HASHER; print(_HASHER.hash('x' * 8))"
    told = subprocess.run([sys.executable, "-c", text], capture_output=True, check=True, text=True)
    assert told.stdout.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
