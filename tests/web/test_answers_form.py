"""Posted pages as answers: nothing stored is lost, and nothing of safety comes back to a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from template_service.questionnaire.form import Answers, Form, Value
from template_service.web.answers_form import (
    PER_VISIT,
    is_private,
    read_form,
    shown_again,
    with_unseen,
)
from template_service.web.form_view import FormView
from template_service.web.gate import Gate
from tests.strategies import answers, leeds_form

FORM = leeds_form()
ANSWERS = answers(FORM)


def as_posted(given: Answers) -> MultiDict[str, str]:
    """Answers as a browser sends them."""
    return MultiDict(
        (link_id, sent(value)) for link_id, values in given.items() for value in values
    )


def sent(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(getattr(value, "code", value))


def private(form: Form, given: Answers) -> set[tuple[str, str]]:
    """What counts as safety in some answers."""
    return {
        (link_id, sent(value))
        for link_id, values in given.items()
        for value in values
        if form.items[link_id].masked or is_private(value)
    }


@given(ANSWERS)
def test_what_was_answered_is_read_as_it_was_sent(given: Answers) -> None:
    typed, problems = read_form(FORM, as_posted(given))
    assert typed == given
    assert problems == ()


@given(ANSWERS)
def test_a_page_shows_everything_stored_but_safety_and_what_is_true_of_one_visit(
    stored: Answers,
) -> None:
    shown = shown_again(FORM, stored)
    assert private(FORM, shown) == set()
    assert PER_VISIT.isdisjoint(shown)
    for link_id, values in stored.items():
        if link_id not in PER_VISIT and not FORM.items[link_id].masked:
            assert shown.get(link_id, ()) == tuple(v for v in values if not is_private(v))


@given(ANSWERS)
def test_saving_a_page_as_it_was_shown_changes_nothing_but_the_visit(stored: Answers) -> None:
    whole = with_unseen(FORM, shown_again(FORM, stored), stored)
    kept = {link_id: set(values) for link_id, values in whole.items()}
    assert kept == {
        link_id: set(values) for link_id, values in stored.items() if link_id not in PER_VISIT
    }


@given(ANSWERS, ANSWERS)
def test_what_is_typed_counts_and_a_blank_erases_nothing_of_safety(
    stored: Answers, typed: Answers
) -> None:
    whole = with_unseen(FORM, typed, stored)
    for link_id, values in typed.items():
        kept_private = FORM.items[link_id].masked or any(map(is_private, whole[link_id]))
        assert set(values) <= set(whole[link_id]) or kept_private
    lost = private(FORM, stored) - private(FORM, whole)
    assert all(FORM.items[link_id].masked and link_id in typed for link_id, _ in lost)


@given(ANSWERS, ANSWERS)
def test_a_masked_option_gives_way_only_where_the_gate_was_open(
    stored: Answers, typed: Answers
) -> None:
    for link_id in ("housing.security", "priority"):
        hidden = [value for value in stored.get(link_id, ()) if is_private(value)]
        closed = with_unseen(FORM, typed, stored).get(link_id, ())
        opened = with_unseen(FORM, typed, stored, gate_open=True).get(link_id, ())
        assert closed == (tuple(hidden) or typed.get(link_id, ()))
        assert opened == (typed.get(link_id) or tuple(hidden))


@pytest.mark.parametrize("typed", ["no-need", "unsure", "declined", ""])
def test_a_disclosure_in_the_safety_row_is_replaced_by_another_disclosure_only(typed: str) -> None:
    said, _ = read_form(FORM, MultiDict({"safety.screen": typed, "safety.hark.afraid": "no"}))
    stored, _ = read_form(FORM, MultiDict({"safety.screen": "need", "safety.hark.afraid": "yes"}))
    assert with_unseen(FORM, said, stored, gate_open=True) == stored
    assert with_unseen(FORM, stored, said) == stored


@given(ANSWERS, st.sampled_from([domain.id for domain in FORM.domains]))
def test_a_row_that_is_not_offered_keeps_what_it_held(stored: Answers, domain_id: str) -> None:
    domain = FORM.domain(domain_id)
    whole = with_unseen(FORM, {}, stored, frozenset({domain_id}))
    for item in (domain.screen, *domain.follow_ups):
        assert whole.get(item.link_id, ()) == stored.get(item.link_id, ())


@given(st.text(min_size=1).filter(lambda text: text.strip() != ""))
def test_a_code_that_is_not_on_offer_is_a_problem_with_a_place(text: str) -> None:
    typed, problems = read_form(FORM, MultiDict({"housing.screen": text}))
    if text in FORM.items["housing.screen"].by_code:
        assert problems == ()
    else:
        assert typed == {}
        assert [problem.link_id for problem in problems] == ["housing.screen"]
        assert text not in problems[0].message.split()


@given(ANSWERS)
def test_a_role_that_may_not_see_safety_is_given_no_question_of_it(stored: Answers) -> None:
    questions = FormView(
        FORM, shown_again(FORM, stored), gate=Gate(sees_safety=False, young=False)
    ).questions()
    assert not any(row.alone for row in questions.rows)
    every = [*questions.visit, *questions.home, questions.urgent, questions.priority]
    for row in questions.rows:
        every += [row.screen, *row.follow_ups, row.wants_help]
    for question in every:
        item = FORM.items[question.link_id]
        assert not item.masked
        assert not any(
            is_private(item.by_code[one.code]) for one in question.choices if item.options
        )


def test_a_row_that_is_not_offered_says_so_and_asks_nothing() -> None:
    view = FormView(
        FORM, {}, gate=Gate(sees_safety=True, young=False), not_offered=frozenset({"caring"})
    )
    row = next(row for row in view.questions().rows if row.id == "caring")
    assert row.not_offered
    assert row.follow_ups == ()
