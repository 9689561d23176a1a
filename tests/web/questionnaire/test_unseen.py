"""What is typed beside an answer that no page shows: neither of the two is lost."""

from typing import Any

import pytest

from template_service.records.cards import cards_of
from template_service.service import Service
from tests.web.conftest import PRACTICE
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_losing_nothing import urgent
from tests.web.questionnaire.test_pages import answers, coded, keep_as, stored
from tests.web.questionnaire.test_safety import MASKED
from tests.web.staff import Staff, checked, words

WEIGHT = {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 3}
FOREIGN = {"valueCoding": {"system": "urn:other", "code": "7", "display": "Partner beats her"}}
KEPT = "Once saved, a disclosure is not taken back by a later answer."
ADDED = "What you write is added to what was written before, which is not shown."
REPLACED = "What is answered now replaces what was answered before, which is not shown"
ALONE = "What was answered alone before is not shown, and stays until it is answered alone again."


def options() -> list[dict[str, Any]]:
    """One for everybody, a masked one without weight and a masked one that discloses."""
    plain, refuge, beaten = coded("fine", "refuge", "beaten")
    return [
        plain,
        {**refuge, "extension": MASKED[:1]},
        {**beaten, "extension": [MASKED[0], WEIGHT]},
    ]


def asked(kind: str, *, safety: bool = False, **more: Any) -> dict[str, Any]:
    item = {"linkId": "t", "type": kind, "text": "How is home?", "answerOption": options(), **more}
    return {**item, "extension": MASKED} if safety else item


OPEN = asked("open-choice")
MASKED_OPEN = asked("open-choice", safety=True)


def said(service: Service, person_id: str, form: str) -> list[str]:
    """The answers, each with the words that stand beside it."""
    found = []
    for answer in answers(stored(service, person_id, form))["t"] or []:
        value = answer.get("valueString") or answer["valueCoding"]["code"]
        beside = [each["valueString"] for each in answer.get("extension", ())]
        found.append(" + ".join([value, *beside]))
    return found


def save(staff: Staff, person_id: str, form: str, *, alone: str = "true", **sent: str) -> Filling:
    """Open the page and save it with this; `q` is a tick and `other` a text."""
    page = Filling.open(staff, person_id, form)
    page.answer("gate:seen-alone", alone)
    for part, text in sent.items():
        page.answer(f"{part}:t", text)
    page.press("save")
    return page


Day = dict[str, str]
IN_TURN: dict[str, tuple[dict[str, Any], list[Day], list[str]]] = {
    "a text joins a text": (
        MASKED_OPEN,
        [{"other": "My brother"}, {"other": "my uncle"}],
        ["My brother\nmy uncle"],
    ),
    "also beside options of safety": (
        OPEN,
        [{"other": "My brother"}, {"other": "my uncle"}],
        ["My brother\nmy uncle"],
    ),
    "a tick stands beside a text": (
        OPEN,
        [{"other": "My brother"}, {"q": "fine"}],
        ["fine + My brother"],
    ),
    "and is replaced without it": (
        OPEN,
        [{"other": "My brother"}, {"q": "fine"}, {"q": "refuge"}, {"other": "He hit me"}],
        ["My brother\nHe hit me"],
    ),
    "a disclosure stands beside a text": (
        MASKED_OPEN,
        [{"other": "My brother"}, {"q": "beaten"}, {"other": "my uncle"}, {"q": "fine"}],
        ["beaten + My brother\nmy uncle"],
    ),
    "a disclosure gives way to no tick": (
        asked("choice"),
        [{"q": "beaten"}, {"q": "fine"}, {"q": "refuge"}],
        ["beaten"],
    ),
    "what is no disclosure does": (asked("choice"), [{"q": "refuge"}, {"q": "fine"}], ["fine"]),
    "to a text too": (MASKED_OPEN, [{"q": "fine"}, {"other": "My brother"}], ["My brother"]),
    "a text that spells an option is one": (
        OPEN,
        [{"other": "My brother"}, {"other": "Beaten"}, {"other": "my uncle"}],
        ["Beaten + My brother\nmy uncle"],
    ),
    "texts of many stay": (
        asked("open-choice", safety=True, repeats=True),
        [{"other": "My brother"}, {"other": "my uncle"}, {"q": "fine"}],
        ["fine", "my uncle", "My brother"],
    ),
    "texts join a disclosure among many": (
        asked("open-choice", safety=True, repeats=True),
        [{"q": "beaten"}, {"other": "my uncle"}, {"q": "fine"}],
        ["beaten", "my uncle"],
    ),
}


