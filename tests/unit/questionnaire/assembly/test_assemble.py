"""Modular questionnaires put together as SDC says, or the reason why not."""

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from template_service.questionnaire.assembly.assemble import Assembly, assemble
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.elements import copied
from template_service.questionnaire.privacy import private_items
from tests.strategies import json_values
from tests.unit.questionnaire.counting import lines_run

BASE = "https://example.org/Questionnaire/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
VARIABLE = "http://hl7.org/fhir/StructureDefinition/variable"
Json = dict[str, Any]


def variable(name: str, expression: str) -> Json:
    return {
        "url": VARIABLE,
        "valueExpression": {"name": name, "language": "text/fhirpath", "expression": expression},
    }


def prefix(text: str) -> Json:
    return variable("linkIdPrefix", text)


def launch(code: str, kind: str = "Patient") -> Json:
    parts = [{"url": "name", "valueCoding": {"code": code}}, {"url": "type", "valueCode": kind}]
    return {"url": f"{SDC}launchContext", "extension": parts}


def module(name: str, *items: Json, extension: tuple[Json, ...] = (), **more: Any) -> Json:
    expectation = {"url": f"{SDC}assemble-expectation", "valueCode": "assemble-child"}
    return {
        "resourceType": "Questionnaire",
        "url": BASE + name,
        "version": "1",
        "status": "active",
        "extension": [expectation, *extension],
        "item": list(items),
        **more,
    }


def place(name: str, link_id: str = "place", **more: Any) -> Json:
    return {
        "linkId": link_id,
        "type": "display",
        "text": f"{name} is not there.",
        "extension": [{"url": f"{SDC}subQuestionnaire", "valueCanonical": f"{BASE}{name}|1"}],
        **more,
    }


def group(link_id: str, *items: Json, extension: tuple[Json, ...] = ()) -> Json:
    said = {"extension": list(extension)} if extension else {}
    return {"linkId": link_id, "type": "group", "item": list(items), **said}


def question(link_id: str, **more: Any) -> Json:
    return {"linkId": link_id, "type": "string", "text": link_id, **more}


def root(*items: Json, extension: tuple[Json, ...] = (), **more: Any) -> Json:
    whole = module("root", *items, extension=extension, **more)
    whole["extension"][0]["valueCode"] = "assemble-root"
    return whole


def library(*modules: Json) -> Callable[[str], Mapping[str, Any] | None]:
    known = {f"{each['url']}|{each['version']}": each for each in modules}
    return known.get


def link_ids(resource: Any) -> list[str]:
    found = []
    for item in resource.get("item", []):
        found += [item["linkId"], *link_ids(item)]
    return found


def messages(assembly: Assembly) -> list[str]:
    return [f"{problem.severity}: {problem.message}" for problem in assembly.problems]


def names(element: Json) -> list[str]:
    return [each["url"].rsplit("/", 1)[-1] for each in element.get("extension", [])]


def test_a_module_stands_where_it_was_asked_for() -> None:
    whole = root(question("before"), place("name"), question("after"))
    assembly = assemble(whole, library(module("name", question("first"), question("last"))))
    assert assembly.problems == ()
    assert link_ids(assembly.resource) == ["before", "first", "last", "after"]
    assert (assembly.resource["url"], assembly.resource["version"]) == (f"{BASE}root", "1")
    compile_questionnaire(assembly.resource)


def test_the_whole_says_what_it_was_made_from_and_needs_no_more_assembly() -> None:
    assembly = assemble(root(place("name")), library(module("name", question("first"))))
    [made_from] = assembly.resource["extension"]
    assert made_from == {"url": f"{SDC}assembledFrom", "valueCanonical": f"{BASE}name|1"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("assemble-root-or-child", "independent-root-or-child"),
        ("assemble-child", "independent-child"),
        ("independent-child", "independent-child"),
    ],
)
def test_the_expectation_of_the_whole_is_adjusted(before: str, after: str) -> None:
    whole = root(question("one"))
    whole["extension"][0]["valueCode"] = before
    extension = assemble(whole, library()).resource["extension"]
    assert extension == [{"url": f"{SDC}assemble-expectation", "valueCode": after}]


def test_nothing_given_is_changed() -> None:
    whole, part = root(place("name")), module("name", question("first"))
    before = copy.deepcopy((whole, part))
    assembly = assemble(whole, library(part))
    assembly.resource["item"][0]["text"] = "changed"
    assert (whole, part) == before


