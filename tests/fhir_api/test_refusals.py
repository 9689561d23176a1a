"""Every refusal of the FHIR face is an OperationOutcome that repeats nothing it was sent."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from template_service.access.principal import Role
from template_service.questionnaire.form import Form
from tests.fhir_api.clients import Fhir, response
from tests.fhir_api.test_parsing import JSON

RESPONSES = "QuestionnaireResponse"
SCORE = "QuestionnaireResponse/$score"


def only_issue(answer: TestResponse, status: int) -> dict[str, Any]:
    """The one issue of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/fhir+json"
    outcome = orjson.loads(answer.data)
    assert outcome["resourceType"] == "OperationOutcome"
    issue: dict[str, Any]
    (issue,) = outcome["issue"]
    assert issue["severity"] == "error"
    assert issue["diagnostics"]
    return issue


@pytest.mark.parametrize(
    "path",
    ["Questionnaire/leeds-social-determinants", "QuestionnaireResponse/x"],
)
def test_reading_needs_a_token(stranger: Fhir, path: str) -> None:
    answer = stranger.get(path)
    assert only_issue(answer, 401)["code"] == "login"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", [RESPONSES, SCORE])
def test_writing_needs_a_token_before_anything_is_read(stranger: Fhir, path: str) -> None:
    answer = stranger.post(path, b"{not json", Content_Type="text/plain")
    assert only_issue(answer, 401)["code"] == "login"


@pytest.mark.parametrize("token", ["ts_unknown", "x", "ts_" + "é" * 4])
def test_an_unknown_token_is_no_token(stranger: Fhir, token: str) -> None:
    assert only_issue(Fhir(stranger.client, token).get("QuestionnaireResponse/x"), 401)


@pytest.mark.parametrize("role", [Role.CURATOR, Role.PUBLIC_HEALTH, Role.ADMIN])
@pytest.mark.parametrize("path", [RESPONSES, SCORE])
def test_a_role_without_people_may_not_write(
    as_role: Callable[..., Fhir], form: Form, role: Role, path: str
) -> None:
    answer = as_role(role).post(path, response(form, {"housing.screen": "need"}))
    assert only_issue(answer, 403)["code"] == "forbidden"


@pytest.mark.parametrize("path", [RESPONSES, SCORE])
def test_broken_json_is_placed(fhir: Fhir, path: str) -> None:
    answer = fhir.post(path, b'{"resourceType":\n "QuestionnaireResponse", secret}')
    assert "line 2, column" in only_issue(answer, 400)["diagnostics"]
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", [RESPONSES, SCORE])
@pytest.mark.parametrize("content_type", ["text/plain", "application/fhir+xml", "", "a/b; c"])
def test_another_content_type_is_refused(fhir: Fhir, path: str, content_type: str) -> None:
    answer = fhir.post(path, b"{}", Content_Type=content_type)
    assert only_issue(answer, 415)["code"] == "not-supported"


@pytest.mark.parametrize("path", ["metadata", "Questionnaire/leeds-social-determinants"])
def test_another_format_is_refused(fhir: Fhir, path: str) -> None:
    assert only_issue(fhir.get(path, Accept="application/fhir+xml"), 406)
    assert only_issue(fhir.get(f"{path}?_format=xml"), 406)
    assert fhir.get(f"{path}?_format=json", Accept="application/fhir+xml").status_code == 200


def test_a_body_over_the_limit_is_refused_readably(fhir: Fhir, form: Form) -> None:
    sent = response(form, {"matters": "x" * 5_000_000})
    for path in (RESPONSES, SCORE):
        assert only_issue(fhir.post(path, sent), 413)["code"] == "too-long"


