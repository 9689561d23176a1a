"""$score: the levels, the needs and the services of a response, with nothing stored."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from template_service.access.principal import Role
from template_service.questionnaire.form import Form
from template_service.questionnaire.scoring import Context, score, score_report
from template_service.questionnaire.values import VALUE_KIND
from template_service.service import Service
from tests.fhir_api.clients import Answered, Fhir, answers, response
from tests.fhir_api.library import Command, answered, commands, fresh_url, hurt, questionnaire

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
UCUM = "http://unitsofmeasure.org"
CODING = {"system": "https://city.example/codes", "code": "high", "display": "High"}
# Type of an item, what it is calculated by, and what comes out.
VALUES = [
    ("boolean", "true", True),
    ("integer", "2 + 1", 3),
    ("decimal", "1 / 8", 0.125),
    ("string", "'words'", "words"),
    ("date", "@2026-11-23", "2026-11-23"),
    ("choice", "'high'", CODING),
    ("quantity", "2 'kg'", {"value": 2, "unit": "kg", "system": UCUM, "code": "kg"}),
]
DISCLOSED = {"safety.screen": "need", "urgent": "unsafe_home", "housing.screen": "unsure"}
OPERATION = "QuestionnaireResponse/$score"


@pytest.fixture
def run(service: Service, tmp_path: Path) -> Command:
    return commands(service.settings.data, tmp_path)


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


def calculated_item(link_id: str, type_: str, expression: str) -> dict[str, Any]:
    extension = {
        "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
        "valueExpression": {"language": "text/fhirpath", "expression": expression},
    }
    return {"linkId": link_id, "type": type_, "text": link_id, "extension": [extension]}


def calculated(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {one["linkId"]: one["value"] for one in parts(answer, "calculated")}


@pytest.mark.parametrize("given", [COLD, DISCLOSED, {}])
def test_calculated_values_are_those_of_the_command(
    fhir: Fhir, form: Form, given: Answered
) -> None:
    sent = response(form, given)
    expected = score_report(form, sent)["calculated"]
    assert calculated(fhir.post(OPERATION, sent)) == expected
    assert bool(expected) is bool(given)


@pytest.mark.parametrize(("type_", "expression", "value"), VALUES)
def test_a_calculated_value_is_of_the_type_of_its_item(
    fhir: Fhir, run: Command, type_: str, expression: str, value: Any
) -> None:
    url, item = fresh_url(), calculated_item("c", type_, expression)
    options = {"answerOption": [{"valueCoding": CODING}]} if type_ == "choice" else {}
    assert run("add", questionnaire(url, item=[item | options])).exit_code == 0
    answer = fhir.post(OPERATION, answered(f"{url}|1.0"))
    assert calculated(answer) == {"c": value}
    (part,) = [each["part"][1] for each in orjson.loads(answer.data)["parameter"]]
    assert set(part) == {"name", VALUE_KIND[type_]}


def test_what_is_calculated_from_safety_is_for_those_who_see_it(
    fhir: Fhir, as_role: Callable[..., Fhir], form: Form
) -> None:
    sent = response(form, COLD | DISCLOSED | {"housing.screen": "need"})
    assert calculated(fhir.post(OPERATION, sent))["safety.level"] == 4
    seen = calculated(as_role(Role.CARE_NAVIGATOR).post(OPERATION, sent))
    assert "housing.level" in seen
    assert not [link_id for link_id in seen if link_id.startswith("safety")]


def test_nothing_is_calculated_from_rows_beside_safety_for_those_who_do_not_see_it(
    fhir: Fhir, as_role: Callable[..., Fhir], run: Command
) -> None:
    """A row that is left out would tell, and one that is not would too."""
    url, rows = fresh_url(), [hurt(masked=True), {"linkId": "words", "type": "string"}]
    total = calculated_item("total", "integer", "%resource.item.where(linkId='row').count()")
    row = {"linkId": "row", "type": "group", "repeats": True, "text": "Row", "item": rows}
    assert run("add", questionnaire(url, item=[row, total])).exit_code == 0
    sent = answered(f"{url}|1.0", words="x")
    sent["item"] = [{"linkId": "row", "item": sent["item"]}] * 2
    assert calculated(fhir.post(OPERATION, sent)) == {"total": 2}
    assert calculated(as_role(Role.CARE_NAVIGATOR).post(OPERATION, sent)) == {}


def test_what_is_calculated_from_safety_is_told_to_nobody_else_whatever_it_comes_to(
    fhir: Fhir, as_role: Callable[..., Fhir], run: Command
) -> None:
    url = fresh_url()
    asked = "%resource.item.where(linkId='{}').answer.count()"
    told = calculated_item("told", "integer", asked.format("hurt"))
    free = calculated_item("free", "integer", asked.format("words"))
    words = {"linkId": "words", "type": "string", "text": "Words"}
    form = questionnaire(url, item=[hurt(masked=True), words, told, free])
    assert run("add", form).exit_code == 0
    sent = answered(f"{url}|1.0", hurt="yes", words="x")
    assert calculated(fhir.post(OPERATION, sent)) == {"told": 1, "free": 1}
    assert calculated(as_role(Role.CARE_NAVIGATOR).post(OPERATION, sent)) == {"free": 1}


def test_a_private_instrument_tells_a_care_navigator_nothing(
    fhir: Fhir, as_role: Callable[..., Fhir], service: Service
) -> None:
    hark = service.forms.by_id("hark")
    sent = response(hark, {"hark.afraid": "yes"})
    told = fhir.post(OPERATION, sent)
    assert calculated(told)
    assert codes(told, "need") == ["domestic-abuse"]
    assert {one["need"] for one in parts(told, "match")} == {"domestic-abuse"}
    answer = as_role(Role.CARE_NAVIGATOR).post(OPERATION, sent)
    assert calculated(answer) == {}
    assert codes(answer, "need") == []
    assert "hark" not in answer.text


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
    for canonical in ("https://example.org/none", f"{form.url}|0.0.1"):
        unknown = fhir.post(OPERATION, sent | {"questionnaire": canonical})
        validated = fhir.post(
            "QuestionnaireResponse/$validate", sent | {"questionnaire": canonical}
        )
        told = issues(unknown)["QuestionnaireResponse.questionnaire"]
        assert told in validated.text
        assert "or this version of it" in told
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


def test_what_cannot_be_worked_out_as_a_whole_is_refused_and_not_half_told(
    fhir: Fhir, run: Command
) -> None:
    """Two values of which each takes the other away."""
    url, place = fresh_url(), "%resource.item.where(linkId='{}').answer.value"
    asked = {"enableWhen": [{"question": "b", "operator": "exists", "answerBoolean": False}]}
    items = [
        calculated_item("a", "integer", "1") | asked,
        calculated_item("b", "integer", place.format("a")),
    ]
    assert run("add", questionnaire(url, item=items)).exit_code == 0
    told = issues(fhir.post(OPERATION, parameters(answered(f"{url}|1.0"))))
    assert list(told) == ["Parameters.parameter[0].resource"]


def misshapen_responses(service: Service) -> dict[str, tuple[dict[str, Any], str]]:
    """Answers of PHQ-4 in shapes that no answer is found in, and the place of each."""
    phq4 = service.forms.by_id("phq-4")
    first = next(item for item in phq4.items.values() if item.options)
    told = first.options[-1].as_answer()
    sound = {"linkId": first.link_id, "answer": [told]}
    items: dict[str, tuple[Any, str]] = {
        "items no list": (sound, ".item"),
        "items a text": ("x", ".item"),
        "an item a number": ([5], ".item[0]"),
        "answers no list": ([{**sound, "answer": told}], ".item[0].answer"),
        "an answer a number": ([{**sound, "answer": [1]}], ".item[0].answer[0]"),
        "one of two answers a text": ([{**sound, "answer": ["x", told]}], ".item[0].answer[0]"),
        "a linkId a number": ([{**sound, "linkId": 5}], ".item[0]"),
        "no linkId": ([{"answer": [told]}], ".item[0]"),
        "no list inside": ([{"linkId": "g", "item": sound}], ".item[0].item"),
        "no list inside an answer": (
            [{**sound, "answer": [{**told, "item": sound}]}],
            ".item[0].answer[0].item",
        ),
    }
    head = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": phq4.canonical,
        "status": "completed",
    }
    return {name: ({**head, "item": item}, place) for name, (item, place) in items.items()}


def test_an_answer_in_no_shape_to_be_found_in_is_refused_and_not_left_out(
    fhir: Fhir, run: Command, service: Service, tmp_path: Path
) -> None:
    written = tmp_path / "phq-4.json"
    written.write_bytes(orjson.dumps(service.forms.by_id("phq-4").resource))
    for name, (sent, place) in misshapen_responses(service).items():
        answer = fhir.post(OPERATION, parameters(sent))
        assert f"Parameters.parameter[0].resource{place}" in issues(answer), name
        # The command prints the score, what is wrong beside it, and fails.
        (tmp_path / "sent.json").write_bytes(orjson.dumps(sent))
        told = run("score", str(written), str(tmp_path / "sent.json"))
        assert told.exit_code == 1, name
        assert f"error: QuestionnaireResponse{place}: " in told.stderr, name
        assert orjson.loads(told.stdout)["scores"] is not None


@pytest.mark.parametrize(
    "item",
    [
        None,
        [],
        [{"linkId": "household"}],
        [{"linkId": "household", "answer": [], "item": None}],
        [{"text": "Home"}],
    ],
)
def test_what_holds_no_answers_loses_none(fhir: Fhir, form: Form, item: Any) -> None:
    sent = {**response(form, {}), "status": "in-progress", "item": item}
    assert fhir.post(OPERATION, sent).status_code == 200


def test_a_coding_of_another_system_is_read(fhir: Fhir, form: Form) -> None:
    sent = response(form, {"urgent": "no_food"})
    del sent["item"][0]["item"][0]["answer"][0]["valueCoding"]["system"]
    assert codes(fhir.post(OPERATION, sent), "urgent") == ["no_food"]
