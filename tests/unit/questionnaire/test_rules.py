"""Conditions of modifiers: the closures mean what the same FHIRPath means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire.answers import to_response
from template_service.questionnaire.expressions.scoring import fhirpath_rule
from template_service.questionnaire.form import Answers, Facts, Form, Option
from template_service.questionnaire.rules import NotInSubset, coded_item, compile_rule
from tests.strategies import CONDITIONS, answers, leeds_form

VARIABLES = leeds_form().variables
CODES = {name: coded_item(expression) for name, expression in VARIABLES.items()}


def facts(form: Form, given_answers: Answers, age: int | None, *conditions: str) -> Facts:
    return Facts(
        age,
        frozenset(conditions),
        given_answers,
        lambda: to_response(form, given_answers, status="in-progress"),
    )


def _memberships() -> st.SearchStrategy[str]:
    def of(name: str) -> st.SearchStrategy[str]:
        link_id = CODES.get(name)
        known = [o.code for o in leeds_form().items[link_id].options] if link_id else CONDITIONS
        codes = st.sampled_from((*known, "nothing"))
        single = codes.map(lambda code: f"%{name} contains '{code}'")
        several = st.lists(codes, min_size=1, max_size=3).map(
            lambda some: f"%{name}.intersect({' | '.join(map(repr, some))}).exists()"
        )
        return single | several

    return st.sampled_from((*CODES, "conditions")).flatmap(of)


def _comparisons() -> st.SearchStrategy[str]:
    return st.builds(
        "{} {} {}".format,
        st.sampled_from(("%level", "%age")),
        st.sampled_from(("<", "<=", ">", ">=", "=", "!=")),
        st.integers(0, 5),
    )


def rules() -> st.SearchStrategy[str]:
    return st.recursive(
        _memberships() | _comparisons(),
        lambda inner: (
            st.builds("({} {} {})".format, inner, st.sampled_from(("and", "or")), inner)
            | st.builds("{} {} {}".format, inner, st.sampled_from(("and", "or")), inner)
        ),
        max_leaves=5,
    )


@settings(max_examples=60)
@given(
    expression=rules(),
    given_answers=answers(leeds_form()),
    level=st.none() | st.integers(0, 4),
    age=st.none() | st.integers(0, 6),
    conditions=st.lists(st.sampled_from(CONDITIONS), unique=True),
)
def test_a_closure_says_what_fhirpath_says(
    expression: str,
    given_answers: Answers,
    level: int | None,
    age: int | None,
    conditions: list[str],
) -> None:
    known = facts(leeds_form(), given_answers, age, *conditions)

    closure = compile_rule(expression, VARIABLES)

    assert closure(level, known) is fhirpath_rule(expression, VARIABLES)(level, known)


def test_every_modifier_of_the_template_compiles_to_a_closure(form: Form) -> None:
    modifiers = [modifier for domain in form.domains for modifier in domain.modifiers]

    assert {modifier.id for modifier in modifiers} == {
        "vulnerable_cold",
        "damp_vulnerable",
        "child_homeless",
        "child_hostel",
    }
    for modifier in modifiers:
        compile_rule(modifier.expression, form.variables)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "%level",
        "%level >=",
        "%level >= 2 and",
        "%level >= 2 %age >= 2",
        "(%level >= 2",
        "%level >= -1",
        "%level + 1 > 2",
        "%unknown contains 'a'",
        "household contains 'a'",
        "%household contains a",
        "%household.intersect('a').empty()",
        "%household.intersect('a' 'b').exists()",
        "%household contains 'a\\'b'",
        "not(%level > 2)",
        "%household.exists()",
        "%age > 5 xor %level > 1",
        "%level € 2",
        "(" * 100 + "%level > 1" + ")" * 100,
        "(" * 100_000,
    ],
)
def test_whatever_else_is_left_to_fhirpath(expression: str) -> None:
    with pytest.raises(NotInSubset):
        compile_rule(expression, VARIABLES)


def test_a_condition_outside_the_subset_runs_through_fhirpath(form: Form) -> None:
    rule = fhirpath_rule("%household.count() > 1 and %age < 5", VARIABLES)
    options = form.items["household"].by_code
    two: tuple[Option, ...] = (options["under5"], options["school"])

    assert rule(2, facts(form, {"household": two}, 4)) is True
    assert rule(2, facts(form, {"household": two[:1]}, 4)) is False
    assert rule(2, facts(form, {"household": two}, None)) is False


@pytest.mark.parametrize(
    ("expression", "link_id"),
    [
        ("%resource.descendants().where(linkId='a.b').answer.valueCoding.code", "a.b"),
        ("%resource.item.where(linkId='a').answer.valueCoding.code", None),
        ("%resource.descendants().where(linkId='a').answer.valueInteger", None),
    ],
)
def test_a_variable_of_one_shape_is_known_by_its_item(expression: str, link_id: str | None) -> None:
    assert coded_item(expression) == link_id
