"""The "don't know" trap is found by trying, and only where it is."""

import copy
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from template_service.questionnaire.checking.check import check
from template_service.questionnaire.problems import Problem
from tests.unit.questionnaire.checking.conftest import (
    SYSTEM,
    Json,
    coded,
    expression,
    item,
    questionnaire,
)

WEIGHT = "http://hl7.org/fhir/StructureDefinition/itemWeight"
OFTEN, NEVER, REFUSED = coded("often"), coded("never", "Never true"), coded("dk", "Don't know")
RISK = [coded("at-risk", "At risk"), coded("no-risk", "No risk")]


def trapped(problems: Iterable[Problem]) -> list[Problem]:
    return [one for one in problems if "although the question is then unanswered" in one.message]


def question(link_id: str, *options: Json) -> Json:
    return item(link_id, "choice", answerOption=list(options or (OFTEN, NEVER, REFUSED)))


def result(text: str, kind: str = "choice", **more: Any) -> Json:
    options = {"answerOption": RISK} if kind == "choice" else {}
    calculated = expression("calculatedExpression", text)
    return item("risk", kind, readOnly=True, extension=[calculated], **options, **more)


def code_of(link_id: str) -> str:
    return f"%resource.item.where(linkId='{link_id}').answer.value.code"


def risk(code: str) -> str:
    return f"%questionnaire.item.where(linkId='risk').answerOption.valueCoding.where(code='{code}')"


def either(then: str, otherwise: str) -> str:
    return f"iif({code_of('a')} = 'often' or {code_of('b')} = 'often', {then}, {otherwise})"


def found(*items: Json, **more: Any) -> list[Problem]:
    return trapped(check(questionnaire(*items, **more)))


@pytest.fixture
def gravity(shared: Path) -> Json:
    """The Hunger Vital Sign as the Gravity Project publishes it."""
    name = "Questionnaire-SDOHCC-QuestionnaireHungerVitalSign.json"
    text = (shared / "data" / "fhir" / "sdoh" / name).read_text(encoding="utf-8")
    resource: Json = json.loads(text)
    return resource


def test_the_gravity_expression_is_caught(gravity: Json) -> None:
    problems = trapped(check(gravity))
    assert [(one.severity, one.link_id) for one in problems] == [("warning", "/88124-3")] * 2
    for one, asked in zip(problems, ("/88122-7", "/88123-5"), strict=True):
        assert one.expression == "Questionnaire.item[2]"
        assert f"'Don't know/refused' to '{asked}' gives 'No risk'" in one.message
        assert "'Never true'" in one.message


def test_the_corrected_gravity_expression_is_not(gravity: Json) -> None:
    variables = [each["valueExpression"] for each in gravity["extension"][:5]]
    assert variables[4]["name"] == "answeredEitherQ"
    variables[4]["expression"] = (
        "%riskStatus or (%worriedAnsCode = 'LA28398-8' and %ranOutAnsCode = 'LA28398-8')"
    )
    assert trapped(check(gravity)) == []


def test_it_is_not_found_by_the_name_of_an_expression(gravity: Json) -> None:
    text = json.dumps(gravity)
    for old in ("worriedAnsCode", "ranOutAnsCode", "riskStatus", "answeredEitherQ"):
        text = text.replace(old, f"v{abs(hash(old))}")
    assert len(trapped(check(json.loads(text)))) == 2


SAFE = (
    f"iif({code_of('a')} = 'often' or {code_of('b')} = 'often', {risk('at-risk')}, "
    f"iif({code_of('a')} = 'never' and {code_of('b')} = 'never', {risk('no-risk')}, {{}}))"
)
HALF = (
    f"iif({code_of('a')} = 'often' or {code_of('b')} = 'often', {risk('at-risk')}, "
    f"iif({code_of('a')} = 'never' or {code_of('b')} = 'never', {risk('no-risk')}, {{}}))"
)

# Only where both are left open does this take them for a "no".
EQUAL = (
    f"iif({code_of('a')} = 'often' or {code_of('b')} = 'often', {risk('at-risk')}, "
    f"iif({code_of('a')} = {code_of('b')}, {risk('no-risk')}, {{}}))"
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (either(risk("at-risk"), risk("no-risk")), "choice"),
        (HALF, "choice"),
        (EQUAL, "choice"),
        (f"{code_of('a')} = 'often' or {code_of('b')} = 'often'", "boolean"),
        (f"({code_of('a')} | {code_of('b')}).where($this = 'often').exists().not()", "boolean"),
        (f"iif({code_of('a')} = 'often', 1, 0) + iif({code_of('b')} = 'often', 1, 0)", "integer"),
    ],
)
def test_other_ways_into_the_trap(text: str, kind: str) -> None:
    problems = found(question("a"), question("b"), result(text, kind))
    assert {one.link_id for one in problems} == {"risk"}
    assert any("to 'a'" in one.message for one in problems)
    assert any("to 'b'" in one.message for one in problems)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (SAFE, "choice"),
        # "Don't know" counts as a risk: cautious, and not a "no".
        (f"{code_of('a')} != 'never' or {code_of('b')} != 'never'", "boolean"),
        # Says only that something was answered.
        (f"{code_of('a')}.exists() and {code_of('b')}.exists()", "boolean"),
        ("%resource.item.where(linkId='a').answer.count()", "integer"),
        ("%resource.item.count()", "integer"),
        ("today().toString()", "string"),
        (f"{code_of('a')}.single().length()", "integer"),
    ],
)
def test_what_is_no_trap(text: str, kind: str) -> None:
    assert found(question("a"), question("b"), result(text, kind)) == []


