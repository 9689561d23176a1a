"""Which values fit which item, and that no other is ever written."""

from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.population.values import answers_of
from tests.unit.questionnaire.population.making import (
    CORE,
    SYSTEM,
    UCUM,
    Json,
    amount,
    choices,
    item,
    unit,
)

FOREIGN = {"system": "https://example.org/other", "code": "red"}
RED = {"system": SYSTEM, "code": "red", "display": "red"}


def given(raw: Json, *results: Any) -> tuple[list[Json], list[str]]:
    """The answers of one item, and the codes of what did not fit."""
    form = compile_questionnaire({"resourceType": "Questionnaire", "item": [raw]})
    found, unfit = answers_of(form.items[raw["linkId"]], results)
    return found, [each.code for each in unfit]


@pytest.mark.parametrize(
    ("kind", "value", "answer"),
    [
        ("boolean", False, {"valueBoolean": False}),
        ("integer", 3, {"valueInteger": 3}),
        ("decimal", 3, {"valueDecimal": 3}),
        ("decimal", 3.5, {"valueDecimal": 3.5}),
        ("string", "a", {"valueString": "a"}),
        ("text", "a\nb", {"valueString": "a\nb"}),
        ("url", "https://example.org", {"valueUri": "https://example.org"}),
        ("date", "2026-03", {"valueDate": "2026-03"}),
        ("dateTime", "2026-03-01", {"valueDateTime": "2026-03-01"}),
        ("dateTime", "2026-03-01T10:00:00Z", {"valueDateTime": "2026-03-01T10:00:00Z"}),
        ("time", "10:00:00", {"valueTime": "10:00:00"}),
        ("quantity", amount(70), {"valueQuantity": amount(70)}),
        ("quantity", 5, {"valueQuantity": {"value": 5, "system": UCUM, "code": "1"}}),
        ("reference", {"reference": "Patient/1"}, {"valueReference": {"reference": "Patient/1"}}),
        (
            "reference",
            {"resourceType": "Patient", "id": "1", "name": []},
            {"valueReference": {"reference": "Patient/1"}},
        ),
        ("attachment", {"url": "https://x.org"}, {"valueAttachment": {"url": "https://x.org"}}),
        (
            "attachment",
            {"resourceType": "Binary", "id": "b", "contentType": "text/plain", "data": "YQ=="},
            {"valueAttachment": {"contentType": "text/plain", "data": "YQ=="}},
        ),
        (
            "attachment",
            {
                "resourceType": "DocumentReference",
                "content": [{"attachment": {"url": "https://x.org"}}],
            },
            {"valueAttachment": {"url": "https://x.org"}},
        ),
    ],
)
def test_a_value_of_the_items_type_is_its_answer(kind: str, value: Any, answer: Json) -> None:
    assert given(item("q", kind), value) == ([answer], [])


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("boolean", "true"),
        ("boolean", 1),
        ("integer", "3"),
        ("integer", 3.0),
        ("integer", True),
        ("integer", 2**31),
        ("decimal", "3.5"),
        ("decimal", float("nan")),
        ("string", 3),
        ("string", True),
        ("string", "two\nlines"),
        ("date", "2026-03-01T10:00:00Z"),
        ("date", "tomorrow"),
        ("dateTime", "2026-03-01T10:00"),
        ("time", "10:00"),
        ("url", "not a url"),
        ("quantity", "70 kg"),
        ("quantity", {"unit": "kg"}),
        ("quantity", True),
        ("reference", "Patient/1"),
        ("reference", {"resourceType": "Patient"}),
        ("attachment", {"title": "empty"}),
        ("attachment", {"resourceType": "Patient", "url": "x"}),
        ("string", {"a": 1}),
        ("string", []),
    ],
)
def test_no_other_type_is_converted(kind: str, value: Any) -> None:
    found, unfit = given(item("q", kind), value)
    assert found == []
    assert unfit == ["value"]


def test_a_text_that_is_too_long_is_not_cut() -> None:
    assert given(item("q", "string", maxLength=3), "four") == ([], ["too-long"])


