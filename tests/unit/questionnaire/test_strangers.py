"""Forms and responses of strangers: what R4 allows is let pass, what it does not is named."""

import math
from typing import Any

import pytest

from template_service.questionnaire import checks, enabling, occurrences, pruning
from template_service.questionnaire.conditions import without_disabled
from template_service.questionnaire.definition import QuestionnaireError, compile_questionnaire
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.validation import Checked, validate
from template_service.questionnaire.values import read_value

CORE = "http://hl7.org/fhir/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire"

Json = dict[str, Any]


def fhirpath(expression: str) -> Json:
    return {"valueExpression": {"language": "text/fhirpath", "expression": expression}}


def calculated(expression: str) -> Json:
    return {"url": f"{SDC}-calculatedExpression", **fhirpath(expression)}


def enabled_if(expression: str) -> Json:
    return {"url": f"{SDC}-enableWhenExpression", **fhirpath(expression)}


def asks(link_id: str, kind: str = "string", *inside: Json, **more: Any) -> Json:
    return {"linkId": link_id, "type": kind, **({"item": list(inside)} if inside else {}), **more}


def when(question: str, operator: str = "exists", **answer: Any) -> list[Json]:
    answer = answer or {"answerBoolean": True}
    return [{"question": question, "operator": operator, **answer}]


def item(link_id: str, *answers: Json, **more: Any) -> Json:
    return {"linkId": link_id, **({"answer": list(answers)} if answers else {}), **more}


def text(value: str) -> Json:
    return {"valueString": value}


def form_of(*items: Json, **head: Any) -> Form:
    return compile_questionnaire(
        {"resourceType": "Questionnaire", "url": "urn:q", "item": list(items), **head}
    )


def response_of(*items: Any, **head: Any) -> Json:
    named = {"questionnaire": "urn:q", "status": "completed", **head}
    inside = {"item": list(items)} if items else {}
    return {"resourceType": "QuestionnaireResponse", **named, **inside}


def judged(form: Form, *items: Any, **head: Any) -> Checked:
    return validate(form, response_of(*items, **head))


def said(checked: Checked) -> set[tuple[str, str, str | None]]:
    return {(each.severity, each.code, each.link_id) for each in checked.problems}


SCORE = asks("score", "integer", extension=[calculated("5")])
MORE_THAN_3 = when("score", ">", answerInteger=3)


def test_a_condition_on_a_calculated_item_reads_the_value_the_response_carries() -> None:
    form = form_of(SCORE, asks("why", enableWhen=MORE_THAN_3, required=True))
    high, low = item("score", {"valueInteger": 5}), item("score", {"valueInteger": 2})

    assert judged(form, high, item("why", text("x"))).problems == ()
    assert said(judged(form, high)) == {("error", "required", "why")}
    assert judged(form, low).problems == ()
    assert said(judged(form, low, item("why", text("x")))) == {("error", "business-rule", "why")}


@pytest.mark.parametrize(
    "answer",
    [
        {"item": [item("inner", text("x"))]},
        {"extension": [{"url": f"{CORE}/data-absent-reason", "valueCode": "asked-declined"}]},
        {"_valueString": {"extension": [{"url": "urn:x", "valueBoolean": True}]}},
    ],
)
def test_an_answer_may_have_no_value(answer: Json) -> None:
    form = form_of(asks("outer", "string", asks("inner")))

    assert judged(form, item("outer", answer)).problems == ()


def test_an_answer_without_a_value_answers_no_required_question_and_no_group() -> None:
    form = form_of(asks("outer", "string", asks("inner"), required=True), asks("g", "group"))
    nested = {"item": [item("inner", text("x"))]}

    assert judged(form, item("outer", text("x")), item("g", nested)).errors
    assert judged(form_of(asks("d", "display")), item("d", {"extension": []})).errors


@pytest.mark.parametrize(
    ("human", "message"),
    [
        ({"valueMarkdown": "Not so."}, "'q': Not so."),
        ({}, "'q': Rule 'k' does not hold."),
        ({"valueCode": 5}, "'q': Rule 'k' does not hold."),
    ],
)
def test_a_rule_may_say_itself_in_markdown_or_not_at_all(human: Json, message: str) -> None:
    parts = [
        {"url": "key", "valueId": "k"},
        {"url": "expression", "valueString": "answer.value = 'x'"},
        {"url": "human", **human},
    ]
    rule = {"url": f"{CORE}/questionnaire-constraint", "extension": parts}

    [problem] = judged(form_of(asks("q", extension=[rule])), item("q", text("y"))).problems

    assert (problem.code, problem.message) == ("invariant", message)