def test_one_module_twice_is_told_apart_by_prefixes() -> None:
    part = module(
        "name",
        question("known"),
        question(
            "why",
            enableWhen=[{"question": "known", "operator": "exists", "answerBoolean": False}],
        ),
    )
    whole = root(
        group("mine", place("name", "a"), extension=(prefix("'me.'"),)),
        group("yours", place("name", "b"), extension=(prefix("'you.'"),)),
    )
    assembly = assemble(whole, library(part))
    assert assembly.problems == ()
    assert link_ids(assembly.resource) == [
        "mine",
        "me.known",
        "me.why",
        "yours",
        "you.known",
        "you.why",
    ]
    why = assembly.resource["item"][1]["item"][1]
    assert why["enableWhen"][0]["question"] == "you.known"
    compile_questionnaire(assembly.resource)


def test_linkids_in_expressions_get_the_prefix_and_other_texts_do_not() -> None:
    calculated = {
        "url": f"{SDC}calculatedExpression",
        "valueExpression": {
            "language": "text/fhirpath",
            "expression": "%resource.descendants().where(linkId = 'yes').answer.value"
            ".where(code = 'yes' or display in ('yes' | 'no')) | answers('yes') | 'other'",
        },
    }
    part = module("name", question("yes"), question("sum", extension=[calculated]))
    whole = root(group("g", place("name"), extension=(prefix("'p.'"),)))
    item = assemble(whole, library(part)).resource["item"][0]["item"][1]
    assert item["extension"][0]["valueExpression"]["expression"] == (
        "%resource.descendants().where(linkId = 'p.yes').answer.value"
        ".where(code = 'yes' or display in ('yes' | 'no')) | answers('p.yes') | 'other'"
    )


def expression_in_a_group(expression: str, **more: Any) -> tuple[str, Assembly]:
    """What becomes of an expression of a module with the items `1` and `2`, under `p.`."""
    given = {"language": "text/fhirpath", **more, "expression": expression}
    calculated = {"url": f"{SDC}calculatedExpression", "valueExpression": given}
    part = module("name", question("1"), question("2"), question("c", extension=[calculated]))
    whole = root(group("g", place("name"), extension=(prefix("'p.'"),)))
    assembly = assemble(whole, library(part))
    item = assembly.resource["item"][0]["item"][2]
    return item["extension"][0]["valueExpression"]["expression"], assembly


def test_results_and_codes_that_look_like_linkids_stay_and_are_told() -> None:
    rule = "iif(%resource.item.where(linkId = '1').answer.value.code = '2', '1', 'no')"
    rewritten, assembly = expression_in_a_group(rule)
    assert rewritten == rule.replace("linkId = '1'", "linkId = 'p.1'")
    [problem] = assembly.problems
    assert (problem.severity, problem.expression) == (
        "information",
        "Questionnaire.item[0].item[0]",
    )
    assert problem.message.endswith("without the prefix: '2', '1'.")


def test_only_the_fhirpath_of_a_query_is_rewritten() -> None:
    query = (
        "https://example.org/Patient?a='1'&b={{item.where(linkId='1')}}&c={{%linkIdPrefix}}&d={{"
    )
    rewritten, _ = expression_in_a_group(query, language="application/x-fhir-query")
    assert rewritten == (
        "https://example.org/Patient?a='1'&b={{item.where(linkId='p.1')}}&c={{'p.'}}&d={{"
    )


@pytest.mark.parametrize(
    "name",
    "resourceId fullUrl ifNoneExist ifMatch ifNoneMatch ifModifiedSince location".split(),  # noqa: SIM905
)
def test_expressions_written_as_text_are_renamed(name: str) -> None:
    around = "targetConstraint" if name == "location" else f"{SDC}templateExtract"
    said = {"url": name, "valueString": "item.where(linkId = '1').answer.value"}
    extension = {"url": around, "extension": [said]}
    part = module("name", question("1", extension=[extension]))
    whole = root(group("g", place("name"), extension=(prefix("'p.'"),)))
    item = assemble(whole, library(part)).resource["item"][0]["item"][0]
    [[moved]] = [each["extension"] for each in item["extension"]]
    assert moved["valueString"] == "item.where(linkId = 'p.1').answer.value"


