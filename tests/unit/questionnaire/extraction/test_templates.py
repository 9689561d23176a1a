"""Template-based extraction, rule by rule (SDC 4, "Form Data Extraction")."""

import copy
from typing import Any

import pytest

from tests.unit.questionnaire.extraction.making import (
    Json,
    answer,
    each,
    group,
    inside,
    item,
    part,
    questionnaire,
    resources,
    response,
    run,
    sdc,
    takes,
    template,
    told,
)

RED = {"system": "https://example.org/colours", "code": "red"}
BLUE = {"system": "https://example.org/colours", "code": "blue"}
HOLLOW = "The context finds something, but no expression inside does; it is left out."


def form(**content: Any) -> Json:
    """A group with a text, a number and colours, filled into a Basic of this content."""
    filled = {"resourceType": "Basic", "id": "made", "code": {"text": "x"}, **content}
    questions = [
        item("text", "string", repeats=True),
        item("number", "decimal"),
        item("colours", "open-choice", repeats=True, answerValueSet="https://example.org/vs"),
    ]
    return questionnaire(group("g", template("made"), item=questions), contained=[filled])


def given(*items: Json) -> Json:
    return response(inside("g", *items))


TEXTS = answer("text", {"valueString": "one"}, {"valueString": "two"})
COLOURS = answer("colours", {"valueCoding": RED}, {"valueString": "pink"}, {"valueCoding": BLUE})


@pytest.mark.parametrize(
    ("content", "made"),
    [
        ({"_language": takes("'en'")}, {"language": "en"}),
        ({"language": "de", "_language": takes("'en'")}, {"language": "en"}),
        ({"language": "de", "_language": takes("{}")}, {}),
        ({"language": "de"}, {"language": "de"}),
        (
            {"text": {"_div": takes("item.where(linkId='text').answer.value.first()")}},
            {"text": {"div": "one"}},
        ),
        (
            {"note": [{"_text": takes("item.where(linkId='text').answer.value.last()")}]},
            {"note": [{"text": "two"}]},
        ),
        (
            {"word": ["zero"], "_word": [None, takes("item.where(linkId='text').answer.value")]},
            {"word": ["zero", "one", "two"]},
        ),
        ({"_word": [takes("item.where(linkId='none').answer.value")]}, {}),
        (
            {"coding": [takes("item.where(linkId='colours').answer.value.ofType(Coding)")]},
            {"coding": [RED, BLUE]},
        ),
        (
            {"coding": [{**takes("item.answer.value.ofType(Coding).first()"), "display": "R"}]},
            {"coding": [{"display": "R", **RED}]},
        ),
        (
            {
                "author": each(
                    "%resource.subject", display="who", _reference=takes("$this.reference")
                )
            },
            {"author": {"display": "who", "reference": "Patient/1"}},
        ),
        ({"author": {"_reference": takes("%resource.encounter.reference")}}, {}),
        (
            {"number": 1.5, "flag": False, "list": [1, 2]},
            {"number": 1.5, "flag": False, "list": [1, 2]},
        ),
        (
            {"extension": [{"url": "u", "_valueString": takes("'v'")}]},
            {"extension": [{"url": "u", "valueString": "v"}]},
        ),
        (
            {
                "_language": {
                    "extension": [{"url": "u", "valueCode": "c"}, *takes("'en'")["extension"]]
                }
            },
            {"language": "en", "_language": {"extension": [{"url": "u", "valueCode": "c"}]}},
        ),
    ],
)
def test_an_element_becomes_what_its_expression_finds(content: Json, made: Json) -> None:
    extraction = run(form(**content), given(TEXTS, COLOURS))

    assert told(extraction) == []
    assert resources(extraction) == [{"resourceType": "Basic", "code": {"text": "x"}, **made}]


def test_a_context_makes_one_element_for_each_thing_and_keeps_its_type() -> None:
    reasons = each(
        "item.where(linkId='colours').answer.value",
        coding=[takes("ofType(Coding)")],
        _text=takes("ofType(string)"),
    )

    extraction = run(form(reason=[reasons]), given(COLOURS))

    assert told(extraction) == []
    assert resources(extraction)[0]["reason"] == [
        {"coding": [RED]},
        {"text": "pink"},
        {"coding": [BLUE]},
    ]