@pytest.mark.parametrize("path", [RESPONSES, SCORE])
def test_ten_thousand_levels_are_refused(fhir: Fhir, form: Form, path: str) -> None:
    head = orjson.dumps(response(form, {}))[:-1]
    deep = b',"item":[{"linkId":"a"' * 10_000 + b"}]" * 10_000 + b"}"
    fits = head + deep[: 150_000 // 2]
    for body in (head + b',"item":' + b"[" * 10_000 + b"]" * 10_000 + b"}", fits):
        assert only_issue(fhir.post(path, body), 400)


@pytest.mark.parametrize(
    "path",
    ["", "Patient/1", "Patient?name=secret", "nothing/at/all", "ValueSet", "%00", "$score"],
)
def test_an_address_that_is_not_there_is_an_outcome(fhir: Fhir, path: str) -> None:
    answer = fhir.get(path)
    assert answer.status_code in {404, 405}
    assert only_issue(answer, answer.status_code)["code"] in {"not-found", "not-supported"}
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "QuestionnaireResponse/x", "GET"),
        ("PUT", "QuestionnaireResponse/x", "GET"),
        ("GET", "QuestionnaireResponse", "POST"),
        ("POST", "metadata", "GET"),
    ],
)
def test_another_method_is_refused(fhir: Fhir, method: str, path: str, allowed: str) -> None:
    headers = {"Authorization": f"Bearer {fhir.token}"}
    answer = fhir.client.open(f"/fhir/{path}", method=method, headers=headers)
    assert only_issue(answer, 405)["code"] == "not-supported"
    assert allowed in answer.headers["Allow"]


# ---- whatever is sent, the service answers for itself

QUIET = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def mutated(form: Form) -> st.SearchStrategy[dict[str, Any]]:
    """Responses and requests with any JSON in any of their places."""
    good = response(form, {"housing.screen": "need", "urgent": "no_food"})
    places = [*good, "subject", "identifier", "meta", "authored", "text", "contained", "extension"]
    links = st.sampled_from([*form.items, "unknown"]) | JSON
    answer = st.fixed_dictionaries(
        {}, optional={"valueCoding": JSON, "valueString": JSON, "valueBoolean": JSON, "item": JSON}
    )
    item = st.fixed_dictionaries(
        {"linkId": links},
        optional={"answer": st.lists(answer, max_size=2) | JSON, "item": JSON, "text": JSON},
    )
    changes = st.dictionaries(st.sampled_from(places), JSON, max_size=3)
    items = st.fixed_dictionaries({"item": st.lists(item, max_size=3)})
    return st.tuples(changes, items | st.just({})).map(lambda pair: good | pair[0] | pair[1])


@pytest.mark.parametrize("path", [RESPONSES, SCORE])
def test_no_json_breaks_it(fhir: Fhir, path: str) -> None:
    @QUIET
    @given(JSON)
    def fuzz(sent: Any) -> None:
        assert fhir.post(path, sent).status_code < 500

    fuzz()


@pytest.mark.parametrize("path", [RESPONSES, SCORE])
def test_no_response_breaks_it(fhir: Fhir, form: Form, path: str) -> None:
    @QUIET
    @given(mutated(form))
    def fuzz(sent: dict[str, Any]) -> None:
        answer = fhir.post(path, sent, Prefer="return=representation")
        assert answer.status_code < 500, answer.text

    fuzz()


def test_no_parameters_break_score(fhir: Fhir, form: Form) -> None:
    parameter = st.fixed_dictionaries(
        {"name": st.sampled_from(["response", "age", "condition", "questionnaire"]) | JSON},
        optional={"resource": mutated(form) | JSON, "valueInteger": JSON, "valueCode": JSON},
    )

    @QUIET
    @given(st.lists(parameter, max_size=4) | JSON)
    def fuzz(sent: Any) -> None:
        body = {"resourceType": "Parameters", "parameter": sent}
        assert fhir.post(SCORE, body).status_code < 500

    fuzz()


@given(st.binary(max_size=200))
@QUIET
def test_no_bytes_break_it(fhir: Fhir, body: bytes) -> None:
    assert fhir.post(RESPONSES, body).status_code in {400, 422}
