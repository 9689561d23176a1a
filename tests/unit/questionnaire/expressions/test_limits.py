"""No expression hangs a worker or eats its memory; each is refused with the reason."""

import tracemalloc
from time import thread_time

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.expressions import engine, library, limits
from template_service.questionnaire.expressions.evaluation import check_syntax, evaluate
from template_service.questionnaire.expressions.limits import Allowance, TooCostly
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.problems import QuestionnaireError

RESPONSE = {
    "resourceType": "QuestionnaireResponse",
    "item": [
        {"linkId": f"q{number}", "answer": [{"valueInteger": number}]} for number in range(2000)
    ],
}
NINE = "(1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9)"
BOMBS = {
    "a text that doubles": "'abcdefgh'" + ".select($this & $this)" * 30,
    "replacing nothing": "'a'" + ".replace('', 'bbbbbbbbbbbbbbbbbbbb')" * 20,
    "joining": "%resource.item.linkId" + ".select(%resource.item.linkId.join('          '))" * 3,
    "encoding": "'abcdefgh'" + ".encode('hex')" * 40,
    "a collection that doubles": NINE + ".combine($this)" + ".select($this | %resource.item)" * 5,
    "products": NINE + ".select(%resource.item)" * 8,
    "descendants of descendants": "descendants().select(%resource.descendants())",
    "repeating for ever": "'a'.repeat($this & 'a')",
    "all in all": "item.all(%resource.item.all(%resource.item.all(linkId.exists())))",
    "a number that squares": f"({NINE} | {NINE}.select($this + 10) | {NINE}.select($this + 30))"
    ".aggregate($total * $total, 9999)",
    "a power of a part": "0.5.power(99999)",
    "exponents": "99999999.exp()",
    "intersections": "descendants().select(%resource.descendants().intersect(%resource.item))",
    "a long number": "9" * 400,
    "long sums": "+".join(["1"] * 3000),
    "nested brackets": "(" * 400 + "1" + ")" * 400,
    "nested functions": "item.where(" * 200 + "true" + ")" * 200,
    "signs": "-" * 900 + "1",
    "indexes": "item" + "[0]" * 400,
    "a long text": "'" + "a" * 11_000 + "'",
    "a long path": ".".join(["item"] * 2000),
}
_REGEX_TEXT = "'" + "a" * 40 + "'"


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_with_its_reason(name: str) -> None:
    started = thread_time()
    with pytest.raises(QuestionnaireError) as raised:
        evaluate(BOMBS[name], RESPONSE, {"resource": RESPONSE})

    assert "too much work" in str(raised.value) or "cannot be evaluated" in str(raised.value)
    # The limits on steps and seconds are met within one step of them; this only proves no hang.
    assert thread_time() - started < 20 * limits.SECONDS_LIMIT


@pytest.mark.parametrize("name", ["products", "joining"])
def test_a_bomb_takes_less_than_100_mb(name: str) -> None:
    with pytest.raises(TooCostly):
        evaluate(BOMBS[name], RESPONSE, {"resource": RESPONSE})
    tracemalloc.start()
    try:
        with pytest.raises(TooCostly):
            evaluate(BOMBS[name], RESPONSE, {"resource": RESPONSE})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100_000_000


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (f"{_REGEX_TEXT}.matches('^(a+)+$b')", [False]),
        (f"{_REGEX_TEXT}.matches('(a|a)*b')", [False]),
        (f"{_REGEX_TEXT}.matches('(a*)*$')", [True]),
        (f"{_REGEX_TEXT}.replaceMatches('(a*)*b', '')", ["a" * 40]),
    ],
)
def test_patterns_take_linear_time(expression: str, expected: list[object]) -> None:
    assert evaluate(expression, {}, {}) == expected


@pytest.mark.parametrize("pattern", ["(?=a)", "(a)\\\\1", "[", "a{1,9999}", "(" * 40])
def test_a_pattern_that_is_not_for_re2_is_refused(pattern: str) -> None:
    with pytest.raises(QuestionnaireError, match="pattern"):
        evaluate(f"'a'.matches('{pattern}')", {}, {})


