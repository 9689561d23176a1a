"""Whatever JSON the operations are sent, the service answers for itself and repeats none of it."""

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fhir_api.clients import Fhir
from tests.fhir_api.library import answered, in_parameters, questionnaire
from tests.fhir_api.test_operations import (
    ASSEMBLE,
    EXTRACT,
    OPERATIONS,
    PATIENT,
    POPULATE,
    VALIDATE,
    contexts,
    extractable,
    fillable,
    modular,
)
from tests.fhir_api.test_parsing import JSON

URL = "https://city.example/fhir/Questionnaire/fuzzed"
QUIET = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
GOOD: dict[str, dict[str, Any]] = {
    VALIDATE: in_parameters(
        resource=answered(URL, warm=True, hurt="no"), questionnaire=questionnaire(URL)
    ),
    EXTRACT: in_parameters(
        questionnaire_response=answered(f"{URL}|1.0", warm=True), questionnaire=extractable(URL)
    ),
    POPULATE: {
        "resourceType": "Parameters",
        "parameter": [
            *in_parameters(questionnaire=fillable(URL))["parameter"],
            *contexts(("patient", {"resource": PATIENT})),
            {"name": "subject", "valueReference": {"reference": "Patient/made-up"}},
        ],
    },
    ASSEMBLE: in_parameters(questionnaire=modular(URL, f"{URL}|none")),
}


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to everything below a JSON value."""
    inside = enumerate(node) if isinstance(node, list) else ()
    below = node.items() if isinstance(node, dict) else inside
    return [path, *(each for key, value in below for each in places(value, (*path, key)))]


def changed(resource: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy with another value at a place."""
    if not path:
        return value
    copy = resource.copy()
    copy[path[0]] = changed(resource[path[0]], path[1:], value)
    return copy


def damaged(resource: dict[str, Any]) -> st.SearchStrategy[Any]:
    """A request that is good but for a place or two."""
    whole = st.sampled_from([path for path in places(resource) if path])
    once = st.tuples(whole, JSON).map(lambda change: changed(resource, *change))
    return once.flatmap(
        lambda one: (
            st.tuples(st.sampled_from(places(one)[1:]), JSON).map(
                lambda change: changed(one, *change)
            )
            | st.just(one)
        )
    )


def check(answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    read = orjson.loads(answer.data)
    if answer.status_code != 200:
        assert read["resourceType"] == "OperationOutcome"
        assert read["issue"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_good_request_that_is_damaged_is_good(fhir: Fhir, operation: str) -> None:
    answer = fhir.post(operation, GOOD[operation])
    # The module that is asked for is not there.
    assert answer.status_code == (422 if operation == ASSEMBLE else 200), answer.text


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_json_breaks_an_operation(fhir: Fhir, operation: str) -> None:
    @QUIET
    @given(
        JSON | st.lists(JSON).map(lambda each: {"resourceType": "Parameters", "parameter": each})
    )
    def fuzz(sent: Any) -> None:
        check(fhir.post(operation, sent))

    fuzz()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_damaged_request_breaks_an_operation(fhir: Fhir, operation: str) -> None:
    @QUIET
    @given(damaged(GOOD[operation]))
    def fuzz(sent: Any) -> None:
        check(fhir.post(operation, sent))

    fuzz()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_nests_to_the_limit_is_answered(fhir: Fhir, operation: str) -> None:
    """What the service writes nests deeper than what it read."""
    for depth in (60, 80, 83, 84, 120, 125):
        item: dict[str, Any] = {"linkId": "leaf", "type": "string", "text": "Leaf"}
        for level in range(depth):
            item = {"linkId": f"{level}", "type": "group", "item": [item]}
        check(fhir.post(operation, questionnaire(URL, item=[item])))
        deep: Any = 1
        for _ in range(2 * depth - 10):
            deep = [deep]
        sent = {"name": "context", "part": [{"name": "content", "resource": {"a": deep}}]}
        check(fhir.post(operation, {"resourceType": "Parameters", "parameter": [sent]}))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_bytes_that_are_no_json_are_refused(fhir: Fhir, operation: str) -> None:
    assert fhir.post(operation, b"{secret").status_code == 400
    assert "secret" not in fhir.post(operation, b"{secret").text
    assert fhir.post(operation, b"{}", Content_Type="text/plain").status_code == 415
    assert fhir.post(operation, b" " * 300_000).status_code == 413
