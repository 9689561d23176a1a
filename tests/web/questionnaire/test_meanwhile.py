"""What a colleague answered unseen, or so much that no page holds both: neither side loses it."""

from typing import Any

import pytest

from template_service.records import responses
from template_service.service import Service
from tests.web.conftest import PRACTICE
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_losing_nothing import DEEP, UNHELD, urgent
from tests.web.questionnaire.test_pages import answers, coded, keep_as, stored
from tests.web.questionnaire.test_rows import CHILDREN, names
from tests.web.questionnaire.test_safety import MASKED, MIXED, OURS
from tests.web.staff import Staff, checked, words


def code_of(service: Service, person_id: str, form: str, link_id: str = "hurt") -> list[str]:
    given = answers(stored(service, person_id, form))[link_id]
    return [each["valueCoding"]["code"] for each in given]


@pytest.fixture
def mixed(add_form: AddForm) -> str:
    return add_form("mixed-meanwhile", *MIXED)


def test_a_colleagues_masked_answer_gives_way_to_no_answer_without_weight(
    nurse: Staff, doctor: Staff, service: Service, mixed: str, person_id: str
) -> None:
    mine = Filling.open(nurse, person_id, mixed).answer("q:hurt", "no").answer("q:home", "Here")
    Filling.open(doctor, person_id, mixed).answer("q:hurt", "yes").press("save")
    assert mine.press("save").status_code == 409
    # The page names revisions: it must not tell what the colleague answered, or that they did.
    assert mine.values("meanwhile") == ["0-1"]
    assert "asked alone, theirs stays" in words(mine.page)
    mine.press("add:row:nothing")
    assert mine.press("save").status_code == 303
    assert code_of(service, person_id, mixed) == ["yes"]
    assert answers(stored(service, person_id, mixed))["home"] == [{"valueString": "Here"}]
    # On a page that shows nobody's conflict what is typed counts again.
    mine.answer("q:hurt", "no").press("save")
    assert code_of(service, person_id, mixed) == ["no"]


def test_what_no_colleague_changed_is_mine_after_a_conflict(
    nurse: Staff, doctor: Staff, service: Service, mixed: str, person_id: str
) -> None:
    mine, theirs = (Filling.open(who, person_id, mixed) for who in (nurse, doctor))
    theirs.answer("q:home", "There").press("save")
    assert mine.answer("q:hurt", "no").press("save").status_code == 409
    mine.press("save")
    assert code_of(service, person_id, mixed) == ["no"]