def test_where_nothing_says_which_answer_is_a_no_none_is_blamed() -> None:
    options = (coded("north"), coded("south"), coded("dk", "Don't know"))
    text = f"iif({code_of('a')} = 'north', 'cold', 'warm')"
    assert found(question("a", *options), result(text, "string")) == []


def weighted(code: str, weight: int | None) -> Json:
    option = coded(code)
    if weight is not None:
        option["extension"] = [{"url": WEIGHT, "valueDecimal": weight}]
    return option


SUM = "%resource.item.where(linkId='a' or linkId='b').answer.value.weight().sum()"
BOTH = (
    "%resource.item.where(linkId='a').answer.value.weight() + "
    "%resource.item.where(linkId='b').answer.value.weight()"
)


def test_an_option_without_a_weight_beside_weighted_ones_is_no_nought() -> None:
    options = (weighted("much", 2), weighted("little", 1), weighted("nil", 0), weighted("x", None))
    questions = (question("a", *options), question("b", *options))
    [first, second] = found(*questions, result(SUM, "integer"))
    assert "The answer 'X' to 'a' gives '0', just as 'Nil' does" in first.message
    assert "to 'b'" in second.message
    assert found(*questions, result(BOTH, "integer")) == []


def test_a_weight_given_to_it_is_meant() -> None:
    options = (weighted("much", 1), weighted("nil", 0), weighted("declined", 0))
    [problem] = found(question("a", *options), result(SUM.replace(" or linkId='b'", ""), "integer"))
    assert problem.severity == "information"


@pytest.mark.parametrize(
    "option",
    [
        coded("x", "Prefer not to say"),
        coded("x", "I choose not to answer this question"),
        coded("x", "Unsure"),
        coded("x", "I don’t know"),
        coded("x", "Patient declined"),
        {
            "valueCoding": {
                "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
                "code": "asked-declined",
                "display": "No sabe",
            }
        },
        {
            "valueCoding": {
                "system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
                "code": "ASKU",
                "display": "X",
            }
        },
    ],
)
def test_options_that_leave_a_question_open_are_known(option: Json) -> None:
    text = f"{code_of('a')} = 'often'"
    assert len(found(question("a", OFTEN, NEVER, option), result(text, "boolean"))) == 1
    assert found(question("a", OFTEN, NEVER), result(text, "boolean")) == []


def test_the_words_of_the_options_need_not_be_english() -> None:
    options = (coded("often", "A menudo"), coded("never", "Jamás"), coded("UNK", "No lo sé"))
    unknown = copy.deepcopy(options[2])
    unknown["valueCoding"]["system"] = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
    text = either(risk("at-risk"), risk("no-risk"))
    problems = found(
        question("a", *options[:2], unknown), question("b", *options[:2], unknown), result(text)
    )
    assert len(problems) == 2
    assert SYSTEM not in problems[0].message


def test_a_group_looks_at_its_own_answers() -> None:
    variables = [expression("variable", "item.where(linkId='a').answer.value.code", "own")]
    calculated = result("%own = 'often'", "boolean")
    group = item("g", "group", item=[question("a"), calculated], extension=variables)
    [problem] = found(group)
    assert "to 'a' gives false" in problem.message


def test_variables_and_groups_are_followed() -> None:
    variables = [expression("variable", "%resource.descendants().where(linkId='a')", "asked")]
    group = item("g", "group", item=[question("a")])
    text = "%asked.answer.value.code = 'often'"
    [problem] = found(group, result(text, "boolean"), extension=variables)
    assert "to 'a' gives false" in problem.message


@pytest.mark.parametrize(
    "words",
    [
        *("Unable to answer", "Patient refuses", "I don't want to answer", "Didn't answer"),
        *("Cannot remember", "Can't recall", "Skip", "Not asked", "Undecided", "N/A"),
    ],
)
def test_other_words_for_no_answer(words: str) -> None:
    text = f"{code_of('a')} = 'often'"
    options = (OFTEN, NEVER, coded("x", words))
    assert len(found(question("a", *options), result(text, "boolean"))) == 1


@pytest.mark.parametrize(
    "words", ["I refused surgery", "No answer needed", "Not known to have allergies"]
)
def test_answers_that_only_sound_like_none(words: str) -> None:
    text = f"{code_of('a')} = 'often'"
    options = (OFTEN, NEVER, coded("x", words))
    assert found(question("a", *options), result(text, "boolean")) == []


