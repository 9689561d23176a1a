"""$score: the levels, the needs and the services of a response, with nothing stored."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from template_service.access.principal import Role
from template_service.questionnaire.form import Form
from template_service.questionnaire.scoring import Context, score
from template_service.service import Service
from tests.fhir_api.clients import Answered, Fhir, answers, response

COLD = {
    "household": "under5",
    "energy.screen": "need",
    "energy.wants-help": "yes-now",
    "housing.screen": "need",
    "housing.condition": "damp",
    "housing.wants-help": "yes-now",
    "food.screen": "no-need",
    "urgent": "no_food",
}
DISCLOSED = {"safety.screen": "need", "urgent": "unsafe_home", "housing.screen": "unsure"}
OPERATION = "QuestionnaireResponse/$score"


def parameters(sent: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A Parameters resource with a response and further parameters (name, value[x])."""
    further = [{"name": name} | value for name, value in more.items()]
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": "response", "resource": sent}, *further],
    }


def codes(answer: TestResponse, name: str) -> list[str]:
    """The codes of one output parameter, in order."""
    found = orjson.loads(answer.data).get("parameter", ())
    return [one["valueCode"] for one in found if one["name"] == name]


def parts(answer: TestResponse, name: str) -> list[dict[str, Any]]:
    """The parts of each output parameter of a name, as name and value."""
    found = orjson.loads(answer.data).get("parameter", ())
    return [
        {part["name"]: next(v for k, v in part.items() if k != "name") for part in one["part"]}
        for one in found
        if one["name"] == name
    ]


def issues(answer: TestResponse) -> dict[str, str]:
    """Place and text of each issue of a refusal."""
    assert answer.status_code == 422, answer.text
    found = orjson.loads(answer.data)["issue"]
    return {issue["expression"][0]: issue["diagnostics"] for issue in found}


@pytest.mark.parametrize("given", [COLD, DISCLOSED, {}])
@pytest.mark.parametrize("age", [None, 8, 80])
def test_it_answers_what_the_engine_says(
    fhir: Fhir, form: Form, given: Answered, age: int | None
) -> None:
    context: dict[str, Any] = {} if age is None else {"age": {"valueInteger": age}}
    answer = fhir.post(OPERATION, parameters(response(form, given), **context))
    assert answer.status_code == 200
    expected = score(form, answers(form, given), Context(age=age))
    assert [one["id"] for one in parts(answer, "domain")] == list(expected.domains)
    for one in parts(answer, "domain"):
        domain = expected.domains[one["id"]]
        found = (one["state"], one.get("level"), one.get("wants-help"))
        assert found == (domain.state, domain.level, domain.wants_help)
    assert codes(answer, "urgent") == list(expected.urgent)
    assert codes(answer, "masked-on-screen") == list(expected.masked_on_screen)
    assert codes(answer, "order") == list(expected.order)
    assert codes(answer, "need") == list(expected.needs)


def test_conditions_count(fhir: Fhir, form: Form) -> None:
    sent = response(form, {"housing.screen": "need", "housing.condition": "damp"})
    plain = fhir.post(OPERATION, parameters(sent))
    raised = fhir.post(OPERATION, parameters(sent, condition={"valueCode": "breathing"}))
    levels = [
        next(one["level"] for one in parts(answer, "domain") if one["id"] == "housing")
        for answer in (plain, raised)
    ]
    assert levels[1] == levels[0] + 1


def test_a_bare_response_is_enough(fhir: Fhir, form: Form) -> None:
    sent = response(form, COLD)
    assert fhir.post(OPERATION, sent).data == fhir.post(OPERATION, parameters(sent)).data


def test_answers_are_found_wherever_they_stand(fhir: Fhir, form: Form) -> None:
    nested = response(form, COLD)
    flat: list[dict[str, Any]] = []
    waiting = list(nested["item"])
    while waiting:
        item = waiting.pop(0)
        waiting += item.get("item", [])
        if "answer" in item:
            flat.append(item)
    assert fhir.post(OPERATION, nested | {"item": flat}).data == fhir.post(OPERATION, nested).data


def test_matches_are_services_of_the_directory(fhir: Fhir, form: Form, service: Service) -> None:
    answer = fhir.post(OPERATION, response(form, COLD))
    found = parts(answer, "match")
    assert {one["need"] for one in found} >= {"repairs-damp-mould"}
    for one in found:
        known = service.directory.service(one["service"]["id"])
        assert one["need"] in known.needs
        assert one["service"]["name"] == known.name
        assert one["service"]["active"] is True
        assert one["service"].get("providedBy", {}).get("display", "") == known.organisation
        # No curator has rung any service of the starter directory.
        assert one["freshness"] == "check-first"
        assert one["service"]["comment"].startswith("Check first")
    assert len({(one["need"], one["service"]["id"]) for one in found}) == len(found)


