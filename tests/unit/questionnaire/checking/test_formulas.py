"""Expressions that do not run, or name what is not there."""

from collections.abc import Callable

import pytest

from tests.unit.questionnaire.checking.conftest import R4, SDC, Json, expression, item

Said = Callable[..., list[tuple[str, str, str]]]


def calculated(text: str, **more: str) -> Json:
    return item("x", "decimal", extension=[expression("calculatedExpression", text, **more)])


def launch(code: str) -> Json:
    parts = [
        {"url": "name", "valueCoding": {"code": code}},
        {"url": "type", "valueCode": "Patient"},
    ]
    return {"url": f"{SDC}launchContext", "extension": parts}


@pytest.mark.parametrize("text", ["1 +", "iif((true, 1, 2)", "%resource.item.where(", "a and"])
def test_what_does_not_parse_is_an_error(said: Said, text: str) -> None:
    [(severity, place, message)] = said(calculated(text))
    assert (severity, place) == ("error", "Questionnaire.item[0].extension[0]")
    assert message.startswith("'x': calculatedExpression: ")


def test_what_fails_on_an_empty_response_is_a_warning(said: Said) -> None:
    [(severity, _, message)] = said(calculated("(1 | 2).single()"))
    assert (severity, "On an empty response" in message) == ("warning", True)


@pytest.mark.parametrize(
    "text",
    [
        "%resource.item.where(linkId = 'y').answer.value.sum()",
        "%resource.descendants().where(linkId='y').answer.value + 1",
        "%questionnaire.item.count() + %qitem.item.count()",
        "%ucum.length() + %`vs-administrative-gender`.length()",
    ],
)
def test_what_runs_is_sound(said: Said, text: str) -> None:
    assert said(calculated(text), item("y", "decimal")) == []


def test_unknown_variables_are_named_once(said: Said) -> None:
    [(severity, place, message)] = said(calculated("%nobody + %nobody"), calculated_twin())
    assert (severity, place) == ("warning", "Questionnaire.item[0].extension[0]")
    assert "%nobody is defined nowhere" in message


def test_what_fails_is_told_where_it_is_written(said: Said) -> None:
    [(_, place, _)] = said(
        calculated("%wrong + 1"),
        calculated("%wrong + 2") | {"linkId": "z"},
        extension=[expression("variable", "(1 | 2).single()", "wrong")],
    )
    assert place == "Questionnaire.extension[0]"


def calculated_twin() -> Json:
    return calculated("%nobody + 1") | {"linkId": "twin"}


def test_variables_are_known_inside_the_item_that_has_them(said: Said) -> None:
    within = calculated("%outer + %own + %whole")
    within["extension"].insert(0, expression("variable", "1", "own"))
    group = item("g", "group", item=[within], extension=[expression("variable", "1", "outer")])
    whole = [expression("variable", "1", "whole")]
    assert said(group, extension=whole) == []
    lost = said(group, calculated("%outer") | {"linkId": "z"}, extension=whole)
    assert ["%outer is defined nowhere" in message for _, _, message in lost] == [True]


def test_contexts_from_outside_are_known_and_may_be_empty(said: Said) -> None:
    population = expression("itemPopulationContext", "%patient.contact", "contact")
    first = item("x", extension=[expression("initialExpression", "%contact.name.family.first()")])
    group = item("g", "group", extension=[population], item=[first])
    assert said(group, extension=[launch("patient")]) == []


def test_unknown_linkids_are_named(said: Said) -> None:
    text = "%resource.item.where(linkId = 'gone').answer.value.where(code = 'y').count()"
    [(severity, _, message)] = said(calculated(text))
    assert (severity, "names the linkId 'gone'" in message) == ("warning", True)


def test_a_module_may_name_items_of_its_whole(said: Said) -> None:
    context = {"url": f"{SDC}assembleContext", "valueString": "whole"}
    text = "%whole.item.where(linkId = 'gone').count()"
    assert said(calculated(text), extension=[context]) == []


@pytest.mark.parametrize(
    ("language", "severity", "what"),
    [
        ("text/cql", "warning", "Nothing is calculated."),
        ("text/x-unknown", "warning", "Nothing is calculated."),
        ("application/x-fhir-query", "information", "Queries are not sent"),
    ],
)
def test_other_languages_say_what_happens_then(
    said: Said, language: str, severity: str, what: str
) -> None:
    [(found, _, message)] = said(calculated("Observation?code=1", language=language))
    assert (found, what in message) == (severity, True)


