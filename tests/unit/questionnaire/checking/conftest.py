"""A sound questionnaire around the items of a test, and what `check` says of it."""

from collections.abc import Callable
from typing import Any

import pytest

from template_service.questionnaire.checking.check import check
from template_service.questionnaire.problems import Problem

Json = dict[str, Any]
Check = Callable[..., tuple[Problem, ...]]
SYSTEM = "https://example.org/CodeSystem/answers"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
R4 = "http://hl7.org/fhir/StructureDefinition/"


def questionnaire(*items: Json, **more: Any) -> Json:
    """A questionnaire with nothing to say against it but what its items bring."""
    return {
        "resourceType": "Questionnaire",
        "url": "https://example.org/Questionnaire/checked",
        "version": "1",
        "language": "en",
        "title": "Checked",
        "status": "draft",
        "item": list(items),
        **more,
    }


def item(link_id: str, kind: str = "string", **more: Any) -> Json:
    return {"linkId": link_id, "text": f"Question {link_id}", "type": kind, **more}


def coded(code: str, display: str | None = None, **more: Any) -> Json:
    coding = {"system": SYSTEM, "code": code, "display": display or code.capitalize()}
    return {"valueCoding": coding, **more}


def choice(link_id: str, *codes: str, **more: Any) -> Json:
    return item(link_id, "choice", answerOption=[coded(code) for code in codes], **more)


def when(question: str, operator: str, **answer: Any) -> Json:
    return {"question": question, "operator": operator, **answer}


def is_code(question: str, code: str, operator: str = "=") -> Json:
    return when(question, operator, answerCoding={"system": SYSTEM, "code": code})


def expression(kind: str, text: str, name: str | None = None, **more: Any) -> Json:
    url = kind if "/" in kind else f"{R4 if kind == 'variable' else SDC}{kind}"
    named = {"name": name} if name else {}
    given = {**named, "language": "text/fhirpath", "expression": text, **more}
    return {"url": url, "valueExpression": given}


@pytest.fixture
def found() -> Check:
    """What `check` says of items; without the information about unknown code systems."""

    def of(*items: Json, **more: Any) -> tuple[Problem, ...]:
        problems = check(questionnaire(*items, **more))
        return tuple(one for one in problems if "are not known here" not in one.message)

    return of


@pytest.fixture
def said(found: Check) -> Callable[..., list[tuple[str, str, str]]]:
    """The same as (severity, place, message)."""

    def of(*items: Json, **more: Any) -> list[tuple[str, str, str]]:
        return [(one.severity, one.expression, one.message) for one in found(*items, **more)]

    return of