def bounded(link_id: str, expression: str) -> Json:
    bound = {"url": f"{CORE}/cqf-calculatedValue", **fhirpath(expression)}
    least = {"url": f"{CORE}/minValue", "_valueInteger": {"extension": [bound]}}
    return asks(link_id, "integer", extension=[least])


@pytest.mark.parametrize("answer", [5, True, "x", {"a": 1}, None, [None]])
def test_an_answer_that_is_no_list_is_named_beside_a_calculated_bound(answer: Any) -> None:
    assert judged(form_of(bounded("b", "5")), {"linkId": "b", "answer": answer}).errors


def test_a_calculated_bound_tells_no_answer() -> None:
    form = form_of(
        asks("a", "integer"), bounded("b", "%resource.item.where(linkId='a').answer.value")
    )

    [problem] = judged(
        form, item("a", {"valueInteger": 77}), item("b", {"valueInteger": 3})
    ).problems

    assert (problem.severity, problem.code, problem.link_id) == ("error", "value", "b")
    assert "77" not in problem.message


@pytest.mark.parametrize("size", [math.inf, -math.inf, math.nan, 10**400, -1, 0.5])
def test_a_size_that_is_none_limits_nothing(size: float) -> None:
    most = {"url": f"{CORE}/maxSize", "valueDecimal": size}
    form = form_of(asks("file", "attachment", extension=[most]))
    file = {"valueAttachment": {"url": "https://x.y/z", "size": 5_000_000}}

    assert judged(form, item("file", file)).errors == ()


@pytest.mark.parametrize("expression", ["%nothing.exists()", "1/", "('a'.lower"])
def test_what_may_not_be_asked_for_is_not_demanded(expression: str) -> None:
    asked = asks("why", required=True, extension=[enabled_if(expression)])
    form = form_of(asked, asks("then", required=True, enableWhen=when("why")), asks("else"))

    missing = judged(form)

    assert missing.errors == ()
    assert ("warning", "required", "why") in said(missing)
    assert ("warning", "not-supported", "why") in said(missing)
    assert ("error", "required", "else") in said(judged(form_of(asks("else", required=True))))


def test_what_a_condition_in_another_language_asks_for_is_not_demanded() -> None:
    cql = {"language": "text/cql", "expression": "X"}
    by_cql = {"url": f"{SDC}-enableWhenExpression", "valueExpression": cql}
    form = form_of(asks("why", required=True, extension=[by_cql]))

    assert said(judged(form)) == {("warning", "required", "why")}


def coded(number: int) -> Json:
    return {"valueCoding": {"system": "urn:s", "code": f"c{number}"}}


def many_conditions(operator: str, *, repeats: bool) -> tuple[Form, Json]:
    """50 items with 4 conditions each, none of which holds, on a question with 200 answers."""
    question = asks("q", "choice", repeats=True, answerValueSet="https://x.y/v")
    conditions = [
        when("q", operator, answerCoding={"system": "urn:s", "code": f"{operator}{number}"})[0]
        for number in range(4)
    ]
    asked = [asks(f"a{n}", enableWhen=conditions, enableBehavior="any") for n in range(50)]
    form = form_of(question, asks("g", "group", *asked, repeats=repeats))
    answers = item("q", *(coded(number) for number in range(200)))
    return form, response_of(answers, item("g", item=[item(f"a{n}", text("x")) for n in range(50)]))


