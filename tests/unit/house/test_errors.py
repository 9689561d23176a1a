import inspect
from http import HTTPStatus

import pytest

from template_service import errors
from template_service.errors import Conflict, Invalid, ServiceError
from template_service.questionnaire.problems import Problem

TREE = [
    error
    for _, error in inspect.getmembers(errors, inspect.isclass)
    if issubclass(error, ServiceError)
]


@pytest.mark.parametrize("error", TREE)
def test_every_error_has_a_status_and_words_for_people(error: type[ServiceError]) -> None:
    assert 400 <= HTTPStatus(error.status) < 600
    assert error("").message == error.title


def test_statuses_and_slugs_are_distinct() -> None:
    assert len({error.status for error in TREE}) == len(TREE)
    assert len({error.slug for error in TREE}) == len(TREE)


@pytest.mark.parametrize("error", TREE)
def test_the_tree_in_the_docstring_is_the_tree_in_the_code(error: type[ServiceError]) -> None:
    assert errors.__doc__ is not None
    drawn = [line for line in errors.__doc__.splitlines() if error.__name__ in line.split()]
    drawn += [line for line in errors.__doc__.splitlines() if f"── {error.__name__} " in line]
    assert drawn, f"{error.__name__} is not drawn"
    if error is not ServiceError:
        assert str(error.status) in drawn[0]


def test_invalid_keeps_every_problem_and_says_the_first() -> None:
    problems = [Problem("error", "value", "item[0]", "a", text) for text in ("One.", "Two.")]
    refusal = Invalid(problems=problems)
    assert refusal.problems == tuple(problems)
    assert refusal.message == "One."


def test_conflict_carries_what_to_merge() -> None:
    merge = object()
    assert Conflict(merge=merge).merge is merge