def test_a_targetconstraint_that_moves_is_renamed() -> None:
    parts = [
        {"url": "expression", "valueExpression": {"expression": "item.where(linkId = '1')"}},
        {"url": "location", "valueString": "item.where(linkId = '1')"},
    ]
    constraint = {"url": "http://hl7.org/fhir/StructureDefinition/targetConstraint"}
    part = module("name", question("1"), extension=(constraint | {"extension": parts},))
    whole = root(group("g", place("name"), extension=(prefix("'p.'"),)))
    holder = assemble(whole, library(part)).resource["item"][0]
    [moved] = [each for each in holder["extension"] if each["url"] == constraint["url"]]
    assert json.dumps(moved).count("linkId = 'p.1'") == 2


def test_an_expression_that_uses_the_prefix_itself_gets_it_as_a_text() -> None:
    said = variable("known", "%resource.item.where(linkId = %linkIdPrefix + 'yes')")
    context = {"url": f"{SDC}assembleContext", "valueString": "linkIdPrefix"}
    part = module("name", question("yes"), extension=(said, context))
    whole = root(group("g", place("name"), extension=(prefix("'p.'"),)))
    assembly = assemble(whole, library(part))
    assert assembly.problems == ()
    moved = assembly.resource["item"][0]["extension"][1]
    assert moved["valueExpression"]["expression"] == ("%resource.item.where(linkId = 'p.' + 'yes')")


def test_modules_inside_modules_take_the_nearest_prefix() -> None:
    inner = module("inner", question("1"))
    outer = module(
        "outer",
        question("1"),
        group("2", place("inner"), extension=(prefix("%linkIdPrefix + 'in.'"),)),
    )
    whole = root(group("g", place("outer"), extension=(prefix("'out.'"),)))
    assembly = assemble(whole, library(outer, inner))
    assert assembly.problems == ()
    assert link_ids(assembly.resource) == ["g", "out.1", "out.2", "out.in.1"]
    assert [each["valueCanonical"] for each in assembly.resource["extension"]] == [
        f"{BASE}outer|1",
        f"{BASE}inner|1",
    ]


def test_extensions_of_a_module_go_where_sdc_says() -> None:
    library_ = {"url": "http://hl7.org/fhir/StructureDefinition/cqf-library", "valueCanonical": "l"}
    queries = {"url": f"{SDC}sourceQueries", "valueReference": {"reference": "#q"}}
    extension = (launch("patient"), launch("user"), variable("x", "1"), library_, queries)
    part = module("name", question("first"), extension=extension)
    whole = root(group("g", place("name")), extension=(launch("patient"),))
    assembly = assemble(whole, library(part))
    assert names(assembly.resource)[:3] == [
        "sdc-questionnaire-launchContext",
        "sdc-questionnaire-launchContext",
        "cqf-library",
    ]
    assert names(assembly.resource["item"][0]) == ["variable"]
    [left] = messages(assembly)
    assert left.startswith("information: ")
    assert "sdc-questionnaire-sourceQueries" in left


def test_variables_of_one_name_that_differ_are_an_error() -> None:
    parts = (
        module("a", question("1"), extension=(variable("x", "1"), variable("same", "3"))),
        module("b", question("2"), extension=(variable("x", "2"), variable("same", "3"))),
    )
    assembly = assemble(root(place("a", "p"), place("b", "q")), library(*parts))
    [problem] = assembly.errors
    assert "'x'" in problem.message
    assert problem.expression == "Questionnaire.item[1]"


def value_set(id_: str, code: str) -> Json:
    concept = {"system": BASE, "concept": [{"code": code}]}
    return {"resourceType": "ValueSet", "id": id_, "compose": {"include": [concept]}}


def test_contained_resources_are_shared_or_renamed() -> None:
    chooses = {"type": "choice", "answerValueSet": "#colours"}
    red = module("red", question("1") | chooses, contained=[value_set("colours", "red")])
    same = module("same", question("2") | chooses, contained=[value_set("colours", "red")])
    blue = module("blue", question("3") | chooses, contained=[value_set("colours", "blue")])
    also = module("also", question("4") | chooses, contained=[value_set("colours", "blue")])
    whole = root(*(place(name, name) for name in ("red", "same", "blue", "also")))
    assembly = assemble(whole, library(red, same, blue, also))
    assert [each["id"] for each in assembly.resource["contained"]] == ["colours", "colours-2"]
    assert [item["answerValueSet"] for item in assembly.resource["item"]] == [
        "#colours",
        "#colours",
        "#colours-2",
        "#colours-2",
    ]
    offered = compile_questionnaire(assembly.resource).items["4"].options
    assert [option.code for option in offered] == ["blue"]


