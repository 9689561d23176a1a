"""A questionnaire filled in without JavaScript: kept as a draft, finished, refused, read again."""

import re
from typing import Any

import orjson
import pytest

from template_service.records import responses, revisions
from template_service.records.audit import entries
from template_service.service import Service
from tests.web.conftest import PRACTICE
from tests.web.questionnaire.conftest import BASE, AddForm
from tests.web.questionnaire.filling import Filling, items_of
from tests.web.staff import Staff, checked, title, words

X = "http://hl7.org/fhir/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"


def coded(*codes: str) -> list[dict[str, Any]]:
    return [
        {"valueCoding": {"system": "urn:x", "code": code, "display": code.title()}}
        for code in codes
    ]


def unit(name: str, code: str, text: str) -> dict[str, Any]:
    coding = {"system": "http://unitsofmeasure.org", "code": code, "display": text}
    return {"url": f"{X}/{name}", "valueCoding": coding}


EVERY_TYPE: tuple[dict[str, Any], ...] = (
    {"linkId": "told", "type": "display", "text": "Some words first."},
    {"linkId": "yes", "type": "boolean", "text": "A yes or no"},
    {"linkId": "whole", "type": "integer", "text": "A whole number"},
    {"linkId": "number", "type": "decimal", "text": "A number"},
    {"linkId": "day", "type": "date", "text": "A day"},
    {"linkId": "moment", "type": "dateTime", "text": "A moment"},
    {"linkId": "clock", "type": "time", "text": "A time"},
    {"linkId": "line", "type": "string", "text": "A line"},
    {"linkId": "lines", "type": "text", "text": "Some lines"},
    {"linkId": "web", "type": "url", "text": "An address"},
    {"linkId": "one", "type": "choice", "text": "One of these", "answerOption": coded("a", "b")},
    {
        "linkId": "some",
        "type": "choice",
        "repeats": True,
        "text": "Some of these",
        "answerOption": coded("a", "b", "c"),
    },
    {"linkId": "own", "type": "open-choice", "text": "Or", "answerOption": coded("a", "b")},
    {
        "linkId": "tall",
        "type": "quantity",
        "text": "How tall",
        "extension": [
            unit("questionnaire-unitOption", "cm", "centimetres"),
            unit("questionnaire-unitOption", "m", "metres"),
        ],
    },
    {"linkId": "file", "type": "attachment", "text": "A file"},
    {
        "linkId": "who",
        "type": "reference",
        "text": "Somebody",
        "extension": [{"url": f"{X}/questionnaire-referenceResource", "valueCode": "Practitioner"}],
    },
)
TYPED = {
    "q:yes": ["true"],
    "q:whole": ["12"],
    "q:number": ["12.5"],
    "day:day": ["4"],
    "month:day": ["5"],
    "year:day": ["1991"],
    "day:moment": ["31"],
    "month:moment": ["3"],
    "year:moment": ["2026"],
    "time:moment": ["10:30"],
    "q:clock": ["7:05"],
    "q:line": ["Ünder the bridge"],
    "q:lines": ["First\r\nsecond <b>line</b>"],
    "q:web": ["https://example.org/x"],
    "q:one": ["b"],
    "q:some": ["a", "c"],
    "other:own": ["a cousin's"],
    "q:tall": ["1.8"],
    "unit:tall": ["m"],
    "q:file": ["https://example.org/letter.pdf"],
    "title:file": ["Letter"],
    "q:who": ["Practitioner/17"],
}
ANSWERS = {
    "yes": [{"valueBoolean": True}],
    "whole": [{"valueInteger": 12}],
    "number": [{"valueDecimal": 12.5}],
    "day": [{"valueDate": "1991-05-04"}],
    "moment": [{"valueDateTime": "2026-03-31T10:30:00+01:00"}],
    "clock": [{"valueTime": "07:05:00"}],
    "line": [{"valueString": "Ünder the bridge"}],
    "lines": [{"valueString": "First\nsecond <b>line</b>"}],
    "web": [{"valueUri": "https://example.org/x"}],
    "one": [{"valueCoding": {"system": "urn:x", "code": "b", "display": "B"}}],
    "some": [
        {"valueCoding": {"system": "urn:x", "code": "a", "display": "A"}},
        {"valueCoding": {"system": "urn:x", "code": "c", "display": "C"}},
    ],
    "own": [{"valueString": "a cousin's"}],
    "tall": [
        {
            "valueQuantity": {
                "value": 1.8,
                "unit": "metres",
                "system": "http://unitsofmeasure.org",
                "code": "m",
            }
        }
    ],
    "file": [{"valueAttachment": {"url": "https://example.org/letter.pdf", "title": "Letter"}}],
    "who": [{"valueReference": {"reference": "Practitioner/17"}}],
}


