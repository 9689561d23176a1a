"""$validate, $extract, $populate and $assemble: what they take and answer; none keeps anything."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from template_service.access.principal import Role
from template_service.questionnaire.form import Form
from template_service.service import Service
from tests.fhir_api.clients import Fhir, response
from tests.fhir_api.library import (
    Command,
    answered,
    commands,
    fresh_url,
    hurt,
    in_parameters,
    questionnaire,
)

VALIDATE = "QuestionnaireResponse/$validate"
EXTRACT = "QuestionnaireResponse/$extract"
POPULATE = "Questionnaire/$populate"
ASSEMBLE = "Questionnaire/$assemble"
OPERATIONS = [VALIDATE, EXTRACT, POPULATE, ASSEMBLE]

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
OBSERVED = {"url": f"{SDC}/sdc-questionnaire-observationExtract", "valueBoolean": True}
CODE = {"system": "http://loinc.org", "code": "71802-3", "display": "Housing status"}
PATIENT = {"resourceType": "Patient", "id": "made-up", "birthDate": "1980-02-29"}


def observed(item: dict[str, Any]) -> dict[str, Any]:
    """An item whose answer is extracted as an Observation."""
    return {**item, "code": [CODE], "extension": [*item.get("extension", ()), OBSERVED]}


def extractable(url: str, **elements: Any) -> dict[str, Any]:
    """One whose answers are extracted, save that to the masked question: no library takes those."""
    asked = questionnaire(url)["item"]
    items = [each if each["linkId"] == "hurt" else observed(each) for each in asked]
    return questionnaire(url, item=items, **elements)


def fillable(url: str, **elements: Any) -> dict[str, Any]:
    """One that takes the day of birth from the launch context."""
    context = [
        {
            "url": "name",
            "valueCoding": {
                "system": "http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext",
                "code": "patient",
            },
        },
        {"url": "type", "valueCode": "Patient"},
    ]
    expression = {"language": "text/fhirpath", "expression": "%patient.birthDate"}
    born = {
        "linkId": "born",
        "type": "date",
        "text": "Day of birth",
        "extension": [
            {"url": f"{SDC}/sdc-questionnaire-initialExpression", "valueExpression": expression}
        ],
    }
    launch = {"url": f"{SDC}/sdc-questionnaire-launchContext", "extension": context}
    return questionnaire(url, item=[born], extension=[launch], **elements)


def modular(url: str, module: str, **elements: Any) -> dict[str, Any]:
    """One whose only item stands for the items of a module."""
    here = {"url": f"{SDC}/sdc-questionnaire-subQuestionnaire", "valueCanonical": module}
    item = {"linkId": "module", "type": "display", "text": "A module", "extension": [here]}
    return questionnaire(url, item=[item], **elements)


@pytest.fixture
def run(service: Service, tmp_path: Path) -> Command:
    return commands(service.settings.data, tmp_path)


@pytest.fixture
def keep(run: Command) -> Callable[[dict[str, Any]], str]:
    """Adds a questionnaire to the library; gives its id."""

    def added(resource: dict[str, Any]) -> str:
        kept = run("add", resource, "--json")
        assert kept.exit_code == 0, kept.output
        return str(orjson.loads(kept.stdout)["id"])

    return added


def body(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/fhir+json"
    read: dict[str, Any] = orjson.loads(answer.data)
    kind = read["resourceType"]
    model = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    model.model_validate(read)
    return read


def part(answer: TestResponse, name: str) -> dict[str, Any]:
    """The resource of an output parameter."""
    read = body(answer)
    assert read["resourceType"] == "Parameters"
    (found,) = [each["resource"] for each in read["parameter"] if each["name"] == name]
    return dict(found)


def names(answer: TestResponse) -> list[str]:
    return [each["name"] for each in body(answer).get("parameter", ())]


def errors(answer: TestResponse, status: int = 422) -> dict[str, str]:
    """Place and text of each error of an OperationOutcome."""
    found = body(answer, status)["issue"]
    return {
        (issue.get("expression") or [""])[0]: issue["diagnostics"]
        for issue in found
        if issue["severity"] == "error"
    }


def rows(service: Service) -> list[int]:
    with service.store.read() as conn:
        return [
            conn.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0  # noqa: S608
            for table in ("response_revision", "person", "questionnaire", "urgent_card", "audit")
        ]


# ---- $validate


def test_a_sound_response_is_told_so(fhir: Fhir, form: Form) -> None:
    sound = response(form, {"housing.screen": "need"})
    for sent in (sound, in_parameters(resource=sound)):
        (only,) = body(fhir.post(VALIDATE, sent))["issue"]
        assert (only["severity"], only["code"]) == ("information", "informational")


def test_what_is_wrong_is_placed_where_it_stands(fhir: Fhir, form: Form) -> None:
    wrong = response(form, {}) | {"item": [{"linkId": "unheard-of"}]}
    bare = errors(fhir.post(VALIDATE, wrong), 200)
    assert list(bare) == ["QuestionnaireResponse.item[0]"]
    inside = errors(fhir.post(VALIDATE, in_parameters(resource=wrong)), 200)
    assert list(inside) == ["Parameters.parameter[0].resource.item[0]"]


def test_a_calculated_value_that_the_answers_contradict_is_a_warning(
    fhir: Fhir, form: Form
) -> None:
    sent = response(form, {"housing.screen": "need", "housing.condition": "damp"})
    (domains,) = [each for each in sent["item"] if each["linkId"] == "tab.domains"]
    (housing,) = domains["item"]
    for level, warnings in ((2, 0), (4, 1)):
        answer = {"linkId": "housing.level", "answer": [{"valueInteger": level}]}
        told = {
            **sent,
            "item": [{**domains, "item": [{**housing, "item": [*housing["item"], answer]}]}],
        }
        issues = body(fhir.post(VALIDATE, in_parameters(resource=told)))["issue"]
        places = [each["expression"] for each in issues if each["severity"] == "warning"]
        place = f"Parameters.parameter[0].resource.item[0].item[0].item[{len(housing['item'])}]"
        assert places == [[place]] * warnings
        assert fhir.create(told).status_code == 201


def test_it_judges_by_a_questionnaire_that_is_sent_along(fhir: Fhir) -> None:
    url = fresh_url()
    sent = answered(f"{url}|1.0", warm="not a boolean")
    assert list(errors(fhir.post(VALIDATE, sent), 200)) == ["QuestionnaireResponse.questionnaire"]
    given = in_parameters(resource=sent, questionnaire=questionnaire(url))
    places = errors(fhir.post(VALIDATE, given), 200)
    assert [each for each in places if each.startswith("Parameters.parameter[0].resource.item[0]")]
    assert "QuestionnaireResponse.questionnaire" not in places


@pytest.mark.parametrize("named", ["{url}|1.0", "{url}"])
def test_it_judges_by_a_contained_questionnaire(fhir: Fhir, named: str) -> None:
    url = fresh_url()
    contained = questionnaire(url, id="own")
    sent = answered(named.format(url=url), warm=True) | {"contained": [contained]}
    assert errors(fhir.post(VALIDATE, sent), 200) == {}
    wrong = answered(named.format(url=url), unknown=True) | {"contained": [contained]}
    assert list(errors(fhir.post(VALIDATE, wrong), 200)) == ["QuestionnaireResponse.item[0]"]


@pytest.mark.parametrize("left_out", [(), ("url", "version"), ("version",)])
def test_a_contained_questionnaire_may_be_named_by_its_id(
    fhir: Fhir, left_out: tuple[str, ...]
) -> None:
    whole = questionnaire(fresh_url(), id="own")
    contained = {name: value for name, value in whole.items() if name not in left_out}
    sent = answered("#own", warm=True) | {"contained": [contained]}
    assert errors(fhir.post(VALIDATE, sent), 200) == {}
    wrong = answered("#own", unknown=True) | {"contained": [contained]}
    assert list(errors(fhir.post(VALIDATE, wrong), 200)) == ["QuestionnaireResponse.item[0]"]


def test_a_questionnaire_that_cannot_be_used_is_an_answer_too(fhir: Fhir) -> None:
    url = fresh_url()
    broken = questionnaire(url, item=[{"linkId": "a", "type": "none"}])
    given = in_parameters(resource=answered(url), questionnaire=broken)
    places = errors(fhir.post(VALIDATE, given), 200)
    assert list(places) == ["Parameters.parameter[1].resource.item[0]"]


@pytest.mark.parametrize("sent", [{"resourceType": "Patient"}, {}, {"resourceType": 3}])
def test_what_is_no_response_is_an_answer_too(fhir: Fhir, sent: dict[str, Any]) -> None:
    assert errors(fhir.post(VALIDATE, sent), 200)


def test_a_profile_is_said_not_to_be_looked_at(fhir: Fhir, form: Form) -> None:
    sent = in_parameters(resource=response(form, {"housing.screen": "need"}))
    sent["parameter"].append({"name": "profile", "valueUri": "https://example.org/profile"})
    (only,) = body(fhir.post(VALIDATE, sent))["issue"]
    assert only["code"] == "not-supported"


@pytest.mark.parametrize(
    "more",
    [
        {"name": "mode", "valueCode": "delete"},
        {"name": "resource"},
        {"name": "secret words"},
        {"valueString": "secret words"},
        "secret words",
    ],
)
def test_a_wrong_parameter_is_named(fhir: Fhir, form: Form, more: Any) -> None:
    sent = in_parameters(resource=response(form, {}))
    sent["parameter"].append(more)
    answer = fhir.post(VALIDATE, sent)
    assert list(errors(answer)) == ["Parameters.parameter[1]"]
    assert "secret" not in answer.text


# ---- $extract


def test_an_extracted_bundle_is_returned(fhir: Fhir) -> None:
    url = fresh_url()
    sent = in_parameters(
        questionnaire_response=answered(f"{url}|1.0", warm=False), questionnaire=extractable(url)
    )
    bundle = part(fhir.post(EXTRACT, sent), "return")
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "transaction")
    (entry,) = bundle["entry"]
    assert entry["resource"]["resourceType"] == "Observation"
    assert entry["resource"]["valueBoolean"] is False


def test_a_bare_response_is_extracted_by_the_library(
    fhir: Fhir, keep: Callable[[dict[str, Any]], str]
) -> None:
    url = fresh_url()
    keep(extractable(url))
    bundle = part(fhir.post(EXTRACT, answered(f"{url}|1.0", warm=True)), "return")
    assert len(bundle["entry"]) == 1


def test_nothing_to_extract_is_said(fhir: Fhir, form: Form) -> None:
    answer = fhir.post(EXTRACT, response(form, {"housing.screen": "need"}))
    assert names(answer) == ["issues"]
    (only,) = part(answer, "issues")["issue"]
    assert (only["severity"], only["expression"]) == ("information", ["Questionnaire"])


def test_why_nothing_was_extracted_is_said_where_it_stands(fhir: Fhir) -> None:
    url = fresh_url()
    sent = in_parameters(
        questionnaire_response=answered(f"{url}|1.0", warm=False), questionnaire=questionnaire(url)
    )
    answer = fhir.post(EXTRACT, sent)
    assert names(answer) == ["issues"]
    (only,) = part(answer, "issues")["issue"]
    assert only["expression"] == ["Parameters.parameter[1].resource"]


def test_a_response_with_an_error_is_not_extracted(fhir: Fhir) -> None:
    url = fresh_url()
    sent = in_parameters(
        questionnaire_response=answered(f"{url}|1.0", warm="x"), questionnaire=extractable(url)
    )
    places = errors(fhir.post(EXTRACT, sent))
    assert all(each.startswith("Parameters.parameter[0].resource.item[0]") for each in places)


def test_an_answer_that_is_not_asked_for_is_no_reason_to_refuse(fhir: Fhir) -> None:
    """It is left out, and that is said."""
    url = fresh_url()
    given = extractable(url)
    given["item"][0]["enableWhen"] = [
        {"question": "words", "operator": "exists", "answerBoolean": True}
    ]
    given["item"][1] = observed(hurt(masked=False))
    sent = in_parameters(
        questionnaire_response=answered(f"{url}|1.0", warm=True, hurt="no"), questionnaire=given
    )
    answer = fhir.post(EXTRACT, sent)
    (entry,) = part(answer, "return")["entry"]
    assert "valueCodeableConcept" in entry["resource"]
    issues = part(answer, "issues")["issue"]
    assert [each for each in issues if "item[0]" in (each.get("expression") or [""])[0]]


def test_a_stored_response_is_extracted_without_safety_content_whoever_asks(
    fhir: Fhir,
    other: Fhir,
    as_role: Callable[..., Fhir],
    keep: Callable[[dict[str, Any]], str],
    service: Service,
) -> None:
    url = fresh_url()
    keep(extractable(url))
    made = fhir.create(answered(f"{url}|1.0", warm=True, hurt="yes"))
    place = made.headers["Location"].split("/fhir/")[1].split("/_history")[0]
    before = rows(service)
    sees_safety = fhir.post(f"{place}/$extract", b"")
    (whole,) = part(sees_safety, "return")["entry"]
    assert whole["resource"]["valueBoolean"] is True
    issues = part(sees_safety, "issues")["issue"]
    (told,) = [each for each in issues if each["code"] == "suppressed"]
    assert told["severity"] == "information"
    assert "hurt" not in sees_safety.text
    # The look is audited as any other is, and nothing else is kept.
    assert rows(service) == [*before[:-1], before[-1] + 1]
    navigator = as_role(Role.CARE_NAVIGATOR).post(f"{place}/$extract", b"")
    (entry,) = part(navigator, "return")["entry"]
    assert entry["resource"]["valueBoolean"] is True
    assert "hurt" not in navigator.text
    assert errors(other.post(f"{place}/$extract", b""), 404)
    assert errors(fhir.post(f"{place}/$extract", in_parameters(questionnaire=questionnaire(url))))


# ---- $populate


def contexts(*given: tuple[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": "context",
            "part": [{"name": "name", "valueString": name}, {"name": "content"} | content],
        }
        for name, content in given
    ]


@pytest.mark.parametrize("name", ["context", "launchContext"])
def test_what_is_known_is_filled_in(fhir: Fhir, name: str) -> None:
    url = fresh_url()
    sent = in_parameters(questionnaire=fillable(url))
    (context,) = contexts(("patient", {"resource": PATIENT}))
    sent["parameter"] += [
        context | {"name": name},
        {"name": "subject", "valueReference": {"reference": "Patient/made-up"}},
    ]
    filled = part(fhir.post(POPULATE, sent), "response")
    assert filled["questionnaire"] == f"{url}|1.0"
    assert filled["subject"] == {"reference": "Patient/made-up"}
    (item,) = filled["item"]
    assert item["answer"] == [{"valueDate": "1980-02-29"}]


@pytest.mark.parametrize(
    "naming",
    [
        {"name": "questionnaire", "valueUri": "{url}|1.0"},
        {"name": "questionnaire", "valueCanonical": "{url}"},
        {"name": "questionnaire", "valueReference": {"reference": "Questionnaire/{id}"}},
        {"name": "canonical", "valueUri": "{url}"},
        {"name": "questionnaireRef", "valueReference": {"reference": "Questionnaire/{id}"}},
        {"name": "identifier", "valueIdentifier": {"system": "urn:x", "value": "{url}"}},
        None,
    ],
)
def test_a_questionnaire_of_the_library_is_named_as_sdc_names_it(
    fhir: Fhir, keep: Callable[[dict[str, Any]], str], naming: dict[str, Any] | None
) -> None:
    url = fresh_url()
    kept = keep(fillable(url, identifier=[{"system": "urn:x", "value": url}]))
    written = orjson.dumps([naming] if naming else []).decode()
    named = orjson.loads(written.replace("{url}", url).replace("{id}", kept))
    sent = {
        "resourceType": "Parameters",
        "parameter": [*named, *contexts(("patient", {"resource": PATIENT}))],
    }
    place = POPULATE if naming else f"Questionnaire/{kept}/$populate"
    filled = part(fhir.post(place, sent), "response")
    assert filled["questionnaire"] == f"{url}|1.0"
    assert filled["item"][0]["linkId"] == "born"


def test_what_could_not_be_filled_in_is_said(fhir: Fhir) -> None:
    sent = in_parameters(questionnaire=fillable(fresh_url()))
    sent["parameter"] += [
        *contexts(("patient", {"valueReference": {"reference": "Patient/made-up"}})),
        {"name": "local", "valueBoolean": True},
    ]
    answer = fhir.post(POPULATE, sent)
    assert names(answer) == ["response", "issues"]
    places = {(each.get("expression") or [""])[0] for each in part(answer, "issues")["issue"]}
    assert {"Parameters.parameter[1].part[1]", "Parameters.parameter[2]"} <= places
    assert [each for each in places if each.startswith("Parameters.parameter[0].resource")]


def test_a_retired_questionnaire_is_filled_in_with_a_warning(
    fhir: Fhir, keep: Callable[[dict[str, Any]], str], run: Command
) -> None:
    url = fresh_url()
    kept = keep(questionnaire(url))
    assert run("retire", url).exit_code == 0
    answer = fhir.post(f"Questionnaire/{kept}/$populate", in_parameters())
    assert [each for each in part(answer, "issues")["issue"] if "retired" in each["diagnostics"]]


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ([], "Parameters.parameter"),
        ([{"name": "canonical", "valueUri": "https://none.example"}], "Parameters.parameter[0]"),
        ([{"name": "canonical", "valueInteger": 1}], "Parameters.parameter[0]"),
        ([{"name": "questionnaire", "resource": PATIENT}], "Parameters.parameter[0]"),
        ([{"name": "identifier", "valueIdentifier": {"value": "0"}}], "Parameters.parameter[0]"),
        (
            [{"name": "questionnaireRef", "valueReference": {"reference": "Patient/1"}}],
            "Parameters.parameter[0]",
        ),
        (
            [{"name": "canonical", "valueUri": "x"}, {"name": "identifier"}],
            "Parameters.parameter[1]",
        ),
        ([{"name": "subject", "valueString": "x"}], "Parameters.parameter[0]"),
        ([{"name": "context", "part": []}], "Parameters.parameter[0]"),
        ([{"name": "unheard-of"}], "Parameters.parameter[0]"),
        (contexts(("patient", {"valueString": "words"})), "Parameters.parameter[0]"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused_at_its_place(
    fhir: Fhir, sent: list[Any], place: str
) -> None:
    answer = fhir.post(POPULATE, {"resourceType": "Parameters", "parameter": sent})
    assert list(errors(answer)) == [place]


@pytest.mark.parametrize("sent", [b"", {}, {"patient": PATIENT}, PATIENT])
@pytest.mark.parametrize("of", ["type", "instance"])
def test_what_is_no_parameters_is_no_context(
    fhir: Fhir, keep: Callable[[dict[str, Any]], str], sent: Any, of: str
) -> None:
    """It would answer a draft of which nothing is filled in, and say nothing."""
    kept = keep(fillable(fresh_url()))
    place = POPULATE if of == "type" else f"Questionnaire/{kept}/$populate"
    assert list(errors(fhir.post(place, sent), 400)) == ["Parameters"]


def test_empty_parameters_are_enough_for_one_questionnaire(
    fhir: Fhir, keep: Callable[[dict[str, Any]], str]
) -> None:
    place = f"Questionnaire/{keep(fillable(fresh_url()))}/$populate"
    assert part(fhir.post(place, in_parameters()), "response")["status"] == "in-progress"


# ---- $assemble


def test_what_is_no_parameters_is_not_passed_over(
    fhir: Fhir, keep: Callable[[dict[str, Any]], str]
) -> None:
    kept = keep(questionnaire(fresh_url()))
    for sent in ({}, {"module": 1}, questionnaire(fresh_url())):
        answer = fhir.post(f"Questionnaire/{kept}/$assemble", sent)
        assert list(errors(answer, 400)) == ["Parameters"]
    assert fhir.post(f"Questionnaire/{kept}/$assemble", b"").status_code == 200


def test_modules_of_the_library_are_put_in_their_place(
    fhir: Fhir, keep: Callable[[dict[str, Any]], str]
) -> None:
    module, url = fresh_url(), fresh_url()
    keep(questionnaire(module))
    sent = modular(url, f"{module}|1.0")
    kept = keep(modular(url, f"{module}|1.0"))
    for answer in (
        fhir.post(ASSEMBLE, sent),
        fhir.post(ASSEMBLE, in_parameters(questionnaire=sent)),
        fhir.post(f"Questionnaire/{kept}/$assemble", b""),
    ):
        whole = part(answer, "return")
        assert [each["linkId"] for each in whole["item"]] == ["warm", "hurt", "words"]
        assert whole["url"] == url


def test_a_module_that_is_not_there_is_named(fhir: Fhir) -> None:
    answer = fhir.post(ASSEMBLE, modular(fresh_url(), fresh_url()))
    assert list(errors(answer)) == ["Questionnaire.item[0]"]
    inside = fhir.post(ASSEMBLE, in_parameters(questionnaire=modular(fresh_url(), fresh_url())))
    assert list(errors(inside)) == ["Parameters.parameter[0].resource.item[0]"]


# ---- all of them


@pytest.mark.parametrize("role", [Role.CURATOR, Role.PUBLIC_HEALTH, Role.ADMIN, Role.LINK_WORKER])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_role_without_people_may_not_use_them(
    as_role: Callable[..., Fhir], role: Role, operation: str
) -> None:
    assert errors(as_role(role).post(operation, questionnaire(fresh_url())), 403)


@pytest.mark.parametrize("place", ["Questionnaire/none/$populate", "Questionnaire/none/$assemble"])
def test_an_address_that_leads_nowhere_is_an_outcome(fhir: Fhir, place: str) -> None:
    assert errors(fhir.post(place, in_parameters()), 404)


def test_nothing_is_kept(fhir: Fhir, form: Form, service: Service) -> None:
    sound = response(form, {"housing.screen": "need", "urgent": "no_food"})
    before = rows(service)
    for operation, sent in (
        (VALIDATE, sound),
        (EXTRACT, sound),
        (POPULATE, questionnaire(fresh_url())),
        (ASSEMBLE, questionnaire(fresh_url(), item=[hurt(masked=True)])),
    ):
        assert fhir.post(operation, sent).status_code == 200
    assert rows(service) == before