def test_a_prefix_also_stands_before_contained_ids() -> None:
    item = question("1") | {"type": "choice", "answerValueSet": "#colours"}
    part = module("red", item, contained=[value_set("colours", "red")])
    whole = root(group("g", place("red"), extension=(prefix("'my/'"),)))
    resource = assemble(whole, library(part)).resource
    assert resource["contained"][0]["id"] == "my-colours"
    assert resource["item"][0]["item"][0]["answerValueSet"] == "#my-colours"


def test_a_module_that_is_missing_leaves_its_item() -> None:
    assembly = assemble(root(group("g", place("name"))), library())
    [problem] = assembly.errors
    assert (problem.code, problem.link_id) == ("not-found", "place")
    assert problem.expression == "Questionnaire.item[0].item[0]"
    assert f"{BASE}name|1" in problem.message
    assert link_ids(assembly.resource) == ["g", "place"]


def test_modules_that_hold_themselves_are_refused() -> None:
    a = module("a", question("1"), place("b", "to-b"))
    b = module("b", question("2"), place("a", "to-a"))
    assembly = assemble(root(place("a")), library(a, b))
    [problem] = assembly.errors
    assert "would hold itself" in problem.message
    [itself] = assemble(root(place("root")), library(root(place("root")))).errors
    assert "would hold itself" in itself.message


def test_modules_nested_too_deeply_are_refused() -> None:
    parts = [module(f"m{n}", question(f"{n}"), place(f"m{n + 1}", f"to-{n}")) for n in range(30)]
    [problem] = assemble(root(place("m0")), library(*parts)).errors
    assert "nested more than 8 deep" in problem.message


def test_modules_that_double_at_every_level_are_refused() -> None:
    parts = [
        module(f"m{n}", *(place(f"m{n + 1}", f"to-{n}-{k}") for k in range(20))) for n in range(5)
    ]
    last = module("m5", *(question(f"q{k}") for k in range(20)))
    assembly = assemble(root(place("m0")), library(*parts, last))
    assert any("would make more than 10000 items" in each for each in messages(assembly))


def asked(canonicals: list[str]) -> list[Json]:
    return [place(name, f"place-{index}") for index, name in enumerate(canonicals)]


@pytest.mark.parametrize(
    ("part", "times", "limit"),
    [
        (module("m"), 1_200, "1000 modules"),
        (module("m", question("q", code=[{"code": "c"}] * 20_000)), 4, "60000 elements"),
        (
            module("m", extension=tuple(variable(f"v{n}", "1" * 9_000) for n in range(50))),
            1,
            "400000 characters",
        ),
        (
            module("m", extension=tuple(variable(f"v{n}", "1") for n in range(2_500))),
            1,
            "More than 2000 variables",
        ),
    ],
    ids=["modules", "elements", "expressions", "variables"],
)
def test_what_would_be_too_much_is_refused(part: Json, times: int, limit: str) -> None:
    assembly = assemble(root(*asked(["m"] * times)), library(part))
    assert any(limit in problem.message for problem in assembly.errors)
    assert {each.code for each in assembly.errors} <= {"too-costly", "duplicate"}


def test_a_module_is_resolved_once() -> None:
    calls = []

    def resolve(canonical: str) -> Json:
        calls.append(canonical)
        return module("m")

    assemble(root(*asked(["m"] * 5)), resolve)
    assert calls == [f"{BASE}m|1"]


def test_the_work_grows_with_what_is_put_together_only() -> None:
    def work(times: int) -> int:
        names = [f"m{n}" for n in range(times)]
        parts = [
            module(
                name,
                question(name, type="choice", answerValueSet="#v"),
                extension=tuple(variable(f"{name}-{n}", "1") for n in range(10)),
                contained=[value_set("v", name)],
            )
            for name in names
        ]
        whole = root(*asked(names))
        return lines_run(lambda: assemble(whole, library(*parts)))

    assert work(80) < 10 * work(10)


def test_depth_is_no_matter() -> None:
    deep: Json = {"linkId": "deepest", "type": "group"}
    for level in range(3_000):
        deep = group(f"g{level}", deep)
    far: Any = "x"
    for _ in range(3_000):
        far = {"extension": [{"url": "x", "extension": [far]}]}
    contained = [{"resourceType": "Basic", "id": "b", "extension": [far]}]
    extension = (variable("x", "1") | {"_url": far},)
    part = module("m", deep, extension=extension, contained=contained)
    whole = root(*asked(["m", "m"]), contained=copied(contained))
    assembly = assemble(whole, library(part))
    assert len(assembly.resource["contained"]) == 1
    assert {problem.code for problem in assembly.problems} == {"duplicate"}


