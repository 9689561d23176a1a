"""What tells something urgent is stored, whatever else is wrong with where and how it was said."""

from typing import Any

import pytest

from template_service.questionnaire.conditions import without_disabled
from template_service.questionnaire.definition import QuestionnaireError, compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.questionnaire.scoring import Context, score, score_report
from template_service.questionnaire.validation import Checked, validate

EXTENSIONS = "https://example.org/StructureDefinition"
CORE = "http://hl7.org/fhir/StructureDefinition"
CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"


def coding(code: str, system: str = "urn:s") -> dict[str, Any]:
    return {"valueCoding": {"system": system, "code": code, "display": code}}


def urgent(code: str, system: str = "urn:s") -> dict[str, Any]:
    said = {"url": f"{EXTENSIONS}/sdoh-urgent", "valueCode": "card"}
    return {**coding(code, system), "extension": [said]}


def exclusive(code: str) -> dict[str, Any]:
    only = {"url": f"{CORE}/questionnaire-optionExclusive", "valueBoolean": True}
    return {**coding(code), "extension": [only]}


CARD: dict[str, Any] = {
    "linkId": "cards",
    "type": "group",
    "extension": [
        {
            "url": f"{EXTENSIONS}/sdoh-urgent-card",
            "extension": [
                {"url": "card", "valueCoding": {"code": "card", "display": "Call."}},
                {"url": "derived", "valueBoolean": True},
            ],
        }
    ],
}
HURT: dict[str, Any] = {
    "linkId": "hurt",
    "type": "choice",
    "text": "hurt",
    "answerOption": [urgent("hurt"), coding("ok"), exclusive("none")],
}


def form_of(*items: dict[str, Any]) -> Form:
    return compile_questionnaire(
        {"resourceType": "Questionnaire", "url": "urn:q", "item": [CARD, *items]}
    )


def judged(form: Form, *items: dict[str, Any], status: str = "completed") -> Checked:
    return validate(form, response_of(*items, status=status))


def response_of(*items: dict[str, Any], status: str = "completed") -> dict[str, Any]:
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "urn:q",
        "status": status,
        "item": list(items),
    }


def item(link_id: str, *answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, **({"answer": list(answers)} if answers else {}), **more}


