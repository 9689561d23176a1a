"""Reading a QuestionnaireResponse: one's own, and never more than the role may see."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from template_service.access.principal import Role
from template_service.fhir_api.masking import SUBSETTED
from template_service.questionnaire.form import Form
from tests.fhir_api.clients import MADE_UP, Answered, Fhir, nhs_number, response

DISCLOSED: Answered = {
    "urgent": ("unsafe_home", "no_food"),
    "matters": "Somewhere quiet",
    "housing.screen": "need",
    "housing.security": "refuge",
    "housing.condition": "damp",
    "safety.screen": "need",
    "safety.hark.afraid": "yes",
    "safety.wants-help": "yes-now",
    "food.screen": "no-need",
    "priority": "safety",
}


def create(client: Fhir, form: Form, **elements: Any) -> str:
    """The address of a new response that holds safety content, below /fhir."""
    sent = response(form, DISCLOSED, subject=nhs_number(MADE_UP[4]), **elements)
    made = client.create(sent, Prefer="return=representation")
    assert made.status_code == 201, made.text
    return f"QuestionnaireResponse/{orjson.loads(made.data)['id']}"


@pytest.fixture(scope="module")
def address(fhir: Fhir, form: Form) -> str:
    return create(fhir, form)


def texts(node: Any) -> Iterator[str]:
    """Every string anywhere in a resource."""
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from texts(child)
    elif isinstance(node, str):
        yield node


def test_it_carries_its_version(fhir: Fhir, address: str) -> None:
    answer = fhir.get(address)
    assert answer.status_code == 200
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.headers["Last-Modified"]
    assert answer.headers["Cache-Control"] == "no-store"
    again = fhir.get(address, If_None_Match='W/"1"')
    assert again.status_code == 304
    assert not again.data


def test_the_location_of_a_create_names_a_version_that_can_be_read(
    fhir: Fhir, address: str
) -> None:
    assert fhir.get(f"{address}/_history/1").data == fhir.get(address).data
    assert fhir.get(f"{address}/_history/2").status_code == 404


def test_another_practice_does_not_learn_that_it_exists(other: Fhir, address: str) -> None:
    theirs = other.get(address)
    nobodys = other.get("QuestionnaireResponse/not-one")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.data == nobodys.data


def test_another_practice_is_not_told_that_it_is_unchanged(other: Fhir, address: str) -> None:
    assert other.get(address, If_None_Match='W/"1"').status_code == 404


@pytest.mark.parametrize("role", [Role.CURATOR, Role.PUBLIC_HEALTH, Role.ADMIN])
def test_roles_that_see_no_person_are_refused(
    as_role: Callable[..., Fhir], address: str, role: Role
) -> None:
    answer = as_role(role).get(address)
    assert answer.status_code == 403
    assert orjson.loads(answer.data)["issue"][0]["code"] == "forbidden"


def test_a_clinician_sees_everything(
    as_role: Callable[..., Fhir], fhir: Fhir, address: str
) -> None:
    assert as_role(Role.CLINICIAN).get(address).data == fhir.get(address).data


def test_a_link_worker_does_not_see_a_person_nobody_referred(
    as_role: Callable[..., Fhir], address: str
) -> None:
    assert as_role(Role.LINK_WORKER).get(address).status_code in {403, 404}


def test_a_care_navigator_sees_no_safety_content(
    as_role: Callable[..., Fhir], address: str
) -> None:
    seen = orjson.loads(as_role(Role.CARE_NAVIGATOR).get(address).data)
    assert seen["resourceType"] == "QuestionnaireResponse"
    assert seen["meta"]["tag"] == [SUBSETTED]
    found = set(texts(seen["item"]))
    assert {"no_food", "damp", "Somewhere quiet"} <= found
    assert not {"unsafe_home", "refuge", "safety.hark.afraid"} & found
    assert not [text for text in found if text.startswith("safety")]


def test_a_care_navigator_cannot_tell_whether_anything_was_left_out(
    as_role: Callable[..., Fhir], fhir: Fhir, form: Form, address: str
) -> None:
    secret = ("housing.security", "priority")
    harmless: Answered = {
        link_id: given
        for link_id, given in DISCLOSED.items()
        if not link_id.startswith("safety") and link_id not in secret
    } | {"urgent": "no_food"}
    sent = response(form, harmless, subject=nhs_number(MADE_UP[4]))
    made = orjson.loads(fhir.create(sent).data)
    navigator = as_role(Role.CARE_NAVIGATOR)
    without = orjson.loads(navigator.get(f"QuestionnaireResponse/{made['id']}").data)
    masked = orjson.loads(navigator.get(address).data)
    assert masked["item"] == without["item"]
    assert masked["meta"].keys() == without["meta"].keys()
    assert masked.keys() == without.keys()


def test_nothing_around_the_answers_carries_safety_content(
    as_role: Callable[..., Fhir], fhir: Fhir, form: Form
) -> None:
    secret = "she told me about him"
    said = [{"url": "https://example.org/note", "valueString": secret}]
    narrative = {
        "status": "additional",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{secret}</div>',
    }
    address = create(fhir, form, text=narrative, extension=said)
    assert secret in fhir.get(address).text
    assert secret not in as_role(Role.CARE_NAVIGATOR).get(address).text