def test_linkids_that_come_together_are_an_error() -> None:
    assembly = assemble(root(question("1"), place("a")), library(module("a", question("1"))))
    [problem] = assembly.errors
    assert (problem.code, problem.link_id) == ("duplicate", "1")


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"language": "fr"}, "is in another language"),
        ({"implicitRules": "https://example.org/rules"}, "has implicitRules"),
        ({"modifierExtension": [{"url": "https://example.org/x"}]}, "has modifierExtension"),
        ({"resourceType": "ValueSet"}, "is not there"),
    ],
)
def test_a_module_that_may_not_stand_there_is_refused(part: Json, reason: str) -> None:
    assembly = assemble(root(place("a"), language="en"), library(module("a", question("1")) | part))
    [problem] = assembly.errors
    assert reason in problem.message
    assert link_ids(assembly.resource) == ["place"]


def test_variables_a_module_needs_must_be_there() -> None:
    needs = {"url": f"{SDC}assembleContext", "valueString": "patient"}
    part = module("a", question("1"), extension=(needs,))
    [problem] = assemble(root(place("a")), library(part)).errors
    assert problem.message.endswith("needs a variable that is not there: patient.")
    assert assemble(root(place("a"), extension=(launch("patient"),)), library(part)).errors == ()


def test_what_is_odd_but_usable_is_a_warning() -> None:
    part = module("a", question("1"))
    part["extension"] = []
    conditional = place("a", enableWhen=[{"question": "1"}])
    assembly = assemble(root(conditional), library(part))
    assert assembly.errors == ()
    assert [problem.severity for problem in assembly.problems] == ["warning", "warning"]
    assert "enableWhen is lost" in assembly.problems[1].message


def test_a_condition_by_expression_that_is_lost_is_told() -> None:
    given = {"language": "text/fhirpath", "expression": "false"}
    conditional = place("a")
    conditional["extension"].append({"url": f"{SDC}enableWhenExpression", "valueExpression": given})
    [problem] = assemble(root(conditional), library(module("a", question("1")))).problems
    assert problem.severity == "warning"
    assert "enableWhenExpression is lost" in problem.message


OURS = "https://example.org/StructureDefinition/sdoh-"
MASKED = {"url": f"{OURS}masked", "valueBoolean": True}
GATED = {"url": f"{OURS}display-gate", "valueCode": "seen-alone"}


@pytest.mark.parametrize("mark", [MASKED, GATED])
@pytest.mark.parametrize("where", ["place", "root", "place of a place", "root of a root"])
def test_what_marks_a_module_or_its_place_as_safety_marks_its_items(mark: Json, where: str) -> None:
    inner = module("b", question("hurt"), extension=(mark,) if where == "root of a root" else ())
    around = (mark,) if where == "root" else ()
    parts = [place("b"), question("beside", extension=[{**MASKED, "valueBoolean": False}])]
    outer = module("a", *parts, extension=around)
    asked = place("a")
    marked = {"place": asked, "place of a place": outer["item"][0]}.get(where)
    if marked is not None:
        marked["extension"].append(mark)

    assembly = assemble(root(asked, question("free")), library(outer, inner))

    assert assembly.errors == ()
    everything = {"hurt"} if where in ("place of a place", "root of a root") else {"hurt", "beside"}
    assert private_items(compile_questionnaire(assembly.resource)) == everything


@pytest.mark.parametrize(("own", "gate"), [("seen-alone", "seen-alone"), (None, "staff-only")])
def test_no_mark_that_is_carried_opens_a_gate(own: str | None, gate: str) -> None:
    kept = [] if own is None else [{**GATED, "valueCode": own}]
    asked = place("a")
    asked["extension"].append({**GATED, "valueCode": "staff-only"})

    assembly = assemble(root(asked), library(module("a", question("in", extension=kept))))

    assert compile_questionnaire(assembly.resource).items["in"].gate == gate


