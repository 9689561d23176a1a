"""What a page refuses, cannot show or does not name is kept all the same."""

import copy
from typing import Any

import pytest

from template_service.records.cards import cards_of
from template_service.service import Service
from tests.web.conftest import PRACTICE
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_pages import answers, coded, keep_as, stored
from tests.web.questionnaire.test_rows import CHILDREN, names
from tests.web.questionnaire.test_safety import OURS
from tests.web.staff import Staff, words

DRAFT = "Saved as a draft, not finished yet: put these right"
NOT_ALL = "Not everything is saved: put these right"


def urgent(service: Service, *codes: str) -> list[dict[str, Any]]:
    """The template's own urgent options, as a questionnaire of others may have them."""
    offered = service.form.items["urgent"].raw["answerOption"]
    found = [copy.deepcopy(each) for each in offered if each["valueCoding"]["code"] in codes]
    for each in found:
        for extension in each["extension"]:
            inside = extension.get("extension")
            if inside:
                extension["extension"] = [part for part in inside if part["url"] != "domain"]
    return found


@pytest.fixture
def telling(add_form: AddForm, service: Service) -> str:
    return add_form(
        "telling",
        {
            "linkId": "u",
            "type": "choice",
            "repeats": True,
            "text": "Anything urgent?",
            "answerOption": urgent(service, "suicidal"),
        },
        {"linkId": "d", "type": "date", "text": "When"},
        {"linkId": "r", "type": "string", "text": "Needed", "required": True},
    )


def raised(service: Service, person_id: str) -> list[str]:
    with service.store.read() as conn:
        return [row.card_id for row in cards_of(conn, PRACTICE, person_id)]


@pytest.mark.parametrize(
    ("button", "typed", "said"),
    [("finish", {}, DRAFT), ("save", {"day:d": "99", "year:d": "x"}, NOT_ALL)],
)
def test_what_is_refused_is_a_draft_that_raises_its_card(
    *,
    button: str,
    typed: dict[str, str],
    said: str,
    nurse: Staff,
    service: Service,
    telling: str,
    person_id: str,
) -> None:
    filling = Filling.open(nurse, person_id, telling).answer("q:u", "suicidal")
    for name, text in typed.items():
        filling.answer(name, text)
    assert filling.press(button).status_code == 422
    assert said in words(filling.page)
    assert raised(service, person_id) == ["suicidal"]
    assert stored(service, person_id, telling)["status"] == "in-progress"
    assert filling.values("revision") == ["1"]
    assert filling.values("q:u") == ["suicidal"]
    assert all(filling.values(name) == [text] for name, text in typed.items())
    filling.answer("day:d", "").answer("year:d", "").answer("q:r", "there")
    assert filling.press("finish").status_code == 303
    kept = stored(service, person_id, telling)
    assert kept["status"] == "completed"
    assert set(answers(kept)) == {"u", "r"}