@pytest.mark.parametrize("kind", ["integer", "decimal"])
def test_a_quantity_answers_a_number_only_in_its_unit(kind: str) -> None:
    name = f"value{kind.capitalize()}"
    asked = item("q", kind, unit("kg"))
    assert given(asked, amount(70)) == ([{name: 70}], [])
    assert given(asked, {"value": 70, "unit": "kg"}) == ([{name: 70}], [])
    for other in (
        amount(70, "g"),
        {"value": 70},
        {"value": 70, "system": "https://example.org", "code": "kg"},
        {**amount(70), "comparator": "<"},
        {**amount(70), "value": "70"},
    ):
        assert given(asked, other) == ([], ["value"])
    assert given(item("q", kind), amount(70)) == ([], ["value"])
    assert given(item("q", kind), {"value": 70}) == ([{name: 70}], [])


def test_a_quantity_that_is_no_whole_number_answers_no_integer() -> None:
    assert given(item("q", "integer", unit("kg")), amount(70.5)) == ([], ["value"])
    assert given(item("q", "integer", unit("kg")), amount(70.0)) == ([{"valueInteger": 70}], [])


def test_a_quantity_has_one_of_the_units_offered() -> None:
    offered = [
        {"url": f"{CORE}questionnaire-unitOption", "valueCoding": {"system": UCUM, "code": code}}
        for code in ("kg", "g")
    ]
    assert given(item("q", "quantity", *offered), amount(70, "g"))[1] == []
    assert given(item("q", "quantity", *offered), amount(70, "[lb_av]")) == ([], ["code-invalid"])


def test_a_reference_is_to_a_type_the_item_takes() -> None:
    only = {"url": f"{CORE}questionnaire-referenceResource", "valueCode": "Patient"}
    asked = item("q", "reference", only)
    assert given(asked, {"reference": "https://x.org/fhir/Patient/1"})[1] == []
    assert given(asked, {"reference": "Practitioner/1"}) == ([], ["value"])
    assert given(asked, {"resourceType": "Practitioner", "id": "1"}) == ([], ["value"])


@pytest.mark.parametrize(
    "value",
    [
        {"system": SYSTEM, "code": "red"},
        {"system": SYSTEM, "code": "red", "display": "Rouge"},
        {"code": "red"},
        "red",
        {"coding": [FOREIGN, {"system": SYSTEM, "code": "red"}]},
    ],
)
def test_a_coding_becomes_the_option_offered(value: Any) -> None:
    asked = item("q", "choice", answerOption=choices("red", "green"))
    assert given(asked, value) == ([{"valueCoding": RED}], [])


@pytest.mark.parametrize(
    "value",
    [
        FOREIGN,
        {"system": SYSTEM, "code": "blue"},
        "blue",
        7,
        {"coding": [FOREIGN]},
        {"system": SYSTEM},
        {"system": 3, "code": "red"},
        {"coding": "red"},
    ],
)
def test_what_is_not_offered_is_no_answer(value: Any) -> None:
    asked = item("q", "choice", answerOption=choices("red", "green"))
    assert given(asked, value) == ([], ["code-invalid"])


def test_a_bare_code_that_two_options_share_is_no_answer() -> None:
    asked = item("q", "choice", answerOption=[*choices("red"), {"valueCoding": FOREIGN}])
    assert given(asked, "red") == ([], ["code-invalid"])
    assert given(asked, FOREIGN)[1] == []


def test_of_several_codings_the_one_that_is_offered_is_taken() -> None:
    asked = item("q", "choice", answerOption=choices("red", "green"))
    assert given(asked, FOREIGN, {"system": SYSTEM, "code": "red"}) == ([{"valueCoding": RED}], [])
    both = [{"system": SYSTEM, "code": code} for code in ("red", "green")]
    assert given(asked, *both) == ([], ["multiple-matches"])
    assert given(asked, {"coding": both}) == ([], ["multiple-matches"])


def test_a_value_set_published_elsewhere_takes_one_coding_and_no_bare_code() -> None:
    asked = item("q", "choice", answerValueSet="https://example.org/fruit")
    assert given(asked, FOREIGN) == ([{"valueCoding": FOREIGN}], [])
    assert given(asked, "red") == ([], ["code-invalid"])
    assert given(asked, {"coding": [FOREIGN]}) == ([{"valueCoding": FOREIGN}], [])
    other = {"system": SYSTEM, "code": "red"}
    assert given(asked, {"coding": [FOREIGN, other]}) == ([], ["multiple-matches"])
    chosen = {**other, "userSelected": True}
    assert given(asked, {"coding": [FOREIGN, chosen]}) == ([{"valueCoding": chosen}], [])


