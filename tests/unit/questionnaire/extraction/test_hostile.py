"""Hostile extraction data and responses: refused with the reason, never an exception."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire import pruning
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.extraction import work
from template_service.questionnaire.extraction.extract import extract
from template_service.questionnaire.problems import QuestionnaireError
from tests.unit.questionnaire.extraction.making import (
    NOW,
    Json,
    allocate,
    answer,
    each,
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

BASIC = {"resourceType": "Basic", "id": "made", "code": {"text": "x"}}
TOO_MUCH = "The extraction takes too much work, so nothing is extracted."


def refused(made: Json, answered: Json, reason: str) -> None:
    extraction = run(made, answered)

    assert "entry" not in extraction.bundle
    severity, _, message = told(extraction)[-1]
    assert severity == "error"
    assert message.startswith(TOO_MUCH)
    assert reason in message


def filled(**content: Any) -> Json:
    return questionnaire(
        item("q", "string", repeats=True),
        extension=[template("made")],
        contained=[{**BASIC, **content}],
    )


def many(count: int) -> Json:
    return response(answer("q", *({"valueString": str(number)} for number in range(count))))


def nested(levels: int) -> Json:
    content: Json = {"end": 1}
    for _ in range(levels):
        content = {"a": content}
    return content


def test_a_template_nested_too_deep_is_refused() -> None:
    refused(filled(a=nested(5_000)), many(1), "nested more than 64 deep")
    assert resources(run(filled(a=nested(60)), many(1)))


def test_contexts_that_multiply_are_refused() -> None:
    content: Json = {"a": 1}
    for _ in range(6):
        content = {"inner": [each("%resource.item.answer", **content)]}

    refused(filled(**content), many(40), "more than 50,000 elements")


def test_a_long_answer_asked_for_again_and_again_is_refused() -> None:
    content = {
        "a": [each("%resource.item.answer", _text=takes("%resource.item.answer.value.first()"))]
    }
    answered = many(20)
    answered["item"][0]["answer"][0]["valueString"] = "x" * 1_000_000

    refused(filled(**content), answered, "more than 10,000,000 characters")


def test_a_long_text_of_the_template_itself_is_refused() -> None:
    content = {"a": [each("%resource.item.answer", text="x" * 1_000_000)]}

    refused(filled(**content), many(20), "more than 10,000,000 characters")


def test_items_nested_too_deep_are_told_and_not_extracted() -> None:
    made = questionnaire(item("q", "string", template("made")), contained=[BASIC])
    answered = answer("q", {"valueString": "x"})
    for _ in range(20_000):
        answered = answer("q", {"valueString": "x", "item": [answered]})

    extraction = run(made, response(answered))

    assert len(resources(extraction)) == 128
    assert told(extraction)[-1] == (
        "error",
        "q",
        "Items nested more than 128 deep are not extracted.",
    )


def test_a_definition_of_endless_steps_is_told() -> None:
    path = ".".join(("Basic", *["extension"] * 5_000))
    made = questionnaire(
        item(
            "q",
            "string",
            sdc("itemExtractionContext", valueCode="Basic"),
            definition=f"http://hl7.org/fhir/Basic#{path}",
        )
    )

    extraction = run(made, response(answer("q", {"valueString": "x"})))

    assert "The definition names an element more than 64 deep." in str(told(extraction))


def test_too_many_entries_are_refused() -> None:
    made = questionnaire(item("q", "string", template("made"), repeats=True), contained=[BASIC])

    refused(made, many(work.ENTRY_LIMIT + 1), "more than 2,000 resources")
    assert len(resources(run(made, many(50)))) == 50


def test_too_many_items_are_refused() -> None:
    made = questionnaire(
        item("g", "group", item=[item("q", "string", template("made"))], repeats=True),
        contained=[BASIC],
    )

    def groups(count: int) -> Json:
        return response(*(inside("g", answer("q", {"valueString": "x"})) for _ in range(count)))

    refused(made, groups(5_001), "more than 10,000 items")
    assert len(resources(run(made, groups(500)))) == 500


CONDITION = {"question": "q", "operator": "=", "answerString": "no"}


def test_where_nobody_can_tell_what_counts_nothing_is_extracted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = filled(a=[takes("%resource.item.answer.value")])
    made["item"].append(item("r", "string", enableWhen=[CONDITION]))
    answered = many(1)
    answered["item"].append(answer("r", {"valueString": "x"}))
    assert len(resources(run(made, answered))) == 1

    monkeypatch.setattr(pruning, "WORK_LIMIT", 0)

    refused(made, answered, "too many conditions")


def test_all_expressions_of_an_extraction_share_their_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "ALLOWANCE", 0)
    sum_ = {"language": "text/fhirpath", "expression": "%resource.item.answer.count()"}
    calculated = item("n", "integer", sdc("calculatedExpression", valueExpression=sum_))
    observed = questionnaire(
        calculated | {"code": [{"code": "a"}]},
        extension=[sdc("observationExtract", valueBoolean=True)],
    )

    refused(filled(a=[takes("%resource.item.answer.value")]), many(1), "takes too long")
    extraction = run(observed, response(answer("n", {"valueInteger": 1})))
    assert resources(extraction) == []
    assert "could not be calculated" in told(extraction)[0][2]


def test_too_many_expressions_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "EVALUATION_LIMIT", 30)

    refused(filled(a=[takes("1") for _ in range(31)]), many(1), "more than 30 expressions")


def test_an_expression_that_would_hang_ends_the_extraction() -> None:
    costly = "%resource.descendants().where(%resource.descendants().where(%resource.descendants()"
    made = filled(_a=takes(f"{costly}.exists()).exists()).count()"))

    refused(made, many(300), "too much work")


def test_problems_beyond_a_limit_are_only_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "PROBLEM_LIMIT", 5)

    found = told(run(filled(a=[takes("(") for _ in range(20)]), many(1)))

    assert len(found) == 6
    assert found[-1][2] == "15 more problems are not listed."


@pytest.mark.parametrize(
    "given",
    [None, [], "text", 1, {}, {"resourceType": "Patient"}, {"resourceType": ["x"]}],
)
def test_what_is_no_response_is_told(given: Any) -> None:
    extraction = run(questionnaire(item("q", "string")), given)

    assert "entry" not in extraction.bundle
    assert told(extraction) == [("error", None, "This is no QuestionnaireResponse.")]


def test_items_the_form_does_not_have_are_told_and_looked_through() -> None:
    made = questionnaire(item("q", "string", template("made")), contained=[BASIC])

    extraction = run(
        made, response(inside("unknown", answer("q", {"valueString": "x"})), {"item": []})
    )

    assert len(resources(extraction)) == 1
    assert told(extraction) == [
        ("warning", "unknown", "No item 'unknown' in the form."),
        ("warning", None, "An item has no linkId."),
    ]


def test_a_structure_map_is_told_to_be_unsupported() -> None:
    made = questionnaire(
        item("q", "string"),
        extension=[sdc("targetStructureMap", valueCanonical="https://example.org/map")],
    )

    assert [severity for severity, _, _ in told(run(made, response()))] == ["warning"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(("", "q", "#made", "%x", "a.b")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    "extension",
                    "url",
                    "valueString",
                    "valueReference",
                    "reference",
                    "resourceType",
                    "id",
                    "_id",
                    "code",
                    "_code",
                    "contained",
                )
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
EXTENSIONS = (
    "templateExtract",
    "templateExtractBundle",
    "templateExtractContext",
    "templateExtractValue",
    "extractAllocateId",
    "definitionExtract",
    "definitionExtractValue",
    "itemExtractionContext",
    "observationExtract",
    "observation-extract-category",
    "observationExtractEntry",
    "isSubject",
)
SOUND = (
    template("made", fullUrl="%NewId"),
    allocate("NewId"),
    sdc("observationExtract", valueBoolean=True),
    sdc("itemExtractionContext", valueCode="Patient"),
    sdc("definitionExtract", parts=[part("definition", valueCanonical="http://x/Basic")]),
)
ODD = st.one_of(
    st.sampled_from(SOUND),
    st.builds(
        lambda name, value, parts: {**sdc(name, parts=parts), **value},
        st.sampled_from(EXTENSIONS),
        st.dictionaries(
            st.sampled_from(("valueString", "valueBoolean", "valueCode", "valueExpression")), JSON
        ),
        JSON,
    ),
)
ODD_RESPONSE = st.dictionaries(
    st.sampled_from(("id", "subject", "authored", "author", "basedOn", "encounter")), JSON
)
ODD_ANSWER = st.dictionaries(
    st.sampled_from(("valueString", "valueCoding", "valueInteger", "item")), JSON, max_size=2
)


@settings(max_examples=50)
@given(
    on_root=st.lists(ODD, max_size=2),
    on_item=st.lists(ODD, max_size=3),
    content=JSON,
    code_and_definition=st.tuples(JSON, st.sampled_from(("#", "http://x#Patient.name:a.b[x]:c"))),
    answered=st.tuples(ODD_RESPONSE, st.lists(ODD_ANSWER | JSON, max_size=3)),
)
def test_no_json_raises(
    on_root: Any, on_item: Any, content: Any, code_and_definition: Any, answered: Any
) -> None:
    (code, definition), (head, answers) = code_and_definition, answered
    made = questionnaire(
        {**item("q", "string", *on_item), "code": code, "definition": definition},
        extension=on_root,
        contained=[{**BASIC, "content": content}],
    )
    try:
        form = compile_questionnaire(made)
    except QuestionnaireError:
        return
    given_ = {"resourceType": "QuestionnaireResponse", **head}
    given_["item"] = [{"linkId": "q", "answer": answers}]

    extraction = extract(form, given_, now=NOW)

    assert extraction.bundle["type"] == "transaction"
    assert all(entry["request"]["method"] for entry in extraction.bundle.get("entry", ()))