def test_contexts_nest_and_a_named_one_is_a_variable() -> None:
    expression = {
        "name": "colour",
        "language": "text/fhirpath",
        "expression": "item.where(linkId='colours').answer.value.ofType(Coding)",
    }
    outer = {
        "extension": [sdc("templateExtractContext", valueExpression=expression)],
        "inner": [each("%resource.subject", _of=takes("%colour.code"), _who=takes("reference"))],
    }

    extraction = run(form(outer=[outer]), given(COLOURS))

    assert resources(extraction)[0]["outer"] == [
        {"inner": [{"of": "red", "who": "Patient/1"}]},
        {"inner": [{"of": "blue", "who": "Patient/1"}]},
    ]


@pytest.mark.parametrize(
    ("content", "made", "severity", "message"),
    [
        (
            {"_word": takes("item.answer.value.ofType(string)")},
            {},
            "error",
            "finds 3 values",
        ),
        ({"coding": [takes("'text'")]}, {}, "error", "gives no object"),
        ({"_word": takes("%resource.subject")}, {}, "error", "gives an object where one value"),
        ({"_word": takes("item.where(")}, {}, "error", "cannot be parsed"),
        ({"_word": takes("%patient.id")}, {}, "error", "There is no %patient here."),
        ({"word": each("%patient", a=1)}, {}, "error", "There is no %patient here."),
        ({"word": each("%resource.subject", _a=takes("{}"))}, {}, "warning", HOLLOW),
        ({"word": [[1]]}, {}, "error", "A list stands directly in a list"),
        (
            {
                "_word": {
                    "extension": [
                        sdc("templateExtractValue", valueExpression={"language": "text/cql"})
                    ]
                }
            },
            {},
            "error",
            "Expressions in CQL are not supported",
        ),
    ],
)
def test_what_cannot_be_filled_is_told_with_its_place(
    content: Json, made: Json, severity: str, message: str
) -> None:
    extraction = run(form(**content), given(TEXTS, COLOURS))

    assert resources(extraction) == [{"resourceType": "Basic", "code": {"text": "x"}, **made}]
    (problem,) = extraction.problems
    assert (problem.severity, problem.link_id) == (severity, "g")
    assert problem.expression.startswith("Questionnaire.contained[0].")
    assert message in problem.message


def test_every_answered_occurrence_of_a_group_fills_its_own() -> None:
    made = questionnaire(
        group("g", template("made"), item=[item("text", "string")], repeats=True),
        contained=[
            {
                "resourceType": "Basic",
                "id": "made",
                "code": {"_text": takes("item.where(linkId='text').answer.value")},
            }
        ],
    )

    extraction = run(
        made,
        response(
            inside("g", answer("text", {"valueString": "a"})),
            inside("g"),
            inside("g", answer("text", {})),
            inside("g", answer("text", {"valueString": "b"})),
        ),
    )

    assert [one["code"]["text"] for one in resources(extraction)] == ["a", "b"]
    assert told(extraction) == []


def test_every_answer_of_a_repeating_question_fills_its_own() -> None:
    content = {"resourceType": "Basic", "id": "made", "code": {"_text": takes("answer.value")}}
    made = questionnaire(item("q", "string", template("made"), repeats=True), contained=[content])

    extraction = run(made, response(answer("q", {"valueString": "a"}, {"valueString": "b"})))

    assert [one["code"]["text"] for one in resources(extraction)] == ["a", "b"]


def test_a_template_of_the_questionnaire_is_filled_without_answers() -> None:
    content = {"resourceType": "Basic", "id": "made", "code": {"_text": takes("status")}}

    extraction = run(questionnaire(extension=[template("made")], contained=[content]), response())

    assert resources(extraction) == [{"resourceType": "Basic", "code": {"text": "completed"}}]


def test_several_templates_of_one_item_are_all_filled() -> None:
    contained = [{"resourceType": "Basic", "id": name, "code": {"text": name}} for name in "ab"]
    made = questionnaire(item("q", "boolean", template("a"), template("b")), contained=contained)

    extraction = run(made, response(answer("q", {"valueBoolean": False})))

    assert [one["code"]["text"] for one in resources(extraction)] == ["a", "b"]


