"""What counts of a response as received: each answer once, wherever it stood, and no phantom."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire.answers import response_items
from template_service.questionnaire.contradictions import contradictions
from template_service.questionnaire.counts import settled
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.questionnaire.scoring import score_report

Json = dict[str, Any]
CORE = "http://hl7.org/fhir/StructureDefinition"
OURS = "https://example.org/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire"


def expressed(name: str, text: str) -> Json:
    value = {"language": "text/fhirpath", "expression": text}
    return {"url": f"{SDC}-{name}", "valueExpression": value}


def asked(link_id: str, *extensions: Json, kind: str = "integer", **more: Any) -> Json:
    return {"linkId": link_id, "type": kind, "extension": list(extensions), **more}


def calculated(link_id: str, text: str, **more: Any) -> Json:
    return asked(link_id, expressed("calculatedExpression", text), **more)


def group(link_id: str, *items: Json, **more: Any) -> Json:
    return {"linkId": link_id, "type": "group", "item": list(items), **more}


def choice(link_id: str, **more: Any) -> Json:
    """A question with an urgent option `<linkId>-y` that weighs 2, and one that is neither."""
    card = {
        "url": f"{OURS}/sdoh-urgent-card",
        "extension": [
            {"url": "owner", "valueString": "o"},
            {"url": "action", "valueString": "a"},
        ],
    }
    weight = {"url": f"{CORE}/itemWeight", "valueDecimal": 2}
    code = f"{link_id}-y"
    options = [
        {"valueCoding": {"code": code, "display": code}, "extension": [card, weight]},
        {"valueCoding": {"code": "n", "display": "n"}},
    ]
    return {"linkId": link_id, "type": "choice", "answerOption": options, **more}


def form_of(*items: Json) -> Form:
    return compile_questionnaire(
        {"resourceType": "Questionnaire", "url": "urn:q", "status": "active", "item": list(items)}
    )


def received(*items: Any) -> Json:
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": list(items)}


def node(link_id: str, *values: Any, **more: Any) -> Json:
    kinds = {bool: "valueBoolean", int: "valueInteger", str: "valueString"}
    answers = [{kinds[type(each)]: each} for each in values]
    return {"linkId": link_id, **({"answer": answers} if answers else {}), **more}


def chosen(link_id: str, code: str | None = None) -> Json:
    coding = {"code": code or f"{link_id}-y"}
    return {"linkId": link_id, "answer": [{"valueCoding": coding}]}


def if_(question: str, value: Any = True, operator: str = "=") -> list[Json]:
    kind = "answerBoolean" if isinstance(value, bool) else "answerInteger"
    return [{"question": question, "operator": operator, kind: value}]


TOTAL = "%resource.descendants().where(linkId='hurt' or linkId='in').answer.weight().sum()"
CONDITION = asked("b", kind="string", enableWhen=if_("a"))
ROWS = group("g", asked("a", kind="boolean"), choice("hurt", repeats=True), repeats=True)
ASKING_ROWS = {**ROWS, "item": [*ROWS["item"], CONDITION]}


@pytest.mark.parametrize("rows", [ROWS, ASKING_ROWS], ids=["flat", "asked per row"])
@pytest.mark.parametrize(
    "items",
    [
        [node("g", item=[node("a", True)]), chosen("hurt")],
        [chosen("hurt"), node("g", item=[node("a", True)])],
        [node("g", item=[node("a", True)]), node("?", item=[chosen("hurt")])],
        [node("g", item=[node("a", True), chosen("hurt")])],
        [node("g", item=[node("a", True)]), node("top", 1, item=[chosen("hurt")])],
        [chosen("hurt")],
    ],
)
def test_an_answer_outside_its_row_counts(rows: Json, items: list[Json]) -> None:
    form = form_of(rows, asked("top"), calculated("t", TOTAL))

    found = score_report(form, received(*items))

    assert found["urgent"] == ["hurt-y"]
    assert (found["scores"], found["calculated"]) == ({"hurt": 2}, {"t": 2})


def test_what_stands_in_a_row_and_belongs_elsewhere_counts_once_where_it_belongs() -> None:
    form = form_of(
        ROWS,
        asked("top"),
        calculated("t", "%resource.item.where(linkId='top').answer.value.sum()"),
        calculated("all", "%resource.descendants().where(linkId='top').answer.value.sum()"),
    )
    row = node("g", item=[node("top", 5), chosen("hurt")])
    found = score_report(form, received(row, node("g", item=[chosen("hurt")])))
    assert (found["calculated"], found["scores"]) == ({"t": 5, "all": 5}, {"hurt": 4})


QUESTION = asked("q", kind="boolean", repeats=True, item=[choice("in")])
NEVER = choice("never", enableWhen=if_("off"))
EXPRESSED = choice("told", extension=[expressed("enableWhenExpression", "%resource.none.exists()")])
VALUED = [
    calculated("c", "%resource.descendants().where(linkId='a').count()"),
    choice("by", enableWhen=if_("c", 99)),
]
ODD = form_of(
    asked("off", kind="boolean"),
    group("g", *ASKING_ROWS["item"], group("h", choice("deep"), repeats=True), repeats=True),
    QUESTION,
    group("closed", choice("shut"), repeats=True, enableWhen=if_("off")),
    NEVER,
    EXPRESSED,
    *VALUED,
)
PLAIN = form_of(ROWS, QUESTION, calculated("t", TOTAL))
URGENT = ("hurt", "deep", "in", "shut", "never", "told", "by")


def trees(*urgent: str) -> st.SearchStrategy[list[Json]]:
    """Items of responses in any order and nesting, some that no form has."""
    holders = st.sampled_from(("g", "h", "q", "closed", "?", "off", "a", "b", *urgent))
    leaves = (
        st.sampled_from(urgent).map(chosen)
        | st.sampled_from(urgent).map(lambda link_id: chosen(link_id, "n"))
        | st.sampled_from((node("a", True), node("off", False), node("b", "x"), node("g")))
    )
    inner: st.SearchStrategy[Json] = st.recursive(
        leaves,
        lambda inside: st.builds(_around, holders, st.lists(inside, max_size=3), st.booleans()),
        max_leaves=12,
    )
    return st.lists(inner, max_size=6)


def _around(link_id: str, inside: list[Json], in_answer: bool) -> Json:
    if in_answer:
        return {"linkId": link_id, "answer": [{"valueBoolean": True, "item": inside}]}
    return {"linkId": link_id, "item": inside}


def codes_in(response: Json) -> Iterator[str]:
    for _, each in response_items(response):
        for answer in each.get("answer", []):
            code = answer.get("valueCoding", {}).get("code", "n")
            if code == f"{each['linkId']}-y":
                yield code


@settings(max_examples=100)
@given(trees(*URGENT))
def test_every_disclosure_anywhere_is_urgent(items: list[Json]) -> None:
    response = received(*items)
    for form in (ODD, PLAIN):
        known = {f"{link_id}-y" for link_id in form.items}
        assert set(score_report(form, response)["urgent"]) == {*codes_in(response)} & known


@settings(max_examples=75)
@given(trees("hurt", "in"))
def test_every_answer_is_in_both_totals_once(items: list[Json]) -> None:
    found = score_report(PLAIN, received(*items))
    there = 2 * len(list(codes_in(received(*items))))
    assert sum(found["scores"].values()) == there
    assert found["calculated"].get("t", 0) == there


def test_a_card_that_is_safety_by_what_opens_it_is_masked_on_screen() -> None:
    masked = {"url": f"{OURS}/sdoh-masked", "valueBoolean": True}
    form = form_of(asked("off", masked, kind="boolean"), NEVER)

    found = score_report(form, received(node("off", True), chosen("never")))

    assert found["urgent"] == found["masked_on_screen"] == ["never-y"]


def test_a_disclosure_deeper_than_anybody_reads_conditions_is_urgent() -> None:
    deep = chosen("hurt")
    for _ in range(300):
        deep = node("?", item=[deep])
    assert score_report(ODD, received(node("g"), deep))["urgent"] == ["hurt-y"]


SUM = "%resource.descendants().where(linkId='sub').answer.value.sum()"
SUB = calculated("sub", "%resource.item.where(linkId='n').answer.value * 2")


@pytest.mark.parametrize(
    "sub",
    [
        {**SUB, "enableWhen": if_("yes")},
        group("inner", SUB, enableWhen=if_("yes")),
        group("inner", group("further", {**SUB, "enableWhen": if_("yes")})),
    ],
    ids=["itself", "its group", "in groups"],
)
def test_what_is_calculated_and_not_asked_for_is_in_no_total(sub: Json) -> None:
    form = form_of(asked("yes", kind="boolean"), asked("n"), sub, calculated("total", SUM))
    given_items = [node("yes", False), node("n", 4)]

    assert score_report(form, received(*given_items))["calculated"] == {}
    given_items[0] = node("yes", True)
    assert score_report(form, received(*given_items))["calculated"] == {"sub": 8, "total": 8}
    assert contradictions(form, received(*given_items, node("total", 8))) == ()
    given_items[0] = node("yes", False)
    [told] = contradictions(form, received(*given_items, node("total", 8)))
    assert told.link_id == "total"


def test_each_row_has_its_own_condition() -> None:
    row = group(
        "g",
        asked("yes", kind="boolean"),
        calculated("sub", "7", enableWhen=if_("yes")),
        repeats=True,
    )
    form = form_of(row, calculated("total", SUM))
    rows = [node("g", item=[node("yes", each)]) for each in (True, False, True)]
    assert score_report(form, received(*rows))["calculated"] == {"sub": 7, "total": 14}


def test_a_value_of_nothing_asked_for_keeps_no_answer() -> None:
    form = form_of(
        asked("gate", kind="boolean"),
        calculated("w", "9", enableWhen=if_("gate")),
        calculated("t", "%resource.item.where(linkId='w').answer.value.sum()"),
        asked("v", kind="string", enableWhen=if_("t", 2, ">")),
    )
    final, dropped = settled(form, received(node("gate", False), node("v", "words")))
    assert final["item"] == [node("gate", False)]
    assert [each.link_id for each in dropped] == ["v"]


NOT = {"answerBoolean": False}


def test_a_value_that_only_a_phantom_disables_is_there() -> None:
    form = form_of(
        asked("gate", kind="boolean"),
        calculated("w", "9", enableWhen=if_("gate")),
        calculated("t", "%resource.item.where(linkId='w').answer.value.sum() | 0"),
        calculated("u", "1", enableWhen=[{"question": "w", "operator": "exists"} | NOT]),
    )
    assert score_report(form, received(node("gate", False)))["calculated"] == {"t": 0, "u": 1}


def test_values_that_disable_each_other_have_none_and_that_is_told() -> None:
    form = form_of(
        calculated("a", "1", enableWhen=[{"question": "b", "operator": "exists"} | NOT]),
        calculated("b", "%resource.item.where(linkId='a').answer.value"),
        calculated(
            "c",
            "1",
            extension=[
                expressed("calculatedExpression", "1"),
                expressed("enableWhenExpression", "%resource.item.where(linkId='d').empty()"),
            ],
        ),
        calculated("d", "%resource.item.where(linkId='c').answer.value"),
    )
    found = score_report(form, received(node("x")))
    assert found["calculated"] == {}
    assert [each["code"] for each in found["problems"]] == ["too-costly"]


SLOW = "%resource.descendants().where($this.descendants().count() > 0).count()"


def costly() -> tuple[Form, Json]:
    plain = [asked(f"i{at}") for at in range(2_000)]
    values = [calculated(f"c{at}", f"{SLOW} + {at}") for at in range(60)]
    shown = [
        asked(f"e{at}", expressed("enableWhenExpression", f"{SLOW} < {at}")) for at in range(60)
    ]
    items = [node(f"{kind}{at}", 1) for kind in "ce" for at in range(60)]
    return form_of(*plain, *values, *shown), received(
        *[node(f"i{at}", 1) for at in range(2_000)], *items
    )


def costly_rows() -> tuple[Form, Json]:
    total = "%resource.descendants().where(linkId='i0').answer.value.sum()"
    inside = [
        asked("i0"),
        asked("i1", enableWhen=if_("i0", 1)),
        calculated("c0", total),
        calculated("c1", total, enableWhen=if_("i0", 1)),
        asked("e0", expressed("enableWhenExpression", "%resource.descendants().count() > 3")),
    ]
    row = node("g", item=[node("i0", 1), node("i1", 1), node("e0", 1)])
    return form_of(group("g", *inside, repeats=True)), received(*[row] * 1_000)


@pytest.mark.parametrize("made", [costly, costly_rows])
def test_all_of_it_has_the_time_of_one_response_and_says_when_it_was_too_little(made: Any) -> None:
    form, response = made()
    found = score_report(form, response)
    assert [each["code"] for each in found["problems"]] == ["too-costly"]
    # Nobody knows, so nobody's answer goes.
    final, dropped = settled(form, response)
    assert {each.code for each in dropped} == {"too-costly"}
    told = [each["linkId"] for _, each in response_items(final)]
    assert all(told.count(name) for name in ("e1", "i1") if name in form.items)
