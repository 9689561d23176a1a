"""No expression hangs a worker or eats its memory; each is refused with the reason."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.expressions import closures, engine, grammar, library, limits
from template_service.questionnaire.expressions.evaluation import check_syntax, evaluate
from template_service.questionnaire.expressions.limits import Allowance, TooCostly
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.problems import QuestionnaireError


def answered(questions: int) -> dict[str, object]:
    items = [{"linkId": f"q{at}", "answer": [{"valueInteger": at}]} for at in range(questions)]
    return {"resourceType": "QuestionnaireResponse", "item": items}


RESPONSE = answered(2000)
SMALL = answered(100)
NINE = "(1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9)"
BOMBS = {
    "a text that doubles": "'abcdefgh'" + ".select($this & $this)" * 16,
    "replacing nothing": "'a'" + ".replace('', 'bbbbbbbbbbbbbbbbbbbb')" * 20,
    "joining": "%resource.item.linkId" + ".select(%resource.item.linkId.join('          '))" * 3,
    "encoding": "'abcdefgh'" + ".encode('hex')" * 16,
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
    "long sums": "+".join(["1"] * 751),
    "nested brackets": "(" * 51 + "1" + ")" * 51,
    "nested functions": "item.where(" * 51 + "true" + ")" * 51,
    "signs": "-" * 110 + "1",
    "indexes": "item" + "[0]" * 110,
    "a long text": "'" + "a" * 11_000 + "'",
    "a long path": ".".join(["item"] * 751),
}
_REGEX_TEXT = "'" + "a" * 40 + "'"


@pytest.fixture
def scaled_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """A twentieth of what may be counted, for less data: 5 MB stand for 100."""
    monkeypatch.setattr(limits, "STEP_LIMIT", limits.STEP_LIMIT // 20)
    monkeypatch.setattr(limits, "SIZE_LIMIT", limits.SIZE_LIMIT // 20)
    monkeypatch.setattr(closures, "STEP_LIMIT", closures.STEP_LIMIT // 20)


@contextmanager
def less_than_5_mb() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.usefixtures("scaled_down")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_with_its_reason_by_counting_alone(name: str) -> None:
    with pytest.raises(QuestionnaireError) as raised:
        evaluate(BOMBS[name], SMALL, {"resource": SMALL})

    assert "too much work" in str(raised.value) or "cannot be evaluated" in str(raised.value)


@pytest.mark.usefixtures("scaled_down")
@pytest.mark.parametrize("name", ["products", "joining"])
def test_a_bomb_takes_less_than_100_mb(name: str) -> None:
    engine.parsed(BOMBS[name])
    with less_than_5_mb(), pytest.raises(TooCostly):
        evaluate(BOMBS[name], SMALL, {"resource": SMALL})


def test_the_clock_stops_what_counting_would_let_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    engine.parsed(BOMBS["repeating for ever"])
    monkeypatch.setattr(limits, "STEP_LIMIT", 10**9)
    monkeypatch.setattr(limits, "SECONDS_LIMIT", 0.01)
    with pytest.raises(TooCostly, match="takes too long"):
        evaluate(BOMBS["repeating for ever"], SMALL, {})


def test_the_clock_stops_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "PARSER_SECONDS_LIMIT", -1.0)
    with pytest.raises(TooCostly, match="too long to read"):
        engine.parsed("today() - 1 + 2 + 3")


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
        {"linkId": "c", "answer": [{"valueCoding": {"code": f"c{at}"}} for at in range(200)]},
        {"linkId": "long", "answer": [{"valueString": "a " * 30_000}]},
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
    + " or ".join(f"value.code = 'x{at}'" for at in range(20))
    + ").count()",
}
ALIKE = f"{CODES}.where($this ~ %resource.item.where(linkId='long').answer.value)"


def coded() -> Scope:
    questions = [{"linkId": each, "type": "string"} for each in ("c", "long")]
    questionnaire = {"resourceType": "Questionnaire", "status": "draft", "item": questions}
    return Scope.of(compile_questionnaire(questionnaire), CODED)


@pytest.mark.usefixtures("scaled_down")
@pytest.mark.parametrize("name", CLOSURE_BOMBS)
def test_closures_leave_a_bomb_to_the_library_and_both_stop_by_counting(name: str) -> None:
    scope = coded()
    engine.parsed(CLOSURE_BOMBS[name])
    with less_than_5_mb():
        assert scope.sight.evaluate(CLOSURE_BOMBS[name]) is None
        with pytest.raises(TooCostly):
            scope.evaluate(CLOSURE_BOMBS[name])
    assert scope.shared.seconds < limits.ALLOWANCE


def test_long_texts_are_the_librarys_and_the_clock_stops_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "SECONDS_LIMIT", 0.01)
    engine.parsed(ALIKE)
    scope = coded()
    assert scope.sight.evaluate(ALIKE) is None
    with pytest.raises(TooCostly, match="takes too long"):
        scope.evaluate(ALIKE)


def test_every_step_is_counted() -> None:
    """Fails when a release of fhirpathpy evaluates past the node types that count."""
    ours = [name for name in library.evaluators if name.startswith("questionnaire:")]
    assert len(ours) == 8
    work = limits.Work()
    engine._nodes("item.where(answer.value > 5).count() + 1", RESPONSE, {}, work)
    assert work._steps > 5 * 2000


@pytest.mark.usefixtures("scaled_down")
def test_evaluations_of_one_scope_share_their_time() -> None:
    allowance = Allowance()
    with pytest.raises(TooCostly):
        evaluate(BOMBS["repeating for ever"], SMALL, {}, allowance)
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
