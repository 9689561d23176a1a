"""The shipped template says what the content draft says, and keeps the rules of the content."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from template_service.artefacts import artefacts_root
from tests.spec.reading import (
    ANSWERS,
    EXCLUSIVE,
    ITEM_WEIGHT,
    Resource,
    artefact,
    calculated,
    domain_groups,
    extensions,
    items,
    items_by_link_id,
    nodes,
    option_codes,
    response,
    template,
    value,
    value_of,
    values,
)

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the content draft is not here")

# The draft words the code `no` as "No" in eight questions and as "No, thank you" in one; HARK is
# verbatim, so one text per code leaves only "No".
ONE_TEXT = {"no": "No"}
SNOMED = "http://snomed.info/sct"


def content(name: str) -> Any:
    return json.loads((SHARED / "content" / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def draft() -> Resource:
    found: Resource = content("template.json")
    return found


@pytest.fixture(scope="module")
def questionnaire() -> Resource:
    return template()


@pytest.fixture(scope="module")
def by_link_id(questionnaire: Resource) -> dict[str, Resource]:
    return items_by_link_id(questionnaire)


@pytest.fixture(scope="module")
def verified() -> set[tuple[str, str]]:
    with (SHARED / "content" / "codes.csv").open(encoding="utf-8", newline="") as lines:
        return {
            (row["code"], row["term"])
            for row in csv.DictReader(lines)
            if row["status"] == "VERIFIED" and row["system"] == SNOMED
        }


def drafted(option: Resource) -> Resource:
    """An option of the draft, with what it leaves unsaid."""
    return {
        "code": option["code"],
        "text": ONE_TEXT.get(option["code"], option["text"]),
        "level": option.get("level"),
        "needs": option.get("needs", []),
        "urgent": option.get("urgent"),
        "masked": option.get("masked"),
        "exclusive": option.get("exclusive"),
        "hint": option.get("hint"),
    }


def shipped(option: Resource) -> Resource:
    assert option["valueCoding"]["system"] == ANSWERS
    return {
        "code": option["valueCoding"]["code"],
        "text": option["valueCoding"]["display"],
        "level": value(option, ITEM_WEIGHT),
        "needs": values(option, "sdoh-need"),
        "urgent": value(option, "sdoh-urgent"),
        "masked": value(option, "sdoh-masked"),
        "exclusive": value(option, EXCLUSIVE),
        "hint": value(option, "sdoh-hint"),
    }


def options_of(item: Resource) -> list[Resource]:
    return [shipped(option) for option in item["answerOption"]]


def follow_ups(draft: Resource) -> Iterator[tuple[Resource, Resource]]:
    for domain in draft["domains"]:
        for follow_up in domain["follow_up"]:
            yield domain, follow_up


def test_the_template_is_a_draft_until_a_clinical_safety_officer_has_reviewed_it(
    draft: Resource, questionnaire: Resource
) -> None:
    assert questionnaire["version"] == draft["version"]
    assert questionnaire["title"] == draft["title"]
    assert questionnaire["status"] == "draft"
    assert draft["status"] in questionnaire["purpose"]
    assert draft["status"] in questionnaire["description"]


def test_every_link_id_is_one_of_the_draft_or_of_the_agreed_shape(
    draft: Resource, by_link_id: dict[str, Resource]
) -> None:
    expected = {"tab.who", "tab.urgent", "tab.matters", "tab.domains", "tab.wants-help"}
    expected |= {"opening", "urgent", "matters", "asked-rest", "priority", "safety.limits"}
    expected |= {question["linkId"] for question in draft["session"]}
    expected |= {follow_up["linkId"] for _, follow_up in follow_ups(draft)}
    for domain in draft["domains"]:
        rows = ("", ".screen", ".follow-up", ".level", ".wants-help")
        expected |= {domain["id"] + row for row in rows}
    assert set(by_link_id) == expected


def test_the_tabs_come_in_order(questionnaire: Resource, draft: Resource) -> None:
    tabs = {
        tab["linkId"]: [item["linkId"] for item in tab["item"]] for tab in questionnaire["item"]
    }
    domains = [domain["id"] for domain in draft["domains"]]
    assert tabs == {
        "tab.who": ["opening", *(question["linkId"] for question in draft["session"])],
        "tab.urgent": ["urgent"],
        "tab.matters": ["matters"],
        "tab.domains": [*domains, "asked-rest"],
        "tab.wants-help": [*(f"{domain}.wants-help" for domain in domains), "priority"],
    }


def test_session_questions_are_those_of_the_draft(
    draft: Resource, by_link_id: dict[str, Resource]
) -> None:
    for question in draft["session"]:
        item = by_link_id[question["linkId"]]
        assert item["text"] == question["text"]
        assert item["type"] == question.get("type", "choice")
        assert item.get("repeats", False) == question.get("repeats", False)
        if item["type"] == "choice":
            assert options_of(item) == [drafted(option) for option in question["options"]]


@pytest.mark.parametrize("key", ["matters", "asked_rest"])
def test_questions_outside_the_domains_are_those_of_the_draft(
    draft: Resource, by_link_id: dict[str, Resource], key: str
) -> None:
    item = by_link_id[draft[key]["linkId"]]
    assert (item["text"], item["type"]) == (draft[key]["text"], draft[key]["type"])


def test_the_opening_sentence_is_shown_first(
    draft: Resource, questionnaire: Resource, by_link_id: dict[str, Resource]
) -> None:
    assert next(items(questionnaire["item"][0]))["linkId"] == "opening"
    opening = by_link_id["opening"]
    assert (opening["type"], opening["text"]) == ("display", draft["opening"])


def test_every_row_of_the_quick_screen_is_that_of_the_draft(
    draft: Resource, by_link_id: dict[str, Resource]
) -> None:
    for domain in draft["domains"]:
        assert by_link_id[domain["id"]]["text"] == domain["title"]
        screen = by_link_id[f"{domain['id']}.screen"]
        assert screen["text"] == domain["screen"]
        assert not screen.get("repeats", False)
        assert options_of(screen) == [drafted(option) for option in draft["screen_options"]]


def test_every_domain_carries_the_facts_of_the_draft(
    draft: Resource, questionnaire: Resource
) -> None:
    groups = domain_groups(questionnaire)
    assert [group["linkId"] for group in groups] == [domain["id"] for domain in draft["domains"]]
    for group, domain in zip(groups, draft["domains"], strict=True):
        (facts,) = extensions(group, "sdoh-domain")
        refset = domain["uk_refset"]
        safety = domain["id"] == "safety"
        assert value(facts, "id") == domain["id"]
        assert value(facts, "weight") == domain["weight"]
        assert values(facts, "marmot") == domain["marmot"]
        assert values(facts, "indicator") == domain["indicators_shown_beside"]
        assert value(facts, "floor") == (3 if safety else None)
        assert value(facts, "floorCard") == ("safety_disclosed" if safety else None)
        assert values(facts, "defaultNeed") == domain["needs_default"]
        assert [
            {"household_any": values(when, "household"), "needs": values(when, "need")}
            for when in extensions(facts, "householdNeed")
        ] == domain["needs_when"]
        assert value(facts, "whyWeAsk") == domain["why_we_ask"]
        assert value(facts, "ages") == domain["ages"]
        assert value(facts, "codeIfNeed") == domain["code_if_need"]
        assert value(facts, "refset") == (f"{SNOMED}?fhir_vs=refset/{refset}" if refset else None)


def test_only_safety_and_wellbeing_are_always_offered(questionnaire: Resource) -> None:
    always = [
        group["linkId"]
        for group in domain_groups(questionnaire)
        if value(extensions(group, "sdoh-domain")[0], "alwaysOffered")
    ]
    assert always == ["wellbeing", "safety"]


def test_follow_ups_are_those_of_the_draft(
    draft: Resource, by_link_id: dict[str, Resource]
) -> None:
    for domain in draft["domains"]:
        asked = [
            item["linkId"]
            for item in by_link_id[f"{domain['id']}.follow-up"]["item"]
            if item["type"] != "display"
        ]
        assert asked == [follow_up["linkId"] for follow_up in domain["follow_up"]]
    for _, follow_up in follow_ups(draft):
        item = by_link_id[follow_up["linkId"]]
        assert item["text"] == follow_up["text"]
        assert item["type"] == follow_up["type"]
        assert item.get("repeats", False) == follow_up["repeats"]
        assert value(item, "sdoh-source") == follow_up.get("verbatim")
        assert options_of(item) == [drafted(option) for option in follow_up["options"]]


def test_follow_ups_are_shown_when_the_draft_says(
    draft: Resource, by_link_id: dict[str, Resource]
) -> None:
    for domain, follow_up in follow_ups(draft):
        shown = follow_up["shown_when"]
        group = by_link_id[f"{domain['id']}.follow-up"]
        assert conditions(group) == [(f"{domain['id']}.screen", code) for code in shown["screen"]]
        expected = [("household", code) for code in shown.get("household_any", ())]
        assert conditions(by_link_id[follow_up["linkId"]]) == expected


def conditions(item: Resource) -> list[tuple[str, str]]:
    found = item.get("enableWhen", [])
    assert all(when["operator"] == "=" for when in found)
    assert not found or item["enableBehavior"] == "any"
    return [(when["question"], when["answerCoding"]["code"]) for when in found]


def test_wanting_help_is_asked_of_every_domain(
    draft: Resource, by_link_id: dict[str, Resource]
) -> None:
    for domain in draft["domains"]:
        item = by_link_id[f"{domain['id']}.wants-help"]
        assert item["text"] == draft["wants_help"]["text"]
        assert item["prefix"] == domain["title"]
        assert conditions(item) == []
        expected = [drafted(option) for option in draft["wants_help"]["options"]]
        assert options_of(item) == expected


def test_priority_offers_the_domains(draft: Resource, by_link_id: dict[str, Resource]) -> None:
    item = by_link_id[draft["priority"]["linkId"]]
    assert item["text"] == draft["priority"]["text"]
    offered = [
        (option["valueCoding"]["code"], option["valueCoding"]["display"])
        for option in item["answerOption"]
    ]
    assert offered == [(domain["id"], domain["title"]) for domain in draft["domains"]]


def card(parts: Resource, coding: Resource, needs: list[str]) -> Resource:
    return {
        "id": coding["code"],
        "text": coding["display"],
        "domain": value(parts, "domain"),
        "level": value(parts, "level"),
        "gate": value(parts, "gate"),
        "derived_only": value(parts, "derived"),
        "owner": value(parts, "owner"),
        "actions": values(parts, "action"),
        "needs": needs,
    }


def test_urgent_cards_are_those_of_the_draft(
    draft: Resource, by_link_id: dict[str, Resource]
) -> None:
    urgent = by_link_id["urgent"]
    ticks = [
        card(
            extensions(option, "sdoh-urgent-card")[0],
            option["valueCoding"],
            values(option, "sdoh-need"),
        )
        for option in urgent["answerOption"]
    ]
    derived = [
        card(parts, value(parts, "card"), values(parts, "need"))
        for parts in extensions(urgent, "sdoh-urgent-card")
    ]
    expected = [
        {key: each[key] for key in each if key != "snomed"}
        | {"gate": each["gate"] and each["gate"].replace("_", "-")}
        for each in draft["urgent"]
    ]
    assert urgent["repeats"] is True
    assert [len(ticks), len(derived)] == [6, 3]
    assert not any(each["derived_only"] for each in ticks)
    assert ticks + derived == expected


EFFECTS = {
    "level = max(level, min(level + 1, 3))": ("raise", None, None),
    "housing level = max(level, min(level + 1, 3))": ("raise", None, None),
    "housing level = 4 and urgent family_homeless": ("set", 4, "family_homeless"),
    "housing level = max(level, 3)": ("at-least", 3, None),
}


def test_modifiers_are_those_of_the_draft(
    draft: Resource, questionnaire: Resource, by_link_id: dict[str, Resource]
) -> None:
    found = {
        value(modifier, "id"): (group["linkId"], modifier)
        for group in domain_groups(questionnaire)
        for modifier in extensions(group, "sdoh-modifier")
    }
    assert set(found) == {rule["id"] for rule in draft["modifiers"]}
    asked = ("household", "health", "housing.security", "housing.condition", "urgent")
    codes = {code for link_id in asked for code in option_codes(by_link_id[link_id])}
    for rule in draft["modifiers"]:
        domain, modifier = found[rule["id"]]
        when, _, then = rule["rule"].rpartition(": ")
        effect = (value(modifier, "effect"), value(modifier, "level"), value(modifier, "card"))
        expression = value(modifier, "condition")["expression"]
        assert effect == EFFECTS[then]
        assert value(modifier, "source") == rule["source"]
        assert domain == ("energy" if when.startswith("energy") else "housing")
        assert set(re.findall(r"'(\w+)'", expression)) == codes & set(re.findall(r"\w+", when))
        assert re.findall(r">= \d+", expression) == re.findall(r">= \d+", when)
        assert ("%conditions" in expression) == ("conditions" in when)


def test_modifiers_of_a_domain_keep_the_order_of_the_draft(
    draft: Resource, questionnaire: Resource
) -> None:
    order = [rule["id"] for rule in draft["modifiers"]]
    for group in domain_groups(questionnaire):
        ids = [value(modifier, "id") for modifier in extensions(group, "sdoh-modifier")]
        assert ids == [each for each in order if each in ids]


def test_a_code_means_the_same_words_wherever_it_is_offered(
    draft: Resource, questionnaire: Resource
) -> None:
    concepts = artefact("CodeSystem", "template-answers")["concept"]
    text = {concept["code"]: concept["display"] for concept in concepts}
    assert len(text) == len(concepts)
    offered = set()
    for item in items(questionnaire):
        for option in item.get("answerOption", ()):
            if option["valueCoding"]["system"] == ANSWERS:
                code = option["valueCoding"]["code"]
                offered.add(code)
                assert option["valueCoding"]["display"] == text[code], (item["linkId"], code)
    assert offered == set(text)
    for _, node in nodes(draft):
        if isinstance(node, dict) and "code" in node and "text" in node:
            expected = ONE_TEXT.get(node["code"], node["text"])
            assert text[node["code"]] == expected, node["code"]


def test_levels_and_urgent_and_domains_have_code_systems_of_their_own(draft: Resource) -> None:
    def concepts(resource_id: str) -> dict[str, str]:
        found = artefact("CodeSystem", resource_id)["concept"]
        return {concept["code"]: concept["display"] for concept in found}

    assert concepts("template-levels") == draft["levels"]
    assert concepts("template-urgent") == {each["id"]: each["text"] for each in draft["urgent"]}
    assert concepts("template-domains") == {each["id"]: each["title"] for each in draft["domains"]}
    assert set(concepts("need-categories")) == set(content("need_categories.json"))
    states = ["not-asked", "not-offered", "no-need", "need", "unsure", "declined"]
    assert list(concepts("template-states")) == states


def test_weights_sit_on_answer_options_only() -> None:
    questionnaire = template()
    on_options = [
        extension
        for item in items(questionnaire)
        for option in item.get("answerOption", ())
        for extension in extensions(option, ITEM_WEIGHT)
    ]
    everywhere = [
        node
        for root in (questionnaire, artefact("CodeSystem", "template-answers"))
        for _, node in nodes(root)
        if isinstance(node, dict) and node.get("url") == ITEM_WEIGHT
    ]
    assert len(on_options) == len(everywhere) > 0
    ordinal = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
    assert not any(node == ordinal for _, node in nodes(questionnaire))


def test_nothing_is_mandatory(questionnaire: Resource) -> None:
    assert not any(item.get("required") for item in items(questionnaire))


def test_needs_are_need_categories(questionnaire: Resource) -> None:
    named = {
        value_of(node)
        for _, node in nodes(questionnaire)
        if isinstance(node, dict)
        and node.get("url", "").rsplit("/", 1)[-1] in ("sdoh-need", "need", "defaultNeed")
    }
    assert len(named) > 40
    assert named <= set(content("need_categories.json"))


def mappings() -> Iterator[tuple[str, Resource, Resource]]:
    for resource_id in ("answers", "domains", "urgent"):
        for group in artefact("ConceptMap", f"template-{resource_id}-to-snomed")["group"]:
            assert group["target"] == SNOMED
            for element in group["element"]:
                for target in element["target"]:
                    yield resource_id, element, target


def test_every_mapped_code_is_verified_with_its_term(verified: set[tuple[str, str]]) -> None:
    found = [(target["code"], target["display"]) for _, _, target in mappings()]
    assert found
    assert set(found) <= verified


def test_every_snomed_code_of_the_template_is_verified(
    questionnaire: Resource, verified: set[tuple[str, str]]
) -> None:
    codings = [
        (node["code"], node["display"])
        for _, node in nodes(questionnaire)
        if isinstance(node, dict) and node.get("system") == SNOMED
    ]
    refsets = [
        node.rsplit("/", 1)[-1]
        for _, node in nodes(questionnaire)
        if isinstance(node, str) and "fhir_vs=refset/" in node
    ]
    assert codings
    assert refsets
    assert set(codings) <= verified
    assert set(refsets) <= {code for code, _ in verified}


def test_answers_map_to_what_the_draft_says_and_to_nothing_else(
    draft: Resource, by_link_id: dict[str, Resource]
) -> None:
    expected = {
        (follow_up["linkId"], option["code"], option["snomed"]["code"])
        for _, follow_up in follow_ups(draft)
        for option in follow_up["options"]
        if option.get("snomed")
    }
    found = set()
    for source, element, target in mappings():
        if source == "answers":
            named = [each["value"] for each in target.get("dependsOn", ())]
            offering = [
                link_id
                for link_id, item in by_link_id.items()
                if element["code"] in option_codes(item)
            ]
            found |= {(link, element["code"], target["code"]) for link in named or offering}
    assert found == expected


@pytest.mark.parametrize(
    ("source", "key", "field"),
    [("domains", "domains", "code_if_need"), ("urgent", "urgent", "snomed")],
)
def test_domains_and_cards_map_to_what_the_draft_says(
    draft: Resource, source: str, key: str, field: str
) -> None:
    expected = {each["id"]: each[field]["code"] for each in draft[key] if each[field]}
    found = {
        element["code"]: target["code"] for each, element, target in mappings() if each == source
    }
    assert found == expected


def test_the_unverified_social_prescribing_code_is_nowhere() -> None:
    files = [path for path in artefacts_root().rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"871691000000100" in path.read_bytes()]


def test_immigration_answers_are_never_coded(questionnaire: Resource) -> None:
    immigration = {
        option["valueCoding"]["code"]
        for item in items(questionnaire)
        for option in item.get("answerOption", ())
        if {"immigration-advice", "asylum-support"} & set(values(option, "sdoh-need"))
    }
    assert immigration == {"status", "nrpf"}
    assert not immigration & {element["code"] for _, element, _ in mappings()}
    (fairness,) = (each for each in domain_groups(questionnaire) if each["linkId"] == "fairness")
    assert value(extensions(fairness, "sdoh-domain")[0], "codeIfNeed") is None


def test_only_no_recourse_to_public_funds_restricts_what_may_be_offered(
    questionnaire: Resource,
) -> None:
    restricting = {
        (item["linkId"], option["valueCoding"]["code"]): value(option, "sdoh-seeker")
        for item in items(questionnaire)
        for option in item.get("answerOption", ())
        if value(option, "sdoh-seeker")
    }
    assert restricting == {("fairness.kind", "nrpf"): "no-public-funds"}


def test_a_card_whose_owner_is_a_clinician_says_so_in_a_code(questionnaire: Resource) -> None:
    cards = [
        node
        for _, node in nodes(questionnaire)
        if isinstance(node, dict) and node.get("url", "").endswith("/sdoh-urgent-card")
    ]
    assert len(cards) == 9
    for parts in cards:
        by_clinician = value(parts, "owner").startswith("clinician")
        assert value(parts, "ownerRole") == ("clinician" if by_clinician else None)


def test_safety_is_gated_and_masked_everywhere(by_link_id: dict[str, Resource]) -> None:
    masked = {link_id for link_id, item in by_link_id.items() if value(item, "sdoh-masked")}
    gated = {
        link_id: value(item, "sdoh-display-gate")
        for link_id, item in by_link_id.items()
        if value(item, "sdoh-display-gate")
    }
    assert masked == {"safety", "safety.wants-help"}
    assert gated == dict.fromkeys(masked, "seen-alone")
    outside = [
        link_id
        for link_id in by_link_id
        if link_id.startswith("safety.")
        and link_id not in {item["linkId"] for item in items(by_link_id["safety"])}
    ]
    assert outside == ["safety.wants-help"]


def test_masked_options_are_refuge_and_the_safety_choices(questionnaire: Resource) -> None:
    masked = {
        (item["linkId"], option["valueCoding"]["code"])
        for item in items(questionnaire)
        for option in item.get("answerOption", ())
        if value(option, "sdoh-masked")
    }
    assert masked == {
        ("housing.security", "refuge"),
        ("urgent", "unsafe_home"),
        ("priority", "safety"),
    }


def test_hark_is_verbatim_with_its_limits_stated(by_link_id: dict[str, Resource]) -> None:
    instruments = content("instruments.json")["instruments"]
    (hark,) = (each for each in instruments if each["id"] == "hark")
    asked = [
        item["text"] for link_id, item in by_link_id.items() if link_id.startswith("safety.hark.")
    ]
    assert asked == [item["text"] for item in hark["items"]]
    limits = by_link_id["safety.limits"]
    assert limits["type"] == "display"
    for limit in ("women over 17", "English", "alone", "partners only"):
        assert limit in limits["text"]


def test_hunger_vital_sign_is_verbatim(by_link_id: dict[str, Resource]) -> None:
    instruments = content("instruments.json")["instruments"]
    (hvs,) = (each for each in instruments if each["id"] == "hvs")
    asked = [by_link_id[f"food.{item['id']}"]["text"].rstrip(".") for item in hvs["items"]]
    assert asked == [item["text"] for item in hvs["items"]]


def test_every_domain_says_in_one_line_why_it_is_asked(questionnaire: Resource) -> None:
    lines = [
        value(extensions(group, "sdoh-domain")[0], "whyWeAsk")
        for group in domain_groups(questionnaire)
    ]
    assert len(set(lines)) == 12
    assert all(line.strip() == line and line and "\n" not in line for line in lines)


def cases() -> list[Any]:
    """The worked examples that a response alone can say (no age or conditions of a record)."""
    if not SHARED.is_dir():
        return []
    return [
        pytest.param(case, id=case["name"])
        for case in content("scoring_cases.json")
        if "ctx" not in case["input"]
    ]


def answers_of(case: Resource) -> dict[str, list[Any]]:
    given = case["input"]
    answers: dict[str, Any] = {
        link_id.replace("_", "-"): answer for link_id, answer in given.get("session", {}).items()
    }
    answers |= {f"{domain}.screen": state for domain, state in given.get("grid", {}).items()}
    answers |= given.get("answers", {})
    answers |= {f"{domain}.wants-help": w for domain, w in given.get("wants_help", {}).items()}
    answers |= {key: given[key] for key in ("urgent", "priority") if key in given}
    return {
        link_id: answer if isinstance(answer, list) else [answer]
        for link_id, answer in answers.items()
        if answer is not None
    }


@pytest.mark.parametrize("case", cases())
def test_level_expressions_give_the_levels_of_the_worked_examples(
    questionnaire: Resource, case: Resource
) -> None:
    resource = response(questionnaire, answers_of(case))
    levels = {
        domain: calculated(questionnaire, resource, f"{domain}.level")
        for domain in case["expected"]["states"]
    }
    known = {domain: level for domain, level in levels.items() if level is not None}
    assert known == case["expected"]["levels"]
