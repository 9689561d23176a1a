"""`check` as a whole: everything compiling finds, in order, on any JSON, within bounds."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.artefacts import artefact_paths
from template_service.cli import main
from template_service.questionnaire.checking import work
from template_service.questionnaire.checking.check import PROBLEM_LIMIT, check
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.problems import Problem, QuestionnaireError
from tests.strategies import json_values, spoiled
from tests.unit.questionnaire.checking.conftest import (
    Json,
    choice,
    expression,
    is_code,
    item,
    questionnaire,
    when,
)
from tests.unit.questionnaire.conftest import small_questionnaire

REGEX = "http://hl7.org/fhir/StructureDefinition/regex"
Found = Callable[..., tuple[Problem, ...]]


@pytest.mark.parametrize("path", artefact_paths("Questionnaire"), ids=lambda path: path.stem)
def test_what_is_shipped_is_sound(path: Path) -> None:
    problems = check(json.loads(path.read_bytes()))
    assert [one for one in problems if one.severity != "information"] == []


@pytest.mark.parametrize("resource", [None, 1, "x", [], {}, {"resourceType": "Patient"}])
def test_what_is_no_questionnaire(resource: Any) -> None:
    [problem] = check(resource)
    assert (problem.severity, problem.message) == ("error", "This is no Questionnaire.")


def test_everything_that_compiling_finds_is_there() -> None:
    broken = questionnaire(
        {"text": "no linkId", "type": "string"},
        item("x", "nothing"),
        item("y", enableWhen=[{"question": "gone", "operator": "exists", "answerBoolean": True}]),
    )
    with pytest.raises(QuestionnaireError) as caught:
        compile_questionnaire(broken)
    assert caught.value.problems
    assert set(caught.value.problems) <= set(check(broken))


def test_circles_are_errors(found: Found) -> None:
    question = choice("a", "x", enableWhen=[is_code("b", "x")])
    other = choice("b", "x", enableWhen=[is_code("a", "x")])
    assert any(
        one.severity == "error" and "depend on each other" in one.message
        for one in found(question, other)
    )


def test_errors_come_first_then_the_order_of_the_document(found: Found) -> None:
    problems = found(
        item("a", extension=[expression("initialExpression", "%nobody")]),
        item("b", "group"),
        item("c") | {"text": "<b>c</b>"},
        item("d", "display", code=[{"code": "x", "system": "urn:x"}]),
    )
    told = [(one.severity, one.link_id) for one in problems]
    assert told == [
        ("error", "b"),
        ("error", "d"),
        ("warning", "a"),
        ("information", "c"),
    ]


def test_each_problem_is_told_once(found: Found) -> None:
    twice = found(item("x"), item("x"))
    assert [one.expression for one in twice] == ["Questionnaire.item[1]"]
    pattern = found(item("x", extension=[{"url": REGEX, "valueString": "("}]))
    assert [one.expression for one in pattern] == ["Questionnaire.item[0]"]


@given(json_values())
@settings(max_examples=30)
def test_nothing_is_raised_on_any_json(value: Any) -> None:
    check(value)
    check({"resourceType": "Questionnaire", "item": value, "extension": value, "language": value})
    within = {"linkId": "x", "type": "choice", "answerOption": value, "enableWhen": value}
    check(questionnaire({**within, "initial": value, "extension": value}))


@given(st.data())
@settings(max_examples=10)
def test_nothing_is_raised_on_a_spoiled_questionnaire(data: st.DataObject) -> None:
    check(data.draw(spoiled(st.just(json.dumps(small_questionnaire())))))


def nested(depth: int) -> Json:
    inner = item("deepest")
    for level in range(depth):
        inner = item(f"g{level}", "group", item=[inner])
    return questionnaire(inner)


@pytest.mark.parametrize(
    "hostile",
    [
        questionnaire(
            item("q", "integer"),
            item(
                "x",
                enableBehavior="all",
                enableWhen=[when("q", ">", answerInteger=n) for n in range(5_000)]
                + [when("q", "<", answerInteger=n + 9_000) for n in range(5_000)],
            ),
        ),
        questionnaire(
            *(
                choice(f"q{n}", *map(str, range(300)), repeats=True)
                | {"initial": [{"valueCoding": {"code": "x"}}] * 300}
                for n in range(30)
            )
        ),
        questionnaire(
            item("x", extension=[expression("calculatedExpression", "|".join(["'x'"] * 20_000))])
        ),
        questionnaire(*(item(f"q{n}") for n in range(10_000))),
        nested(500),
        nested(5_000),
        questionnaire(*(item(f"q{n}", "group") for n in range(3_000))),
        questionnaire(*(item("same") | {"text": "<i>" * 200} for _ in range(3_000))),
        questionnaire(
            item("x", extension=[{"url": "regex", "valueString": "(((a{1,999}){1,999}){1,999})"}])
        ),
        questionnaire(
            item("x", extension=[expression("calculatedExpression", "(" * 4_000 + ")" * 4_000)])
        ),
        questionnaire(
            item("x", extension=[expression("calculatedExpression", "'" + "\\'" * 4_900)])
        ),
        questionnaire(
            *(
                item(f"q{n}", enableWhen=[is_code(f"q{n - 1}", "x")] if n else [])
                for n in range(3_000)
            )
        ),
        questionnaire(item("x") | {"text": "<" * 100_000}),
        questionnaire(
            item("x"), language="en", _title={"extension": [{"url": "translation"}] * 9_000}
        ),
    ],
    ids=[
        "pairs of bounds",
        "options by initial values",
        "a long expression",
        "10,000 items",
        "500 levels",
        "5,000 levels",
        "3,000 empty groups",
        "3,000 of one linkId",
        "a huge pattern",
        "brackets",
        "quotes",
        "a chain of conditions",
        "angle brackets",
        "translations",
    ],
)
def test_hostile_questionnaires_are_done_with(hostile: Json) -> None:
    # Without bounds each of these would take minutes, or for ever.
    assert len(check(hostile)) <= PROBLEM_LIMIT + 1


def test_expressions_that_are_too_long_together_are_refused() -> None:
    long = "+".join(["1"] * 4_900)
    chain = [expression("variable", f"%v{n + 1}+{long}", f"v{n}") for n in range(60)]
    asked = item("x", "integer", extension=[expression("calculatedExpression", "%v0")])
    [problem] = check(questionnaire(asked, extension=chain))
    assert (problem.severity, problem.code) == ("error", "too-costly")
    assert "longer than 200000 characters together" in problem.message


def test_an_expression_that_costs_too_much_ends_it() -> None:
    powers = "(0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9)" + ".repeat($this + 1)" * 3
    costly = [
        item(f"q{n}", extension=[expression("calculatedExpression", powers)]) for n in range(40)
    ]
    problems = check(questionnaire(*costly))
    assert [(one.severity, one.code) for one in problems] == [
        ("error", "too-costly"),
        ("information", "too-costly"),
    ]
    assert "not all were tried" in problems[1].message


def test_an_expression_is_not_blamed_for_the_time_that_others_took(
    monkeypatch: pytest.MonkeyPatch, found: Found
) -> None:
    def go_on(_: work.Work) -> bool:
        return True

    monkeypatch.setattr(work, "SECONDS_LIMIT", 0)
    monkeypatch.setattr(work.Work, "go_on", go_on)
    sound = item(
        "x", "integer", extension=[expression("calculatedExpression", "%resource.count()")]
    )
    [problem] = found(sound)
    assert (problem.severity, "not all were tried" in problem.message) == ("information", True)


def test_more_expressions_than_anybody_writes_are_not_read(
    monkeypatch: pytest.MonkeyPatch, found: Found
) -> None:
    lost = [expression("calculatedExpression", text) for text in ("%one", "%two")]
    items = [item(f"q{n}", extension=[each]) for n, each in enumerate(lost)]
    assert sum("is defined nowhere" in one.message for one in found(*items)) == 2

    monkeypatch.setattr(work, "CHARACTERS_LIMIT", 6)

    first, last = found(*items)
    assert "%one is defined nowhere" in first.message
    assert (last.severity, "not all were tried" in last.message) == ("information", True)


def test_the_command_prints_what_check_says(tmp_path: Path) -> None:
    path = tmp_path / "q.json"
    resource = questionnaire(item("x"), item("g", "group"))
    path.write_text(json.dumps(resource), encoding="utf-8")
    result = CliRunner().invoke(main, ["questionnaire", "check", str(path), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout) == [
        {"severity": one.severity, "expression": one.expression, "message": one.message}
        for one in check(resource)
    ]
    assert "que-1" in result.stdout


def test_a_variable_whose_name_is_no_text(found: Found) -> None:
    nameless = expression("variable", "1")
    nameless["valueExpression"]["name"] = {}
    asked = item("x", "integer", extension=[expression("calculatedExpression", "%x")])
    assert any("%x is defined nowhere" in one.message for one in found(asked, extension=[nameless]))


def test_more_languages_than_anybody_translates_into(found: Found) -> None:
    translations = [
        {
            "url": "translation",
            "extension": [
                {"url": "lang", "valueCode": f"x{chr(97 + n % 26)}-{n:04d}"},
                {"url": "content", "valueString": "Text"},
            ],
        }
        for n in range(60)
    ]
    asked = item("x") | {"_text": {"extension": translations}}
    assert any("languages; only" in one.message for one in found(asked))


def test_what_is_nested_too_deep_is_not_looked_at_further() -> None:
    assert all(one.code != "invariant" for one in check(nested(100)))
    assert any(one.code == "too-costly" for one in check(nested(100)))
