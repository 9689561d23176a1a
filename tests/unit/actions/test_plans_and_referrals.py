"""The plan, what was given from it, and referrals carried to an outcome."""

import pytest

from template_service.actions.cards import acknowledge_card, call_clinician, team_cards
from template_service.actions.plans import everything_said, give_service, open_plan
from template_service.actions.referrals import move_referral, open_referral, refer, worklist
from template_service.actions.templates import finish_template, submit_response
from template_service.errors import Conflict, Forbidden, Invalid, NotFound
from template_service.records.people import Person
from template_service.records.referrals import Referral
from template_service.referral.states import State, Urgency
from template_service.service import Service
from tests.universe import (
    CLINICIAN,
    LINK_WORKER,
    NAVIGATOR,
    PUBLIC_HEALTH,
    STRANGER,
    answers,
    register,
)


@pytest.fixture
def person(service: Service) -> Person:
    """Somebody with damp who wants help, no food today, and a disclosure of abuse when alone."""
    made = register(service)
    given = answers(
        service.form,
        seen_alone=True,
        urgent=["no_food"],
        housing_screen="need",
        housing_security="refuge",
        housing_condition=["damp"],
        housing_wants_help="yes-now",
        safety_screen="need",
        safety_hark_afraid="yes",
        safety_wants_help="yes-now",
    )
    submit_response(service, CLINICIAN, person_id=made.person_id, answers=given, base_revision=0)
    return made


def _refer(service: Service, person: Person, *domains: str, consent: bool = True) -> Referral:
    return refer(
        service,
        CLINICIAN,
        person_id=person.person_id,
        domains=domains,
        reason="Needs company to the council",
        consent=consent,
        contact="Phone after four",
    )


def test_the_whole_plan_knows_safety_and_the_public_one_does_not(
    service: Service, person: Person
) -> None:
    plan = open_plan(service, CLINICIAN, person_id=person.person_id).plan
    assert {item.card.id for item in plan.urgent} >= {"no_food", "domestic_abuse"}
    public = plan.without_safety()
    assert [item.card.id for item in public.urgent] == ["no_food"]
    shown = (*public.needs, *public.folded)
    assert "safety" not in {need.domain.id for need in shown}
    assert "domestic-abuse" not in {category for need in shown for category in need.needs}
    assert "refuge" not in {option.code for need in shown for option in need.chosen}


def test_a_service_of_the_plan_can_be_given(service: Service, person: Person) -> None:
    plan = open_plan(service, CLINICIAN, person_id=person.person_id).plan.without_safety()
    offered = next(need for need in plan.needs if need.domain.id == "housing").matches[0].service
    given = give_service(service, CLINICIAN, person_id=person.person_id, service_ids=[offered.id])
    assert [one.name for one in given] == [offered.name]
    after = open_plan(service, CLINICIAN, person_id=person.person_id)
    assert [one.service_id for one in after.given] == [offered.id]


def test_nothing_of_safety_can_be_put_on_paper(service: Service, person: Person) -> None:
    plan = open_plan(service, CLINICIAN, person_id=person.person_id).plan
    public = plan.without_safety()
    offered = {match.service.id for need in public.needs for match in need.matches}
    private = {
        match.service.id for need in plan.needs if need.domain.masked for match in need.matches
    } - offered
    assert private
    for service_id in private:
        with pytest.raises(NotFound):
            give_service(service, CLINICIAN, person_id=person.person_id, service_ids=[service_id])


def test_a_referral_reaches_the_worklist_without_safety_and_ends(
    service: Service, person: Person
) -> None:
    made = _refer(service, person, "housing", "safety")
    assert made.needs == ("repairs-damp-mould",)
    assert made.urgency is Urgency.ROUTINE
    entry = next(
        each
        for each in worklist(service, LINK_WORKER)
        if each.referral.referral_id == made.referral_id
    )
    assert entry.person.person_id == person.person_id
    move_referral(service, LINK_WORKER, referral_id=made.referral_id, to="accepted")
    with pytest.raises(Conflict):
        move_referral(service, LINK_WORKER, referral_id=made.referral_id, to="accepted")
    done = move_referral(
        service, LINK_WORKER, referral_id=made.referral_id, to="completed", outcome="partly"
    )
    assert done.status is State.COMPLETED
    opened = open_referral(service, CLINICIAN, referral_id=made.referral_id)
    assert [event.status for event in opened.events] == ["requested", "accepted", "completed"]
    assert opened.moves == ()
    assert made.referral_id not in {
        each.referral.referral_id for each in worklist(service, LINK_WORKER)
    }


def test_safety_alone_cannot_be_referred(service: Service, person: Person) -> None:
    with pytest.raises(Invalid):
        _refer(service, person, "safety")


def test_only_a_service_of_the_plan_can_be_named(service: Service, person: Person) -> None:
    with pytest.raises(Invalid) as caught:
        refer(
            service,
            CLINICIAN,
            person_id=person.person_id,
            domains=["housing"],
            reason="",
            consent=True,
            contact="",
            service_id="no such service",
        )
    assert caught.value.problems[0].expression == "service_id"