@pytest.mark.parametrize(
    "mark",
    [
        {"url": f"{OURS}urgent-card", "extension": []},
        {"url": f"{OURS}domain", "extension": []},
        {"url": f"{OURS}masked", "valueString": "yes"},
        {"url": f"{OURS}display-gate"},
    ],
)
@pytest.mark.parametrize("on_place", [True, False])
def test_a_mark_that_no_item_can_take_over_is_an_error(mark: Json, on_place: bool) -> None:
    asked = place("a")
    if on_place:
        asked["extension"].append(mark)
    made = module("a", question("in"), extension=() if on_place else (mark,))

    assembly = assemble(root(asked), library(made))

    [error] = assembly.errors
    assert mark["url"].rsplit("/")[-1] in error.message
    assert [each["linkId"] for each in assembly.resource["item"]] == ["place"]


@pytest.mark.parametrize("given", [{"modifierExtension": [MASKED]}, {"extension": MASKED}])
def test_a_mark_of_a_module_that_nobody_reads_is_an_error(given: Json) -> None:
    assembly = assemble(root(place("a")), library(module("a", question("in")) | given))
    assert any("masked" in error.message for error in assembly.errors)


def test_a_mark_of_a_place_that_nobody_reads_is_an_error() -> None:
    asked = place("a") | {"modifierExtension": [MASKED]}
    assembly = assemble(root(asked), library(module("a", question("in"))))
    assert any("masked" in error.message for error in assembly.errors)


def test_a_mark_that_only_says_where_words_are_from_is_left() -> None:
    source = {"url": f"{OURS}source", "valueString": "A book"}
    made = module("a", question("in"), extension=(source, {**MASKED, "valueBoolean": False}))

    assembly = assemble(root(place("a")), library(made))

    assert assembly.errors == ()
    assert assembly.resource["item"] == [question("in")]


def test_definitions_are_said_not_to_be_looked_up() -> None:
    defined = {"linkId": "1", "type": "string", "definition": "https://example.org/x#x.y"}
    [problem] = assemble(root(defined), library()).problems
    assert (problem.severity, problem.code) == ("information", "not-supported")
    assert assemble(root(defined | {"text": "One"}), library()).problems == ()


@pytest.mark.parametrize("more", [{"type": "group"}, {"type": "string"}])
def test_only_a_display_item_asks_for_a_module(more: Json) -> None:
    [problem] = assemble(root(place("a", **more)), library(module("a", question("1")))).errors
    assert "by a display item only" in problem.message


def test_a_prefix_that_is_no_text_is_an_error() -> None:
    whole = root(group("g", place("a"), extension=(prefix("today()"),)))
    assembly = assemble(whole, library(module("a", question("1"))))
    assert "linkIdPrefix must be a text" in assembly.errors[0].message


def test_real_modules_come_together(shared: Path) -> None:
    parts = []
    for name in ("QImmunisation", "QMedicalHistoryCurrentProblems", "QRegularMedications"):
        text = (shared / "data" / "fhir" / "extract" / f"{name}.json").read_text(encoding="utf-8")
        parts.append(json.loads(text) | {"version": "1"})
    places = [
        {
            "linkId": part["id"],
            "type": "display",
            "extension": [{"url": f"{SDC}subQuestionnaire", "valueCanonical": f"{part['url']}|1"}],
        }
        for part in parts
    ]
    [condition] = (
        each
        for each in parts[1]["extension"]
        if each.get("valueExpression", {}).get("name") == "Condition"
    )
    contexts = (launch("patient"), variable("age", "1"), condition)
    whole = root(*places, extension=contexts, language=parts[0].get("language", "en"))
    assembly = assemble(whole, library(*parts))
    assert assembly.errors == ()
    form = compile_questionnaire(assembly.resource)
    assert set(form.items) == {link_id for part in parts for link_id in link_ids(part)}
    held = {each["id"] for each in assembly.resource["contained"]}
    named = {
        item.raw["answerValueSet"][1:]
        for item in form.items.values()
        if str(item.raw.get("answerValueSet", "")).startswith("#")
    }
    assert named
    assert named <= held

    alone = assemble(whole | {"extension": []}, library(*parts))
    assert any("needs a variable that is not there" in problem.message for problem in alone.errors)


@given(json_values(), json_values())
@settings(max_examples=40)
def test_nothing_is_raised_on_any_json(whole: Any, part: Any) -> None:
    assemble(whole, lambda _: part)
    if isinstance(part, dict):
        wrapped = {**part, "resourceType": "Questionnaire"}
        holder = {"resourceType": "Questionnaire", "item": [place("a")], "contained": [whole]}
        assert isinstance(assemble(holder, lambda _: wrapped).resource, dict)