def test_what_published_forms_use_is_far_below_the_limits() -> None:
    assert evaluate("+".join(["1"] * 500), {}, {}) == [500]
    assert evaluate("(" * 40 + "1" + ")" * 40, {}, {}) == [1]
    assert evaluate(" or ".join(["false"] * 400) + " or true", {}, {}) == [True]
    assert evaluate("descendants().count()", RESPONSE, {}) == [8000]
    assert evaluate("item.where(" * 12 + "true" + ").exists()" * 12, {"item": {"item": 1}}, {})
    assert evaluate("descendants().where(linkId = 'q7').answer.value", RESPONSE, {}) == [7]


CODES = "%resource.item.where(linkId='c').answer.value.code"
CODED = {
    "resourceType": "QuestionnaireResponse",
    "item": [
        {"linkId": "c", "answer": [{"valueCoding": {"code": f"c{at}"}} for at in range(4000)]},
        {"linkId": "long", "answer": [{"valueString": "a " * 300_000}]},
    ],
}
CLOSURE_BOMBS = {
    "a total that doubles": f"{CODES}.aggregate($total.combine($total).combine($this)).count()",
    "a total that grows": f"{CODES}.aggregate($total | $this).count()",
    "all among all": "%resource.item.where(linkId='c').answer"
    f".where(value.code in {CODES}).count()",
    "products": f"{CODES}.select({CODES}).count()",
    "texts": f"{CODES}.select('{'a' * 4000}' & $this & '{'b' * 4000}').count()",
    "a long criterion": "%resource.item.where(linkId='c').answer.where("
    + " or ".join(f"value.code = 'x{at}'" for at in range(190))
    + ").count()",
    "long texts alike": f"{CODES}.where($this ~ %resource.item.where(linkId='long').answer.value)",
}


@pytest.mark.parametrize("name", CLOSURE_BOMBS)
def test_closures_leave_a_bomb_to_the_library_and_both_stop_in_time(name: str) -> None:
    questions = [{"linkId": each, "type": "string"} for each in ("c", "long")]
    form = compile_questionnaire(
        {"resourceType": "Questionnaire", "status": "draft", "item": questions}
    )
    scope = Scope.of(form, CODED)
    started = thread_time()
    tracemalloc.start()
    try:
        assert scope.sight.evaluate(CLOSURE_BOMBS[name]) is None
        with pytest.raises(TooCostly):
            scope.evaluate(CLOSURE_BOMBS[name])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100 * 2**20
    assert thread_time() - started < 20 * limits.SECONDS_LIMIT
    assert scope.shared.seconds < limits.ALLOWANCE


def test_every_step_is_counted() -> None:
    """Fails when a release of fhirpathpy evaluates past the node types that count."""
    ours = [name for name in library.evaluators if name.startswith("questionnaire:")]
    assert len(ours) == 8
    work = limits.Work()
    engine._nodes("item.where(answer.value > 5).count() + 1", RESPONSE, {}, work)
    assert work._steps > 5 * 2000


def test_evaluations_of_one_scope_share_their_time() -> None:
    allowance = Allowance()
    with pytest.raises(TooCostly):
        evaluate(BOMBS["repeating for ever"], RESPONSE, {}, allowance)
    assert 0 < allowance.seconds <= limits.ALLOWANCE_AFTERWARDS
    assert evaluate("1 + 1", RESPONSE, {}, allowance) == [2]

    allowance.seconds = 0
    with pytest.raises(TooCostly):
        evaluate("1 + 1", RESPONSE, {}, allowance)


def test_variables_of_one_scope_share_their_memory() -> None:
    allowance = Allowance()
    allowance.keep(limits.KEPT_LIMIT)
    with pytest.raises(TooCostly, match="variables"):
        allowance.keep(1)


def test_a_refusal_is_remembered() -> None:
    expression = "(" * 45 + "1 and"
    for _ in range(2):
        with pytest.raises(QuestionnaireError):
            check_syntax(expression)
    before = engine._read.cache_info().hits
    with pytest.raises(QuestionnaireError):
        check_syntax(expression)
    assert engine._read.cache_info().hits == before + 1


def test_the_stack_of_a_caller_that_is_deep_already() -> None:
    def deeper(levels: int) -> list[object]:
        if levels:
            return deeper(levels - 1)
        return evaluate("item.where(" * 15 + "true" + ")" * 15, RESPONSE, {})

    with pytest.raises(TooCostly, match="nested too deeply"):
        deeper(880)
