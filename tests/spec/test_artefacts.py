"""The shipped FHIR artefacts hold together: names, references, codes, extensions, expressions."""

import json
import re
from typing import Any

import pytest

from template_service.artefacts import artefact_path, artefacts_root
from tests.spec.reading import (
    BASE,
    CALCULATED,
    EXCLUSIVE,
    EXTENSION_BASE,
    HIDDEN,
    ITEM_WEIGHT,
    VARIABLE,
    Resource,
    all_artefacts,
    artefact,
    calculated,
    compiled,
    domain_groups,
    extensions,
    is_fhirpath,
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

ARTEFACTS = all_artefacts()
TEMPLATE = template()
ITEMS = items_by_link_id(TEMPLATE)
EXAMPLES = [path for path in ARTEFACTS if path.startswith("examples/")]
CANONICALS = [path for path in ARTEFACTS if path not in EXAMPLES]


def concepts(system: str) -> dict[str, set[str]]:
    """The texts a shipped code system allows for each of its codes."""
    found = artefact("CodeSystem", system.rsplit("/", 1)[-1])
    assert found["url"] == system
    return {
        concept["code"]: {concept["display"]}
        | {each["value"] for each in concept.get("designation", ())}
        for concept in found["concept"]
    }


def members(value_set: str) -> set[str]:
    """The codes of a shipped value set."""
    found = artefact("ValueSet", value_set.rsplit("/", 1)[-1])
    assert found["url"] == value_set
    return {each["code"] for each in found["expansion"]["contains"]}


def test_there_is_something_of_every_kind() -> None:
    kinds = {path.split("/", 1)[0] for path in ARTEFACTS}
    assert kinds == {
        "CapabilityStatement",
        "CodeSystem",
        "ConceptMap",
        "Measure",
        "OperationDefinition",
        "Questionnaire",
        "StructureDefinition",
        "ValueSet",
        "examples",
    }


def test_the_folder_holds_json_resources_only() -> None:
    found = [path for path in artefacts_root().rglob("*") if path.is_file()]
    assert {path.relative_to(artefacts_root()).as_posix() for path in found} == set(ARTEFACTS)


@pytest.mark.parametrize("path", ARTEFACTS)
def test_a_file_is_named_for_its_resource(path: str) -> None:
    folder, name = path.split("/")
    assert name == f"{ARTEFACTS[path]['id']}.json"
    assert folder == "examples" or folder == ARTEFACTS[path]["resourceType"]


@pytest.mark.parametrize("path", CANONICALS)
def test_a_canonical_url_is_made_of_base_type_and_id(path: str) -> None:
    resource = ARTEFACTS[path]
    assert resource["url"] == f"{BASE}/{resource['resourceType']}/{resource['id']}"


@pytest.mark.parametrize("path", CANONICALS)
def test_every_artefact_is_a_draft_of_the_template_s_version(path: str) -> None:
    assert ARTEFACTS[path]["version"] == TEMPLATE["version"]
    assert ARTEFACTS[path]["status"] == "draft"


@pytest.mark.parametrize("path", ARTEFACTS)
def test_files_are_written_one_way_so_that_changes_read_well(path: str) -> None:
    text = (artefacts_root() / path).read_text(encoding="utf-8")
    assert text == json.dumps(ARTEFACTS[path], indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("path", ARTEFACTS)
def test_everything_referred_to_by_our_base_is_shipped(path: str) -> None:
    shipped = {ARTEFACTS[each]["url"] for each in CANONICALS}
    for where, node in nodes(ARTEFACTS[path]):
        if isinstance(node, str) and node.startswith(BASE):
            assert node.split("|")[0] in shipped, f"{where}: {node}"


@pytest.mark.parametrize("path", ARTEFACTS)
def test_every_coding_is_in_its_code_system_with_that_text(path: str) -> None:
    for where, node in nodes(ARTEFACTS[path]):
        if isinstance(node, dict) and str(node.get("system", "")).startswith(BASE):
            for coding in [node] if "code" in node else node.get("concept", []):
                assert coding["display"] in concepts(node["system"])[coding["code"]], where


@pytest.mark.parametrize("path", [path for path in ARTEFACTS if path.startswith("CodeSystem/")])
def test_code_systems_say_each_code_once_and_count_right(path: str) -> None:
    codes = [concept["code"] for concept in ARTEFACTS[path]["concept"]]
    assert len(set(codes)) == len(codes) == ARTEFACTS[path]["count"]
    assert all(re.fullmatch(r"[a-z0-9]+([_-][a-z0-9]+)*\+?", code) for code in codes)


@pytest.mark.parametrize("path", [path for path in ARTEFACTS if path.startswith("ValueSet/")])
def test_value_sets_expand_to_what_they_compose(path: str) -> None:
    value_set = ARTEFACTS[path]
    (include,) = value_set["compose"]["include"]
    whole = list(concepts(include["system"]))
    composed = [each["code"] for each in include.get("concept", ())] or whole
    expanded = [each["code"] for each in value_set["expansion"]["contains"]]
    assert expanded == composed
    assert set(expanded) <= set(whole)
    assert value_set["expansion"]["total"] == len(expanded)
    assert {each["system"] for each in value_set["expansion"]["contains"]} == {include["system"]}


@pytest.mark.parametrize("path", [path for path in ARTEFACTS if path.startswith("ConceptMap/")])
def test_concept_maps_start_from_shipped_codes_and_items(path: str) -> None:
    for group in ARTEFACTS[path]["group"]:
        for element in group["element"]:
            assert element["display"] in concepts(group["source"])[element["code"]]
            for target in element["target"]:
                for depends in target.get("dependsOn", ()):
                    assert element["code"] in option_codes(ITEMS[depends["value"]])


def test_value_sets_of_the_rows_are_what_the_rows_offer() -> None:
    screen = members(f"{BASE}/ValueSet/template-screen-answers")
    wants = members(f"{BASE}/ValueSet/template-wants-help-answers")
    for group in domain_groups(TEMPLATE):
        assert set(option_codes(ITEMS[f"{group['linkId']}.screen"])) == screen
        assert set(option_codes(ITEMS[f"{group['linkId']}.wants-help"])) == wants
    ticks = members(f"{BASE}/ValueSet/template-urgent-ticks")
    assert set(option_codes(ITEMS["urgent"])) == ticks
    derived = {value(each, "card")["code"] for each in derived_cards()}
    assert ticks | derived == members(f"{BASE}/ValueSet/template-urgent")
    assert not ticks & derived


def derived_cards() -> list[Resource]:
    return extensions(ITEMS["urgent"], "sdoh-urgent-card")


def test_need_categories_speak_with_the_words_of_the_directory() -> None:
    from directory.model import NEEDS

    assert concepts(f"{BASE}/CodeSystem/need-categories") == {
        code: {f"Help with {phrase}", phrase} for code, phrase in NEEDS.items()
    }


# --- extensions -------------------------------------------------------------------------------


def used_extensions() -> list[tuple[str, Resource]]:
    """Every extension of ours in the template, with the FHIR path of the element that has it."""
    found = []
    for path, node in nodes(TEMPLATE, "Questionnaire"):
        if isinstance(node, dict) and node.get("url", "").startswith(EXTENSION_BASE):
            element = re.sub(r"(\.item)+", ".item", path).removesuffix(".extension")
            found.append((element, node))
    return found


def allowed(definition: Resource, below: str) -> dict[str, Resource]:
    """The parts an extension may have below an element id: name -> min, max, type, binding."""
    elements = {each["id"]: each for each in definition["differential"]["element"]}
    parts = {}
    for element_id, element in elements.items():
        prefix, _, name = element_id.rpartition(".extension:")
        if prefix == below and name and "." not in name:
            parts[name] = element | {"value": elements[f"{element_id}.value[x]"]}
    return parts


def check_value(definition: Resource, extension: Resource, element: Resource) -> None:
    """A value is of the one type that its definition allows, and in its value set."""
    (kind,) = [each["code"] for each in element["type"]]
    keys = [key for key in extension if key.startswith("value")]
    assert keys == [f"value{kind[0].upper()}{kind[1:]}"], (definition["id"], extension)
    if "binding" in element:
        assert value_of(extension) in members(element["binding"]["valueSet"]), extension


def check_parts(definition: Resource, extension: Resource, below: str) -> None:
    """The parts of an extension are those of its definition, as often as it allows."""
    parts = allowed(definition, below)
    given = [part["url"] for part in extension.get("extension", ())]
    assert set(given) <= set(parts), (definition["id"], given)
    for name, part in parts.items():
        most = float("inf") if part["max"] == "*" else int(part["max"])
        assert part["min"] <= given.count(name) <= most, (definition["id"], name, extension)
    for part in extension.get("extension", ()):
        element = parts[part["url"]]
        if element["value"].get("max") == "0":
            check_parts(definition, part, f"{below}.extension:{part['url']}")
        else:
            check_value(definition, part, element["value"])


def test_every_extension_of_ours_is_as_its_definition_says() -> None:
    used = used_extensions()
    assert used
    for element, extension in used:
        definition = artefact("StructureDefinition", extension["url"].rsplit("/", 1)[-1])
        root = {each["id"]: each for each in definition["differential"]["element"]}
        assert root["Extension.url"]["fixedUri"] == definition["url"] == extension["url"]
        assert element in [each["expression"] for each in definition["context"]], extension["url"]
        if root["Extension.value[x]"].get("max") == "0":
            check_parts(definition, extension, "Extension")
        else:
            check_value(definition, extension, root["Extension.value[x]"])


def test_every_extension_definition_is_used() -> None:
    used = {extension["url"] for _, extension in used_extensions()}
    defined = {
        ARTEFACTS[path]["url"] for path in ARTEFACTS if path.startswith("StructureDefinition/")
    }
    assert used == defined


def test_an_extension_that_may_not_repeat_is_there_once() -> None:
    for path, node in nodes(TEMPLATE):
        if not isinstance(node, dict):
            continue
        urls = [each["url"] for each in node.get("extension", ())]
        for url in {url for url in urls if url.startswith(EXTENSION_BASE)}:
            definition = artefact("StructureDefinition", url.rsplit("/", 1)[-1])
            if definition["differential"]["element"][0]["max"] == "1":
                assert urls.count(url) == 1, (path, url)


# --- the template within itself -----------------------------------------------------------------


def test_link_ids_are_unique() -> None:
    link_ids = [item["linkId"] for item in items(TEMPLATE)]
    assert len(set(link_ids)) == len(link_ids)


def test_conditions_refer_to_an_earlier_item_and_one_of_its_options() -> None:
    seen: dict[str, Resource] = {}
    conditional = 0
    for item in items(TEMPLATE):
        for when in item.get("enableWhen", ()):
            offered = [option["valueCoding"] for option in seen[when["question"]]["answerOption"]]
            assert when["answerCoding"] in offered, item["linkId"]
            conditional += 1
        seen[item["linkId"]] = item
    assert conditional > 24


def test_every_choice_offers_options_and_nothing_else_does() -> None:
    for item in items(TEMPLATE):
        assert (item["type"] == "choice") == bool(item.get("answerOption")), item["linkId"]
        codes = option_codes(item)
        assert len(set(codes)) == len(codes), item["linkId"]
        assert item["text"], item["linkId"]


def test_weights_are_levels() -> None:
    weights = [
        weight
        for item in items(TEMPLATE)
        for option in item.get("answerOption", ())
        for weight in values(option, ITEM_WEIGHT)
    ]
    assert set(weights) == {0, 1, 2, 3, 4}


def test_an_option_that_says_nothing_applies_excludes_the_others() -> None:
    for item in items(TEMPLATE):
        if not item.get("repeats"):
            continue
        for option in item["answerOption"]:
            code = option["valueCoding"]["code"]
            expected = True if code in ("none", "none-no", "declined") else None
            assert value(option, EXCLUSIVE) is expected, (item["linkId"], code)


def test_an_urgent_option_raises_a_card_of_its_own_domain_at_its_level() -> None:
    ticks = {
        option["valueCoding"]["code"]: extensions(option, "sdoh-urgent-card")[0]
        for option in ITEMS["urgent"]["answerOption"]
    }
    cards = ticks | {value(each, "card")["code"]: each for each in derived_cards()}
    raising = 0
    for group in domain_groups(TEMPLATE):
        for item in items(group):
            for option in item.get("answerOption", ()):
                if raised := value(option, "sdoh-urgent"):
                    raising += 1
                    level = value(cards[raised], "level")
                    assert value(cards[raised], "domain") == group["linkId"]
                    assert level in (None, value(option, ITEM_WEIGHT))
    assert raising == 8


# --- expressions --------------------------------------------------------------------------------


def variables() -> dict[str, str]:
    return {each["name"]: each["expression"] for each in values(TEMPLATE, VARIABLE)}


def conditions_of_modifiers() -> dict[str, str]:
    return {
        value(modifier, "id"): value(modifier, "condition")["expression"]
        for group in domain_groups(TEMPLATE)
        for modifier in extensions(group, "sdoh-modifier")
    }


def test_every_expression_is_fhirpath() -> None:
    found = [
        node
        for _, node in nodes(TEMPLATE)
        if isinstance(node, dict) and "expression" in node and "language" in node
    ]
    assert len(found) == len(variables()) + len(conditions_of_modifiers()) + 12
    for each in found:
        assert each["language"] == "text/fhirpath"
        assert is_fhirpath(each["expression"]), each["expression"]


@pytest.mark.parametrize("wrong", ["iif((true, 1, 2)", "a and", "a b", "where(x", "a..b"])
def test_the_check_of_expressions_finds_what_is_not_fhirpath(wrong: str) -> None:
    assert not is_fhirpath(wrong)


def test_variables_read_one_item_each() -> None:
    read = {
        "household": "household",
        "health": "health",
        "urgent": "urgent",
        "housingSecurity": "housing.security",
        "housingCondition": "housing.condition",
    }
    assert set(read.values()) <= set(ITEMS)
    assert variables() == {
        name: f"%resource.descendants().where(linkId='{link_id}').answer.valueCoding.code"
        for name, link_id in read.items()
    }


SHAPES = re.compile(
    r"""\s*(
        %level\s*>=\s*\d | %age\s*>=\s*\d+
      | %\w+\.intersect\('\w+'(\s\|\s'\w+')*\)\.exists\(\)
      | %\w+\scontains\s'\w+'
      | and\b | or\b | \( | \)
    )\s*""",
    re.VERBOSE,
)


@pytest.mark.parametrize("modifier", conditions_of_modifiers())
def test_a_modifier_uses_only_the_agreed_shapes_and_names(modifier: str) -> None:
    expression = conditions_of_modifiers()[modifier]
    assert SHAPES.sub("", expression) == ""
    names = set(re.findall(r"%(\w+)", expression))
    assert names <= {"level", "age", "conditions", *variables()}


def modifier_holds(modifier: str, resource: Resource, **context: Any) -> bool:
    known = {
        name: compiled(text)(resource, {"resource": resource}) for name, text in variables().items()
    }
    known |= {"level": [], "age": [], "conditions": []} | context
    return compiled(conditions_of_modifiers()[modifier])(resource, known) == [True]


HOMELESS = {"urgent": ["homeless_tonight"]}
NOTICE = {"housing.security": ["notice"]}
DAMP = {"housing.condition": ["damp", "repairs"]}


@pytest.mark.parametrize(
    ("modifier", "answers", "context", "holds"),
    [
        ("vulnerable_cold", {"household": ["over65"]}, {"level": [2]}, True),
        ("vulnerable_cold", {"household": ["over65"]}, {"level": [1]}, False),
        ("vulnerable_cold", {"household": ["adults"]}, {"level": [2]}, False),
        ("vulnerable_cold", {"health": ["heart"]}, {"level": [3]}, True),
        ("vulnerable_cold", {}, {"level": [2], "age": [65]}, True),
        ("vulnerable_cold", {}, {"level": [2], "age": [64]}, False),
        ("vulnerable_cold", {}, {"level": [2], "conditions": ["disability"]}, True),
        ("vulnerable_cold", {"health": ["heart"]}, {}, False),
        ("damp_vulnerable", DAMP | {"household": ["under5"]}, {"level": [2]}, True),
        ("damp_vulnerable", DAMP | {"household": ["school"]}, {"level": [2]}, False),
        ("damp_vulnerable", DAMP, {"level": [2], "conditions": ["breathing"]}, True),
        ("damp_vulnerable", {"household": ["under5"]}, {"level": [2]}, False),
        ("child_homeless", NOTICE | {"household": ["school"]}, {"level": [3]}, True),
        ("child_homeless", NOTICE, {"level": [3]}, False),
        ("child_homeless", HOMELESS | {"household": ["pregnant"]}, {"level": [4]}, True),
        ("child_hostel", NOTICE | {"household": ["school"]}, {"level": [3]}, False),
        (
            "child_hostel",
            {"housing.security": ["hostel"], "household": ["under5"]},
            {"level": [2]},
            True,
        ),
    ],
)
def test_a_modifier_holds_when_its_rule_says(
    modifier: str, answers: dict[str, list[str | bool]], context: dict[str, Any], holds: bool
) -> None:
    assert modifier_holds(modifier, response(TEMPLATE, answers), **context) is holds


def test_every_domain_has_a_hidden_level_that_is_calculated() -> None:
    for group in domain_groups(TEMPLATE):
        level = ITEMS[f"{group['linkId']}.level"]
        assert level["type"] == "integer"
        assert level["readOnly"] is True
        assert value(level, HIDDEN) is True
        assert len(extensions(level, CALCULATED)) == 1


def follow_up_options() -> list[Any]:
    found = []
    for group in domain_groups(TEMPLATE):
        for item in items(group):
            for option in item.get("answerOption", ()):
                weight = value(option, ITEM_WEIGHT)
                if not item["linkId"].endswith(".screen"):
                    code = option["valueCoding"]["code"]
                    found.append(
                        pytest.param(group, item, code, weight, id=f"{item['linkId']}={code}")
                    )
    return found


def alone(group: Resource, item: Resource, code: str, screen: str) -> Any:
    """The level that one chosen option gives its domain when the quick screen says `screen`."""
    answers: dict[str, list[str | bool]] = {f"{group['linkId']}.screen": [screen]}
    answers[item["linkId"]] = [code]
    for when in item.get("enableWhen", ()):
        answers.setdefault(when["question"], [when["answerCoding"]["code"]])
    return calculated(TEMPLATE, response(TEMPLATE, answers), f"{group['linkId']}.level")


@pytest.mark.parametrize(("group", "item", "code", "weight"), follow_up_options())
def test_a_level_is_the_weight_of_the_one_chosen_option(
    group: Resource, item: Resource, code: str, weight: float | None
) -> None:
    floor = value(extensions(group, "sdoh-domain")[0], "floor") or 1
    disclosed = group["linkId"] == "safety" and bool(weight)
    assert alone(group, item, code, "need") == max(floor, weight or 0)
    assert alone(group, item, code, "unsure") == (max(floor, weight or 0) if disclosed else weight)


# --- the operation, the statement, the examples ---------------------------------------------------


STANDARD_OPERATIONS = {
    "http://hl7.org/fhir/OperationDefinition/Resource-validate": (
        "QuestionnaireResponse",
        "validate",
    ),
    "http://hl7.org/fhir/uv/sdc/OperationDefinition/QuestionnaireResponse-extract": (
        "QuestionnaireResponse",
        "extract",
    ),
    "http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-populate": (
        "Questionnaire",
        "populate",
    ),
    "http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-assemble": (
        "Questionnaire",
        "assemble",
    ),
}


def test_the_statement_names_the_operations_that_are_defined() -> None:
    statement = artefact("CapabilityStatement", "template-service")
    offered = {
        operation["definition"]: (resource["type"], operation["name"])
        for resource in statement["rest"][0]["resource"]
        for operation in resource.get("operation", ())
    }
    defined = {
        resource["url"]: (resource["resource"][0], resource["code"])
        for path, resource in ARTEFACTS.items()
        if path.startswith("OperationDefinition/")
    }
    standard = {
        url: name for url, name in offered.items() if url.startswith("http://hl7.org/fhir/")
    }
    assert {url: name for url, name in offered.items() if url not in standard} == defined
    assert standard == STANDARD_OPERATIONS


def test_every_parameter_of_an_operation_has_a_type_or_parts() -> None:
    operation = artefact("OperationDefinition", "score")
    for _, node in nodes(operation["parameter"]):
        if isinstance(node, dict) and "use" in node:
            assert ("type" in node) != ("part" in node), node["name"]
    names = [(each["use"], each["name"]) for each in operation["parameter"]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", EXAMPLES)
def test_an_example_fits_its_questionnaire(path: str) -> None:
    example = ARTEFACTS[path]
    assert example["questionnaire"] == f"{TEMPLATE['url']}|{TEMPLATE['version']}"
    assert example["subject"] == {"display": "A made-up person"}
    check_items(example, TEMPLATE)


def check_items(answered: Resource, asked: Resource) -> None:
    questions = {item["linkId"]: item for item in asked.get("item", ())}
    order = [item["linkId"] for item in answered.get("item", ())]
    assert order == [link_id for link_id in questions if link_id in order]
    for item in answered.get("item", ()):
        question = questions[item["linkId"]]
        assert item.get("text", question["text"]) == question["text"]
        offered = [option["valueCoding"] for option in question.get("answerOption", ())]
        for answer in item.get("answer", ()):
            assert not offered or answer["valueCoding"] in offered
        check_items(item, question)


@pytest.mark.parametrize("path", EXAMPLES)
def test_the_levels_of_an_example_are_those_that_are_calculated(path: str) -> None:
    example = ARTEFACTS[path]
    stated = {
        item["linkId"]: value_of(item["answer"][0])
        for item in items(example)
        if item["linkId"].endswith(".level")
    }
    levels = [f"{group['linkId']}.level" for group in domain_groups(TEMPLATE)]
    found = {link_id: calculated(TEMPLATE, example, link_id) for link_id in levels}
    assert stated == {link_id: level for link_id, level in found.items() if level is not None}
    assert stated


def test_an_artefact_is_found_by_type_and_id() -> None:
    assert artefact_path("Questionnaire", TEMPLATE["id"]).is_file()