@pytest.mark.parametrize("reason", ["x" * 4001, "a\0b"])
def test_a_reason_is_plain_and_bounded(service: Service, person: Person, reason: str) -> None:
    with pytest.raises(Invalid):
        refer(
            service,
            CLINICIAN,
            person_id=person.person_id,
            domains=["housing"],
            reason=reason,
            consent=True,
            contact="",
        )


def test_a_home_need_behind_a_refuge_stands_on_its_default_needs(service: Service) -> None:
    made = register(service)
    given = answers(
        service.form,
        housing_screen="need",
        housing_security="refuge",
        housing_wants_help="yes-now",
    )
    submit_response(service, CLINICIAN, person_id=made.person_id, answers=given, base_revision=0)
    plan = open_plan(service, CLINICIAN, person_id=made.person_id).plan.without_safety()
    (home,) = plan.needs
    assert (home.needs, home.chosen) == (("housing-advice",), ())
    assert home.matches
    assert _refer(service, made, "housing").needs == ("housing-advice",)


def test_a_finished_template_hides_no_disclosure(service: Service, person: Person) -> None:
    finish_template(service, CLINICIAN, person_id=person.person_id, revision=1)
    later = answers(service.form, food_screen="no-need")
    submit_response(service, CLINICIAN, person_id=person.person_id, answers=later, base_revision=0)
    said = everything_said(service, CLINICIAN, person_id=person.person_id)
    assert ["safety.hark.afraid" in each.answers for each in said] == [False, True]


def test_a_referral_needs_consent(service: Service, person: Person) -> None:
    with pytest.raises(Invalid, match="consent"):
        _refer(service, person, "housing", consent=False)


def test_the_practice_may_only_withdraw(service: Service, person: Person) -> None:
    made = _refer(service, person, "housing")
    with pytest.raises(Invalid):
        move_referral(service, CLINICIAN, referral_id=made.referral_id, to="accepted")
    moved = move_referral(
        service, CLINICIAN, referral_id=made.referral_id, to="cancelled", reason="Asked us to stop"
    )
    assert moved.status is State.CANCELLED


@pytest.mark.parametrize(("to", "outcome"), [("nowhere", None), ("completed", "wonderful")])
def test_a_move_that_is_none_is_refused(
    service: Service, person: Person, to: str, outcome: str | None
) -> None:
    made = _refer(service, person, "housing")
    with pytest.raises(Invalid):
        move_referral(service, LINK_WORKER, referral_id=made.referral_id, to=to, outcome=outcome)


def test_a_navigator_neither_sees_nor_closes_what_is_a_clinicians(
    service: Service, person: Person
) -> None:
    seen = {
        each.card.card_id
        for each in team_cards(service, NAVIGATOR)
        if each.person.person_id == person.person_id
    }
    assert seen == {"no_food"}
    hidden = [
        each.card
        for each in team_cards(service, CLINICIAN)
        if each.person.person_id == person.person_id and each.card.masked
    ]
    assert hidden
    for card in hidden:
        with pytest.raises(NotFound):
            acknowledge_card(
                service, NAVIGATOR, person_id=person.person_id, card_row_id=card.card_row_id
            )


def test_a_clinicians_card_is_called_for_not_closed_by_a_navigator(service: Service) -> None:
    made = register(service)
    given = answers(service.form, urgent=["suicidal"])
    submit_response(service, NAVIGATOR, person_id=made.person_id, answers=given, base_revision=0)
    (card,) = [
        each.card
        for each in team_cards(service, NAVIGATOR)
        if each.person.person_id == made.person_id
    ]
    key = {"person_id": made.person_id, "card_row_id": card.card_row_id}
    with pytest.raises(Forbidden):
        acknowledge_card(service, NAVIGATOR, **key)
    assert call_clinician(service, NAVIGATOR, **key).called_by_name == NAVIGATOR.name
    done = acknowledge_card(service, CLINICIAN, **key)
    assert done.acknowledged_by_name == CLINICIAN.name


def test_a_call_without_a_reason_is_one_open_card(service: Service) -> None:
    made = register(service)
    first = call_clinician(service, NAVIGATOR, person_id=made.person_id)
    again = call_clinician(service, NAVIGATOR, person_id=made.person_id)
    assert first.card_row_id == again.card_row_id
    assert first.card_id == "call-a-clinician"


def test_others_have_no_plan_worklist_or_cards_here(service: Service, person: Person) -> None:
    with pytest.raises(NotFound):
        open_plan(service, STRANGER, person_id=person.person_id)
    with pytest.raises(NotFound):
        open_plan(service, LINK_WORKER, person_id=register(service).person_id)
    with pytest.raises(Forbidden):
        open_plan(service, PUBLIC_HEALTH, person_id=person.person_id)
    with pytest.raises(Forbidden):
        worklist(service, CLINICIAN)
    with pytest.raises(Forbidden):
        team_cards(service, PUBLIC_HEALTH)