@pytest.mark.parametrize("repeats", [False, True])
def test_answers_are_read_once_for_all_conditions(
    repeats: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, response = many_conditions("=", repeats=repeats)
    read: list[Item] = []

    def counted(asked: Item, answer: Json) -> Any:
        read.append(asked)
        return read_value(asked, answer)

    monkeypatch.setattr(occurrences, "read_value", counted)
    kept, dropped = without_disabled(form, response)
    checked = validate(form, response)

    assert len(dropped) == len(checked.errors) == 50
    assert kept["item"][1:] == [item("g")]
    # Two rounds of leaving out, one of checking.
    assert len(read) <= 3 * (200 + 50)


def test_what_too_many_answers_leave_untold_is_lost_by_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    form, response = many_conditions("!=", repeats=True)
    monkeypatch.setattr(enabling, "WORK_LIMIT", 3_000)

    kept, problems = without_disabled(form, response)
    checked = validate(form, response)

    assert kept == response
    assert [(each.severity, each.code) for each in problems] == [("warning", "too-costly")]
    assert checked.errors == ()
    assert {each.code for each in checked.problems} >= {"not-supported"}


def chain(length: int) -> tuple[Form, Json]:
    """Each item is asked when the one before is answered; the first never is."""
    first = asks("i0", extension=[enabled_if("false")])
    others = [
        asks(
            f"i{n}",
            extension=[enabled_if(f"%resource.item.where(linkId='i{n - 1}').answer.exists()")],
        )
        for n in range(1, length)
    ]
    return form_of(first, *others), response_of(*(item(f"i{n}", text("x")) for n in range(length)))


def test_however_long_a_chain_of_expressions_nothing_disabled_is_left() -> None:
    form, response = chain(60)

    kept, dropped = without_disabled(form, response)

    assert "item" not in kept
    assert len(dropped) == 60
    assert validate(form, kept).problems == ()


def test_it_is_said_when_disabled_answers_may_be_left(monkeypatch: pytest.MonkeyPatch) -> None:
    form, response = chain(20)
    monkeypatch.setattr(pruning, "WORK_LIMIT", 100)

    kept, problems = without_disabled(form, response)

    assert kept["item"]
    assert [each.code for each in problems if each.severity == "warning"] == ["too-costly"]


def test_a_value_set_that_is_nowhere_is_asked_for_codes_only() -> None:
    form = form_of(asks("q", "open-choice", answerValueSet="https://example.org/ValueSet/x"))

    assert judged(form, item("q", text("my own words"))).errors == ()
    assert said(judged(form, item("q", coded(1)))) >= {("error", "not-found", "q")}


@pytest.mark.parametrize(("total", "code"), [(1, "code-invalid"), (2, "not-supported")])
def test_a_page_of_an_expansion_is_not_the_whole_value_set(total: int, code: str) -> None:
    contains = [{"system": "urn:s", "code": "c1", "display": "One"}]
    expansion = {"total": total, "contains": contains}
    value_set = {"resourceType": "ValueSet", "id": "v", "expansion": expansion}
    form = form_of(asks("q", "choice", answerValueSet="#v"), contained=[value_set])

    assert {each.code for each in judged(form, item("q", coded(2))).problems} == {code}


def test_an_option_with_a_text_alone_is_let_pass_with_a_warning() -> None:
    options = [{"valueCoding": {"display": "Yes"}}, coded(1)]
    form = form_of(asks("q", "choice", answerOption=options))

    assert [(each.severity, each.code) for each in form.problems] == [("warning", "required")]
    assert [option.code for option in form.items["q"].options] == ["c1"]


def test_units_of_a_value_set_are_read_once_for_all_items(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[int] = []
    units_of = checks.units_of

    def counted(offered: Any) -> checks.Units:
        read.append(len(offered))
        return units_of(offered)

    monkeypatch.setattr(checks, "units_of", counted)
    concepts = [{"code": f"u{number}"} for number in range(200)]
    compose = {"include": [{"system": "urn:u", "concept": concepts}]}
    value_set = {"resourceType": "ValueSet", "id": "v", "compose": compose}
    offers = {"url": f"{CORE}/questionnaire-unitValueSet", "valueCanonical": "#v"}
    own = {
        "url": f"{CORE}/questionnaire-unitOption",
        "valueCoding": {"system": "urn:u", "code": "own"},
    }
    asked = [asks(f"q{n}", "quantity", extension=[offers, own]) for n in range(100)]
    form = form_of(*asked, contained=[value_set])

    assert sum(read) <= 200 + 100
    for unit, codes in (("own", set()), ("u199", set()), ("u200", {"code-invalid"})):
        amount = {"valueQuantity": {"value": 1, "system": "urn:u", "code": unit}}
        found = judged(form, item("q7", amount)).problems
        assert {each.code for each in found} == codes


SCRIPT = "<div><script>x</script></div>"


@pytest.mark.parametrize(
    ("head", "place"),
    [
        ({"contained": 5}, "contained"),
        ({"contained": []}, "contained"),
        ({"contained": [5]}, "contained"),
        ({"contained": [{}]}, "contained"),
        ({"_status": 5}, "_status"),
        ({"_authored": {"id": 5}}, "_authored"),
        ({"_item": {"id": "x"}}, None),
        ({"author": {"reference": "Observation/1"}}, "author"),
        ({"source": {"reference": "Device/1"}}, "source"),
        ({"source": {"type": "Organization", "display": "x"}}, "source"),
        ({"encounter": {"reference": "https://x.y/fhir/Patient/1"}}, "encounter"),
        ({"text": {"status": "generated", "div": "plain"}}, "text"),
        ({"text": {"status": "generated", "div": SCRIPT}}, "text"),
        ({"text": {"status": "generated", "div": "<div><p onclick='x()'>a</p></div>"}}, "text"),
        ({"text": {"status": "generated", "div": "<div><IFRAME src='x'/></div>"}}, "text"),
        ({"text": {"status": "generated", "div": "<div><a href='javascript:x'/></div>"}}, "text"),
    ],
)
def test_what_the_head_may_not_hold_is_named(head: Json, place: str | None) -> None:
    [problem] = judged(form_of(), **head).problems

    assert problem.severity == "error"
    assert problem.expression == "QuestionnaireResponse" + (f".{place}" if place else "")


@pytest.mark.parametrize(
    "head",
    [
        {"contained": [{"resourceType": "Patient", "id": "p"}], "source": {"reference": "#p"}},
        {"_status": {"id": "x"}},
        {"author": {"reference": "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7"}},
        {"author": {"reference": "Device/1"}, "source": {"reference": "https://x.y/Patient/1"}},
        {"text": {"status": "generated", "div": "<div><p>on = 1, script</p></div>"}},
    ],
)
def test_what_the_head_may_hold_is_let_pass(head: Json) -> None:
    assert judged(form_of(), **head).problems == ()


@pytest.mark.parametrize(
    "node",
    [
        {"linkId": "q", "_text": "x"},
        {"linkId": "q", "_linkId": 5},
        {"linkId": "q", "_answer": [{}]},
        {"linkId": "q", "modifierExtension": 7},
        {"linkId": "q", "answer": [{"_valueString": 5}]},
        {"linkId": "q", "answer": [{"valueString": "a", "_valueString": "b"}]},
        {"linkId": "q", "answer": [{"valueString": "a", "_valueCoding": {"id": "b"}}]},
    ],
)
def test_what_items_and_answers_may_not_hold_is_named(node: Json) -> None:
    assert "structure" in {each.code for each in judged(form_of(asks("q")), node).errors}


@pytest.mark.parametrize("entries", [5, {}, "x", {"question": "q"}])
def test_a_condition_that_is_no_list_is_refused(entries: Any) -> None:
    with pytest.raises(QuestionnaireError, match="enableWhen must be a list"):
        form_of(asks("q"), asks("then", enableWhen=entries))


def test_a_condition_on_what_is_never_answered_is_warned_of() -> None:
    form = form_of(asks("g", "group", asks("q")), asks("then", enableWhen=when("g")))

    [problem] = form.problems
    assert (problem.severity, problem.link_id) == ("warning", "then")


def test_a_version_that_the_questionnaire_does_not_have_is_said_plainly() -> None:
    [problem] = judged(form_of(), questionnaire="urn:q|1").problems

    assert (problem.severity, problem.code) == ("error", "conflict")
    assert "None" not in problem.message


GENERAL = asks("last", "group", asks("x", required=True), repeats=True)


@pytest.mark.parametrize("more", [(), (GENERAL,)], ids=["simple", "general"])
@pytest.mark.parametrize(
    ("given_items", "place"),
    [
        ([item("outer", text("x"))], ".item[0].answer[0]"),
        ([item("outer", {"valueString": "x", "item": [item("g")]})], ".item[0].answer[0].item[0]"),
    ],
)
def test_a_missing_answer_has_the_nearest_place_that_is_there(
    given_items: list[Json], place: str, more: tuple[Json, ...]
) -> None:
    inner = asks("g", "group", asks("h", "group", asks("inner", required=True)))
    form = form_of(asks("outer", "string", inner), *more)

    [problem] = judged(form, *given_items).problems

    assert form.simple is not bool(more)
    assert problem.expression == f"QuestionnaireResponse{place}"


@pytest.mark.parametrize("more", [(), (GENERAL,)], ids=["simple", "general"])
def test_every_place_of_a_disabled_item_is_named(more: tuple[Json, ...]) -> None:
    asked = asks("a", enableWhen=when("q"))
    form = form_of(asks("q"), asks("g", "group", asked, asks("b"), repeats=True), *more)
    answered = item("g", item=[item("a", text("x"))])
    other = item("g", item=[item("b", text("x"))])

    found = judged(form, answered, other, answered).errors

    assert form.simple is not bool(more)
    assert [each.expression for each in found] == [
        "QuestionnaireResponse.item[0].item[0]",
        "QuestionnaireResponse.item[2].item[0]",
    ]


@pytest.mark.parametrize("name", ["questionnaire-minOccurs", "questionnaire-maxOccurs"])
@pytest.mark.parametrize("count", [10**400, -1])
def test_a_number_of_answers_that_is_none_demands_nothing(name: str, count: int) -> None:
    demand = {"url": f"{CORE}/{name}", "valueInteger": count}
    form = form_of(asks("q", repeats=True, extension=[demand]))

    assert [each.severity for each in form.problems] == ["warning"]
    assert judged(form, item("q", text("x"))).problems == ()
