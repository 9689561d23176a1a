"""Random expressions of the common shapes, and random responses to ask them about."""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form

Json = dict[str, Any]

SYSTEM = "https://example.org/CodeSystem/answers"
WEIGHT = "http://hl7.org/fhir/StructureDefinition/itemWeight"
VARIABLE = "http://hl7.org/fhir/StructureDefinition/variable"
ENVIRONMENT = {"level": 2, "age": 40.5, "conditions": ["heart", "mental"], "nobody": []}


def option(code: str, weight: float) -> Json:
    coding = {"system": SYSTEM, "code": code}
    return {"valueCoding": coding, "extension": [{"url": WEIGHT, "valueDecimal": weight}]}


def variable(name: str, expression: str) -> Json:
    value = {"name": name, "language": "text/fhirpath", "expression": expression}
    return {"url": VARIABLE, "valueExpression": value}


QUESTIONNAIRE: Json = {
    "resourceType": "Questionnaire",
    "status": "active",
    "extension": [
        variable("group", "%resource.item.where(linkId='group')"),
        variable("counted", "%group.item.where(linkId='whole').answer.value"),
        variable("missing", "%nothing"),
        variable("colours", "%resource.item.where(linkId='colour').answer.value.code"),
        variable("tail", "%resource.item.tail().first().linkId"),
    ],
    "item": [
        {
            "linkId": "group",
            "type": "group",
            "item": [
                {"linkId": "whole", "type": "integer", "repeats": True},
                {"linkId": "part", "type": "decimal"},
            ],
        },
        {
            "linkId": "colour",
            "type": "choice",
            "repeats": True,
            "answerOption": [option("red", 1), option("green", 2.5), option("blue", 0)],
        },
        {
            "linkId": "agreed",
            "type": "boolean",
            "item": [{"linkId": "since", "type": "integer"}],
        },
        {"linkId": "note", "type": "string"},
        {"linkId": "born", "type": "date"},
        {"linkId": "tall", "type": "quantity"},
        {
            "linkId": "child",
            "type": "group",
            "repeats": True,
            "item": [{"linkId": "name", "type": "string"}, {"linkId": "years", "type": "integer"}],
        },
    ],
}

_WORDS = ("Ann", "ann", "Bob  B", "1990-01-01", "2", "red")


@cache
def form() -> Form:
    """The questionnaire that the expressions are about."""
    return compile_questionnaire(QUESTIONNAIRE)


def _item(link_id: str, answers: st.SearchStrategy[list[Json]]) -> st.SearchStrategy[Json]:
    return answers.map(lambda given: {"linkId": link_id, **({"answer": given} if given else {})})


