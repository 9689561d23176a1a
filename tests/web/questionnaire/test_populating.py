"""What the record knows is on a new page, and told; no safety, and nothing is overwritten."""

from datetime import date
from typing import Any

import pytest

from template_service import clock
from template_service.records.people import PersonDetails, add_person
from template_service.service import Service
from tests.web.conftest import PRACTICE
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_losing_nothing import raised, urgent
from tests.web.questionnaire.test_pages import SDC, answers, stored
from tests.web.questionnaire.test_safety import OURS
from tests.web.staff import Staff, checked, words

MASKED: dict[str, Any] = {"url": f"{OURS}/sdoh-masked", "valueBoolean": True}
FILLED = "Filled in from the record:"


def filled_by(expression: str) -> dict[str, Any]:
    return {
        "url": f"{SDC}/sdc-questionnaire-initialExpression",
        "valueExpression": {"language": "text/fhirpath", "expression": expression},
    }


def question(link_id: str, kind: str, expression: str, *more: dict[str, Any]) -> dict[str, Any]:
    extension = [filled_by(expression), *more]
    return {"linkId": link_id, "type": kind, "text": link_id.title(), "extension": extension}


CONTEXT = [
    {
        "url": f"{SDC}/sdc-questionnaire-launchContext",
        "extension": [
            {"url": "name", "valueCoding": {"code": name}},
            {"url": "type", "valueCode": kind},
        ],
    }
    for name, kind in (("patient", "Patient"), ("user", "Practitioner"))
]
ITEMS = (
    question("born", "date", "%patient.birthDate"),
    question("family", "string", "%patient.name.family"),
    question("postcode", "string", "%patient.address.postalCode"),
    question("asked by", "string", "%user.name.text"),
    question("nothing", "string", "%patient.telecom.value"),
    question("hurt", "string", "%patient.name.family", MASKED),
    {"linkId": "note", "type": "string", "text": "Note", "initial": [{"valueString": "begun"}]},
)


@pytest.fixture
def somebody(service: Service) -> str:
    details = PersonDetails(
        family_name="Made-Up", given_name="Sam", birth_date=date(1980, 2, 3), postcode="LS1 1UR"
    )
    with service.store.write() as conn:
        return add_person(conn, PRACTICE, details, at=clock.now()).person_id


@pytest.fixture
def form(add_form: AddForm) -> str:
    return add_form("populated", *ITEMS, extension=CONTEXT)


def test_a_new_page_holds_what_the_record_knows_and_says_so(
    nurse: Staff, service: Service, form: str, somebody: str
) -> None:
    filling = Filling.open(nurse, somebody, form)
    shown = [filling.values(name) for name in ("day:born", "month:born", "year:born")]
    assert shown == [["3"], ["2"], ["1980"]]
    assert filling.values("q:family") == ["Made-Up"]
    assert filling.values("q:postcode") == ["LS1 1UR"]
    assert filling.values("q:asked by") == [nurse.name]
    assert filling.values("q:note") == ["begun"]
    said = words(filling.page)
    assert f"{FILLED} Born, Family, Postcode, Asked By." in said
    assert filling.values("q:hurt") == [""]
    filling.press("save")
    kept = answers(stored(service, somebody, form))
    assert set(kept) == {"born", "family", "postcode", "asked by", "note"}
    assert FILLED not in words(filling.page)


def test_nothing_is_filled_in_again(
    nurse: Staff, service: Service, form: str, somebody: str
) -> None:
    filling = (
        Filling.open(nurse, somebody, form).answer("q:family", "Other").answer("q:postcode", "")
    )
    filling.press("save")
    again = Filling.open(nurse, somebody, form)
    assert again.values("q:family") == ["Other"]
    assert again.values("q:postcode") == [""]
    assert "postcode" not in answers(stored(service, somebody, form))


def test_two_who_begin_at_once_do_not_clash_over_what_was_filled_in(
    nurse: Staff, doctor: Staff, service: Service, form: str, somebody: str
) -> None:
    mine, theirs = (Filling.open(who, somebody, form) for who in (nurse, doctor))
    theirs.answer("q:family", "Theirs").press("save")
    assert mine.answer("q:note", "mine").press("save").status_code == 409
    assert mine.values("q:family") == ["Theirs"]
    mine.press("save")
    kept = answers(stored(service, somebody, form))
    assert kept["family"] == [{"valueString": "Theirs"}]
    assert kept["note"] == [{"valueString": "mine"}]


def test_no_machine_discloses_anything(
    nurse: Staff, service: Service, add_form: AddForm, somebody: str
) -> None:
    [option] = urgent(service, "homeless_tonight")
    form = add_form(
        "populated-urgent",
        {
            "linkId": "u",
            "type": "choice",
            "text": "Anything urgent?",
            "answerOption": [{**option, "initialSelected": True}],
        },
    )
    filling = Filling.open(nurse, somebody, form)
    assert checked(filling.page, "q:u") == []
    filling.press("save")
    assert raised(service, somebody) == []


def test_somebody_of_whom_nothing_is_known_has_an_empty_page(
    nurse: Staff, service: Service, add_form: AddForm
) -> None:
    with service.store.write() as conn:
        nobody = add_person(conn, PRACTICE, PersonDetails(), at=clock.now()).person_id
    known = tuple(item for item in ITEMS if item["linkId"] in ("born", "family", "postcode"))
    filling = Filling.open(nurse, nobody, add_form("populated-little", *known, extension=CONTEXT))
    assert filling.values("q:family") == [""]
    assert FILLED not in words(filling.page)