def group(link_id: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": "group", "item": list(items), **more}


def asked_if(question: str) -> list[dict[str, Any]]:
    return [{"question": question, "operator": "=", "answerBoolean": True}]


START = {"linkId": "start", "type": "boolean"}
PER_OCCURRENCE = {"linkId": "p", "type": "group", "repeats": True}
OTHERS = {"linkId": "others", "type": "string", "required": True}
MOST = {"url": f"{CORE}/questionnaire-maxOccurs", "valueInteger": 1}
MANY = {**HURT, "repeats": True}
ONE_MAY = {**MANY, "extension": [MOST]}
NEVER = {**MANY, "enableWhen": asked_if("start")}
# The general way of judging is taken when something in the form can only be told per occurrence.
GENERAL = {**PER_OCCURRENCE, "item": [OTHERS]}
BOTH_WAYS = pytest.mark.parametrize("more", [(), (GENERAL,)], ids=["simple", "general"])


@BOTH_WAYS
@pytest.mark.parametrize(
    ("definition", "given_items", "code"),
    [
        pytest.param(
            [START, NEVER], [item("hurt", coding("hurt"), coding("ok"))], "business-rule", id="off"
        ),
        pytest.param([MANY], [item("hurt", coding("hurt"), coding("none"))], "invariant", id="all"),
        pytest.param([HURT], [item("hurt", coding("hurt"), coding("ok"))], "structure", id="one"),
        pytest.param([ONE_MAY], [item("hurt", coding("hurt"), coding("ok"))], "structure", id="2"),
        pytest.param(
            [group("g", MANY)], [item("hurt", coding("hurt"))], "structure", id="outside its group"
        ),
        pytest.param(
            [group("g", {**MANY, "required": True})],
            [item("g"), item("hurt", coding("hurt"))],
            "structure",
            id="required, outside its group",
        ),
        pytest.param(
            [MANY], [item("x", item=[item("hurt", coding("hurt"))])], "not-found", id="unknown"
        ),
        pytest.param(
            [{**START, "item": [MANY]}],
            [item("start", {"valueBoolean": True}, item=[item("hurt", coding("hurt"))])],
            "structure",
            id="beside the answer",
        ),
        pytest.param(
            [MANY], [item("hurt", coding("hurt")), item("hurt", coding("ok"))], "structure", id="×2"
        ),
        pytest.param(
            [group("g", MANY)],
            [item("g", item=[item("hurt", coding("hurt"))]), item("g")],
            "structure",
            id="group twice",
        ),
    ],
)
def test_what_discloses_is_kept_and_what_is_wrong_is_a_warning(
    definition: list[dict[str, Any]],
    given_items: list[dict[str, Any]],
    code: str,
    more: tuple[dict[str, Any], ...],
) -> None:
    form = form_of(*definition, *more)

    checked = judged(form, *given_items)

    assert form.simple is not bool(more)
    assert checked.errors == ()
    assert code in {problem.code for problem in checked.problems if problem.severity == "warning"}
    assert form.items["hurt"].by_code["hurt"] in checked.answers["hurt"]


@BOTH_WAYS
@pytest.mark.parametrize(
    ("definition", "given_items"),
    [
        ([START, NEVER], [item("hurt", coding("ok"))]),
        ([MANY], [item("hurt", coding("ok"), coding("none"))]),
        ([HURT], [item("hurt", coding("ok"), coding("none"))]),
        ([ONE_MAY], [item("hurt", coding("ok"), coding("ok"))]),
        ([group("g", MANY)], [item("hurt", coding("ok"))]),
        ([MANY], [item("x", item=[item("hurt", coding("ok"))])]),
        ([MANY], [item("hurt", coding("ok")), item("hurt", coding("ok"))]),
    ],
)
def test_without_a_disclosure_the_same_is_an_error(
    definition: list[dict[str, Any]],
    given_items: list[dict[str, Any]],
    more: tuple[dict[str, Any], ...],
) -> None:
    assert judged(form_of(*definition, *more), *given_items).errors


def test_a_group_repeated_too_often_with_a_disclosure_in_it_is_a_warning() -> None:
    form = form_of(group("g", MANY, repeats=True, extension=[MOST]))
    twice = [item("g", item=[item("hurt", coding(code))]) for code in ("ok", "hurt")]

    assert {each.severity for each in judged(form, *twice).problems} == {"warning"}
    assert judged(form, twice[0], twice[0]).errors


@pytest.mark.parametrize("first", [True, False])
def test_of_two_options_with_one_code_an_answer_without_a_system_is_the_one_that_discloses(
    first: bool,
) -> None:
    offered = [urgent("hurt", "urn:a"), coding("hurt", "urn:b")]
    asked = {**HURT, "answerOption": offered if first else offered[::-1]}
    follow = {
        "linkId": "follow",
        "type": "string",
        "enableWhen": [
            {"question": "hurt", "operator": "=", "answerCoding": {"code": "hurt"}},
        ],
    }
    form = form_of(asked, follow)
    follow_up = item("follow", {"valueString": "x"})

    checked = judged(form, item("hurt", {"valueCoding": {"code": "hurt"}}), follow_up)

    assert checked.errors == ()
    [said] = checked.answers["hurt"]
    assert getattr(said, "system", None) == "urn:a"
    # What asks for the code without saying whose is content with either.
    for system in ("urn:a", "urn:b"):
        assert judged(form, item("hurt", coding("hurt", system)), follow_up).problems == ()


def test_a_calculated_item_may_disclose_nothing() -> None:
    value = {"language": "text/fhirpath", "expression": "'hurt'"}
    calculated = {**HURT, "extension": [{"url": CALCULATED, "valueExpression": value}]}

    with pytest.raises(QuestionnaireError) as refusal:
        form_of(calculated)

    assert [problem.expression for problem in refusal.value.problems] == ["Questionnaire.item[1]"]
    form_of({**calculated, "answerOption": [coding("ok")]})


def test_what_is_left_out_of_a_disabled_item_is_not_the_disclosure() -> None:
    form = form_of(START, NEVER)
    kept, _ = without_disabled(form, response_of(item("hurt", coding("ok"), coding("hurt"))))

    assert kept["item"] == [item("hurt", coding("hurt"))]


@pytest.mark.parametrize("repeats", [False, True])
def test_the_answer_around_a_disclosure_does_not_have_it_refused(repeats: bool) -> None:
    condition = [{"question": "asked", "operator": "=", "answerBoolean": True}]
    around = {"linkId": "around", "type": "boolean", "text": "around", "enableWhen": condition}
    other = {"linkId": "other", "type": "string", "text": "other", "enableWhen": condition}
    form = compile_questionnaire(
        {
            "resourceType": "Questionnaire",
            "status": "active",
            "url": "urn:q",
            "item": [
                CARD,
                {"linkId": "asked", "type": "boolean", "text": "asked"},
                {**around, "repeats": repeats, "item": [HURT]},
                other,
            ],
        }
    )
    hurt = {"linkId": "hurt", "answer": [coding("hurt")]}
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": "urn:q",
        "item": [
            {"linkId": "asked", "answer": [{"valueBoolean": False}]},
            {"linkId": "around", "answer": [{"valueBoolean": True, "item": [hurt]}]},
            {"linkId": "other", "answer": [{"valueString": "x"}]},
        ],
    }

    checked = validate(form, response)

    assert {each.link_id for each in checked.errors} == {"other"}
    told = {each.link_id for each in checked.problems if each.severity == "warning"}
    assert told >= {"around", "hurt"}