@pytest.mark.parametrize("case", IN_TURN)
def test_what_colleagues_say_one_after_the_other(
    *,
    case: str,
    nurse: Staff,
    doctor: Staff,
    service: Service,
    add_form: AddForm,
    person_id: str,
) -> None:
    item, days, kept = IN_TURN[case]
    form = add_form(f"in-turn-{list(IN_TURN).index(case)}", item)
    for number, day in enumerate(days):
        page = save((nurse, doctor)[number % 2], person_id, form, **day)
        assert page.page.status_code == 200
        # What was said may not stand there again; the tick of an ordinary answer alone may.
        assert not any(page.values("other:t"))
        assert checked(page.page, "q:t") in ([], ["fine"])
    shown = said(service, person_id, form)
    assert sorted(shown) == sorted(kept)
    page.press("save")
    assert said(service, person_id, form) == shown
    assert page.press("finish").status_code == 303
    assert said(service, person_id, form) == shown
    private = words(nurse.post(f"/people/{person_id}/private"))
    for word in "\n".join(kept).replace(" + ", "\n").split("\n"):
        assert word.casefold() in private.casefold() or word == "fine"


def test_with_the_gate_shut_a_masked_answer_stays(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("shut", OPEN)
    save(nurse, person_id, form, q="refuge")
    page = save(doctor, person_id, form, alone="", q="fine")
    assert said(service, person_id, form) == ["refuge"]
    assert ALONE in words(page.page)
    save(doctor, person_id, form, alone="", other="My brother")
    assert said(service, person_id, form) == ["refuge + My brother"]


@pytest.mark.parametrize("kind", ["choice", "open-choice"])
@pytest.mark.parametrize("repeats", [False, True])
def test_what_another_system_wrote_beside_masked_options_is_safety(
    *,
    kind: str,
    repeats: bool,
    nurse: Staff,
    service: Service,
    add_form: AddForm,
    person_id: str,
) -> None:
    item = asked(kind, repeats=repeats)
    other = {"linkId": "o", "type": "string", "text": "O"}
    form = add_form(f"foreign-{kind}-{repeats}", item, other)
    page = Filling.open(nurse, person_id, form).answer("q:o", "Ordinary")
    page.press("save")
    resource = stored(service, person_id, form)
    written = [FOREIGN, {"valueString": "He locks me in"}][: 1 + repeats]
    resource["item"].append({"linkId": "t", "answer": written})
    keep_as(service, person_id, form, resource)
    page = Filling.open(nurse, person_id, form)
    private = words(nurse.post(f"/people/{person_id}/private"))
    for secret in ("Partner beats her", "He locks me in")[: 1 + repeats]:
        assert secret not in page.page.text
        assert secret in private
    page.press("save")
    assert answers(stored(service, person_id, form))["t"] == written
    page.answer("q:t", "fine").press("save")
    private = words(nurse.post(f"/people/{person_id}/private"))
    assert "Partner beats her" in private
    assert "Partner beats her" not in page.page.text
    kept = answers(stored(service, person_id, form))["t"]
    assert coded("fine")[0]["valueCoding"] in [each.get("valueCoding") for each in kept]


def test_a_disclosure_for_everybody_beside_a_masked_text_raises_its_card_and_loses_nothing(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    told = urgent(service, "homeless_tonight")
    form = add_form("urgent-beside", asked("open-choice", answerOption=[*told, *options()]))
    save(nurse, person_id, form, other="My brother")
    page = save(nurse, person_id, form, q="homeless_tonight")
    assert said(service, person_id, form) == ["homeless_tonight + My brother"]
    assert "My brother" not in page.page.text
    with service.store.read() as conn:
        assert [row.card_id for row in cards_of(conn, PRACTICE, person_id)] == ["homeless_tonight"]
    page.press("finish")
    assert "My brother" not in page.page.text
    assert "My brother" in words(nurse.post(f"/people/{person_id}/private"))


LINE = {"linkId": "t", "type": "string", "text": "Who?", "extension": MASKED, "maxLength": 12}


@pytest.mark.parametrize(
    ("name", "item", "box", "kept"),
    [
        ("safety", {**MASKED_OPEN, "maxLength": 12}, "other", "My brother + my uncle\nand him"),
        ("options", {**OPEN, "maxLength": 12}, "other", "My brother + my uncle\nand him"),
        ("line", LINE, "q", "My brother + my uncle; and him"),
    ],
)
def test_what_is_too_long_together_stands_beside_the_text(
    *,
    name: str,
    item: dict[str, Any],
    box: str,
    kept: str,
    nurse: Staff,
    doctor: Staff,
    service: Service,
    add_form: AddForm,
    person_id: str,
) -> None:
    form = add_form(f"long-{name}", item)
    save(nurse, person_id, form, **{box: "My brother"})
    page = save(doctor, person_id, form, **{box: "my uncle"})
    # What the page still holds of what it saved adds nothing.
    page.answer(f"{box}:t", "my uncle").press("save")
    page = save(nurse, person_id, form, **{box: "and him"})
    assert said(service, person_id, form) == [kept]
    assert "uncle" not in page.page.text
    assert page.press("finish").status_code == 303
    assert "uncle" not in page.page.text
    private = words(nurse.post(f"/people/{person_id}/private"))
    for text in ("My brother", "my uncle", "and him"):
        assert text in private


@pytest.mark.parametrize(("name", "item", "box"), [("o", OPEN, "other"), ("l", LINE, "q")])
def test_what_is_too_long_by_itself_is_kept_whole_beside_and_can_be_finished(
    *,
    name: str,
    item: dict[str, Any],
    box: str,
    nurse: Staff,
    service: Service,
    add_form: AddForm,
    person_id: str,
) -> None:
    # Nobody could shorten it: it is not shown again.
    form = add_form(f"long-alone-{name}", {**item, "maxLength": 12})
    page = save(nurse, person_id, form, **{box: "My brother beats me"})
    assert said(service, person_id, form) == ["My brother b + My brother beats me"]
    page.answer(f"{box}:t", "My brother beats me").press("save")
    assert said(service, person_id, form) == ["My brother b + My brother beats me"]
    assert page.press("finish").status_code == 303
    assert "beats me" not in page.page.text
    assert "My brother beats me" in words(nurse.post(f"/people/{person_id}/private"))


def test_an_ordinary_text_too_long_is_shown_again_to_be_shortened(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    line = {"linkId": "t", "type": "string", "text": "T", "maxLength": 5}
    form = add_form("long-ordinary", line)
    page = Filling.open(nurse, person_id, form).answer("q:t", "Much too long")
    page.press("save")
    assert said(service, person_id, form) == ["Much too long"]
    assert page.press("finish").status_code == 422
    assert page.values("q:t") == ["Much too long"]


def test_a_text_with_no_room_for_what_stood_beside_an_option_has_it_beside(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("long-after", {**OPEN, "maxLength": 12})
    for sent in ({"other": "My brother"}, {"q": "fine"}, {"other": "He hit me"}):
        save(nurse, person_id, form, **sent)
    assert said(service, person_id, form) == ["He hit me + My brother"]


def test_a_line_of_safety_written_twice_can_be_finished(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    line = {"linkId": "t", "type": "string", "text": "Who?", "extension": MASKED}
    form = add_form("one-line", line)
    save(nurse, person_id, form, q="My brother")
    page = save(nurse, person_id, form, q="my uncle")
    assert page.press("finish").status_code == 303
    assert said(service, person_id, form) == ["My brother; my uncle"]


BOOLEAN = {"linkId": "t", "type": "boolean", "text": "Hit?", "extension": MASKED}
WITHOUT_WEIGHT = coded("yes", "no")
TOLD: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "a yes or no": (BOOLEAN, (REPLACED,)),
    "a choice": ({**BOOLEAN, "type": "choice", "answerOption": WITHOUT_WEIGHT}, (REPLACED,)),
    "a choice that discloses": (asked("choice", safety=True), (KEPT,)),
    "some answers of it": (asked("choice"), (KEPT, ALONE)),
    "with a text": (OPEN, (KEPT, ALONE, ADDED)),
    "a text": ({**BOOLEAN, "type": "text"}, (ADDED,)),
    "many": (asked("choice", repeats=True), ()),
    "nothing of safety": (asked("choice", answerOption=WITHOUT_WEIGHT), ()),
}


@pytest.mark.parametrize("case", TOLD)
def test_an_item_says_what_becomes_of_what_is_not_shown(
    case: str, nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    item, told = TOLD[case]
    form = add_form(f"told-{list(TOLD).index(case)}", item)
    page = words(Filling.open(nurse, person_id, form).page)
    assert [text for text in (KEPT, ALONE, ADDED, REPLACED) if text in page] == list(told)
