"""What must hold of any score, whatever was answered (rules.md, rule 4)."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire.answers import read_answers, to_response
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Answers, Form, Option, Value
from template_service.questionnaire.scoring import Context, Score, score, score_report
from tests.strategies import CONDITIONS, answers, json_values, leeds_form, leeds_questionnaire
from tests.unit.questionnaire.conftest import small_questionnaire

FORM = leeds_form()
DOMAINS = tuple(domain.id for domain in FORM.domains)
TICKS = tuple(option for option in FORM.items["urgent"].options if option.card)
contexts = st.builds(
    Context,
    st.none() | st.integers(0, 100),
    st.frozensets(st.sampled_from(CONDITIONS)),
)
some_domains = st.frozensets(st.sampled_from(DOMAINS))


def chosen(form: Form, **codes: str | list[str]) -> Answers:
    """Answers from linkIds (`__` for a dot, `_` for a hyphen) and codes."""
    found: dict[str, tuple[Value, ...]] = {}
    for name, code in codes.items():
        link_id = name.replace("__", ".").replace("_", "-")
        options = form.items[link_id].by_code
        found[link_id] = tuple(options[one] for one in ([code] if isinstance(code, str) else code))
    return found


def levels(scored: Score) -> dict[str, int]:
    return {each.id: each.level for each in scored.domains.values() if each.level is not None}


@given(answers(FORM), contexts, some_domains)
def test_every_score_is_well_formed(
    given_answers: Answers, context: Context, not_offered: frozenset[str]
) -> None:
    scored = score(FORM, given_answers, context, not_offered)

    assert tuple(scored.domains) == DOMAINS
    assert sorted(scored.order) == sorted(name for name, level in levels(scored).items() if level)
    for earlier, later in zip(scored.order, scored.order[1:], strict=False):
        assert levels(scored)[earlier] >= levels(scored)[later]
    assert list(scored.urgent) == sorted(set(scored.urgent) & set(FORM.cards))
    assert set(scored.masked_on_screen) <= set(scored.urgent)
    assert scored.needs == tuple(sorted({n for d in scored.domains.values() for n in d.needs}))
    for domain in scored.domains.values():
        assert (domain.level is None) >= (domain.state in ("declined", "not-asked", "not-offered"))
        assert domain.state != "no-need" or domain.level == 0
        assert domain.state != "need" or domain.level in range(1, 5)
        assert domain.needs == () or domain.level


@given(answers(FORM), contexts, st.sampled_from(TICKS))
def test_an_urgent_tick_never_lowers_anything(
    given_answers: Answers, context: Context, tick: Option
) -> None:
    before = score(FORM, given_answers, context)
    ticked = dict.fromkeys((*given_answers.get("urgent", ()), tick))

    after = score(FORM, {**given_answers, "urgent": tuple(ticked)}, context)

    assert set(before.urgent) | {tick.code} <= set(after.urgent)
    assert set(before.needs) <= set(after.needs)
    for name, level in levels(before).items():
        assert levels(after)[name] >= level
    if tick.card and tick.card.domain:
        assert after.domains[tick.card.domain].state == "need"
        assert after.domains[tick.card.domain].level == 4


@given(answers(FORM), contexts, some_domains, st.sampled_from(["declined", "no-need"]))
def test_no_row_hides_a_disclosure(
    given_answers: Answers, context: Context, rows: frozenset[str], row: str
) -> None:
    disclosed = {
        FORM.items[link_id].domain or (value.card.domain if value.card else None)
        for link_id, values in given_answers.items()
        for value in values
        if isinstance(value, Option) and value.discloses
    } - {None}
    raised = {
        value.urgent or value.code
        for values in given_answers.values()
        for value in values
        if isinstance(value, Option) and (value.urgent or value.card)
    }
    hidden = {f"{name}.screen": (FORM.domain(name).screen.by_code[row],) for name in rows}

    scored = score(FORM, {**given_answers, **hidden}, context, rows)

    assert raised <= set(scored.urgent)
    assert {scored.domains[str(name)].state for name in disclosed} <= {"need"}


UNKNOWN = tuple(
    (item.link_id, option)
    for item in FORM.items.values()
    if item.domain
    for option in item.options
    if option.code in ("dont-know", "declined") and item.link_id != f"{item.domain}.screen"
)


@given(answers(FORM), contexts, st.sampled_from(UNKNOWN))
def test_an_answer_of_unknown_level_changes_nothing(
    given_answers: Answers, context: Context, unknown: tuple[str, Option]
) -> None:
    link_id, option = unknown
    without = {name: values for name, values in given_answers.items() if name != link_id}

    assert score(FORM, {**without, link_id: (option,)}, context) == score(FORM, without, context)


@given(answers(FORM), contexts)
def test_masking_hides_from_the_screen_and_from_nothing_else(
    given_answers: Answers, context: Context
) -> None:
    interpreter = FORM.items["interpreter"].by_code
    safe: Answers = {
        **given_answers,
        "seen-alone": (True,),
        "interpreter": (interpreter["professional"],),
    }

    alone = score(FORM, safe, context)

    assert alone.masked_on_screen == ()
    gated = {card for card in alone.urgent if FORM.cards[card].gate == "seen-alone"}
    without = {name: values for name, values in safe.items() if name != "seen-alone"}
    for other in (
        without,
        {**safe, "seen-alone": (False,)},
        {**safe, "interpreter": (interpreter["informal"],)},
    ):
        masked = score(FORM, other, context)
        assert set(masked.masked_on_screen) == gated
        assert (masked.urgent, masked.domains, masked.needs) == (
            alone.urgent,
            alone.domains,
            alone.needs,
        )


@given(answers(FORM), contexts)
def test_a_nested_and_a_flat_response_score_alike(given_answers: Answers, context: Context) -> None:
    response = to_response(FORM, given_answers, status="in-progress")
    flat: list[Any] = []
    waiting = list(response.get("item", []))
    while waiting:
        node = waiting.pop()
        waiting.extend(node.get("item", []))
        if "answer" in node:
            for answer in node["answer"]:
                answer.get("valueCoding", {}).pop("system", None)
            flat.append(node)

    found, problems = read_answers(FORM, {"item": flat})

    assert problems == ()
    assert score(FORM, found, context) == score(FORM, given_answers, context)


@given(answers(FORM), contexts)
def test_conditions_count_like_health(given_answers: Answers, context: Context) -> None:
    options = FORM.items["health"].by_code
    health = tuple(options[code] for code in sorted(context.conditions))
    without = {name: values for name, values in given_answers.items() if name != "health"}

    told = score(FORM, {**without, **({"health": health} if health else {})}, Context(context.age))

    assert told == score(FORM, without, context)


def test_asking_about_the_rest_fills_untouched_rows_only(form: Form) -> None:
    given_answers: Answers = {
        **chosen(form, housing__screen="need", food__screen="declined"),
        "asked-rest": (True,),
    }

    scored = score(form, given_answers, not_offered=frozenset({"work", "wellbeing"}))

    found = {name: (each.state, each.method) for name, each in scored.domains.items()}
    assert found["housing"] == ("need", "asked")
    assert found["food"] == ("declined", "asked")
    assert found["money"] == ("no-need", "batch")
    assert found["work"] == ("not-offered", None)
    assert found["wellbeing"] == ("no-need", "batch")
    assert found["safety"] == ("not-asked", None)
    assert score(form, {"asked-rest": (False,)}).domains["money"].state == "not-asked"


def test_what_is_not_offered_can_still_be_answered(form: Form) -> None:
    given_answers = chosen(form, work__screen="need")

    scored = score(form, given_answers, not_offered=frozenset({"work"}))

    assert scored.domains["work"].state == "need"


def test_a_tick_of_a_lower_level_does_not_lower_its_domain() -> None:
    questionnaire = copy.deepcopy(leeds_questionnaire())
    [tab] = [each for each in questionnaire["item"] if each["linkId"] == "tab.urgent"]
    for option in tab["item"][0]["answerOption"]:
        for extension in option["extension"]:
            for part in extension.get("extension", ()):
                if part["url"] == "level":
                    part["valueInteger"] = 1
    form = compile_questionnaire(questionnaire)
    row = chosen(form, money__screen="no-need", food__screen="need", food__hvs1="often")

    assert levels(score(form, {**row, **chosen(form, urgent="no_food")}))["food"] == 2
    assert levels(score(form, chosen(form, urgent="unsafe_home"))) == {"safety": 3}


def test_a_tick_beside_a_row_keeps_the_rows_default_needs(form: Form) -> None:
    row = chosen(form, housing__screen="need")

    assert score(form, {**row, **chosen(form, urgent="homeless_tonight")}).needs == (
        "homelessness-urgent",
        "housing-advice",
    )


def test_an_unsure_row_with_a_disclosure_is_a_need(form: Form) -> None:
    safety = score(form, chosen(form, safety__screen="unsure", safety__who="other"))

    assert safety.domains["safety"].state == "need"
    assert safety.domains["safety"].level == 3
    assert safety.urgent == ("safety_disclosed",)


def test_circumstances_raise_to_three_and_no_further(form: Form) -> None:
    cold = chosen(form, energy__screen="need", energy__now="soon", household="under5")
    off = chosen(form, energy__screen="need", energy__now="off", household="under5")

    assert levels(score(form, cold)) == {"energy": 3}
    assert levels(score(form, off)) == {"energy": 4}


@pytest.mark.parametrize(("age", "level"), [(64, 2), (65, 3), (None, 2)])
def test_age_is_known_from_the_context(form: Form, age: int | None, level: int) -> None:
    cold = chosen(form, energy__screen="need", energy__warm="cost")

    assert levels(score(form, cold, Context(age=age))) == {"energy": level}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_of_the_record_raises_as_health_does(form: Form, condition: str) -> None:
    cold = chosen(form, energy__screen="need", energy__warm="cost")
    told = {**cold, **chosen(form, health=condition)}

    assert levels(score(form, cold, Context(conditions=frozenset({condition})))) == {"energy": 3}
    assert levels(score(form, told)) == {"energy": 3}


def test_wanting_help_now_and_the_priority_break_ties(form: Form) -> None:
    rows = chosen(form, housing__screen="need", money__screen="need", access__screen="need")

    assert score(form, rows).order == ("housing", "money", "access")
    wanting = {**rows, **chosen(form, access__wants_help="yes-now")}
    assert score(form, wanting).order == ("access", "housing", "money")
    first = {**rows, **chosen(form, priority="access")}
    assert score(form, first).order == ("access", "housing", "money")
    both = {**wanting, **chosen(form, priority="money")}
    assert score(form, both).order == ("money", "access", "housing")


def test_a_level_outweighs_every_tie_breaker(form: Form) -> None:
    rows = chosen(form, housing__screen="need", work__screen="need", work__status="unable")
    wanting = chosen(form, housing__wants_help="yes-now", priority="housing")

    assert score(form, {**rows, **wanting}).order == ("work", "housing")


def test_circumstances_raise_an_unsure_domain_too(form: Form) -> None:
    cold = chosen(form, energy__screen="unsure", energy__warm="cost", household="under5")

    assert levels(score(form, cold)) == {"energy": 3}


def test_default_needs_are_those_of_a_need_that_names_none(form: Form) -> None:
    unsure = chosen(form, connection__screen="unsure", connection__help="notsure")
    need = chosen(form, connection__screen="need", connection__help="notsure")

    assert levels(score(form, unsure)) == {"connection": 1}
    assert score(form, unsure).needs == ()
    assert score(form, need).needs == ("community-groups",)


def test_the_needs_of_a_card_belong_to_its_domain(form: Form) -> None:
    scored = score(form, chosen(form, money__screen="need", urgent="no_food"))

    assert scored.domains["food"].needs == ("food-aid",)
    assert scored.domains["money"].needs == ("benefits-advice", "income-maximisation")


def test_a_modifier_beyond_the_subset_scores_through_fhirpath() -> None:
    questionnaire = copy.deepcopy(leeds_questionnaire())
    [tab] = [each for each in questionnaire["item"] if each["linkId"] == "tab.domains"]
    [energy] = [each for each in tab["item"] if each["linkId"] == "energy"]
    for extension in energy["extension"]:
        for part in extension.get("extension", ()):
            if part["url"] == "condition":
                part["valueExpression"]["expression"] = "%household.count() >= 2"
    form = compile_questionnaire(questionnaire)
    cold = chosen(form, energy__screen="need", energy__warm="cost", household=["adults", "school"])

    assert levels(score(form, cold)) == {"energy": 3}
    assert levels(score(form, {**cold, **chosen(form, household="school")})) == {"energy": 2}


def test_a_questionnaire_without_domains_has_totals_only() -> None:
    weight = {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 1.5}
    questionnaire = small_questionnaire()
    for option in questionnaire["item"][0]["item"][0]["answerOption"][:2]:
        option["extension"] = [weight]
    form = compile_questionnaire(questionnaire)
    response = to_response(form, chosen(form, colour=["red", "green"]), status="completed")

    assert score_report(form, response) == {
        "calculated": {},
        "scores": {"colour": 3.0},
        "urgent": [],
        "masked_on_screen": [],
        "order": [],
        "needs": [],
    }


def _integer(link_id: str, **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": "integer", **more}


def _total(expression: str, link_id: str = "t") -> dict[str, Any]:
    url = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
    value = {"language": "text/fhirpath", "expression": expression}
    return _integer(link_id, extension=[{"url": url, "valueExpression": value}])


def _form(*items: dict[str, Any]) -> Form:
    return compile_questionnaire(
        {"resourceType": "Questionnaire", "status": "active", "item": list(items)}
    )


def _given(link_id: str, *answers: Any) -> dict[str, Any]:
    kinds = {bool: "valueBoolean", int: "valueInteger", dict: "valueCoding"}
    return {"linkId": link_id, "answer": [{kinds[type(each)]: each} for each in answers]}


def _received(*items: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": list(items)}


_FIVE = {"url": "http://hl7.org/fhir/StructureDefinition/itemWeight", "valueDecimal": 5}
_X = {"system": "https://example.org/answers", "code": "x"}
_IF_A = {"enableWhen": [{"question": "a", "operator": "=", "answerBoolean": True}]}
_IF_A_SAYS_SO = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
            "sdc-questionnaire-enableWhenExpression",
            "valueExpression": {
                "language": "text/fhirpath",
                "expression": "%resource.item.where(linkId='a').answer.value = true",
            },
        }
    ]
}


@pytest.mark.parametrize("condition", [_IF_A, _IF_A_SAYS_SO])
def test_what_is_not_asked_for_counts_in_no_total(condition: dict[str, Any]) -> None:
    form = _form(
        {"linkId": "a", "type": "boolean"},
        {
            "linkId": "b",
            "type": "choice",
            "answerOption": [{"valueCoding": _X, "extension": [_FIVE]}],
            **condition,
        },
        _total("%resource.item.where(linkId='b').answer.weight().sum()"),
        _total("1", "u") | _IF_A,
    )
    asked = score_report(form, _received(_given("a", True), _given("b", _X)))
    assert (asked["calculated"], asked["scores"]) == ({"t": 5, "u": 1}, {"b": 5})
    not_asked = score_report(form, _received(_given("a", False), _given("b", _X)))
    assert (not_asked["calculated"], not_asked["scores"]) == ({}, {})


def test_a_repeating_group_elsewhere_does_not_change_how_a_flat_response_is_read() -> None:
    form = _form(
        _integer("a"),
        {"linkId": "g", "type": "group", "item": [_integer("b")]},
        {"linkId": "r", "type": "group", "repeats": True, "item": [_integer("x")]},
        _total(
            "%resource.item.where(linkId='a').answer.value"
            " + %resource.item.where(linkId='g').item.where(linkId='b').answer.value"
        ),
        _total("%resource.item.where(linkId='r').select(item.answer.value * 10).sum()", "n"),
    )
    rows = [{"linkId": "r", "item": [_given("x", number)]} for number in (4, 5)]
    nested = _received(_given("a", 1), {"linkId": "g", "item": [_given("b", 2)]}, *rows)
    flat = _received(*rows, _given("b", 2), _given("a", 1))
    assert score_report(form, nested)["calculated"] == {"t": 3, "n": 90}
    assert score_report(form, flat)["calculated"] == {"t": 3, "n": 90}
    # What stands in no row at all is one row.
    without_rows = _received(_given("b", 2), _given("a", 1), _given("x", 7))
    assert score_report(form, without_rows)["calculated"] == {"t": 3, "n": 70}


def test_a_raised_card_in_no_domain_is_a_need_all_the_same() -> None:
    """Services are matched for it, so the score must tell of it."""
    ours = "https://city.example/fhir/StructureDefinition"
    card = {"url": "card", "valueCoding": {"code": "hurt", "display": "Hurt"}}
    parts = [card, {"url": "need", "valueCode": "domestic-abuse"}]
    questionnaire = small_questionnaire()
    asked = questionnaire["item"][0]["item"][0]
    asked["extension"] = [{"url": f"{ours}/sdoh-urgent-card", "extension": parts}]
    asked["answerOption"][0]["extension"] = [{"url": f"{ours}/sdoh-urgent", "valueCode": "hurt"}]
    form = compile_questionnaire(questionnaire)

    raised = score(form, chosen(form, colour="red"))
    assert (raised.urgent, raised.needs) == (("hurt",), ("domestic-abuse",))
    assert score(form, chosen(form, colour="green")).needs == ()


@settings(max_examples=25)
@given(json_values())
def test_any_json_is_scored_without_raising(value: Any) -> None:
    for resource in (value, {"item": value}, {"item": [value]}):
        score_report(FORM, resource)