def test_an_open_choice_takes_text_and_the_text_of_a_concept() -> None:
    asked = item("q", "open-choice", answerOption=choices("red"))
    assert given(asked, "purple") == ([{"valueString": "purple"}], [])
    assert given(asked, {"coding": [], "text": "purple"}) == ([{"valueString": "purple"}], [])
    assert given(asked, "red") == ([{"valueCoding": RED}], [])


def test_options_of_other_types_are_matched_too() -> None:
    numbers = item("q", "integer", answerOption=[{"valueInteger": 1}, {"valueInteger": 2}])
    assert given(numbers, 2) == ([{"valueInteger": 2}], [])
    assert given(numbers, 3) == ([], ["code-invalid"])
    texts = item("q", "string", answerOption=[{"valueString": "a"}])
    assert given(texts, "a") == ([{"valueString": "a"}], [])


def test_options_that_are_references_are_matched_by_the_reference() -> None:
    offered = [{"valueReference": {"reference": f"Practitioner/{n}"}} for n in (1, 2)]
    asked = item("q", "reference", answerOption=offered)
    assert given(asked, {"reference": "Practitioner/2"}) == ([offered[1]], [])
    assert given(asked, {"reference": "Practitioner/3"}) == ([], ["code-invalid"])


@pytest.mark.parametrize(
    ("kind", "extension", "value"),
    [
        ("integer", {"url": f"{CORE}minValue", "valueInteger": 5}, 3),
        ("decimal", {"url": f"{CORE}maxDecimalPlaces", "valueInteger": 1}, 3.25),
        ("string", {"url": f"{CORE}regex", "valueString": "[a-z]+"}, "A1"),
        ("string", {"url": f"{CORE}minLength", "valueInteger": 5}, "abc"),
        ("date", {"url": f"{CORE}maxValue", "valueDate": "2020-01-01"}, "2026-01-01"),
    ],
)
def test_what_the_questionnaire_does_not_allow_is_not_filled_in(
    kind: str, extension: Json, value: Any
) -> None:
    assert given(item("q", kind), value)[1] == []
    found, [_code] = given(item("q", kind, extension), value)
    assert found == []


def test_a_number_is_no_code() -> None:
    asked = item("q", "choice", answerOption=[*choices("1"), {"valueInteger": 2}])
    assert given(asked, 1) == ([], ["code-invalid"])
    assert given(asked, {"code": "2"}) == ([], ["code-invalid"])


def test_an_item_that_does_not_repeat_takes_one_value_or_none() -> None:
    assert given(item("q", "string"), "a", "b") == ([], ["multiple-matches"])
    assert given(item("q", "string"), "a", "a") == ([{"valueString": "a"}], [])
    assert given(item("q", "string"), "a", 3) == ([], ["value"])


def test_an_item_that_repeats_takes_what_fits() -> None:
    asked = item("q", "string", repeats=True)
    assert given(asked, "a", 3, "a") == ([{"valueString": "a"}, {"valueString": "a"}], ["value"])
    at_most = {"url": f"{CORE}questionnaire-maxOccurs", "valueInteger": 1}
    asked = item("q", "string", at_most, repeats=True)
    assert given(asked, "a", "b") == ([], ["multiple-matches"])


def test_an_option_that_excludes_others_does_not_come_with_them() -> None:
    exclusive = {"url": f"{CORE}questionnaire-optionExclusive", "valueBoolean": True}
    none = {**choices("none")[0], "extension": [exclusive]}
    asked = item("q", "choice", repeats=True, answerOption=[*choices("red"), none])
    assert given(asked, "red", "none") == ([], ["multiple-matches"])
    assert given(asked, "none")[1] == []


def test_only_what_fhir_gives_a_type_is_copied() -> None:
    strange = {**amount(70), "extension": [{"url": "x"}], "unit": ["kg"], "other": {"deep": []}}
    kept = {"value": 70, "system": UCUM, "code": "kg"}
    assert given(item("q", "quantity"), strange) == ([{"valueQuantity": kept}], [])
