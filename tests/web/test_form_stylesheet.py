"""The style sheet of a form: every rule from the Questionnaire, safe against what one may hold."""

import re
from pathlib import Path
from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.service import Service
from template_service.web import form_stylesheet as form_stylesheet_module
from template_service.web.form_stylesheet import form_stylesheet, raised_by, stylesheet_version

GATE = (
    ':is(#template[data-gate="adult"],'
    '#template[data-gate="young"]:has([name="who"][value="patient"]:checked))'
)
ALONE = (
    f"{GATE}"
    ':has([name="seen-alone"][value="true"]:checked)'
    ':not(:has([name="interpreter"][value="informal"]:checked))'
)


@pytest.fixture(scope="module")
def form(service: Service) -> Form:
    return service.form


@pytest.fixture(scope="module")
def rules(form: Form) -> list[str]:
    return form_stylesheet(form).splitlines()


def test_every_conditional_item_has_a_rule_that_opens_it(form: Form, rules: list[str]) -> None:
    opened = {name for rule in rules for name in re.findall(r'\[data-when="([^"]+)"\]', rule)}
    assert opened == {
        link_id
        for link_id, item in form.items.items()
        if item.enabled_by >= 0
        and (item.parent is None or form.items[item.parent].enabled_by != item.enabled_by)
    }


def test_an_urgent_answer_keeps_its_questions_in_sight(rules: list[str]) -> None:
    assert (
        '#template:has([name="housing.security"][value="rough"]:checked) '
        '[data-when="housing.follow-up"]{display:block}'
    ) in rules


def test_household_questions_open_with_the_household(rules: list[str]) -> None:
    rule = next(rule for rule in rules if '[data-when="family.early"]' in rule)
    assert '[name="household"][value="pregnant"]:checked' in rule
    assert '[name="household"][value="under5"]:checked' in rule
    assert "school" not in rule


def test_every_card_an_answer_raises_is_shown_at_once(form: Form, rules: list[str]) -> None:
    for card in form.cards.values():
        found = [rule for rule in rules if f'[data-card="{card.id}"]' in rule]
        assert len(found) == (1 if raised_by(form, card) else 0)
        for rule in found:
            assert rule.startswith(ALONE) is card.masked
    assert raised_by(form, form.cards["no_energy"]) == (
        ("urgent", "no_energy"),
        ("energy.now", "off"),
    )
    assert raised_by(form, form.cards["safety_disclosed"]) == (("safety.screen", "need"),)
    assert raised_by(form, form.cards["family_homeless"]) == ()


def test_nothing_of_safety_is_shown_by_a_rule_without_the_gate(rules: list[str]) -> None:
    for rule in rules:
        shown = rule.rsplit(" ", 1)[1]
        if ".alone" in shown or any(card in shown for card in ("unsafe_home", "domestic_abuse")):
            assert rule.startswith(ALONE)


def test_under_16_suicide_is_asked_behind_the_gate_too(rules: list[str]) -> None:
    rule = next(rule for rule in rules if '[data-card="suicidal"]' in rule)
    assert rule.startswith(f':is(#template[data-gate="adult"],{ALONE}):has(')


def test_without_knowing_whose_page_it_is_the_gate_stays_closed(rules: list[str]) -> None:
    for rule in rules:
        if ".alone" in rule or "suicidal" in rule.rsplit(" ", 1)[1]:
            assert "#template:has" not in rule
            assert "#template " not in rule


def test_nothing_behind_the_gate_and_no_private_note_is_printed() -> None:
    sheet = (Path(form_stylesheet_module.__file__).parent / "static/app.css").read_text()
    printed = sheet[sheet.index("@media print") :]
    assert ".alone.alone.alone, .page.private > * { display: none !important; }" in printed


def test_help_is_asked_about_however_the_need_arose(rules: list[str]) -> None:
    rule = next(rule for rule in rules if '[data-help="food"]' in rule)
    for test in ('"food.screen"][value="need"', '"food.screen"][value="unsure"', '"no_food"'):
        assert test in rule


def questionnaire(link_id: str, **more: Any) -> dict[str, Any]:
    """A small questionnaire in which `link_id` opens another item."""
    condition = {"question": link_id, "operator": "=", "answerBoolean": True}
    opened = {"linkId": "opened", "type": "string", "enableWhen": [condition | more]}
    return {
        "resourceType": "Questionnaire",
        "status": "draft",
        "item": [{"linkId": link_id, "type": "boolean"}, opened],
    }


@pytest.mark.parametrize("link_id", ['x"]{display:none}', "x\\", "a b", "</style>", "'", "é;}"])
def test_no_name_breaks_out_of_its_string(link_id: str) -> None:
    sheet = form_stylesheet(compile_questionnaire(questionnaire(link_id)))
    rule = next(rule for rule in sheet.splitlines() if "data-when" in rule)
    assert re.fullmatch(
        r'#template:has\(\[name="(?:[\w\-. ]|\\[0-9a-f]+ )+"\]\[value="true"\]:checked\) '
        r'\[data-when="opened"\]\{display:block\}',
        rule,
    )


def test_a_condition_css_cannot_express_leaves_its_item_in_sight() -> None:
    form = compile_questionnaire(questionnaire("x", operator="exists"))
    assert '#template [data-when="opened"]{display:block}' in form_stylesheet(form)


def test_all_conditions_must_hold_where_the_template_says_all() -> None:
    resource = questionnaire("x")
    item = resource["item"][1]
    item["enableWhen"].append({"question": "x", "operator": "=", "answerBoolean": False})
    item["enableBehavior"] = "all"
    sheet = form_stylesheet(compile_questionnaire(resource))
    assert (
        '#template:has([name="x"][value="true"]:checked):has([name="x"][value="false"]:checked) '
        '[data-when="opened"]{display:block}'
    ) in sheet


def test_the_version_changes_with_the_content(form: Form) -> None:
    other = compile_questionnaire(questionnaire("x"))
    assert stylesheet_version(form) == stylesheet_version(form) != stylesheet_version(other)


def test_a_view_folds_rows_without_an_answer_until_the_rest_was_asked(rules: list[str]) -> None:
    assert (
        '#template:has([name="view"][value="early"]:checked)'
        ':not(:has([name="asked-rest"]:checked)) '
        '[data-row="work"]:not(:has(:checked:not([value=""]))){display:none}'
    ) in rules


def test_a_view_keeps_a_row_whose_card_is_ticked(form: Form) -> None:
    view = {
        "url": "https://template-service.example/fhir/StructureDefinition/sdoh-age-view",
        "extension": [
            {"url": "code", "valueCode": "brief"},
            {"url": "title", "valueString": "Brief"},
            {"url": "leavesOut", "valueCode": "housing"},
            {"url": "leavesOut", "valueCode": "safety"},
        ],
    }
    brief = compile_questionnaire(
        {**form.resource, "extension": [*form.resource["extension"], view]}
    )
    [rule] = [rule for rule in form_stylesheet(brief).splitlines() if '"brief"' in rule]
    assert '[data-row="housing"]' in rule
    assert '[name="urgent"][value="homeless_tonight"]:checked' in rule