def test_nothing_is_stored(fhir: Fhir, form: Form, service: Service) -> None:
    def rows() -> list[int]:
        with service.store.read() as conn:
            return [
                conn.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0  # noqa: S608
                for table in ("response", "response_revision", "person", "audit", "urgent_card")
            ]

    before = rows()
    assert fhir.post(OPERATION, response(form, COLD)).status_code == 200
    assert rows() == before


def test_a_care_navigator_gets_the_score_of_what_they_may_see(
    as_role: Callable[..., Fhir], form: Form
) -> None:
    answer = as_role(Role.CARE_NAVIGATOR).post(OPERATION, response(form, DISCLOSED))
    assert answer.status_code == 200
    assert "safety" not in [one["id"] for one in parts(answer, "domain")]
    assert "safety" not in codes(answer, "order")
    assert codes(answer, "urgent") == codes(answer, "masked-on-screen") == []
    assert not [need for need in codes(answer, "need") if "abuse" in need]


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"age": {"valueInteger": -1}}, "Parameters.parameter[1]"),
        ({"age": {"valueInteger": True}}, "Parameters.parameter[1]"),
        ({"age": {"valueString": "eight"}}, "Parameters.parameter[1]"),
        ({"condition": {"valueInteger": 3}}, "Parameters.parameter[1]"),
        ({"postcode": {"valueString": "LS9"}}, "Parameters.parameter[1]"),
        ({"questionnaire": {"valueCanonical": "https://a.example/q"}}, "Parameters.parameter[0]"),
    ],
)
def test_a_wrong_parameter_is_named(
    fhir: Fhir, form: Form, more: dict[str, Any], place: str
) -> None:
    answer = fhir.post(OPERATION, parameters(response(form, COLD), **more))
    assert next(iter(issues(answer))).startswith(place)
    assert "LS9" not in answer.text


def test_a_parameter_given_twice_is_named(fhir: Fhir, form: Form) -> None:
    sent = parameters(response(form, COLD), age={"valueInteger": 8})
    sent["parameter"].append({"name": "age", "valueInteger": 9})
    assert "Parameters.parameter[2]" in issues(fhir.post(OPERATION, sent))


@pytest.mark.parametrize(
    "sent",
    [
        {"resourceType": "Parameters"},
        {"resourceType": "Parameters", "parameter": []},
        {"resourceType": "Parameters", "parameter": {"name": "response"}},
        {"resourceType": "Parameters", "parameter": [3]},
        {"resourceType": "Bundle"},
        {"resourceType": 3},
        {},
    ],
)
def test_a_request_without_a_response_is_refused(fhir: Fhir, sent: dict[str, Any]) -> None:
    assert issues(fhir.post(OPERATION, sent))


def test_an_unknown_or_missing_questionnaire_is_named(fhir: Fhir, form: Form) -> None:
    sent = response(form, COLD)
    unknown = fhir.post(OPERATION, sent | {"questionnaire": "https://example.org/none"})
    assert "QuestionnaireResponse.questionnaire" in issues(unknown)
    del sent["questionnaire"]
    assert "QuestionnaireResponse.questionnaire" in issues(fhir.post(OPERATION, sent))
    inside = fhir.post(OPERATION, parameters(sent))
    assert "Parameters.parameter[0].resource.questionnaire" in issues(inside)
    named = parameters(sent, questionnaire={"valueCanonical": form.canonical})
    assert fhir.post(OPERATION, named).status_code == 200


def test_an_answer_that_cannot_be_read_is_not_silently_left_out(fhir: Fhir, form: Form) -> None:
    sent = response(form, COLD)
    sent["item"].append({"linkId": "unheard-of", "answer": [{"valueString": "private words"}]})
    answer = fhir.post(OPERATION, parameters(sent))
    place = f"Parameters.parameter[0].resource.item[{len(sent['item']) - 1}]"
    assert list(issues(answer)) == [place]
    assert "private words" not in answer.text
    wrong = response(form, {"housing.screen": "need"})
    wrong["item"][0]["item"][0]["item"][0]["answer"] = [{"valueInteger": 3}]
    assert "housing.screen" in next(iter(issues(fhir.post(OPERATION, wrong)).values()))


def test_a_coding_of_another_system_is_read(fhir: Fhir, form: Form) -> None:
    sent = response(form, {"urgent": "no_food"})
    del sent["item"][0]["item"][0]["answer"][0]["valueCoding"]["system"]
    assert codes(fhir.post(OPERATION, sent), "urgent") == ["no_food"]
