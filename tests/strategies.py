"""Hypothesis strategies shared by the tests: questionnaires, answers, responses, arbitrary JSON."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

from hypothesis import strategies as st

from template_service.artefacts import artefact_path
from template_service.questionnaire.answers import to_response
from template_service.questionnaire.conditions import enabled_items
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Answers, Form, Item, Option, Value

CONDITIONS = ("heart", "breathing", "mental", "disability")


@cache
def leeds_questionnaire() -> dict[str, Any]:
    """The template as it is shipped."""
    path = artefact_path("Questionnaire", "leeds-social-determinants")
    questionnaire: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return questionnaire


@cache
def leeds_form() -> Form:
    """The shipped template, compiled."""
    return compile_questionnaire(leeds_questionnaire())


def json_values(max_leaves: int = 25) -> st.SearchStrategy[Any]:
    """Any JSON value, with the names FHIR uses among its keys."""
    scalars = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=12)
        | st.sampled_from(("housing.security", "urgent", "need", "rough", "completed"))
    )
    keys = st.sampled_from(
        (
            "resourceType",
            "status",
            "questionnaire",
            "item",
            "answer",
            "linkId",
            "type",
            "extension",
            "url",
            "answerOption",
            "enableWhen",
            "question",
            "operator",
            "valueCoding",
            "system",
            "code",
            "valueBoolean",
        )
    ) | st.text(max_size=6)
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
        max_leaves=max_leaves,
    )


def _value(item: Item) -> st.SearchStrategy[Value]:
    if item.options:
        return st.sampled_from(item.options)
    if item.type == "boolean":
        return st.booleans()
    return st.sampled_from(("My garden.", "To sleep.", "Seeing my sister more."))


def _chosen(item: Item, *, tidy: bool) -> st.SearchStrategy[tuple[Value, ...]]:
    """The answers of one item; `tidy` ones obey exclusive options."""
    if not item.repeats:
        return _value(item).map(lambda value: (value,))
    several = st.lists(_value(item), min_size=1, max_size=3, unique=True)
    return several.map(lambda values: _tidied(tuple(values)) if tidy else tuple(values))


def _tidied(values: tuple[Value, ...]) -> tuple[Value, ...]:
    exclusive = [each for each in values if isinstance(each, Option) and each.exclusive]
    return (exclusive[0],) if exclusive else values


@st.composite
def answers(draw: st.DrawFn, form: Form, *, tidy: bool = True) -> Answers:
    """Some answers to a form, to enabled items or not."""
    askable = [
        item
        for item in form.items.values()
        if item.calculated is None and item.type not in ("group", "display")
    ]
    asked = draw(st.lists(st.sampled_from(askable), max_size=25, unique_by=lambda i: i.link_id))
    given = {item.link_id: draw(_chosen(item, tidy=tidy)) for item in asked}
    return {link_id: given[link_id] for link_id in form.items if link_id in given}


def submittable_answers(form: Form) -> st.SearchStrategy[Answers]:
    """Answers as a form renderer submits them: none to an item that is not enabled."""

    def shown(given: Answers) -> Answers:
        enabled = enabled_items(form, given)
        return {link_id: values for link_id, values in given.items() if link_id in enabled}

    return answers(form).map(shown)


def responses(form: Form) -> st.SearchStrategy[dict[str, Any]]:
    """QuestionnaireResponses of some answers, nested as they should be."""
    return answers(form).map(lambda given: to_response(form, given, status="in-progress"))


@st.composite
def spoiled(draw: st.DrawFn, documents: st.SearchStrategy[str]) -> Any:
    """A JSON document (drawn as text) with arbitrary JSON put in some of its places."""
    value = json.loads(draw(documents))
    for _ in range(draw(st.integers(1, 3))):
        places = _places(value)
        if not places:
            break
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        holder[key] = draw(json_values(max_leaves=6))
    return value


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            found.append((holder, key))
            if isinstance(holder[key], dict | list):
                waiting.append(holder[key])
    return found


def case_inputs(template: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Inputs in the shape of the worked scoring cases: rows, follow-ups (enabled or not), ticks.

    Drawn from a seed, because thousands are wanted and drawing each code by itself is slow.
    """
    return st.integers(0, 2**48).map(lambda seed: _case_input(template, Random(seed)))


