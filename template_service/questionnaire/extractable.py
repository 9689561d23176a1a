"""Whether a response is sound enough to extract from."""

from dataclasses import replace
from typing import Any

from template_service.questionnaire.extraction.observed import status_problem
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import Problem
from template_service.questionnaire.validation import validate

# The code that validation gives to an answer that the other answers do not ask for.
_NOT_ASKED_FOR = "business-rule"


def check_extractable(form: Form, response: Any) -> tuple[Problem, ...]:
    """What there is to say of a response before resources are extracted from it.

    With an error, what came of it might be wrong, and it is to be refused (SDC $extract: a response
    should be valid). An answer that was not asked for is a warning only, because extraction leaves
    it out and what comes of the rest is right. What could only not be checked is not told.
    A response that was entered in error or stopped is an error; what its being in progress means,
    extraction tells.
    """
    told = (each for each in validate(form, response).problems if each.severity != "information")
    found = [
        replace(each, severity="warning") if each.code == _NOT_ASKED_FOR else each for each in told
    ]
    status = status_problem(response) if isinstance(response, dict) else None
    return (*found, *([status] if status and status.severity == "error" else []))