def test_a_question_that_is_unclear_does_not_hide_the_others() -> None:
    place = (coded("north"), coded("south"), coded("dk", "Don't know"))
    text = f"iif({code_of('a')} = 'often' or {code_of('b')} = 'often', 'Strain', 'Other')"
    problems = found(question("a"), question("b", *place), result(text, "string"))
    assert len(problems) == 1
    assert "to 'a'" in problems[0].message


def test_good_news_without_a_no() -> None:
    hard = (coded("very", "Very hard"), coded("some", "Somewhat hard"), coded("easy", "Easy"))
    text = f"iif({code_of('a')} in ('very' | 'some'), 'Strain', 'Fine')"
    asked = question("a", *hard, coded("r", "Refused"))
    assert len(found(asked, result(text, "string"))) == 1


def test_a_question_for_which_no_is_bad_news() -> None:
    asked = question("a", coded("y", "Yes"), coded("n", "No"), REFUSED)
    [problem] = found(asked, result(f"{code_of('a')} = 'n'", "boolean"))
    assert "just as 'Yes' does" in problem.message


def unknown(*items: Json) -> list[Problem]:
    problems = check(questionnaire(*items))
    return [one for one in problems if "With no question answered" in one.message]


def test_good_news_about_nobody() -> None:
    options = (weighted("much", 3), weighted("nil", 0))
    questions = (question("a", *options), question("b", *options))
    text = f"iif({SUM} >= 3, 'At risk', 'Low risk')"
    [problem] = unknown(*questions, result(text, "string"))
    assert (problem.severity, "'Low risk'" in problem.message) == ("warning", True)
    required = [each | {"required": True} for each in questions]
    assert unknown(*required, result(text, "string")) == []
    assert unknown(*questions, result(f"iif({SUM} >= 0, 'Somewhere', {{}})", "string")) == []
    assert unknown(*questions, result(SUM, "integer")) == []


def lacking(*items: Json) -> list[Problem]:
    problems = check(questionnaire(*items))
    return [one for one in problems if "as if they counted nothing" in one.message]


MUCH_OR_NIL = (weighted("much", 3), weighted("nil", 0))
ASKED = (question("a", *MUCH_OR_NIL), question("b", *MUCH_OR_NIL))
COUNT = "%resource.item.where(linkId='a' or linkId='b').answer.count()"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (SUM, "integer"),
        (SUM.replace("weight", "ordinal"), "decimal"),
        ("%resource.answers().value.weight().sum()", "integer"),
        (f"iif({SUM} > 2, 'Band two', 'Band one')", "string"),
        (f"{SUM} >= 3", "boolean"),
        (f"iif({code_of('a')} = 'much', 1, 0) + iif({code_of('b')} = 'much', 1, 0)", "integer"),
        (f"iif({COUNT} > 0, {SUM}, {{}})", "integer"),
    ],
)
def test_a_total_that_leaves_open_questions_out(text: str, kind: str) -> None:
    [problem] = lacking(*ASKED, result(text, kind))
    assert (problem.severity, problem.link_id) == ("warning", "risk")
    assert "With 'b' left out" in problem.message


@pytest.mark.parametrize("kind", ["integer", "decimal"])
def test_a_total_of_numbers_that_leaves_open_questions_out(kind: str) -> None:
    numbers = (item("a", kind), item("b", kind))
    values = "%resource.item.where(linkId in ('a' | 'b')).answer.value"
    assert len(lacking(*numbers, result(f"{values}.sum()", kind))) == 1
    both = " + ".join(f"%resource.item.where(linkId='{each}').answer.value" for each in "ab")
    assert lacking(*numbers, result(both, kind)) == []
    assert lacking(*numbers, result(f"{values}.count()", "integer")) == []


def test_a_total_of_one_question_that_may_be_left_out() -> None:
    asked = (ASKED[0] | {"required": True}, ASKED[1])
    assert len(lacking(*asked, result(SUM, "integer"))) == 1


REQUIRED = tuple(each | {"required": True} for each in ASKED)
ON_A = {"enableWhen": [{"question": "a", "operator": "exists", "answerBoolean": True}]}


@pytest.mark.parametrize(
    "items",
    [
        (*ASKED, result(BOTH, "integer")),
        (*ASKED, result(COUNT, "integer")),
        # The author says how many may be missing.
        (*ASKED, result(f"iif({COUNT} > 1, {SUM}, {{}})", "integer")),
        (*REQUIRED, result(SUM, "integer")),
        # Who is not asked something is missing nothing.
        (REQUIRED[0], ASKED[1] | ON_A, result(SUM, "integer")),
        (*ASKED, result(SUM, "integer") | {"text": "Total of the questions answered"}),
        (*ASKED, result(SUM, "integer", **ON_A)),
    ],
    ids=["all needed", "a count", "a minimum", "required", "conditional", "said", "its condition"],
)
def test_a_total_that_says_what_it_is_of(items: tuple[Json, ...]) -> None:
    assert lacking(*items) == []