@pytest.mark.parametrize(
    ("contained", "message"),
    [
        ([], "is not contained in the Questionnaire"),
        ([{"resourceType": "Basic", "id": "made"}], "no Basic is extracted"),
        ([{"id": "made", "code": {"text": "x"}}], "has no resourceType"),
        ([{"id": "made", "code": {}}], "Nothing in the template has a value"),
    ],
)
def test_a_template_that_gives_nothing_is_told(contained: list[Json], message: str) -> None:
    made = questionnaire(item("q", "boolean", template("made")), contained=contained)

    extraction = run(made, response(answer("q", {"valueBoolean": True})))

    assert "entry" not in extraction.bundle
    ((severity, link_id, found),) = told(extraction)
    assert (severity, link_id) == ("error", "q")
    assert message in found


def test_a_bundle_template_gives_its_entries() -> None:
    bundle = {
        "resourceType": "Bundle",
        "id": "all",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001",
                "resource": {"resourceType": "Basic", "id": "kept", "code": {"text": "a"}},
                "request": {"method": "PUT", "url": "Basic/kept", "ifMatch": 'W/"1"'},
            },
            each(
                "item.where(linkId='q').answer",
                resource={"resourceType": "Basic", "code": {"_text": takes("value")}},
                request={
                    "method": "POST",
                    "url": "Basic",
                    "_ifNoneExist": takes("'code=' + value"),
                },
            ),
            {"request": {"method": "DELETE", "url": "Basic/1"}},
        ],
    }
    made = questionnaire(
        item("q", "string", repeats=True),
        extension=[sdc("templateExtractBundle", valueReference={"reference": "#all"})],
        contained=[bundle],
    )

    extraction = run(made, response(answer("q", {"valueString": "x"}, {"valueString": "y"})))

    assert [
        (one["request"], one["resource"]["code"]["text"]) for one in extraction.bundle["entry"]
    ] == [
        ({"method": "PUT", "url": "Basic/kept", "ifMatch": 'W/"1"'}, "a"),
        ({"method": "POST", "url": "Basic", "ifNoneExist": "code=x"}, "x"),
        ({"method": "POST", "url": "Basic", "ifNoneExist": "code=y"}, "y"),
    ]
    ((severity, _, message),) = told(extraction)
    assert severity == "error"
    assert "Only POST and PUT" in message


def bundled(*entries: Json) -> Any:
    """What a Bundle's template with these entries gives."""
    bundle = {"resourceType": "Bundle", "id": "all", "type": "transaction", "entry": list(entries)}
    made = questionnaire(
        item("q", "string"),
        extension=[sdc("templateExtractBundle", valueReference={"reference": "#all"})],
        contained=[bundle],
    )
    return run(made, response())


def test_a_post_of_a_bundle_stays_one_and_overwrites_nothing() -> None:
    basic = {"resourceType": "Basic", "id": "kept", "code": {"text": "a"}}
    request = {"method": "POST", "url": "Basic", "ifNoneExist": "code=a"}

    (entry,) = bundled({"resource": basic, "request": request}).bundle["entry"]

    assert entry["request"] == request
    assert entry["resource"] == {"resourceType": "Basic", "code": {"text": "a"}}


@pytest.mark.parametrize(
    ("resource", "request_", "message"),
    [
        ({}, {"method": "PUT", "url": "Basic?code=a"}, "A PUT needs the id"),
        ({"id": "b"}, {"method": "PUT", "ifNoneExist": "code=a"}, "It goes with a POST only"),
        ({"id": "b"}, {"method": ["POST"]}, "Only POST and PUT"),
    ],
)
def test_an_entry_that_could_overwrite_something_else_is_left_out(
    resource: Json, request_: Json, message: str
) -> None:
    basic = {"resourceType": "Basic", "code": {"text": "a"}, **resource}

    extraction = bundled({"resource": basic, "request": request_})

    assert "entry" not in extraction.bundle
    ((severity, _, found),) = told(extraction)
    assert (severity, message in found) == ("error", True)


def test_what_is_changed_twice_is_changed_once_and_told() -> None:
    first, second = (
        {"resource": {"resourceType": "Basic", "id": "b", "code": {"text": text}}}
        for text in ("one", "two")
    )

    extraction = bundled(first, second)

    assert [each["code"]["text"] for each in resources(extraction)] == ["one"]
    ((severity, _, found),) = told(extraction)
    assert severity == "error"
    # The places are named, not the resource: its id may be somebody's number.
    assert "the same resource as Questionnaire" in found
    assert "Basic/b" not in found