def test_it_stays_through_a_second_conflict_and_a_refusal(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    number = {"linkId": "n", "type": "integer", "text": "N"}
    form = add_form("mixed-again", *MIXED, number)
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.answer("q:hurt", "yes").press("save")
    mine.answer("q:hurt", "no").answer("q:n", "x")
    assert mine.press("save").status_code == 409
    theirs.answer("q:home", "There").press("save")
    assert mine.press("save").status_code == 409
    assert mine.values("meanwhile") == ["0-1", "1-2"]
    assert mine.press("save").status_code == 422
    assert code_of(service, person_id, form) == ["yes"]
    mine.answer("q:n", "3").press("save")
    assert code_of(service, person_id, form) == ["yes"]


@pytest.mark.parametrize("repeats", [False, True])
def test_a_disclosure_of_mine_counts_beside_a_colleagues_answer(
    *,
    repeats: bool,
    nurse: Staff,
    doctor: Staff,
    service: Service,
    add_form: AddForm,
    person_id: str,
) -> None:
    told = urgent(service, "homeless_tonight")
    form = add_form(
        f"masked-urgent-{repeats}",
        {
            "linkId": "hurt",
            "type": "choice",
            "repeats": repeats,
            "text": "Anything?",
            "answerOption": [*told, *coded("no", "other")],
            "extension": MASKED,
        },
    )
    mine = Filling.open(nurse, person_id, form).answer("q:hurt", "homeless_tonight")
    Filling.open(doctor, person_id, form).answer("q:hurt", "other").press("save")
    assert mine.press("save").status_code == 409
    mine.press("save")
    assert code_of(service, person_id, form) == [
        "homeless_tonight",
        *(["other"] if repeats else []),
    ]


def test_a_colleagues_masked_option_stays_even_with_the_gate_open(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    refuge = {
        **coded("refuge")[0],
        "extension": [{"url": f"{OURS}/sdoh-masked", "valueBoolean": True}],
    }
    form = add_form(
        "refuge",
        {
            "linkId": "hurt",
            "type": "choice",
            "text": "Where?",
            "answerOption": [refuge, *coded("flat", "house")],
        },
    )
    mine = Filling.open(nurse, person_id, form).answer("q:hurt", "flat")
    mine.answer("gate:seen-alone", "true")
    Filling.open(doctor, person_id, form).answer("q:hurt", "refuge").press("save")
    assert mine.press("save").status_code == 409
    mine.press("save")
    assert code_of(service, person_id, form) == ["refuge"]


@pytest.mark.parametrize("forged", [[], ["x"], ["9-8"], ["999999999-1"], ["0-1"] * 50, ["1-1"]])
def test_a_forged_field_loses_nothing_that_is_stored(
    forged: list[str], nurse: Staff, service: Service, mixed: str, person_id: str
) -> None:
    first = Filling.open(nurse, person_id, mixed).answer("q:home", "Here").answer("q:hurt", "yes")
    first.press("save")
    again = Filling.open(nurse, person_id, mixed).answer("meanwhile", *forged)
    assert again.answer("q:home", "There").press("save").status_code == 303
    kept = answers(stored(service, person_id, mixed))
    assert kept["home"] == [{"valueString": "There"}]
    assert code_of(service, person_id, mixed) == ["yes"]


def heads(service: Service, person_id: str) -> list[responses.ResponseHead]:
    with service.store.read() as conn:
        return list(responses.responses_of(conn, PRACTICE, person_id))


@pytest.mark.parametrize("case", UNHELD)
def test_what_was_typed_on_a_page_overtaken_by_what_no_page_holds_is_kept_beside_it(
    case: str, nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("deep", *DEEP)
    mine = Filling.open(nurse, person_id, form).answer("q:plain", "begun")
    mine.press("save")
    odd = {**stored(service, person_id, form), "item": UNHELD[case]}
    keep_as(service, person_id, form, odd)
    mine.answer("q:plain", "mine").answer("q:t", "also mine")
    assert mine.press("save").status_code == 409
    said = words(mine.page)
    assert "Somebody else saved this first" in said
    assert "Nothing you typed is lost" in said
    assert mine.values("q:plain") == ["mine"]
    assert mine.press("add:row:rows").status_code == 200
    assert mine.press("save").status_code == 303
    assert mine.values("q:t") == ["also mine"]
    new, old = heads(service, person_id)
    kept = answers(stored(service, person_id, form))
    assert (kept["plain"], kept["t"]) == ([{"valueString": "mine"}], [{"valueString": "also mine"}])
    assert (old.revision, new.revision) == (2, 1)
    # Finished, it makes way for the other draft again.
    assert mine.press("finish").status_code == 303
    assert "holds answers that this page cannot show" in words(nurse.get(mine.address))


def test_a_page_overtaken_by_another_response_goes_on_with_its_own(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("deep", *DEEP)
    mine = Filling.open(nurse, person_id, form).answer("q:plain", "begun")
    mine.press("save")
    [own] = heads(service, person_id)
    other = {**mine.fields, "aside": [own.response_id], "revision": ["0"], "response": [""]}
    nurse.post(mine.address, {**other, "do": ["save"]})
    keep_as(
        service,
        person_id,
        form,
        {**stored(service, person_id, form), "item": UNHELD["two answers"]},
    )
    assert mine.answer("q:plain", "mine").press("save").status_code == 409
    assert mine.press("save").status_code == 303
    assert [
        (head.response_id == own.response_id, head.revision) for head in heads(service, person_id)
    ] == [
        (True, 2),
        (False, 2),
    ]


def test_more_rows_together_than_a_page_holds_are_kept_beside_each_other(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("children", *CHILDREN)
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    for filling, name in ((mine, "Mine"), (theirs, "Theirs")):
        filling.answer("row:child", *map(str, range(60)))
        for number in range(60):
            filling.answer(f"q{number}:name", f"{name} {number}")
    theirs.press("save")
    assert mine.press("save").status_code == 409
    assert "together more than one page can hold" in words(mine.page)
    assert len(mine.values("row:child")) == 60
    assert mine.press("save").status_code == 303
    assert names(service, person_id) == [[f"Mine {number}"] for number in range(60)]
    # Back on the first page and sent again, it is the same draft, in conflict with itself only.
    mine.press("finish")
    left = Filling.open(nurse, person_id, form)
    assert left.values("q59:name") == ["Theirs 59"]


def test_up_to_a_hundred_rows_of_both_stand_on_one_page(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("children", *CHILDREN)
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    for filling, name in ((mine, "Mine"), (theirs, "Theirs")):
        filling.answer("row:child", *map(str, range(50)))
        for number in range(50):
            filling.answer(f"q{number}:name", f"{name} {number}")
    theirs.press("save")
    assert mine.press("save").status_code == 409
    mine.press("save")
    found: list[Any] = names(service, person_id)
    assert len(found) == 100
    assert found[0] == ["Theirs 0"]
    assert found[-1] == ["Mine 49"]


def test_nothing_of_a_masked_answer_is_on_the_page_that_goes_beside(
    nurse: Staff, doctor: Staff, service: Service, mixed: str, person_id: str
) -> None:
    Filling.open(doctor, person_id, mixed).answer("q:hurt", "yes").press("save")
    mine = Filling.open(nurse, person_id, mixed).answer("q:home", "Here")
    odd = stored(service, person_id, mixed)
    keep_as(service, person_id, mixed, {**odd, "item": [*odd["item"], {"linkId": "other"}] * 2})
    mine.press("save")
    assert checked(mine.page, "q:hurt") == []
