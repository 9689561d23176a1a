"""How the tests of the FHIR face speak to it, and the responses they send."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from template_service.questionnaire.answers import to_response
from template_service.questionnaire.form import Answers, Form

FHIR_JSON = "application/fhir+json"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
# Made-up NHS numbers of the range that is never issued (999), each with its check digit.
MADE_UP = ("9990000018", "9990000026", "9990000034", "9990000042", "9990000050")

Answered = Mapping[str, str | bool | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Fhir:
    """A client that holds one token."""

    client: FlaskClient
    token: str

    def get(self, path: str, **headers: str) -> TestResponse:
        """GET below /fhir; header names are written with underscores."""
        return self.client.get(f"/fhir/{path}", headers=self._headers(headers))

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        """POST below /fhir: a resource, or the bytes to send."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        sent = {"Content_Type": FHIR_JSON} | headers
        return self.client.post(f"/fhir/{path}", data=raw, headers=self._headers(sent))

    def create(self, resource: Any, **headers: str) -> TestResponse:
        """Create a QuestionnaireResponse."""
        return self.post("QuestionnaireResponse", resource, **headers)

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return bearer | {name.replace("_", "-"): value for name, value in headers.items()}


def answers(form: Form, given: Answered) -> Answers:
    """Answers by linkId: codes of offered options, or a boolean or a text."""
    return {link_id: _values(form, link_id, value) for link_id, value in given.items()}


def response(form: Form, given: Answered, **elements: Any) -> dict[str, Any]:
    """A completed QuestionnaireResponse, with further elements of the resource."""
    return to_response(form, answers(form, given), status="completed") | elements


def nhs_number(value: str) -> dict[str, Any]:
    """A subject known by an NHS number."""
    return {"identifier": {"system": NHS_NUMBER, "value": value}}


def _values(form: Form, link_id: str, given: str | bool | tuple[str, ...]) -> tuple[Any, ...]:
    offered = form.items[link_id].by_code
    if isinstance(given, bool) or not offered:
        return (given,)
    codes = given if isinstance(given, tuple) else (given,)
    return tuple(offered[code] for code in codes)