@pytest.fixture
def every_type(nurse: Staff, add_form: AddForm, person_id: str) -> Filling:
    """The nurse at a questionnaire with a question of every type."""
    return Filling.open(nurse, person_id, add_form("every-type", *EVERY_TYPE))


def stored(service: Service, person_id: str, questionnaire_id: str) -> dict[str, Any]:
    """The newest revision of the person's newest response to a questionnaire."""
    url = service.forms.by_id(questionnaire_id).url
    with service.store.read() as conn:
        head = responses.latest_for(conn, PRACTICE, person_id, url)
        assert head is not None
        kept = revisions.revision(conn, PRACTICE, head.response_id, head.revision)
    assert kept is not None
    found: dict[str, Any] = orjson.loads(kept.body)
    return found


def answers(resource: dict[str, Any]) -> dict[str, Any]:
    return {str(node["linkId"]): node.get("answer") for node in items_of(resource)}


def test_every_type_of_question_is_kept_shown_again_and_finished(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    every = add_form("every-type", *EVERY_TYPE)
    filling = Filling.open(nurse, person_id, every)
    filling.fields |= TYPED
    assert filling.press("save").status_code == 303
    draft = stored(service, person_id, every)
    assert answers(draft) == ANSWERS
    assert draft["status"] == "in-progress"
    assert draft["questionnaire"] == f"{BASE}/every-type|1"
    assert draft["subject"] == {"reference": f"Patient/{person_id}"}
    assert "id" not in draft["item"][0]
    shown = {name: texts for name, texts in filling.fields.items() if name in TYPED}
    plain = {**TYPED, "q:lines": ["First\nsecond <b>line</b>"], "q:clock": ["07:05"]}
    assert shown == plain
    # Saved again as it came, it is the same: nothing is lost on reload.
    filling.press("save")
    assert answers(stored(service, person_id, every)) == ANSWERS
    filling.press("finish")
    assert answers(stored(service, person_id, every)) == ANSWERS
    assert stored(service, person_id, every)["status"] == "completed"
    said = words(filling.page)
    for text in ("A moment 31 March 2026 at 10:30", "How tall 1.8 metres", "One of these B"):
        assert text in said
    assert "second <b>line</b>" not in filling.page.text
    assert title(filling.page).startswith("Questionnaire –")


def test_a_draft_needs_nothing_and_a_finished_one_what_is_required(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form(
        "needed",
        {"linkId": "name", "type": "string", "text": "Your name", "required": True},
        {"linkId": "more", "type": "text", "text": "Anything else"},
    )
    filling = Filling.open(nurse, person_id, form).answer("q:more", "Typed & kept")
    assert filling.press("finish").status_code == 422
    assert title(filling.page).startswith("Error: ")
    assert "Your name: An answer is required." in words(filling.page)
    assert 'href="#i0"' in filling.page.text
    assert 'aria-describedby="i0-error" aria-invalid="true"' in filling.page.text
    assert filling.values("q:more") == ["Typed & kept"]
    assert filling.press("save").status_code == 303
    assert answers(stored(service, person_id, form)) == {"more": [{"valueString": "Typed & kept"}]}
    filling.answer("q:name", "Alex").press("finish")
    assert "Your name Alex" in words(filling.page)


def test_what_must_be_put_right_is_not_folded_away(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    fold = f"{SDC}/sdc-questionnaire-collapsible"
    group = {
        "linkId": "folded",
        "type": "group",
        "text": "Folded",
        "extension": [{"url": fold, "valueCode": "default-closed"}],
        "item": [{"linkId": "a", "type": "string", "text": "A", "required": True}],
    }
    filling = Filling.open(nurse, person_id, add_form("folded", group))
    assert re.search(r'<details class="box fold section" id="i0">', filling.page.text)
    filling.press("finish")
    assert re.search(r'<details class="box fold section" id="i0" open>', filling.page.text)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("q:whole", "twelve", "A whole number: Type a whole number, such as 12."),
        ("q:number", "1,5", "A number: Type a number"),
        ("day:day", "31", "A day: Type a real date"),
        ("time:moment", "10:30", "A moment: Type the day, month and year of this time as well."),
        ("q:clock", "25:00", "A time: Type a time, such as 14:30."),
        ("q:one", "z", "One of these: Choose one of the answers on the page."),
        ("q:tall", "1.8", "How tall: Choose a unit for the number."),
        ("title:file", "Letter", "A file: Type the address of the file as well as its name."),
        ("q:who", "Patient/1", "Somebody: Name one of these: Practitioner."),
    ],
)
def test_what_cannot_be_read_is_refused_with_everything_typed_still_there(
    every_type: Filling, name: str, text: str, said: str
) -> None:
    filling = every_type.answer(name, text).answer("q:line", "Still here")
    assert filling.press("save").status_code == 422
    assert said in words(filling.page)
    assert filling.values("q:line") == ["Still here"]
    if name != "q:one":
        assert filling.values(name) == [text]


def test_one_answer_or_an_own_one_but_not_both(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    filling = Filling.open(nurse, person_id, add_form("every-type", *EVERY_TYPE))
    filling.answer("q:own", "a").answer("other:own", "b and c")
    assert filling.press("save").status_code == 422
    assert "Or: Choose one answer, or write your own, not both." in words(filling.page)
    assert checked(filling.page, "q:own") == ["a"]


def test_a_month_or_a_year_is_a_date_too(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    every = add_form("every-type", *EVERY_TYPE)
    filling = Filling.open(nurse, person_id, every)
    filling.answer("year:day", "1991").answer("month:moment", "3").answer("year:moment", "2026")
    filling.press("save")
    assert answers(stored(service, person_id, every)) == {
        "day": [{"valueDate": "1991"}],
        "moment": [{"valueDateTime": "2026-03"}],
    }
    assert filling.values("month:moment") == ["3"]


def test_what_another_system_wrote_stays_as_it_wrote_it(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    every = add_form("every-type", *EVERY_TYPE)
    filling = Filling.open(nurse, person_id, every)
    filling.fields |= TYPED
    filling.press("save")
    whole = stored(service, person_id, every)
    precise = {"valueDateTime": "2026-03-31T09:30:17.250Z"}
    image = {"valueAttachment": {"contentType": "image/png", "data": "AAAA"}}
    for node in items_of(whole):
        if node["linkId"] in ("moment", "file"):
            node["answer"] = [precise if node["linkId"] == "moment" else image]
    keep_as(service, person_id, every, whole)
    filling = Filling.open(nurse, person_id, every).answer("q:line", "Changed")
    filling.press("save")
    kept = answers(stored(service, person_id, every))
    assert kept["line"] == [{"valueString": "Changed"}]
    assert kept["moment"] == [precise]
    assert kept["file"] == [image]


def keep_as(
    service: Service, person_id: str, questionnaire_id: str, resource: dict[str, Any]
) -> None:
    """Makes this the newest revision of the person's response, as another system would."""
    form = service.forms.by_id(questionnaire_id)
    with service.store.write() as conn:
        head = responses.latest_for(conn, PRACTICE, person_id, form.url)
        assert head is not None
        revisions.save_revision(
            conn,
            PRACTICE,
            revisions.Content(
                body=orjson.dumps(resource),
                content_type="application/fhir+json",
                states=[],
                plan={},
                directory_version="x",
            ),
            person_id=person_id,
            response_id=head.response_id,
            questionnaire_url=form.url,
            questionnaire_version=form.version or "",
            base_revision=head.revision,
            at=head.updated_at,
            by="token:x",
            by_name="A System",
        )


def test_the_list_tells_how_far_each_is_and_a_new_one_begins_empty(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("listed", {"linkId": "a", "type": "string", "text": "A"})
    place = f"/people/{person_id}/questionnaires"
    assert "About listed Not started" in words(nurse.get(place))
    filling = Filling.open(nurse, person_id, form).answer("q:a", "One")
    filling.press("save")
    assert "not finished" in words(nurse.get(place)).split("About listed")[1][:40]
    filling.press("finish")
    assert "Finished at" in words(nurse.get(place)).split("About listed")[1][:40]
    assert Filling.open(nurse, person_id, form).values("q:a") == [""]
    assert (
        'href="/people/' + person_id + '/questionnaires"'
        in nurse.get(f"/people/{person_id}/template").text
    )


def test_the_list_leads_to_what_was_answered_and_offers_to_fill_it_in_again(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    item = {"linkId": "a", "type": "string", "text": "A"}
    form = add_form("again", item, date="2026-05-04")
    place = f"/people/{person_id}/questionnaires"
    assert "About again Not started Version 1, 4 May 2026" in words(nurse.get(place))
    filling = Filling.open(nurse, person_id, form).answer("q:a", "One")
    filling.press("finish")
    result = filling.page.request.path
    listed = nurse.get(place)
    assert f'<a class="name" href="{result}">About again</a>' in listed.text
    assert f'<a class="end" href="{place}/{form}">Fill in again' in listed.text
    line = words(listed).split("About again")[1]
    assert re.match(r" Finished at \d\d:\d\d Version 1 Fill in again : ", line)
    add_form("again", item, version="2")
    Filling.open(nurse, person_id, form).answer("q:a", "Two").press("save")
    line = words(nurse.get(place)).split("About again")[1]
    assert re.match(
        r" Saved at \d\d:\d\d, not finished; Finished at \d\d:\d\d Version 2 See what was ",
        line,
    )


def test_who_looked_saved_and_finished_is_audited(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("listed", {"linkId": "a", "type": "string", "text": "A"})
    filling = Filling.open(nurse, person_id, form)
    filling.press("save")
    filling.press("finish")
    with service.store.read() as conn:
        found = [
            event.action
            for event in entries(conn, PRACTICE)
            if event.entities.get("person") == person_id
        ]
    opened, saved = "open-questionnaire", "save-response"
    assert found[::-1] == [
        opened,
        saved,
        opened,
        saved,
        "finish-questionnaire",
        "read-response",
    ]


def test_initial_values_are_filled_in_and_hidden_ones_kept(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form(
        "initial",
        {"linkId": "a", "type": "string", "text": "A", "initial": [{"valueString": "begun"}]},
        {
            "linkId": "b",
            "type": "integer",
            "text": "Nobody sees this",
            "extension": [{"url": f"{X}/questionnaire-hidden", "valueBoolean": True}],
            "initial": [{"valueInteger": 7}],
        },
        {
            "linkId": "c",
            "type": "choice",
            "text": "C",
            "answerOption": [{"valueString": "x", "initialSelected": True}, {"valueString": "y"}],
        },
    )
    filling = Filling.open(nurse, person_id, form)
    assert filling.values("q:a") == ["begun"]
    assert checked(filling.page, "q:c") == ["x"]
    assert "Nobody sees this" not in filling.page.text
    filling.answer("q:a", "").press("save")
    assert answers(stored(service, person_id, form)) == {
        "b": [{"valueInteger": 7}],
        "c": [{"valueString": "x"}],
    }
    filling.press("finish")
    assert "Nobody sees this" not in filling.page.text


def test_a_page_of_two_hundred_questions_is_small(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    items = tuple(
        {
            "linkId": f"q{number}",
            "type": "choice",
            "text": f"How often did number {number} happen to you in the last month?",
            "answerOption": coded("never", "seldom", "often", "always"),
            "enableWhen": [{"question": "q0", "operator": "!=", "answerCoding": {"code": "never"}}]
            if number
            else [],
        }
        for number in range(200)
    )
    form = add_form("long", *items)
    place = f"/people/{person_id}/questionnaires/{form}"
    answer = nurse.client.get(place, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 100_000