def test_constraints_are_expressions_too(said: Said) -> None:
    parts = [
        {"url": "key", "valueId": "k"},
        {"url": "severity", "valueCode": "error"},
        {"url": "human", "valueString": "Is right"},
        {"url": "expression", "valueString": "1 +"},
    ]
    constraint = {"url": f"{R4}questionnaire-constraint", "extension": parts}
    problems = said(item("x", extension=[constraint]))
    assert any(
        severity == "error" and place == "Questionnaire.item[0].extension[0].extension[3]"
        for severity, place, _ in problems
    )


def test_hidden_and_doubled_variables(said: Said) -> None:
    again = [expression("variable", "1", "a"), expression("variable", "2", "a")]
    group = item("g", "group", extension=[expression("variable", "3", "a")], item=[item("y")])
    messages = [message for _, _, message in said(group, extension=again)]
    assert any("%a is defined twice here" in message for message in messages)
    assert any("hides the %a" in message for message in messages)
    assert said(item("y"), extension=again[:1]) == []
    deeper = [expression("variable", "%linkIdPrefix + 'b.'", "linkIdPrefix")]
    group = item("g", "group", extension=deeper, item=[item("y")])
    assert said(group, extension=[expression("variable", "'a.'", "linkIdPrefix")]) == []


def test_one_item_is_calculated_once(said: Said) -> None:
    both = calculated("1")
    both["extension"] *= 2
    [(severity, place, message)] = said(both)
    assert (severity, place) == ("warning", "Questionnaire.item[0].extension[1]")
    assert "only the first counts" in message


def test_results_that_nobody_sees(said: Said) -> None:
    hidden = calculated("1")
    hidden["extension"].append({"url": f"{R4}questionnaire-hidden", "valueBoolean": True})
    [(severity, _, message)] = said(hidden)
    assert (severity, "nothing here uses it" in message) == ("information", True)
    use = calculated("%resource.item.where(linkId='x').answer.value") | {"linkId": "y"}
    assert said(hidden, use) == []
    assert said(hidden | {"code": [{"system": "http://loinc.org", "code": "1"}]}) == []


def test_an_item_that_fills_itself_in_once_may_look_at_itself(said: Said) -> None:
    text = "%questionnaire.item.count() + %context.item.count() + %qitem.item.count()"
    first = expression("initialExpression", text)
    assert said(item("x", "decimal", extension=[first]), item("y", "decimal")) == []


def test_items_calculated_from_each_other(said: Said) -> None:
    def sum_of(link_id: str, other: str) -> Json:
        text = f"%resource.item.where(linkId='{other}').answer.value + 1"
        given = expression("calculatedExpression", text)
        return item(link_id, "integer", extension=[given])

    errors = [one for one in said(sum_of("a", "b"), sum_of("b", "a")) if one[0] == "error"]
    [(_, _, message)] = errors
    assert "calculated from each other" in message
    assert said(sum_of("a", "b"), item("b", "integer")) == []


NESTED = item("g", "group", item=[item("n", "boolean")])


@pytest.mark.parametrize(
    "path",
    [
        "%resource.item.where(linkId='n')",
        "%resource.item.where(linkId='g').answer.item.where(linkId='x')",
        "%rootResource.item.where(linkId='n' or 'm' = linkId).first()",
    ],
)
def test_a_path_that_leads_nowhere(said: Said, path: str) -> None:
    asked = item("x", extension=[expression("initialExpression", f"{path}.answer.value")])
    found = said(NESTED, asked, item("z", "boolean"))
    assert any("leads nowhere" in one[2] for one in found)
    assert {one[0] for one in found} == {"warning"}


@pytest.mark.parametrize(
    "path",
    [
        "%resource.item.where(linkId='g').item.where(linkId='n')",
        "%resource.item.item.where(linkId='n')",
        "%resource.descendants().where(linkId='n')",
        "%resource.repeat(item).where(linkId='n')",
        "%resource.item.where(linkId='z' or linkId='g').first()",
    ],
)
def test_a_path_that_leads_there(said: Said, path: str) -> None:
    asked = item("x", extension=[expression("initialExpression", f"{path}.answer.value")])
    assert said(NESTED, asked, item("z", "boolean")) == []


def test_a_condition_of_an_item_on_itself(said: Said) -> None:
    text = "%resource.item.where(linkId='x').answer.exists()"
    [(severity, _, message)] = said(item("x", extension=[expression("enableWhenExpression", text)]))
    assert (severity, "waits for an answer to itself" in message) == ("warning", True)
