"""What counts as safety: what is marked, stands behind the gate, or is worked out of either."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form, Option
from template_service.questionnaire.privacy import (
    is_private,
    is_private_option,
    is_wholly_private,
    private_items,
)
from template_service.questionnaire.scoring import score
from tests.strategies import leeds_form
from tests.unit.questionnaire.counting import lines_run

Json = dict[str, Any]
OURS = "https://template-service.example/fhir/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
MASKED = {"url": f"{OURS}/sdoh-masked", "valueBoolean": True}
GATED = {"url": f"{OURS}/sdoh-display-gate", "valueCode": "seen-alone"}
HURT = "%resource.item.where(linkId='hurt').answer.value"


def expressed(name: str, text: str) -> Json:
    value = {"language": "text/fhirpath", "expression": text}
    return {"url": SDC + name, "valueExpression": value}


def form_of(*items: Json, **head: Any) -> Form:
    return compile_questionnaire({"resourceType": "Questionnaire", "item": list(items), **head})


def item(link_id: str, *extensions: Json, **more: Any) -> Json:
    return {"linkId": link_id, "type": "boolean", "extension": list(extensions), **more}


@pytest.mark.parametrize("mark", [MASKED, GATED])
def test_what_is_marked_or_gated_is_safety_with_all_inside(mark: Json) -> None:
    form = form_of({"linkId": "g", "type": "group", "extension": [mark], "item": [item("in")]})
    assert private_items(form) == {"g", "in"}
    assert is_private(form)
    assert is_wholly_private(form)


@pytest.mark.parametrize("name", ["calculatedExpression", "enableWhenExpression"])
@pytest.mark.parametrize("text", [f"{HURT} = true", "%told", "%resource.descendants().exists()"])
def test_what_is_worked_out_of_safety_is_safety(name: str, text: str) -> None:
    told = {
        "url": "http://hl7.org/fhir/StructureDefinition/variable",
        "valueExpression": {"name": "told", "language": "text/fhirpath", "expression": HURT},
    }
    form = form_of(
        item("hurt", MASKED), item("more", expressed(name, text)), item("free"), extension=[told]
    )
    assert private_items(form) == {"hurt", "more"}
    assert not is_wholly_private(form)


def variable(name: str, text: str) -> Json:
    value = {"name": name, "language": "text/fhirpath", "expression": text}
    return {"url": "http://hl7.org/fhir/StructureDefinition/variable", "valueExpression": value}


@pytest.mark.parametrize(
    ("around", "inside"),
    [
        # What %told reads is what it sees at its own place.
        ([variable("hurt", HURT), variable("told", "%hurt")], [variable("hurt", "1")]),
        # Of two variables of one name the last counts.
        ([variable("told", "1"), variable("told", HURT)], []),
        # The names of SDC cannot be taken.
        ([variable("resource", "1"), variable("told", HURT)], []),
    ],
)
def test_no_variable_hides_what_another_reads(around: list[Json], inside: list[Json]) -> None:
    form = form_of(
        item("hurt", MASKED),
        item("more", expressed("calculatedExpression", "%told"), *inside),
        extension=around,
    )
    assert private_items(form) == {"hurt", "more"}


def test_a_variable_in_another_language_may_read_anything() -> None:
    told = variable("told", "define told: true")
    told["valueExpression"]["language"] = "text/cql"
    form = form_of(
        item("hurt", MASKED),
        item("more", expressed("calculatedExpression", "%told")),
        extension=[told],
    )
    assert private_items(form) == {"hurt", "more"}


def test_what_appears_because_of_safety_is_safety_with_all_inside() -> None:
    asked = [{"question": "hurt", "operator": "=", "answerBoolean": True}]
    inside = item("inside", item=[item("within")])
    form = form_of(
        item("hurt", MASKED),
        {"linkId": "more", "type": "group", "enableWhen": asked, "item": [inside]},
        item(
            "then", enableWhen=[{"question": "within", "operator": "exists", "answerBoolean": True}]
        ),
        item(
            "free", enableWhen=[{"question": "other", "operator": "exists", "answerBoolean": True}]
        ),
        item("other"),
    )
    assert private_items(form) == {"hurt", "more", "inside", "within", "then"}


def test_what_is_worked_out_of_that_is_safety_too() -> None:
    form = form_of(
        item("hurt", MASKED),
        item("a", expressed("calculatedExpression", HURT)),
        item(
            "b", expressed("calculatedExpression", "%resource.item.where(linkId='a').answer.value")
        ),
    )
    assert private_items(form) == {"hurt", "a", "b"}


def test_what_reads_an_item_with_an_option_of_safety_is_safety() -> None:
    option = {"valueString": "Refuge", "extension": [MASKED]}
    home = {"linkId": "home", "type": "choice", "answerOption": [option, {"valueString": "Flat"}]}
    text = "%resource.item.where(linkId='home').answer.value = 'Refuge'"
    form = form_of(home, item("told", expressed("calculatedExpression", text)))
    assert private_items(form) == {"told"}
    assert is_private(form)


@pytest.mark.parametrize("mark", ["masked", "gate", "card"])
def test_each_mark_alone_makes_an_option_safety(mark: str) -> None:
    marked = leeds_form().items["urgent"].by_code["unsafe_home"]
    plain = replace(marked, masked=False, gate=None, card=None)
    assert not is_private_option(plain)
    assert is_private_option(replace(plain, **{mark: getattr(marked, mark)}))


def test_a_form_without_safety_has_none_whatever_it_calculates() -> None:
    form = form_of(
        item("a"), item("b", expressed("calculatedExpression", "descendants().exists()"))
    )
    assert private_items(form) == frozenset()
    assert not is_private(form)


def test_the_levels_of_the_template_follow_its_own_rules() -> None:
    private = private_items(leeds_form())
    assert {"safety", "safety.screen", "safety.level", "safety.wants-help"} <= private
    assert "housing.level" not in private


@pytest.mark.parametrize("name", ["calculatedExpression", "enableWhenExpression"])
@pytest.mark.parametrize(
    "text",
    [
        "%resource.item.where(linkId='g').item.answer.value.ordinal().sum() > 0",
        "%resource.item.where(linkId='g').repeat(item).answer.value.exists()",
        "%resource.item.where(linkId='g').item[0].answer.exists()",
        "%resource.item.where(linkId='g').descendants().where(linkId='in').item.answer.exists()",
    ],
)
def test_what_reads_a_group_around_safety_is_safety(name: str, text: str) -> None:
    group = item("g", type="group", item=[item("in", item=[item("hurt", MASKED)]), item("other")])
    form = form_of(group, item("more", expressed(name, text)), item("free"))
    assert private_items(form) == {"hurt", "more"}


def test_what_reads_beside_safety_in_its_group_is_not_safety() -> None:
    text = "%resource.item.where(linkId='g').item.where(linkId='other').answer.value"
    group = item("g", type="group", item=[item("hurt", MASKED), item("other")])
    form = form_of(group, item("more", expressed("calculatedExpression", text)))
    assert private_items(form) == {"hurt"}


def test_of_a_domain_only_its_level_follows_rules_that_keep_safety_out() -> None:
    calculated = expressed("calculatedExpression", HURT)
    shown = expressed("enableWhenExpression", HURT)
    domain = {"url": f"{OURS}/sdoh-domain", "extension": []}
    asked = [item(f"home.{name}", type="choice") for name in ("screen", "wants-help")]
    worked_out = [item(f"home.{name}", calculated, type="integer") for name in ("level", "total")]
    group = item("home", domain, type="group", item=[*asked, *worked_out, item("home.more", shown)])
    assert private_items(form_of(item("hurt", MASKED), group)) == {
        "hurt",
        "home.total",
        "home.more",
    }


def card(code: str) -> Json:
    """A card that answers raise, declared somewhere in the form."""
    named = {"url": "card", "valueCoding": {"code": code, "display": "Ring somebody"}}
    derived = {"url": "derived", "valueBoolean": True}
    return {"url": f"{OURS}/sdoh-urgent-card", "extension": [named, derived]}


def raising(link_id: str, *extensions: Json, option: tuple[Json, ...] = ()) -> Json:
    urgent = {"url": f"{OURS}/sdoh-urgent", "valueCode": "c"}
    yes = {"valueCoding": {"system": "urn:s", "code": "yes", "display": "Yes"}}
    options = [{**yes, "extension": [urgent, *option]}]
    return {
        "linkId": link_id,
        "type": "choice",
        "extension": list(extensions),
        "answerOption": options,
    }


@pytest.mark.parametrize(
    "items",
    [
        [{**item("g", MASKED), "type": "group", "item": [raising("q", card("c"))]}],
        [item("top", card("c")), raising("q", MASKED)],
        [raising("q", GATED, card("c"))],
        [raising("q", card("c"), option=(MASKED,))],
        [item("top", MASKED, card("c")), raising("q")],
    ],
    ids=["inside a masked group", "beside", "behind the gate", "option", "declared in safety"],
)
def test_a_card_that_safety_raises_is_safety(items: list[Json]) -> None:
    assert form_of(*items).cards["c"].masked


def test_a_card_that_nothing_of_safety_raises_is_not_masked() -> None:
    form = form_of(raising("q", card("c")), item("other", MASKED))
    assert not form.cards["c"].masked


@pytest.mark.parametrize("step", [1, -1])
def test_the_work_grows_with_the_items_only(step: int) -> None:
    def work(count: int) -> int:
        # What was parsed before is known: so each has names of its own.
        names = [f"{count}.{step}.{number}" for number in range(count)]
        chain = [item(names[0], MASKED)]
        for before, name in pairwise(names):
            text = f"%resource.item.where(linkId='{before}').answer.value"
            chain.append(item(name, expressed("calculatedExpression", text)))
        form = form_of(*chain[::step])
        return lines_run(lambda: private_items(form))

    assert work(120) < 2.5 * work(60)


REFUGE = {"valueCoding": {"system": "urn:s", "code": "refuge"}, "extension": [MASKED]}
FLAT = {"valueCoding": {"system": "urn:s", "code": "flat"}}


def home(*inside: Json, **more: Any) -> Json:
    options = [FLAT, REFUGE]
    return {"linkId": "home", "type": "choice", "answerOption": options, "item": [*inside], **more}


def test_what_is_asked_inside_a_question_with_an_option_of_safety_is_safety() -> None:
    text = "%resource.item.where(linkId='home').answer.item.where(linkId='who').answer.value"
    asked = [{"question": "who", "operator": "exists", "answerBoolean": True}]
    form = form_of(
        home(item("who", item=[item("why")]), {"linkId": "help", "type": "display", "text": "?"}),
        item("told", expressed("calculatedExpression", text)),
        item("then", enableWhen=asked),
        item("free"),
    )
    assert private_items(form) == {"who", "why", "told", "then"}


def test_a_card_that_is_raised_inside_such_a_question_is_safety() -> None:
    form = form_of(home(raising("q", card("c"))))
    assert form.cards["c"].masked


def test_a_card_that_is_raised_where_safety_opens_a_question_is_safety() -> None:
    asked = [{"question": "hurt", "operator": "=", "answerBoolean": True}]
    form = form_of(item("hurt", MASKED), raising("q", card("c")) | {"enableWhen": asked})
    assert form.cards["c"].masked


def test_a_card_declared_twice_is_safety_if_one_of_them_is() -> None:
    form = form_of(item("a", MASKED, card("c")), item("b", card("c")))
    assert form.cards["c"].masked


def domain(*parts: Json, marks: tuple[Json, ...]) -> Json:
    """A domain with the questions it must have; `hurt.screen` is answered with `need`."""
    need = {"valueCoding": {"system": "urn:s", "code": "need"}}
    asked = [
        {"linkId": f"hurt.{name}", "type": "choice", "answerOption": [need]}
        for name in ("screen", "wants-help")
    ]
    named = {"url": "id", "valueCode": "hurt"}
    marked = {"url": f"{OURS}/sdoh-domain", "extension": [named, *parts]}
    return {"linkId": "hurt", "type": "group", "extension": [marked, *marks], "item": asked}


FLOOR = {"url": "floorCard", "valueCode": "c"}
MODIFIER = {
    "url": f"{OURS}/sdoh-modifier",
    "extension": [
        {"url": "id", "valueCode": "m"},
        {"url": "condition", "valueExpression": {"expression": "true"}},
        {"url": "effect", "valueCode": "raise"},
        {"url": "card", "valueCode": "c"},
    ],
}


@pytest.mark.parametrize("mark", [MASKED, GATED])
@pytest.mark.parametrize("around", [False, True], ids=["on the domain", "around it"])
@pytest.mark.parametrize("by", ["floor", "modifier", "name"])
def test_a_card_of_a_domain_of_safety_is_safety(by: str, mark: Json, *, around: bool) -> None:
    own, marks = (FLOOR,) if by == "floor" else (), (MODIFIER,) if by == "modifier" else ()
    hurt = domain(*own, marks=marks if around else (*marks, mark))
    declared = card("c")
    if by == "name":
        declared["extension"].append({"url": "domain", "valueCode": "hurt"})
    whole = {
        "linkId": "all",
        "type": "group",
        "extension": [mark] if around else [],
        "item": [hurt],
    }
    form = form_of(whole, {"linkId": "cards", "type": "group", "extension": [declared]})
    assert form.domains[0].masked
    assert form.cards["c"].masked
    if by != "name":
        need = Option("urn:s", "need", "need")
        scored = score(form, {"hurt.screen": (need,)})
        assert scored.urgent == scored.masked_on_screen == ("c",)


def test_a_card_of_another_domain_is_not() -> None:
    form = form_of(domain(FLOOR, marks=(MODIFIER,)), item("cards", card("c")), item("x", MASKED))
    assert not form.domains[0].masked
    assert not form.cards["c"].masked