def _case_input(template: Mapping[str, Any], random: Random) -> dict[str, Any]:
    domains = [domain["id"] for domain in template["domains"]]
    questions = [question for domain in template["domains"] for question in domain["follow_up"]]
    session = {each["linkId"]: each["options"] for each in template["session"] if "options" in each}
    ticks = [card["id"] for card in template["urgent"] if not card["derived_only"]]
    helps = [option["code"] for option in template["wants_help"]["options"]]
    rows = ("need", "need", "unsure", "no-need", "declined")

    def some(codes: Sequence[str], at_most: int) -> list[str]:
        return random.sample(codes, random.randint(0, at_most))

    return {
        "session": {
            "household": _codes(random, session["household"], several=True),
            "health": _codes(random, session["health"], several=True),
            "seen_alone": random.choice((None, True, False)),
            "interpreter": random.choice((None, "no-interpreter", "professional", "informal")),
        },
        "grid": {domain: random.choice(rows) for domain in some(domains, len(domains))},
        "answers": {
            question["linkId"]: _codes(random, question["options"], several=question["repeats"])
            for question in random.sample(questions, random.choice((0, 1, 2, 5, 12)))
        },
        "wants_help": {domain: random.choice(helps) for domain in some(domains, 4)},
        "priority": random.choice((None, *domains)),
        "urgent": some(ticks, 2) if random.random() < 0.3 else [],
        "asked_rest": random.choice((None, True, False)),
        "not_offered": some(domains, 2),
        "ctx": {
            "age": random.choice((None, random.randint(0, 100), 64, 65)),
            "conditions": some(CONDITIONS, 1),
        },
    }


def _codes(random: Random, options: list[dict[str, Any]], *, several: bool) -> list[str]:
    if not several:
        return [random.choice(options)["code"]]
    chosen = random.sample(options, random.randint(1, min(3, len(options))))
    exclusive = [option for option in chosen if option.get("exclusive")]
    return [option["code"] for option in exclusive[:1] or chosen]


def case_response(questionnaire: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, Any]:
    """The QuestionnaireResponse of a worked case's input, by the linkId contract.

    Written from the Questionnaire's JSON alone, so that it tests the engine's reading too.
    """
    coded, booleans = _case_values(case)
    items = [_case_item(item, coded, booleans) for item in questionnaire["item"]]
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{questionnaire['url']}|{questionnaire['version']}",
        "status": "completed",
        "item": [item for item in items if item is not None],
    }


def _case_values(case: Mapping[str, Any]) -> tuple[dict[str, list[str]], dict[str, bool]]:
    session = case.get("session", {})
    coded = {name: session.get(name) for name in ("who", "interpreter", "tenure")}
    coded |= {name: session.get(name) for name in ("household", "health")}
    coded |= {f"{domain}.screen": row for domain, row in case.get("grid", {}).items()}
    coded |= {f"{domain}.wants-help": code for domain, code in case.get("wants_help", {}).items()}
    coded |= dict(case.get("answers", {}))
    coded |= {"priority": case.get("priority"), "urgent": case.get("urgent")}
    booleans = {"seen-alone": session.get("seen_alone"), "asked-rest": case.get("asked_rest")}
    return (
        {name: [code] if isinstance(code, str) else code for name, code in coded.items() if code},
        {name: value for name, value in booleans.items() if value is not None},
    )


def _case_item(
    item: Mapping[str, Any], coded: Mapping[str, list[str]], booleans: Mapping[str, bool]
) -> dict[str, Any] | None:
    link_id = item["linkId"]
    if item["type"] == "group":
        inside = [_case_item(each, coded, booleans) for each in item["item"]]
        found = [each for each in inside if each is not None]
        return {"linkId": link_id, "item": found} if found else None
    if link_id in booleans:
        return {"linkId": link_id, "answer": [{"valueBoolean": booleans[link_id]}]}
    if link_id not in coded:
        return None
    offered = {each["valueCoding"]["code"]: each["valueCoding"] for each in item["answerOption"]}
    answer = [
        {"valueCoding": {name: offered[code][name] for name in ("system", "code", "display")}}
        for code in coded[link_id]
    ]
    return {"linkId": link_id, "answer": answer}
