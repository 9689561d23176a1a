"""Responses of other systems: whose they are, what is kept, and what is refused whole."""

from typing import Any

import orjson
import pytest

from template_service.actions.receive_response import Received, read_response, receive_response
from template_service.errors import Conflict, Invalid, NotFound
from template_service.questionnaire.answers import to_response
from template_service.records import cards, people, responses
from template_service.records.people import NOT_IDENTIFIED
from template_service.service import Service
from tests.universe import CLINICIAN, PRACTICE, STRANGER, SYSTEM, answers, register

NUMBER = "9990000026"


def _resource(service: Service, **changes: Any) -> dict[str, Any]:
    given = answers(service.form, urgent=["no_food"], money_screen="need")
    return to_response(service.form, given, status="completed") | changes


def _receive(service: Service, resource: dict[str, Any], key: str | None = None) -> Received:
    body = orjson.dumps(resource)
    return receive_response(service, SYSTEM, body=body, resource=resource, idempotency_key=key)


def _person_of(service: Service, received: Received) -> str:
    with service.store.read() as conn:
        head = responses.head(conn, PRACTICE, received.response_id)
    assert head is not None
    return head.person_id


def _identifier(value: str) -> dict[str, Any]:
    return {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": value}}


def test_a_response_without_a_subject_is_kept_and_its_card_waits(service: Service) -> None:
    received = _receive(service, _resource(service))
    assert [problem.severity for problem in received.problems] == ["information"]
    person_id = _person_of(service, received)
    with service.store.read() as conn:
        person = people.person(conn, PRACTICE, person_id)
        (card,) = cards.cards_of(conn, PRACTICE, person_id)
    assert person is not None
    assert (person.display_name, card.card_id, card.is_open) == (NOT_IDENTIFIED, "no_food", True)


def test_a_display_alone_names_nobody(service: Service) -> None:
    received = _receive(service, _resource(service, subject={"display": "Somebody"}))
    assert [problem.severity for problem in received.problems] == ["information"]


def test_a_reference_attaches_it_to_the_person(service: Service) -> None:
    person = register(service)
    subject = {"reference": f"Patient/{person.person_id}"}
    received = _receive(service, _resource(service, subject=subject))
    assert _person_of(service, received) == person.person_id


def test_an_nhs_number_finds_the_person_or_makes_one(service: Service) -> None:
    first = _receive(service, _resource(service, subject=_identifier(NUMBER)))
    again = _receive(service, _resource(service, subject=_identifier("999 000 0026")))
    assert _person_of(service, first) == _person_of(service, again)


@pytest.mark.parametrize(
    ("subject", "place"),
    [
        ({"reference": "Patient/nobody"}, "subject.reference"),
        ({"reference": "Group/1"}, "subject.reference"),
        ({"reference": "https://elsewhere.example/Patient/1"}, "subject.reference"),
        ({"identifier": {"system": "urn:other", "value": NUMBER}}, "subject.identifier.system"),
        (_identifier("9990000027"), "subject.identifier.value"),
    ],
)
def test_a_subject_that_cannot_be_used_is_refused_by_place(
    service: Service, subject: dict[str, Any], place: str
) -> None:
    with pytest.raises(Invalid) as caught:
        _receive(service, _resource(service, subject=subject))
    (problem,) = [each for each in caught.value.problems if each.severity == "error"]
    assert problem.expression == f"QuestionnaireResponse.{place}"
    assert NUMBER not in problem.message


def test_another_practices_person_looks_like_nobody(service: Service) -> None:
    person = register(service)
    subject = {"reference": f"Patient/{person.person_id}"}
    resource = _resource(service, subject=subject)
    refusals = []
    for reference in (subject["reference"], "Patient/nobody"):
        resource["subject"] = {"reference": reference}
        with pytest.raises(Invalid) as caught:
            receive_response(service, STRANGER, body=b"{}", resource=resource)
        refusals.append(str(caught.value))
    assert refusals[0] == refusals[1]


def test_a_key_makes_one_response_and_refuses_another_body(service: Service) -> None:
    resource = _resource(service, subject=_identifier("9990000042"))
    first = _receive(service, resource, key="once")
    again = _receive(service, resource, key="once")
    assert (again.response_id, again.repeated) == (first.response_id, True)
    with pytest.raises(Conflict):
        _receive(service, resource | {"status": "amended"}, key="once")


def test_a_repeat_without_a_subject_makes_no_second_person(service: Service) -> None:
    resource = _resource(service)
    _receive(service, resource, key="anonymous")
    with service.store.read() as conn:
        before = len(people.people_of(conn, PRACTICE, 1000))
    _receive(service, resource, key="anonymous")
    with service.store.read() as conn:
        assert len(people.people_of(conn, PRACTICE, 1000)) == before


@pytest.mark.parametrize("status", ["stopped", "entered-in-error"])
def test_what_is_not_to_be_acted_on_is_refused(service: Service, status: str) -> None:
    with pytest.raises(Invalid) as caught:
        _receive(service, _resource(service, status=status))
    assert caught.value.problems[0].expression == "QuestionnaireResponse.status"


@pytest.mark.parametrize("canonical", [None, "", 7, "https://elsewhere.example/Questionnaire/x"])
def test_an_unknown_or_missing_questionnaire_is_refused(service: Service, canonical: Any) -> None:
    with pytest.raises(Invalid) as caught:
        _receive(service, _resource(service, questionnaire=canonical))
    assert caught.value.problems[0].expression == "QuestionnaireResponse.questionnaire"


def test_the_body_comes_back_as_it_was_received(service: Service) -> None:
    resource = _resource(service)
    body = orjson.dumps(resource, option=orjson.OPT_INDENT_2)
    received = receive_response(service, SYSTEM, body=body, resource=resource)
    stored = read_response(service, CLINICIAN, response_id=received.response_id)
    assert stored.body == body
    with pytest.raises(NotFound):
        read_response(service, STRANGER, response_id=received.response_id)
