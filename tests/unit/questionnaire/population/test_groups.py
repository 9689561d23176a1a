"""Groups that occur once per result, and how the response is built."""

from tests.unit.questionnaire.population.making import (
    ANN,
    AUTHORED,
    CORE,
    URL,
    Json,
    answers,
    codes,
    filled,
    group,
    initial,
    item,
    launch,
    repeated,
    variable,
)

FAMILY = item("family", "string", initial("%Name.family"))
GIVEN = item("given", "string", initial("%Name.given"), repeats=True)


def names(*items: Json, text: str = "%patient.name", **more: object) -> Json:
    return group("name", *items, extension=[repeated("Name", text)], **more)


def test_a_group_that_repeats_occurs_once_per_result() -> None:
    found = filled(names(FAMILY, GIVEN, repeats=True))
    first, second = found.response["item"]
    assert first == {
        "linkId": "name",
        "item": [
            {"linkId": "family", "answer": [{"valueString": "Example"}]},
            {"linkId": "given", "answer": [{"valueString": "Ann"}, {"valueString": "Bea"}]},
        ],
    }
    assert second == {
        "linkId": "name",
        "item": [{"linkId": "family", "answer": [{"valueString": "Old"}]}],
    }
    assert codes(found) == [("information", "not-found", "given")]


def test_a_group_that_does_not_repeat_takes_none_of_several() -> None:
    found = filled(names(FAMILY))
    assert answers(found) == {}
    assert ("warning", "multiple-matches", "name") in codes(found)


def test_a_context_of_the_whole_questionnaire() -> None:
    found = filled(FAMILY, extension=[repeated("Name", "%patient.name.first()")])
    assert (answers(found), found.problems) == ({"family": ["Example"]}, ())
    several = filled(FAMILY, extension=[repeated("Name", "%patient.name")])
    assert answers(several) == {}
    assert ("warning", "multiple-matches", None) in codes(several)


def test_a_context_of_a_question() -> None:
    named = repeated("Name", "%patient.name")
    asked = item("q", "string", named, initial("%Name.family"), repeats=True)
    assert answers(filled(asked)) == {"q": ["Example", "Old"]}


def test_groups_within_groups_see_the_names_around_them() -> None:
    inner = group(
        "inner",
        item("q", "string", initial("%Name.family & ' ' & %Given")),
        extension=[repeated("Given", "%Name.given")],
        repeats=True,
    )
    found = filled(names(inner, repeats=True))
    assert answers(found) == {"q": ["Example Ann", "Example Bea"]}


def test_polymorphic_elements_are_found_through_a_context() -> None:
    observation = {"resourceType": "Observation", "component": [{"valueString": "a"}]}
    found = filled(
        group(
            "g",
            item("q", "string", initial("%Part.value")),
            extension=[repeated("Part", "%obs.component")],
            repeats=True,
        ),
        context={"obs": observation},
    )
    assert answers(found) == {"q": ["a"]}


def test_a_context_may_use_the_variables_of_its_group() -> None:
    asked = group(
        "g",
        FAMILY,
        extension=[variable("all", "%patient.name"), repeated("Name", "%all.first()")],
    )
    assert answers(filled(asked)) == {"family": ["Example"]}


def test_no_result_is_no_occurrence_of_a_group_that_repeats() -> None:
    fixed = item("fixed", "string", initial=[{"valueString": "a"}])
    found = filled(names(FAMILY, fixed, repeats=True), context={"patient": {**ANN, "name": []}})
    assert "item" not in found.response
    assert codes(found) == [("information", "not-found", "name")]
    once = filled(names(FAMILY, fixed), context={"patient": {**ANN, "name": []}})
    assert answers(once) == {"fixed": ["a"]}
    [problem] = once.problems
    assert (problem.link_id, "'family'" in problem.message) == ("name", True)


def test_a_missing_context_is_the_reason_and_is_named_once() -> None:
    found = filled(
        names(FAMILY, repeats=True), extension=[launch("patient", "Patient")], context={}
    )
    [problem] = found.problems
    assert (problem.link_id, "'name', 'family'" in problem.message) == (None, True)


