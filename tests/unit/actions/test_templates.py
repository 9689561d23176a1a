"""A template saved by one or two people: whole, merged, or refused with nothing lost."""

import pytest

from template_service.actions.meanwhile import FinishedMeanwhile, TemplateClash
from template_service.actions.templates import (
    Submitted,
    finish_template,
    open_template,
    preview,
    submit_response,
)
from template_service.errors import Conflict, Forbidden, Invalid, NotFound
from template_service.questionnaire.form import Answers
from template_service.records import audit, cards, revisions
from template_service.service import Service
from tests.universe import (
    CLINICIAN,
    COLLEAGUE,
    NAVIGATOR,
    PRACTICE,
    PUBLIC_HEALTH,
    STRANGER,
    answers,
    register,
)

DAMP = {"housing_screen": "need", "housing_condition": ["damp"], "housing_wants_help": "yes-now"}


def _save(
    service: Service, person_id: str, given: Answers, base: int = 0, who: object = CLINICIAN
) -> Submitted:
    assert who in {CLINICIAN, COLLEAGUE}
    principal = CLINICIAN if who is CLINICIAN else COLLEAGUE
    return submit_response(
        service, principal, person_id=person_id, answers=given, base_revision=base
    )


def test_a_save_keeps_body_states_needs_plan_card_and_audit(service: Service) -> None:
    person = register(service)
    given = answers(service.form, urgent=["no_food"], **DAMP)
    saved = _save(service, person.person_id, given)
    key = (PRACTICE, saved.response_id, 1)
    with service.store.read() as conn:
        kept = revisions.revision(conn, *key)
        assert kept is not None
        assert b"housing.condition" in kept.body
        states = {each["id"]: (each["state"], each["needs"]) for each in kept.states}
        assert states == {
            "housing": ("need", ["repairs-damp-mould"]),
            "food": ("need", ["food-aid"]),
        }
        assert kept.directory_version == service.directory.version
        (card,) = cards.cards_of(conn, PRACTICE, person.person_id)
        assert (card.card_id, card.is_open, card.raised_by_name) == (
            "no_food",
            True,
            CLINICIAN.name,
        )
        newest = audit.entries(conn, PRACTICE)[0]
        assert newest.action == "save-response"
        assert newest.entities["response"] == saved.response_id


def test_what_is_stored_comes_back_and_the_next_save_is_the_next_revision(service: Service) -> None:
    person = register(service)
    given = answers(service.form, matters="A dry room", **DAMP)
    _save(service, person.person_id, given)
    opened = open_template(service, COLLEAGUE, person_id=person.person_id)
    assert (opened.answers, opened.revision) == (given, 1)
    assert _save(service, person.person_id, opened.answers, base=1).revision == 2


def test_changes_to_different_questions_are_merged(service: Service) -> None:
    person = register(service)
    _save(service, person.person_id, answers(service.form, food_screen="no-need"))
    _save(
        service,
        person.person_id,
        answers(service.form, food_screen="no-need", money_screen="need"),
        base=1,
    )
    mine = answers(service.form, food_screen="no-need", work_screen="declined")
    saved = _save(service, person.person_id, mine, base=1, who=COLLEAGUE)
    assert saved.together_with == CLINICIAN.name
    states = {one.id: one.state for one in saved.score.domains.values()}
    assert (states["food"], states["money"], states["work"]) == ("no-need", "need", "declined")


def test_different_answers_to_one_question_are_refused_with_both_sides(service: Service) -> None:
    person = register(service)
    _save(service, person.person_id, answers(service.form, food_screen="need"))
    with pytest.raises(TemplateClash) as caught:
        _save(service, person.person_id, answers(service.form, food_screen="no-need"))
    assert caught.value.head.updated_by_name == CLINICIAN.name
    assert [clash.link_id for clash in caught.value.merged.clashes] == ["food.screen"]
    assert open_template(service, CLINICIAN, person_id=person.person_id).revision == 1