def test_rows_are_themselves_after_a_refusal(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("children", *CHILDREN)
    filling = Filling.open(nurse, person_id, form).answer("q0:name", "Ada")
    filling.press("add:row:child")
    filling.answer("q1:name", "Ben").press("add:row:child")
    filling.answer("q2:name", "Cleo").press("save")
    whole = stored(service, person_id, form)
    for child in whole["item"]:
        told = child["item"][0]["answer"][0]["valueString"]
        child["item"].append({"linkId": "kept", "answer": [{"valueString": f"of {told}"}]})
    keep_as(service, person_id, form, whole)
    again = Filling.open(nurse, person_id, form)
    again.press("remove:row:child|0")
    again.press("add:row:child")
    again.answer("q3.0:phone", "0113 1")
    assert again.press("finish").status_code == 422
    assert again.values("row:child") == ["0", "1", "2"]
    assert 'href="#i1-2"' in again.page.text
    again.answer("q2:name", "Dee").press("save")
    assert names(service, person_id) == [["Ben", "of Ben"], ["Cleo", "of Cleo"], ["Dee", "0113 1"]]


def test_a_row_number_is_never_used_again(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("children", *CHILDREN)
    filling = Filling.open(nurse, person_id, form).answer("q0:name", "Ada")
    filling.press("add:row:child")
    filling.press("remove:row:child|1")
    filling.press("add:row:child")
    assert filling.values("row:child") == ["0", "2"]


def test_rows_that_a_page_does_not_name_stay(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("children", *CHILDREN)
    filling = Filling.open(nurse, person_id, form).answer("q0:name", "Ada")
    filling.press("add:row:child")
    filling.answer("q1:name", "Ben").answer("q1.0:phone", "0113 1").press("save")
    for cut_short in ("row:child", "row1:phone"):
        left = Filling.open(nurse, person_id, form)
        sent = {name: texts for name, texts in left.fields.items() if name != cut_short}
        left.fields = sent
        assert left.press("save").status_code == 303
        assert names(service, person_id) == [["Ada"], ["Ben", "0113 1"]]
    cut = Filling.open(nurse, person_id, form)
    del cut.fields["row:child"]
    cut.press("add:row1:phone")
    assert cut.values("row:child") == ["0", "1"]


YES = {"valueCoding": {"system": "urn:x", "code": "a", "display": "A"}}
DEEP: tuple[dict[str, Any], ...] = (
    {
        "linkId": "g",
        "type": "group",
        "text": "Group",
        "item": [{"linkId": "t", "type": "string", "text": "T"}],
    },
    {
        "linkId": "rep",
        "type": "choice",
        "repeats": True,
        "text": "Some",
        "answerOption": coded("a", "b"),
        "item": [{"linkId": "in", "type": "string", "text": "Inside"}],
    },
    {
        "linkId": "rows",
        "type": "group",
        "repeats": True,
        "text": "Rows",
        "item": [{"linkId": "rt", "type": "string", "text": "RT"}],
    },
    {"linkId": "plain", "type": "string", "text": "Plain"},
)


def text(link_id: str, *texts: str) -> dict[str, Any]:
    return {"linkId": link_id, "answer": [{"valueString": each} for each in texts]}


UNHELD: dict[str, list[dict[str, Any]]] = {
    "an item in the wrong place": [text("t", "x")],
    "an item that is not known": [text("other", "x")],
    "a group twice": [{"linkId": "g", "item": [text("t", each)]} for each in ("x", "y")],
    "a question twice": [text("plain", "x"), text("plain", "y")],
    "two answers": [text("plain", "x", "y")],
    "inside a second answer": [
        {"linkId": "rep", "answer": [YES, {**YES, "item": [text("in", "x")]}]}
    ],
    "more rows than fit": [
        {"linkId": "rows", "item": [text("rt", str(number))]} for number in range(101)
    ],
}


@pytest.mark.parametrize("case", UNHELD)
def test_a_draft_that_a_page_cannot_hold_is_left_alone(
    case: str, nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("deep", *DEEP)
    first = Filling.open(nurse, person_id, form).answer("q:plain", "x")
    first.press("save")
    before = {**stored(service, person_id, form), "item": UNHELD[case]}
    keep_as(service, person_id, form, before)
    page = nurse.get(first.address)
    assert "holds answers that this page cannot show" in words(page)
    assert 'id="questionnaire"' not in page.text
    for button in ("save", "finish"):
        sent = {**first.fields, "revision": ["2"], "do": [button]}
        assert nurse.post(first.address, sent).status_code == 409
    assert stored(service, person_id, form) == before


def test_an_odd_draft_that_a_page_can_hold_is_opened(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("deep", *DEEP)
    first = Filling.open(nurse, person_id, form).answer("q:plain", "x")
    first.press("save")
    items = [text("plain", "y"), {"linkId": "rows"}, {"linkId": "g", "item": [text("t", "z")]}]
    keep_as(service, person_id, form, {**stored(service, person_id, form), "item": items})
    assert Filling.open(nurse, person_id, form).values("q:t") == ["z"]


HIDDEN_AWAY = [{"url": f"{OURS}/sdoh-masked", "valueBoolean": True}]
IN_ROWS: dict[str, dict[str, Any]] = {
    "item": {"linkId": "hurt", "type": "boolean", "text": "Hurt?", "extension": HIDDEN_AWAY},
    "option": {
        "linkId": "where",
        "type": "choice",
        "text": "Where?",
        "answerOption": [{**coded("refuge")[0], "extension": HIDDEN_AWAY}, *coded("flat")],
    },
}


@pytest.mark.parametrize("case", IN_ROWS)
def test_safety_in_rows_cannot_be_asked(
    case: str, nurse: Staff, navigator: Staff, add_form: AddForm, person_id: str
) -> None:
    rows = {"linkId": "kid", "type": "group", "repeats": True, "text": "Child"}
    form = add_form(f"rows-{case}", {**rows, "item": [IN_ROWS[case]]})
    place = f"/people/{person_id}/questionnaires"
    assert f"About rows-{case} Cannot be asked on this page yet" in words(nurse.get(place))
    page = nurse.get(f"{place}/{form}")
    assert "cannot be asked on this page yet" in words(page)
    assert 'id="questionnaire"' not in page.text
    assert nurse.post(f"{place}/{form}", {"revision": "0", "do": "save"}).status_code == 409
    assert f"rows-{case}" not in navigator.get(place).text
    assert navigator.get(f"{place}/{form}").status_code == 404
    assert navigator.post(f"{place}/{form}", {"revision": "0"}).status_code == 404


def test_a_masked_answer_stays_when_what_it_depends_on_is_changed(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form(
        "depending",
        {
            "linkId": "home",
            "type": "group",
            "text": "Home",
            "item": [
                {"linkId": "partner", "type": "boolean", "text": "A partner?"},
                {
                    **IN_ROWS["item"],
                    "enableWhen": [{"question": "partner", "operator": "=", "answerBoolean": True}],
                },
            ],
        },
    )
    first = Filling.open(nurse, person_id, form).answer("q:partner", "true")
    first.answer("q:hurt", "true").press("save")
    other = Filling.open(doctor, person_id, form).answer("q:partner", "false")
    assert other.press("finish").status_code == 303
    [home] = stored(service, person_id, form)["item"]
    assert {"linkId": "hurt", "text": "Hurt?", "answer": [{"valueBoolean": True}]} in home["item"]


def test_a_masked_text_joins_what_was_written_before_unseen(
    nurse: Staff, doctor: Staff, service: Service, person_id: str, add_form: AddForm
) -> None:
    masked = {"url": f"{OURS}/sdoh-masked", "valueBoolean": True}
    note = {"linkId": "t", "type": "text", "text": "Say more", "extension": [masked]}
    telling = add_form("masked-note", {**note, "maxLength": 30})
    Filling.open(nurse, person_id, telling).answer("q:t", "It began in May").press("save")

    later = Filling.open(doctor, person_id, telling)
    assert "What you write is added to what was written before" in later.page.text
    assert later.fields["q:t"] == [""]
    later.answer("q:t", "and in June").press("save")
    kept = answers(stored(service, person_id, telling))
    assert kept["t"] == [{"valueString": "It began in May\nand in June"}]

    later.answer("q:t", "and once more").press("save")
    # With no room for it there, it stands beside.
    [full] = answers(stored(service, person_id, telling))["t"]
    assert full["valueString"] == "It began in May\nand in June"
    assert [each["valueString"] for each in full["extension"]] == ["and once more"]


def test_an_urgent_answer_is_not_hidden_when_what_it_depends_on_changes(
    nurse: Staff, service: Service, person_id: str, add_form: AddForm
) -> None:
    number = {"linkId": "n", "type": "integer", "text": "How many?"}
    condition = [{"question": "n", "operator": ">", "answerInteger": 3}]
    asked = {"linkId": "u", "type": "choice", "text": "Urgent?", "enableWhen": condition}
    telling = add_form("hiding", number, {**asked, "answerOption": urgent(service, "suicidal")})
    filling = Filling.open(nurse, person_id, telling)
    filling.answer("q:n", "5").press("save")
    filling.answer("q:u", "suicidal").press("save")

    filling.answer("q:n", "1").press("save")

    block = filling.page.text.partition("Urgent?")[0].rpartition("<div")[2]
    assert "hidden" not in block
    assert "suicidal" in raised(service, person_id)