def _group(link_id: str, *inside: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    some = st.tuples(*[st.none() | each for each in inside])
    return some.map(lambda items: {"linkId": link_id, "item": [one for one in items if one]})


def _values(kind: str, values: st.SearchStrategy[Any], most: int = 1) -> st.SearchStrategy[Any]:
    return st.lists(values.map(lambda value: {kind: value}), max_size=most)


_INTEGERS = st.integers(-3, 9)
_DECIMALS = st.sampled_from((0.1, 0.25, 2.0, 2.5, -1.75, 3))
_CODINGS = st.sampled_from(("red", "green", "blue", "pink")).map(
    lambda code: {"system": SYSTEM, "code": code, "display": code.title()}
)
_CHILD = _group(
    "child",
    _item("name", _values("valueString", st.sampled_from(_WORDS))),
    _item("years", _values("valueInteger", _INTEGERS)),
)
_SINCE = _item("since", _values("valueInteger", _INTEGERS))
_AGREED = st.tuples(st.booleans(), st.none() | _SINCE).map(
    lambda pair: {"valueBoolean": pair[0], **({"item": [pair[1]]} if pair[1] else {})}
)
_QUANTITIES = st.builds(
    lambda value: {"value": value, "unit": "m", "system": "http://unitsofmeasure.org", "code": "m"},
    _DECIMALS,
)


def responses() -> st.SearchStrategy[Json]:
    """Responses of every kind that FHIR allows, a few of them odd."""
    items = st.tuples(
        st.lists(
            _group(
                "group",
                _item("whole", _values("valueInteger", _INTEGERS, 3)),
                _item("part", _values("valueDecimal", _DECIMALS)),
            ),
            max_size=1,
        ),
        st.lists(_item("colour", _values("valueCoding", _CODINGS, 3)), max_size=1),
        st.lists(_item("agreed", st.lists(_AGREED, max_size=1)), max_size=1),
        st.lists(_item("note", _values("valueString", st.sampled_from(_WORDS))), max_size=1),
        st.lists(_item("born", _values("valueDate", st.just("1990-01-01"))), max_size=1),
        st.lists(_item("tall", _values("valueQuantity", _QUANTITIES)), max_size=1),
        st.lists(_CHILD, max_size=3),
    )
    odd = st.sampled_from(
        (
            {},
            {},
            {},
            {"contained": [{"resourceType": "Questionnaire", "item": [{"linkId": "note"}]}]},
            {"extension": [{"url": "https://example.org/x", "valueString": "x"}]},
        )
    )
    return st.builds(
        lambda groups, more: {
            "resourceType": "QuestionnaireResponse",
            "status": "in-progress",
            **more,
            "item": [one for group in groups for one in group],
        },
        items,
        odd,
    )


_LINK_IDS = st.sampled_from(
    (
        *("group", "whole", "part", "colour", "agreed", "since", "note", "born", "tall", "child"),
        *("name", "years", "nothing"),
    )
)
_ROOTS = (
    "%resource.item",
    "%resource.descendants()",
    "%resource.repeat(item)",
    "%group.item",
    "%context.item",
    "item",
)
_VALUES = (
    "answer.value",
    "answer.valueInteger",
    "answer.valueCoding.code",
    "answer.value.code",
    "answer.value.value",
    "answer.value.unit",
    "answer.valueBoolean",
    "answer.weight()",
    "answer.value.ordinal()",
    "linkId",
    "item.answer.value",
    "answer.item.where(linkId='since').answer.value",
)


def _nodes() -> st.SearchStrategy[str]:
    asked = st.builds("{}.where(linkId='{}')".format, st.sampled_from(_ROOTS), _LINK_IDS)
    filtered = st.builds(
        "{}.where(linkId='{}' and {})".format,
        st.sampled_from(_ROOTS),
        _LINK_IDS,
        st.sampled_from(
            ("answer.exists()", "answer.empty().not()", "answer.value = 2", "item.count() > 1")
        ),
    )
    inner = st.builds("{}.item.where(linkId='{}')".format, asked, _LINK_IDS)
    begun = st.just("%resource.repeat(item).where(linkId.startsWith('n'))")
    return st.one_of(asked, asked, filtered, inner, begun, st.sampled_from(_ROOTS[:1]))


def _paths() -> st.SearchStrategy[str]:
    return st.builds("{}.{}".format, _nodes(), st.sampled_from(_VALUES)) | st.sampled_from(
        ("%level", "%age", "%conditions", "%nobody", "%counted", "%colours", "%missing", "%tail")
    )


_LITERALS = st.sampled_from(
    (
        *("0", "1", "2", "2.0", "0.1", "-3", "2.5", "true", "false", "{}", "'red'", "'Ann'"),
        *("'heart'", "'2'", "'1990-01-01'", "'2' | 'red'", "1 | 2 | 1.0"),
    )
)
_OPERATORS = (
    *("+", "-", "*", "/", "div", "mod", "&", "|", "=", "!=", "~", "!~", "<", "<=", ">", ">="),
    *("and", "or", "xor", "implies", "in", "contains"),
)
_FUNCTIONS = (
    *("first()", "last()", "exists()", "empty()", "not()", "count()", "sum()", "min()", "max()"),
    *("avg()", "distinct()", "abs()", "ln()", "exp()", "round(1)"),
)
_LAMBDAS = (
    "{}.where($this > 1)",
    "{}.where($this = 'red' or $this = 2)",
    "{}.select($this + 1)",
    "{}.select(iif($this in ('red' | 'Ann'), 1, iif($this = 'blue', {{}}, 'x')))",
    "{}.exists($this = 2)",
    "{}.aggregate(iif($total.empty(), $this, iif($this > $total, $this, $total)))",
    "{}.startsWith('r')",
)


def expressions() -> st.SearchStrategy[str]:
    """Expressions of the shapes that are compiled to closures, and of some close to them."""

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds("({} {} {})".format, inner, st.sampled_from(_OPERATORS), inner),
            st.builds("({}).{}".format, inner, st.sampled_from(_FUNCTIONS)),
            st.builds("iif({}, {}, {})".format, inner, inner, inner),
            st.builds("iif({}.exists(), {})".format, _paths(), inner),
            st.builds("({}).combine({})".format, inner, inner),
            st.builds("({}).intersect({})".format, inner, inner),
            st.builds(str.format, st.sampled_from(_LAMBDAS), inner.map("({})".format)),
        )

    return st.recursive(_paths() | _LITERALS, larger, max_leaves=4)