def test_an_urgent_tick_is_kept_whoever_saves_last(service: Service) -> None:
    person = register(service)
    _save(service, person.person_id, answers(service.form, urgent=["no_food"]))
    mine = answers(service.form, urgent=["suicidal"])
    saved = _save(service, person.person_id, mine, who=COLLEAGUE)
    assert saved.score.urgent == ("no_food", "suicidal")


def test_a_card_stays_open_when_a_later_answer_takes_the_tick_away(service: Service) -> None:
    person = register(service)
    _save(service, person.person_id, answers(service.form, urgent=["no_food"]))
    saved = _save(service, person.person_id, answers(service.form, food_screen="no-need"), base=1)
    assert saved.score.urgent == ()
    assert [item.card.id for item in saved.plan.urgent] == ["no_food"]


def test_an_acknowledged_card_leaves_the_plan_with_the_tick(service: Service) -> None:
    person = register(service)
    submit_response(
        service,
        CLINICIAN,
        person_id=person.person_id,
        answers=answers(service.form, urgent=["no_food"]),
        base_revision=0,
        acknowledge=["no_food"],
    )
    with service.store.read() as conn:
        (card,) = cards.cards_of(conn, PRACTICE, person.person_id)
    assert card.acknowledged_by_name == CLINICIAN.name
    saved = _save(service, person.person_id, answers(service.form, food_screen="no-need"), base=1)
    assert saved.plan.urgent == ()


def test_answers_to_questions_no_longer_asked_are_set_aside_and_named(service: Service) -> None:
    person = register(service)
    given = answers(service.form, housing_screen="no-need", housing_condition=["damp"])
    saved = _save(service, person.person_id, given)
    assert list(saved.dropped) == ["housing.condition"]


def test_a_disclosure_is_kept_although_its_row_says_no(service: Service) -> None:
    person = register(service)
    given = answers(service.form, housing_screen="no-need", housing_security="rough")
    saved = _save(service, person.person_id, given)
    assert saved.dropped == {}
    assert saved.score.urgent == ("homeless_tonight",)


def test_an_exclusive_answer_with_another_is_refused_and_nothing_kept(service: Service) -> None:
    person = register(service)
    given = answers(service.form, household=["declined", "alone"])
    with pytest.raises(Invalid) as caught:
        _save(service, person.person_id, given)
    assert caught.value.problems[0].message.startswith("'household'")
    assert open_template(service, CLINICIAN, person_id=person.person_id).revision == 0


def test_a_preview_stores_nothing(service: Service) -> None:
    person = register(service)
    seen = preview(
        service,
        CLINICIAN,
        person_id=person.person_id,
        answers=answers(service.form, urgent=["no_food"]),
    )
    assert [item.card.id for item in seen.plan.urgent] == ["no_food"]
    assert open_template(service, CLINICIAN, person_id=person.person_id).raised == ()


def test_finishing_closes_and_the_next_template_starts_empty(service: Service) -> None:
    person = register(service)
    _save(service, person.person_id, answers(service.form, urgent=["no_food"]))
    with pytest.raises(Conflict):
        finish_template(service, CLINICIAN, person_id=person.person_id, revision=7)
    finish_template(service, CLINICIAN, person_id=person.person_id, revision=1)
    opened = open_template(service, CLINICIAN, person_id=person.person_id)
    assert (opened.answers, opened.revision) == ({}, 0)
    assert opened.last_time is not None
    assert [card.is_open for card in opened.raised] == [True]
    with pytest.raises(Conflict):
        finish_template(service, CLINICIAN, person_id=person.person_id, revision=1)


def test_nobody_else_opens_or_saves_it(service: Service) -> None:
    person = register(service)
    for act in (
        lambda who: open_template(service, who, person_id=person.person_id),
        lambda who: preview(service, who, person_id=person.person_id, answers={}),
        lambda who: submit_response(
            service, who, person_id=person.person_id, answers={}, base_revision=0
        ),
    ):
        with pytest.raises(NotFound):
            act(STRANGER)
        with pytest.raises(Forbidden):
            act(PUBLIC_HEALTH)


