"""Roles: who sees people, and who sees safety content."""

import pytest

from template_service.access.policy import POLICY, PUBLIC, authorise
from template_service.access.principal import Principal, Role
from template_service.errors import Forbidden, Unauthenticated

SEES_SAFETY = {Role.CLINICIAN, Role.INTEGRATOR}


def _principal(role: Role) -> Principal:
    return Principal(role, "Y90001", "Made Up", user_id="1")


@pytest.mark.parametrize("role", Role)
def test_safety_is_for_those_who_act_on_it_and_people_for_those_who_care_for_them(
    role: Role,
) -> None:
    assert _principal(role).sees_safety == (role in SEES_SAFETY)
    assert _principal(role).sees_people == (
        role in SEES_SAFETY | {Role.CARE_NAVIGATOR, Role.LINK_WORKER}
    )


@pytest.mark.parametrize("endpoint", sorted(POLICY))
def test_an_endpoint_admits_its_roles_and_nobody_else(endpoint: str) -> None:
    rule = POLICY[endpoint]
    if rule is PUBLIC:
        authorise(endpoint, None)
        return
    with pytest.raises(Unauthenticated):
        authorise(endpoint, None)
    for role in Role:
        if role in rule:
            authorise(endpoint, _principal(role))
        else:
            with pytest.raises(Forbidden):
                authorise(endpoint, _principal(role))


def test_an_endpoint_without_a_rule_is_closed_to_all() -> None:
    with pytest.raises(Unauthenticated):
        authorise("web.forgotten", None)
    for role in Role:
        with pytest.raises(Forbidden):
            authorise("web.forgotten", _principal(role))


def test_every_rule_admits_somebody() -> None:
    assert [endpoint for endpoint, rule in POLICY.items() if rule is not PUBLIC and not rule] == []


# Pages and answers that show a person: those who never see one must be refused by the route itself.
_ABOUT_PEOPLE = {"people", "person", "template", "plan", "card", "acknowledge", "clinician"} | {
    *("give", "refer", "worklist", "response", "score", "preview", "finish")
}


@pytest.mark.parametrize("endpoint", sorted(POLICY))
def test_no_route_about_a_person_admits_the_city(endpoint: str) -> None:
    rule = POLICY[endpoint]
    if any(word in endpoint for word in _ABOUT_PEOPLE):
        assert rule is not PUBLIC
        assert not rule & {Role.CURATOR, Role.PUBLIC_HEALTH, Role.ADMIN}
