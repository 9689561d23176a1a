"""Whether a response is sound enough to extract from."""

from dataclasses import replace
from typing import Any

from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import Problem
from template_service.questionnaire.validation import EMPTY_LIST, validate

# The code that validation gives to an answer that the other answers do not ask for.
_NOT_ASKED_FOR = "business-rule"


def check_extractable(form: Form, response: Any) -> tuple[Problem, ...]:
    """What there is to say of a response before resources are extracted from it.

    With an error, what came of it might be wrong, and it is to be refused (SDC $extract: a response
    should be valid). An answer that was not asked for is a warning only, because extraction leaves
    it out and what comes of the rest is right; so is an empty list, which published forms leave
    behind and which says nothing. What could only not be checked is not told.
    """
    told = (each for each in validate(form, response).problems if each.severity != "information")
    return tuple(replace(each, severity="warning") if _is_harmless(each) else each for each in told)


def _is_harmless(problem: Problem) -> bool:
    return problem.code == _NOT_ASKED_FOR or problem.message == EMPTY_LIST
