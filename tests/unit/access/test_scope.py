"""Scope: every role against one's own, a neighbour's and a referred record."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from template_service.access import scope
from template_service.access.principal import Principal, Role
from template_service.errors import Forbidden, NotFound
from template_service.records.people import PersonDetails, add_person
from template_service.records.referrals import add_referral, move
from template_service.records.store import Store
from template_service.referral.states import State, Urgency
from tests.unit.records.practice import (
    BY,
    CITY,
    NEIGHBOUR,
    NOW,
    OTHER_PCN,
    PCN,
    PRACTICE,
    City,
    save,
)

AT_PRACTICE = (Role.CLINICIAN, Role.CARE_NAVIGATOR, Role.INTEGRATOR)
AT_CITY = (Role.CURATOR, Role.PUBLIC_HEALTH, Role.ADMIN)

Look = Callable[[Connection, Principal], Any]


def _principal(role: Role, organisation_id: str) -> Principal:
    return Principal(role, organisation_id, "Made Up", user_id="1")


@pytest.fixture
def looks(city: City, store: Store) -> dict[str, Look]:
    """Ways to look at Ann, who was referred, and at Ben of the same practice, who was not."""
    with store.write() as conn:
        ann = city.person.person_id
        ann_response = save(conn, ann).head.response_id
        ben = add_person(conn, PRACTICE, PersonDetails(), at=NOW).person_id
        ben_response = save(conn, ben).head.response_id
        referral = add_referral(
            conn,
            PRACTICE,
            pcn_code=PCN,
            person_id=ann,
            response_id=ann_response,
            needs=["food-aid"],
            reason="",
            safe_contact="",
            consent=True,
            urgency=Urgency.ROUTINE,
            at=NOW,
            **BY,
        ).referral_id
    return {
        "person": lambda conn, who: scope.person(conn, who, ann),
        "response": lambda conn, who: scope.response(conn, who, ann_response),
        "referral": lambda conn, who: scope.referral(conn, who, referral),
        "person not referred": lambda conn, who: scope.person(conn, who, ben),
        "response not referred": lambda conn, who: scope.response(conn, who, ben_response),
        "person not there": lambda conn, who: scope.person(conn, who, "nobody"),
        "response not there": lambda conn, who: scope.response(conn, who, "nothing"),
        "referral not there": lambda conn, who: scope.referral(conn, who, "nothing"),
    }


EVERYTHING = {"person", "response", "referral", "person not referred", "response not referred"}
REFERRED = {"person", "response", "referral"}


@pytest.mark.parametrize(
    ("role", "organisation_id", "visible"),
    [
        *[(role, PRACTICE, EVERYTHING) for role in AT_PRACTICE],
        *[(role, NEIGHBOUR, set()) for role in AT_PRACTICE],
        (Role.LINK_WORKER, PCN, REFERRED),
        (Role.LINK_WORKER, OTHER_PCN, set()),
    ],
)
def test_what_is_not_theirs_looks_like_what_is_not_there(
    store: Store, looks: dict[str, Look], role: Role, organisation_id: str, visible: set[str]
) -> None:
    who = _principal(role, organisation_id)
    with store.read() as conn:
        for name, look in looks.items():
            if name in visible:
                assert look(conn, who).organisation_id == PRACTICE
            else:
                with pytest.raises(NotFound) as caught:
                    look(conn, who)
                assert str(caught.value) == "Not found"


@pytest.mark.parametrize("role", AT_CITY)
def test_a_role_that_never_sees_people_is_refused_everything(
    store: Store, looks: dict[str, Look], role: Role
) -> None:
    with store.read() as conn:
        for look in looks.values():
            with pytest.raises(Forbidden):
                look(conn, _principal(role, CITY))


def test_every_role_is_covered_here() -> None:
    assert {*AT_PRACTICE, *AT_CITY, Role.LINK_WORKER} == set(Role)


@pytest.mark.parametrize("ended", [State.CANCELLED, State.DECLINED])
def test_a_withdrawn_or_declined_referral_no_longer_opens_the_person(
    store: Store, looks: dict[str, Look], ended: State
) -> None:
    link_worker = _principal(Role.LINK_WORKER, PCN)
    with store.write() as conn:
        referral = looks["referral"](conn, link_worker)
        move(conn, referral, ended, at=NOW, reason="Made up", **BY)
    with store.read() as conn:
        for name in ("person", "response"):
            with pytest.raises(NotFound):
                looks[name](conn, link_worker)
        assert looks["referral"](conn, link_worker).status is ended