def test_a_value_its_element_cannot_hold_is_left_out_and_told() -> None:
    content = {
        "resourceType": "Patient",
        "id": "made",
        "_gender": takes("'other'"),
        "_birthDate": takes("item.answer.value.ofType(string).first()"),
        "name": [{"_family": takes("'F'"), "given": ["A"], "period": {"_start": takes("'soon'")}}],
        "_active": takes("'yes'"),
        "deceasedBoolean": "no",
    }
    made = questionnaire(
        group("g", template("made"), item=[item("text", "string")]), contained=[content]
    )

    extraction = run(made, response(inside("g", answer("text", {"valueString": "tomorrow"}))))

    assert resources(extraction) == [
        {"resourceType": "Patient", "gender": "other", "name": [{"family": "F", "given": ["A"]}]}
    ]
    assert sorted(
        (severity, message.partition(":")[0]) for severity, _, message in told(extraction)
    ) == [
        ("error", "Patient.active"),
        ("error", "Patient.birthDate"),
        ("error", "Patient.deceasedBoolean"),
        ("error", "Patient.name[0].period.start"),
    ]
    assert "tomorrow" not in str(extraction.problems)


def test_nothing_that_was_given_is_changed() -> None:
    made = form(coding=[takes("item.answer.value.ofType(Coding)")], who=takes("%resource.subject"))
    answered = given(TEXTS, COLOURS)
    before = copy.deepcopy((made, answered))

    first = resources(run(made, answered))
    first[0]["coding"][0]["code"] = first[0]["who"]["reference"] = "changed"

    assert (made, answered) == before


PATCH = {"resourceType": "Parameters", "id": "patch"}


def patch(*operations: Json) -> Json:
    parameters = [{"name": "operation", "part": list(parts.values())} for parts in operations]
    return {**PATCH, "parameter": parameters}


def operation(**parts: Json) -> Json:
    return {name: {"name": name, **value} for name, value in parts.items()}


REPLACE = operation(
    type={"valueCode": "replace"},
    path={"valueString": "Basic.code.text"},
    value={"_valueString": takes("answer.value")},
)


def patched(content: Json, *parts: Json, **expressions: str) -> Any:
    extension = template("patch", **expressions)
    extension["extension"] += parts
    made = questionnaire(item("q", "string", extension), contained=[content])
    return run(made, response(answer("q", {"valueString": "new"})))


def test_a_patch_is_sent_to_its_resource() -> None:
    extraction = patched(patch(REPLACE), resourceId="'b1'", ifMatch="'W/\"2\"'")

    (entry,) = extraction.bundle["entry"]
    assert entry["request"] == {"method": "PATCH", "url": "Basic/b1", "ifMatch": 'W/"2"'}
    assert entry["resource"]["parameter"][0]["part"][2] == {"name": "value", "valueString": "new"}
    assert told(extraction) == []


def test_the_type_a_patch_is_for_may_be_said() -> None:
    other = operation(type={"valueCode": "delete"}, path={"valueString": "code"})

    extraction = patched(patch(other), part("type", valueCode="Task"), resourceId="'b1'")

    assert extraction.bundle["entry"][0]["request"]["url"] == "Task/b1"


@pytest.mark.parametrize(
    ("content", "expressions", "message"),
    [
        (patch(REPLACE), {}, "A patch needs the id of its resource"),
        (patch(operation(type={"valueCode": "add"})), {"resourceId": "'b1'"}, "No operation has"),
        (patch(operation(type={"valueCode": "odd"})), {"resourceId": "'b1'"}, "No operation has"),
        (
            patch(operation(type={"valueCode": "delete"}, path={"valueString": "code"})),
            {"resourceId": "'b1'"},
            "It is not clear which type",
        ),
        (
            {**PATCH, "parameter": [{"name": "other", "valueString": "x"}]},
            {"resourceId": "'b1'"},
            "no FHIRPath Patch",
        ),
    ],
)
def test_a_patch_that_cannot_be_sent_is_told(
    content: Json, expressions: dict[str, str], message: str
) -> None:
    extraction = patched(content, **expressions)

    assert "entry" not in extraction.bundle
    assert [message in found for _, _, found in told(extraction)] == [True]