def test_a_context_that_fails_or_has_no_name_is_reported() -> None:
    assert codes(filled(names(FAMILY, text="%patient.("))) == [
        ("warning", "processing", "name"),
    ]
    nameless = group("g", item("q", "string"), extension=[repeated(None, "%patient.name")])
    assert codes(filled(nameless)) == [("warning", "not-supported", "g")]


def test_more_results_than_a_group_may_have_fill_none() -> None:
    at_most = {"url": f"{CORE}questionnaire-maxOccurs", "valueInteger": 1}
    asked = group("g", FAMILY, extension=[repeated("Name", "%patient.name"), at_most], repeats=True)
    found = filled(asked)
    assert answers(found) == {}
    assert codes(found) == [("warning", "multiple-matches", "g")]


def test_a_query_makes_one_occurrence_per_resource() -> None:
    entries = [{"resource": {"resourceType": "Condition", "id": each}} for each in ("a", "b")]
    asked = group(
        "g",
        item("q", "string", initial("%Condition.id")),
        extension=[repeated("Condition", "Condition?x", language="application/x-fhir-query")],
        repeats=True,
    )
    given = {"Condition": {"resourceType": "Bundle", "entry": entries}}
    assert answers(filled(asked, context=given)) == {"q": ["a", "b"]}
    [problem] = filled(asked, context={}).problems
    assert (problem.code, "'g'" in problem.message) == ("not-supported", True)


def test_the_response_is_a_draft_of_this_version_for_this_person() -> None:
    found = filled(item("q", "string", initial("%patient.id"), text="Who?"), subject="Patient/ann")
    assert found.response == {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{URL}|1",
        "status": "in-progress",
        "subject": {"reference": "Patient/ann"},
        "authored": AUTHORED.isoformat(),
        "item": [{"linkId": "q", "text": "Who?", "answer": [{"valueString": "ann"}]}],
    }


def test_only_items_that_have_something_are_there() -> None:
    found = filled(
        group("empty", item("a", "string"), item("d", "display")),
        item("b", "string"),
        group("g", group("h", item("c", "string", initial("%patient.id")), item("e", "string"))),
    )
    assert found.response["item"] == [
        {
            "linkId": "g",
            "item": [
                {
                    "linkId": "h",
                    "item": [{"linkId": "c", "answer": [{"valueString": "ann"}]}],
                }
            ],
        }
    ]


def test_items_inside_questions_are_inside_their_answers() -> None:
    inner = item("inner", "string", initial("%patient.id"))
    found = filled(
        item("q", "boolean", initial("true"), item=[inner]),
        item("unanswered", "boolean", item=[{**inner, "linkId": "second"}]),
        item("late", "string", initial("%resource.item.last().answer.value"), item=[
            {**inner, "linkId": "third"}
        ]),
        item("last", "string", initial("'x'")),
    )  # fmt: skip
    value = [{"valueString": "ann"}]
    assert found.response["item"] == [
        {
            "linkId": "q",
            "answer": [{"valueBoolean": True, "item": [{"linkId": "inner", "answer": value}]}],
        },
        {"linkId": "unanswered", "answer": [{"item": [{"linkId": "second", "answer": value}]}]},
        {
            "linkId": "late",
            "answer": [{"valueString": "x", "item": [{"linkId": "third", "answer": value}]}],
        },
        {"linkId": "last", "answer": [{"valueString": "x"}]},
    ]


def test_hidden_and_disabled_items_are_filled_too() -> None:
    hidden = {"url": f"{CORE}questionnaire-hidden", "valueBoolean": True}
    when = [{"question": "ask", "operator": "=", "answerBoolean": True}]
    found = filled(
        item("ask", "boolean"),
        item("hidden", "string", hidden, initial("%patient.id")),
        item("disabled", "string", initial=[{"valueString": "a"}], enableWhen=when),
    )
    assert answers(found) == {"hidden": ["ann"], "disabled": ["a"]}