@pytest.mark.parametrize("text", ["hurt", " Hurt "])
def test_a_text_that_spells_what_discloses_is_taken_for_it(text: str) -> None:
    item = {**HURT, "type": "open-choice"}
    form = compile_questionnaire(
        {"resourceType": "Questionnaire", "status": "active", "url": "urn:q", "item": [CARD, item]}
    )
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": "urn:q",
        "item": [{"linkId": "hurt", "answer": [{"valueString": text}]}],
    }

    checked = validate(form, response)

    assert score(form, checked.answers, Context(age=None)).urgent == ("card",)
    assert {each.severity for each in checked.problems} == {"warning"}
    response["item"] = [{"linkId": "hurt", "answer": [{"valueString": "ok"}]}]
    assert validate(form, response).answers["hurt"] == ("ok",)


@pytest.mark.parametrize(
    ("display", "said", "told"),
    [
        ("", "  ", False),
        (" ", "", False),
        ("", "hurt", True),
        ("I am hurt ", "i am hurt", True),
    ],
)
def test_nothing_said_is_no_disclosure(display: str, said: str, *, told: bool) -> None:
    option = urgent("hurt")
    option["valueCoding"]["display"] = display
    open_choice = HURT | {"type": "open-choice", "answerOption": [option, coding("ok")]}
    form = form_of(open_choice)
    found = judged(form, item("hurt", {"valueString": said}))
    assert bool(found.answers) is bool(score(form, found.answers).urgent) is told


def test_an_option_chosen_twice_is_told() -> None:
    form = form_of(HURT | {"repeats": True})
    for twice in ("hurt", "ok", "none"):
        checked = judged(form, item("hurt", *[coding(twice)] * 2))
        [problem] = checked.problems
        assert (problem.severity, problem.code) == ("warning", "duplicate")
        assert "chosen twice" in problem.message
    both = judged(form, item("hurt", coding("ok"), coding("hurt")))
    assert both.problems == ()


def weighted(link_id: str, **more: Any) -> dict[str, Any]:
    weight = {"url": f"{CORE}/itemWeight", "valueDecimal": 2}
    option = {**coding("low"), "extension": [weight]}
    return {"linkId": link_id, "type": "choice", "repeats": True, "answerOption": [option], **more}


def test_a_total_counts_an_option_each_time_it_is_there() -> None:
    low = item("low", coding("low"), coding("low"))
    assert score_report(form_of(weighted("low")), response_of(low))["scores"] == {"low": 4}
    rows = form_of(group("row", weighted("low"), repeats=True))
    row = {"linkId": "row", "item": [item("low", coding("low"))]}
    assert score_report(rows, response_of(row, row))["scores"] == {"low": 4}
