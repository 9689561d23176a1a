"""Two colleagues at one questionnaire: nothing either of them wrote is lost."""

import re
from typing import Any

import pytest

from template_service.service import Service
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_losing_nothing import urgent
from tests.web.questionnaire.test_pages import answers, coded, stored
from tests.web.questionnaire.test_rows import CHILDREN
from tests.web.questionnaire.test_safety import MASKED
from tests.web.staff import Staff, words

ITEMS: tuple[dict[str, Any], ...] = (
    {"linkId": "a", "type": "string", "text": "First"},
    {"linkId": "b", "type": "string", "text": "Second"},
    {"linkId": "c", "type": "choice", "text": "Third", "answerOption": coded("x", "y")},
)


@pytest.fixture
def form(add_form: AddForm) -> str:
    return add_form("two-people", *ITEMS)


def test_both_changed_it(
    nurse: Staff, doctor: Staff, service: Service, form: str, person_id: str
) -> None:
    first = Filling.open(nurse, person_id, form).answer("q:a", "begun").answer("q:c", "x")
    first.press("save")
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.answer("q:a", "theirs").answer("q:b", "also theirs").answer("q:c", "y").press("save")
    assert mine.answer("q:a", "mine").press("save").status_code == 409
    said = words(mine.page)
    assert "Somebody else saved this first" in said
    assert "First: Dr Other answered “theirs” at" in said
    assert mine.values("q:a") == ["mine"]
    # What only they changed comes along; what nobody else touched is not named.
    assert mine.values("q:b") == ["also theirs"]
    assert mine.values("q:c") == ["y"]
    assert "Second: Dr Other" not in said
    assert mine.press("save").status_code == 303
    kept = answers(stored(service, person_id, form))
    assert [kept[link_id][0] for link_id in "ab"] == [
        {"valueString": "mine"},
        {"valueString": "also theirs"},
    ]


def test_both_began_it(
    nurse: Staff, doctor: Staff, service: Service, form: str, person_id: str
) -> None:
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.answer("q:a", "theirs").press("save")
    assert mine.answer("q:b", "mine").press("finish").status_code == 409
    assert stored(service, person_id, form)["status"] == "in-progress"
    assert mine.press("finish").status_code == 303
    assert answers(stored(service, person_id, form)) == {
        "a": [{"valueString": "theirs"}],
        "b": [{"valueString": "mine"}],
    }


def test_it_was_finished_meanwhile(
    nurse: Staff, doctor: Staff, service: Service, form: str, person_id: str
) -> None:
    Filling.open(nurse, person_id, form).answer("q:a", "begun").press("save")
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.press("finish")
    assert mine.answer("q:a", "mine").press("save").status_code == 409
    assert "This questionnaire was finished or discarded meanwhile" in words(mine.page)
    assert mine.values("q:a") == ["mine"]
    assert mine.press("save").status_code == 303
    assert answers(stored(service, person_id, form)) == {"a": [{"valueString": "mine"}]}


