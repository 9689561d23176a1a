"""A card whose questionnaire cannot be used any more is overlooked by nobody and stops nobody."""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson
import pytest

from template_service import clock
from template_service.app import create_app
from template_service.records import cards, questionnaires, revisions
from template_service.records.questionnaires import AddedQuestionnaire
from template_service.service import Service
from template_service.settings import Settings
from tests.web.conftest import PASSWORD, PRACTICE, STAFF, fill, make_person
from tests.web.questionnaire.conftest import BASE
from tests.web.questionnaire.test_cards_elsewhere import finished
from tests.web.questionnaire.test_safety import HARK
from tests.web.staff import Staff, words

SAID = "The questionnaire that raised it cannot be shown"
DEALT = "I am dealing with this"
# One that an older version of the software took in, and one that is in the library no more.
UNUSABLE, GONE = f"{BASE}/unusable", f"{BASE}/gone"


@dataclass
class Practice:
    """A service of its own: what cannot be used stands in the library of nobody else's tests."""

    service: Service
    nurse: Staff
    navigator: Staff


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    app = create_app(
        Settings(
            data=tmp_path_factory.mktemp("unreadable"),
            demo=True,
            cookie_secure=False,
            sign_ins_per_minute=10_000,
        )
    )
    service: Service = app.extensions["template_service"]
    fill(service)
    people = {name: Staff(app.test_client(), STAFF[name][2]) for name in ("nurse", "navigator")}
    for name, somebody in people.items():
        assert somebody.sign_in(name, PASSWORD).status_code == 303
    body = {"resourceType": "Questionnaire", "item": [{"linkId": "", "type": "nosuch"}]}
    added = AddedQuestionnaire(
        url=UNUSABLE, version="1", resource_id="unusable", title="Old", status="active", date=""
    )
    with service.store.write() as conn:
        questionnaires.add(conn, added, orjson.dumps(body), at=clock.now(), by="test")
    yield Practice(service, people["nurse"], people["navigator"])
    service.close()


def raised(practice: Practice, url: str, *, masked: bool, person_id: str = "") -> str:
    """Somebody with a response to a questionnaire, and the card that it raised."""
    person_id, at = person_id or make_person(practice.service), clock.now()
    with practice.service.store.write() as conn:
        saved = revisions.save_revision(
            conn,
            PRACTICE,
            revisions.Content(
                body=b'{"resourceType": "QuestionnaireResponse", "status": "completed"}',
                content_type="application/fhir+json",
                states=[],
                plan={},
                directory_version="x",
            ),
            person_id=person_id,
            questionnaire_url=url,
            questionnaire_version="1",
            base_revision=0,
            at=at,
            by="test",
            by_name="Nurse Example",
            status="completed",
        )
        cards.raise_cards(
            conn,
            PRACTICE,
            person_id=person_id,
            response_id=saved.head.response_id,
            card_ids=["old_pain"],
            masked=["old_pain"] if masked else [],
            at=at,
            by="test",
            by_name="Nurse Example",
        )
    return person_id


def team(staff: Staff) -> str:
    page = staff.get("/people")
    assert page.status_code == 200
    return page.text.split('id="find"')[0]


@pytest.mark.parametrize("url", [UNUSABLE, GONE])
def test_the_card_stands_on_the_teams_list_and_is_dealt_with_on_the_private_page(
    url: str, practice: Practice
) -> None:
    person_id = raised(practice, url, masked=False)
    href = f"/people/{person_id}/private"
    listed = team(practice.nurse)
    assert f'href="{href}">Urgent: old_pain. {SAID}' in listed
    assert practice.nurse.get(href).status_code == 200
    shown = practice.nurse.post(href)
    assert SAID in words(shown)
    assert "The questionnaire that asked for them cannot be used any more." in words(shown)
    [where] = [
        part.split('"')[0] for part in shown.text.split('action="') if "/cards/" in part[:60]
    ]
    assert practice.nurse.post(where).status_code == 303
    assert href not in team(practice.nurse)


def test_a_masked_one_is_a_private_follow_up(practice: Practice) -> None:
    person_id = raised(practice, UNUSABLE, masked=True)
    assert f'href="/people/{person_id}/private">Private follow-up' in team(practice.nurse)
    assert person_id not in team(practice.navigator)
    private = practice.nurse.post(f"/people/{person_id}/private")
    assert SAID in words(private)
    assert DEALT in words(private)


def test_beside_the_template_it_is_not_on_the_plan_and_a_navigator_calls_a_clinician(
    practice: Practice,
) -> None:
    open_one = raised(practice, UNUSABLE, masked=False)
    masked_one = raised(practice, UNUSABLE, masked=True)
    for person_id in (open_one, masked_one):
        practice.navigator.save(person_id, {"housing.screen": "no-need"})
        for staff in (practice.nurse, practice.navigator):
            assert SAID not in words(staff.get(f"/people/{person_id}/plan"))
        assert DEALT in words(practice.nurse.post(f"/people/{person_id}/private"))
    # Who may not open the private page is led to where a clinician is called.
    template = f"/people/{open_one}/template"
    assert f'href="{template}">Urgent: old_pain' in team(practice.navigator)
    assert 'name="call" value="">Call a clinician' in practice.navigator.get(template).text


def test_an_older_response_that_can_be_used_opens_the_private_page(practice: Practice) -> None:
    person_id = make_person(practice.service)
    finished(practice.nurse, person_id, "hark", **HARK)
    raised(practice, UNUSABLE, masked=True, person_id=person_id)
    private = words(practice.nurse.post(f"/people/{person_id}/private"))
    assert "HARK positive" in private
    assert "humiliated or emotionally abused" in private
    assert SAID in private
