"""Tokens: shown once, a role at one organisation, ended by time or by hand."""

from datetime import timedelta

import pytest

from template_service.access import tokens
from template_service.access.placement import MisplacedRole
from template_service.access.principal import Role
from template_service.access.tokens import Issued, token_create
from template_service.errors import Invalid
from template_service.records.organisations import UnknownOrganisation
from template_service.records.store import Store
from template_service.records.tokens import tokens_of
from tests.unit.records.practice import NEIGHBOUR, NOW, PCN, PRACTICE


def _issue(store: Store, days: int = 30, organisation_id: str = PRACTICE) -> Issued:
    with store.write() as conn:
        return token_create(
            conn, role=Role.INTEGRATOR, organisation_id=organisation_id, days=days, now=NOW
        )


def test_a_token_stands_for_its_role_and_organisation(store: Store) -> None:
    issued = _issue(store)
    assert issued.token.startswith("ts_")
    with store.read() as conn:
        found = tokens.resolve(conn, issued.token, now=NOW)
    assert found is not None
    assert (found.role, found.organisation_id) == (Role.INTEGRATOR, PRACTICE)
    assert found.actor == f"token:{issued.token_id}"


@pytest.mark.parametrize("value", ["", "ts_", "ts_unknown", "Bearer"])
def test_an_unknown_token_stands_for_nobody(store: Store, value: str) -> None:
    _issue(store)
    with store.read() as conn:
        assert tokens.resolve(conn, value, now=NOW) is None


def test_a_token_without_its_prefix_stands_for_nobody(store: Store) -> None:
    issued = _issue(store)
    with store.read() as conn:
        assert tokens.resolve(conn, issued.token.removeprefix("ts_"), now=NOW) is None


def test_a_token_ends_with_its_days(store: Store) -> None:
    issued = _issue(store, days=1)
    assert issued.expires_at == NOW + timedelta(days=1)
    with store.read() as conn:
        last = issued.expires_at - timedelta(microseconds=1)
        assert tokens.resolve(conn, issued.token, now=last) is not None
        assert tokens.resolve(conn, issued.token, now=issued.expires_at) is None


def test_a_revoked_token_stands_for_nobody(store: Store) -> None:
    issued, other = _issue(store), _issue(store)
    with store.write() as conn:
        assert not tokens.revoke(conn, NEIGHBOUR, issued.token_id, now=NOW)
        assert tokens.resolve(conn, issued.token, now=NOW) is not None
        assert tokens.revoke(conn, PRACTICE, issued.token_id, now=NOW)
        assert not tokens.revoke(conn, PRACTICE, issued.token_id, now=NOW)
        assert tokens.resolve(conn, issued.token, now=NOW) is None
        assert tokens.resolve(conn, other.token, now=NOW) is not None


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_token_needs_a_sensible_end(store: Store, days: int) -> None:
    with pytest.raises(Invalid, match="1 to 366"):
        _issue(store, days=days)


def test_a_token_needs_an_organisation_of_the_right_kind(store: Store) -> None:
    with pytest.raises(UnknownOrganisation, match="Y99999"):
        _issue(store, organisation_id="Y99999")
    with pytest.raises(MisplacedRole):
        _issue(store, organisation_id=PCN)


def test_the_token_is_kept_only_as_a_hash_and_in_no_repr(store: Store) -> None:
    issued = _issue(store)
    assert issued.token not in repr(issued)
    with store.read() as conn:
        (row,) = tokens_of(conn, PRACTICE)
        assert tokens_of(conn, NEIGHBOUR) == ()
    assert str(row.secret_hash) not in repr(row)
    log = store.path.with_name(store.path.name + "-wal")
    assert issued.token.encode() not in store.path.read_bytes() + log.read_bytes()