def test_a_new_version_does_not_change_a_page_or_a_draft_that_is_open(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    old = add_form("versions", {"linkId": "a", "type": "string", "text": "Old words"})
    drafted = Filling.open(nurse, person_id, old).answer("q:a", "kept")
    add_form("versions", {"linkId": "n", "type": "string", "text": "New words"}, version="2")
    assert drafted.press("save").status_code == 303
    assert "Old words" in words(drafted.page)
    assert stored(service, person_id, old)["questionnaire"].endswith("/versions|1")
    drafted.press("finish")
    assert "Old words kept" in words(drafted.page)
    assert "New words" in words(Filling.open(nurse, person_id, old).page)


def kept_names(service: Service, person_id: str, form: str) -> list[list[str]]:
    return [
        [answer["valueString"] for inner in child["item"] for answer in inner["answer"]]
        for child in stored(service, person_id, form)["item"]
    ]


def test_rows_of_both_stay_and_none_takes_the_place_of_another(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("children", *CHILDREN)
    first = Filling.open(nurse, person_id, form).answer("q0:name", "Ann")
    first.press("add:row:child")
    first.answer("q1:name", "Bob").answer("q1.0:phone", "0113 1").press("save")
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.press("remove:row:child|0")
    theirs.press("save")
    assert mine.answer("q0:name", "Ann Smith").press("save").status_code == 409
    assert "You both changed the rows of a list" in words(mine.page)
    assert mine.press("save").status_code == 303
    assert kept_names(service, person_id, form) == [["Bob", "0113 1"], ["Ann Smith"]]


def test_the_rows_of_one_come_along(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    rows = ({"linkId": "note", "type": "string", "text": "Note"}, *CHILDREN)
    form = add_form("children-noted", *rows)
    first = Filling.open(nurse, person_id, form).answer("q0:name", "Ann")
    first.press("save")
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.press("add:row:child")
    theirs.answer("q1:name", "Bob").press("save")
    mine.answer("q:note", "mine").press("save")
    assert "You both changed" not in words(mine.page)
    mine.press("save")
    children = [one for one in stored(service, person_id, form)["item"] if one["linkId"] == "child"]
    assert len(children) == 2


def test_both_added_the_first_row(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("children", *CHILDREN)
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.answer("q0:name", "Bob").answer("q0.0:phone", "0113 1").press("save")
    assert mine.answer("q0:name", "Ann").press("save").status_code == 409
    mine.press("save")
    assert kept_names(service, person_id, form) == [["Bob", "0113 1"], ["Ann"]]


BOXES: tuple[dict[str, Any], ...] = (
    {"linkId": "d", "type": "date", "text": "Day"},
    {"linkId": "m", "type": "dateTime", "text": "Moment"},
    {"linkId": "w", "type": "quantity", "text": "Weight"},
    {"linkId": "f", "type": "attachment", "text": "File"},
    {
        "linkId": "who",
        "type": "reference",
        "text": "Who",
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-referenceResource",
                "valueCode": kind,
            }
            for kind in ("Patient", "Practitioner")
        ],
    },
    {"linkId": "own", "type": "open-choice", "text": "Own", "answerOption": coded("x", "y")},
)
# What it began with, what a colleague changed, what I change, and what is mine then, as stored.
ANSWERED: dict[str, tuple[dict[str, str], dict[str, str], dict[str, str], dict[str, Any]]] = {
    "d": (
        {"day:d": "1", "month:d": "1", "year:d": "2000"},
        {"day:d": "2"},
        {"month:d": "5"},
        {"valueDate": "2000-05-01"},
    ),
    "m": (
        {"day:m": "1", "month:m": "1", "year:m": "2000", "time:m": "10:00"},
        {"time:m": "11:00"},
        {"day:m": "3"},
        {"valueDateTime": "2000-01-03T10:00:00+00:00"},
    ),
    "w": (
        {"q:w": "70", "unit:w": "kg"},
        {"unit:w": "stone"},
        {"q:w": "72"},
        {"valueQuantity": {"value": 72, "unit": "kg"}},
    ),
    "f": (
        {"q:f": "https://a.example/1", "title:f": "First"},
        {"title:f": "Second"},
        {"q:f": "https://a.example/2"},
        {"valueAttachment": {"url": "https://a.example/2", "title": "First"}},
    ),
    "who": (
        {"q:who": "Sam", "kind:who": "Patient"},
        {"kind:who": "Practitioner"},
        {"q:who": "Alex"},
        {"valueReference": {"type": "Patient", "display": "Alex"}},
    ),
    "own": ({"q:own": "x"}, {"q:own": "", "other:own": "z"}, {"q:own": "y"}, {}),
}


@pytest.mark.parametrize("link_id", ANSWERED)
def test_the_boxes_of_one_answer_are_never_of_two_people(
    *,
    link_id: str,
    nurse: Staff,
    doctor: Staff,
    service: Service,
    add_form: AddForm,
    person_id: str,
) -> None:
    form = add_form("boxes", *BOXES)
    begun, changed, typed, mine_now = ANSWERED[link_id]

    def fill(page: Filling, boxes: dict[str, str]) -> Filling:
        for name, text in boxes.items():
            page.answer(name, *([text] if text else []))
        return page

    fill(Filling.open(nurse, person_id, form), begun).press("save")
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    fill(theirs, changed).press("save")
    assert fill(mine, typed).press("save").status_code == 409
    assert [mine.values(name) for name in begun] == [[t] for t in (begun | typed).values()]
    assert "Dr Other answered “" in words(mine.page)
    mine.press("save")
    kept = answers(stored(service, person_id, form))
    assert kept == {
        link_id: [mine_now or {"valueCoding": BOXES[5]["answerOption"][1]["valueCoding"]}]
    }


def test_what_only_one_answered_comes_along_with_all_its_boxes(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("boxes", *BOXES)
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.answer("q:w", "70").answer("unit:w", "kg").press("save")
    mine.answer("day:d", "1").answer("month:d", "2").answer("year:d", "2000").press("save")
    assert "Dr Other answered" not in words(mine.page)
    mine.press("save")
    assert answers(stored(service, person_id, form)) == {
        "d": [{"valueDate": "2000-02-01"}],
        "w": [{"valueQuantity": {"value": 70, "unit": "kg"}}],
    }


OLD: dict[str, Any] = {"linkId": "old", "type": "string", "text": "Old question"}
NEW: dict[str, Any] = {"linkId": "new", "type": "string", "text": "New question"}


def other_version(
    nurse: Staff, doctor: Staff, add_form: AddForm, person_id: str, name: str
) -> tuple[Filling, Filling]:
    """A page of a version, and a colleague's of the next, saved meanwhile."""
    old, new = ({**ITEMS[2], "answerOption": coded(*codes)} for codes in (("x", "y"), ("y", "z")))
    mine = Filling.open(nurse, person_id, add_form(name, OLD, old))
    mine.answer("q:old", "of the old").answer("q:c", "x")
    add_form(name, NEW, new, version="2")
    theirs = Filling.open(doctor, person_id, name).answer("q:new", "of the new")
    theirs.press("save")
    return mine, theirs


@pytest.mark.parametrize("button", ["save", "finish", "add:row:nothing", "discard:yes"])
def test_what_was_typed_in_one_version_is_kept_beside_a_draft_of_another(
    *,
    button: str,
    nurse: Staff,
    doctor: Staff,
    service: Service,
    add_form: AddForm,
    person_id: str,
) -> None:
    form = f"two-versions-{len(button)}"
    mine, _theirs = other_version(nurse, doctor, add_form, person_id, form)
    assert mine.press(button).status_code == 409
    said = words(mine.page)
    assert "begun in another version of the questionnaire" in said
    assert "Nothing you typed is lost" in said
    assert "Old question" in said
    assert "New question" not in said
    assert (mine.values("q:old"), mine.values("q:c")) == (["of the old"], ["x"])
    assert mine.press("save").status_code == 303
    kept = stored(service, person_id, form)
    assert kept["questionnaire"].endswith("|1")
    given = answers(kept)
    assert given["old"] == [{"valueString": "of the old"}]
    assert given["c"][0]["valueCoding"]["code"] == "x"
    assert mine.press("finish").status_code == 303
    left = Filling.open(doctor, person_id, form)
    assert left.values("q:new") == ["of the new"]


def test_a_look_never_shows_the_questions_of_another_version(
    nurse: Staff, doctor: Staff, add_form: AddForm, person_id: str
) -> None:
    mine, _theirs = other_version(nurse, doctor, add_form, person_id, "looked-at")
    sent = {name: texts for name, texts in mine.fields.items() if name != "csrf_token"}
    assert nurse.post(f"{mine.address}/look", sent).status_code == 404


@pytest.mark.parametrize("repeats", [True, False])
def test_an_urgent_answer_of_a_colleague_stays(
    *,
    repeats: bool,
    nurse: Staff,
    navigator: Staff,
    service: Service,
    add_form: AddForm,
    person_id: str,
) -> None:
    told = urgent(service, "homeless_tonight")
    form = add_form(
        f"urgent-{repeats}",
        {
            "linkId": "u",
            "type": "choice",
            "repeats": repeats,
            "text": "Anything urgent?",
            "answerOption": [*told, *coded("none", "other")],
        },
    )
    mine = Filling.open(navigator, person_id, form).answer("q:u", "other")
    Filling.open(nurse, person_id, form).answer("q:u", "homeless_tonight").press("save")
    assert mine.press("save").status_code == 409
    assert mine.values("q:u") == ["homeless_tonight", *(["other"] if repeats else [])]
    mine.press("save")
    codes = [one["valueCoding"]["code"] for one in answers(stored(service, person_id, form))["u"]]
    assert "homeless_tonight" in codes
    assert not repeats or "other" in codes


CLASHED: tuple[dict[str, Any], ...] = (
    {"linkId": "t", "type": "string", "text": "Who is at home?"},
    {"linkId": "u", "type": "choice", "text": "Pick", "answerOption": coded("x", "y")},
    {"linkId": "n", "type": "integer", "text": "Number"},
    {"linkId": "must", "type": "string", "text": "Needed", "required": True},
    {"linkId": "hurt", "type": "string", "text": "Hurt?", "extension": MASKED},
    *CHILDREN,
)
OTHERWISE = "Somebody else answered some questions differently"
CAR, PICKED = "Dr Other answered “he sleeps in the car”", "Pick: Dr Other answered “X”"


@pytest.fixture
def clashed(nurse: Staff, doctor: Staff, add_form: AddForm, person_id: str) -> Filling:
    """My page after a colleague answered the same two questions, and one that is masked."""
    form = add_form("clashed", *CLASHED)
    Filling.open(nurse, person_id, form).answer("q:t", "begun").press("save")
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.answer("gate:seen-alone", "true").answer("q:hurt", "told in private")
    theirs.answer("q:t", "he sleeps in the car").answer("q:u", "x").press("save")
    assert mine.answer("q:t", "mine").answer("q:u", "y").press("save").status_code == 409
    return mine


@pytest.mark.parametrize("button", ["clear:q:u", "go-on", "add:row:child", "remove:row:child|0"])
def test_what_a_colleague_answered_stands_there_until_the_page_is_saved(
    clashed: Filling, button: str
) -> None:
    for _again in range(2):
        assert clashed.press(button).status_code == 200
        said = words(clashed.page)
        assert OTHERWISE in said
        assert CAR in said
        assert PICKED in said
        assert "told in private" not in clashed.page.text
        # The focus is where it was pressed; the browser takes the first.
        assert len(re.findall(r"<[^>]* autofocus[ >=]", clashed.page.text)) == 1
    assert clashed.values("q:t") == ["mine"]
    assert clashed.press("save").status_code == 303
    assert "Dr Other answered" not in words(clashed.page)
    clashed.press("go-on")
    assert OTHERWISE not in words(clashed.page)
    assert "Dr Other answered" not in words(clashed.page)


def test_what_was_answered_as_the_colleague_did_is_told_no_more(clashed: Filling) -> None:
    clashed.answer("q:t", "he sleeps in the car").press("go-on")
    assert "Who is at home?: Dr Other" not in words(clashed.page)
    assert PICKED in words(clashed.page)


def test_an_answer_that_came_along_is_told_once_it_is_cleared(
    nurse: Staff, doctor: Staff, add_form: AddForm, person_id: str
) -> None:
    form = add_form("came-along", *CLASHED)
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.answer("q:u", "x").press("save")
    assert mine.answer("q:t", "mine").press("save").status_code == 409
    assert "Dr Other answered" not in words(mine.page)
    mine.press("clear:q:u")
    assert PICKED in words(mine.page)


def test_what_a_colleague_answered_stands_through_a_save_that_is_refused(clashed: Filling) -> None:
    assert clashed.answer("q:n", "8.5").press("save").status_code == 422
    for button in ("go-on", "finish", "clear:q:u"):
        assert CAR in words(clashed.page)
        assert PICKED in words(clashed.page)
        # What cannot be read is still marked.
        assert re.search(r'id="[^"]*-error"', clashed.page.text)
        clashed.press(button)
    clashed.answer("q:n", "8")
    assert clashed.press("finish").status_code == 422
    assert "Saved as a draft, not finished yet" in words(clashed.page)
    assert CAR in words(clashed.page)


def test_what_two_colleagues_answered_stands_there_of_each(
    clashed: Filling, doctor: Staff, person_id: str
) -> None:
    Filling.open(doctor, person_id, "clashed").answer("q:u", "").answer("q:n", "4").press("save")
    assert clashed.answer("q:n", "3").press("save").status_code == 409
    for _again in range(2):
        said = words(clashed.page)
        assert CAR in said
        assert "Pick: Dr Other answered nothing" in said
        assert "Number: Dr Other answered “4”" in said
        clashed.press("go-on")


@pytest.mark.parametrize("forged", ["9-8", "0-99", "999999999-1", "x", "1-1"])
def test_forged_revisions_tell_nothing(clashed: Filling, forged: str) -> None:
    assert clashed.answer("meanwhile", forged).press("go-on").status_code == 200
    assert "answered “" not in words(clashed.page)