def test_a_card_said_again_after_it_was_dealt_with_opens_once_more(service: Service) -> None:
    person = register(service)
    ticked = answers(service.form, urgent=["suicidal"])
    for base in (0, 1, 2):
        submit_response(
            service,
            CLINICIAN,
            person_id=person.person_id,
            answers=ticked if base != 1 else answers(service.form, food_screen="no-need"),
            base_revision=base,
            acknowledge=["suicidal"] if base == 0 else (),
        )
    with service.store.read() as conn:
        rows = cards.cards_of(conn, PRACTICE, person.person_id)
    assert [row.is_open for row in rows] == [False, True]


def test_a_card_still_ticked_after_it_was_dealt_with_stays_closed(service: Service) -> None:
    person = register(service)
    ticked = answers(service.form, urgent=["suicidal"])
    for base in (0, 1):
        submit_response(
            service,
            CLINICIAN,
            person_id=person.person_id,
            answers=ticked,
            base_revision=base,
            acknowledge=["suicidal"] if base == 0 else (),
        )
    with service.store.read() as conn:
        (row,) = cards.cards_of(conn, PRACTICE, person.person_id)
    assert not row.is_open


def test_a_masked_tick_typed_again_opens_its_card_although_it_was_never_taken_away(
    service: Service,
) -> None:
    person = register(service)
    ticked = answers(service.form, urgent=["unsafe_home"])
    for base, typed in ((0, ticked), (1, {}), (2, ticked)):
        submit_response(
            service,
            CLINICIAN,
            person_id=person.person_id,
            answers=ticked,
            typed=typed,
            base_revision=base,
            acknowledge=["unsafe_home"] if base == 0 else (),
        )
    with service.store.read() as conn:
        rows = cards.cards_of(conn, PRACTICE, person.person_id)
    assert [row.is_open for row in rows if row.card_id == "unsafe_home"] == [False, True]


def test_a_refuge_is_kept_although_its_row_says_no(service: Service) -> None:
    person = register(service)
    given = answers(service.form, housing_screen="no-need", housing_security="refuge")
    saved = _save(service, person.person_id, given)
    assert saved.dropped == {}
    assert "domestic-abuse" in saved.score.needs


def test_a_template_finished_meanwhile_is_told_and_nothing_is_stored(service: Service) -> None:
    person = register(service)
    started = _save(service, person.person_id, answers(service.form, food_screen="need"))
    finish_template(service, COLLEAGUE, person_id=person.person_id, revision=1)
    with pytest.raises(FinishedMeanwhile) as caught:
        submit_response(
            service,
            CLINICIAN,
            person_id=person.person_id,
            answers=answers(service.form, food_screen="no-need"),
            base_revision=1,
            base_response_id=started.response_id,
        )
    assert caught.value.head.updated_by_name == COLLEAGUE.name
    assert open_template(service, CLINICIAN, person_id=person.person_id).head is None


def test_equal_revisions_of_two_responses_are_not_one(service: Service) -> None:
    person = register(service)
    _save(service, person.person_id, answers(service.form, food_screen="need"))
    with pytest.raises(TemplateClash):
        submit_response(
            service,
            COLLEAGUE,
            person_id=person.person_id,
            answers=answers(service.form, food_screen="no-need"),
            base_revision=1,
            base_response_id="another response",
        )


def test_a_navigator_cannot_deal_with_a_clinicians_card_by_saving(service: Service) -> None:
    person = register(service)
    with pytest.raises(Forbidden):
        submit_response(
            service,
            NAVIGATOR,
            person_id=person.person_id,
            answers=answers(service.form, urgent=["suicidal"]),
            base_revision=0,
            acknowledge=["suicidal"],
        )
    assert open_template(service, CLINICIAN, person_id=person.person_id).raised == ()
