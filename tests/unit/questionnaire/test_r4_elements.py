"""What is known of R4's elements is what fhir.resources' R4B models say.

R4 and R4B agree on every type listed here.
"""

import re
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from fhirpathpy.models import models

from template_service.questionnaire.r4_cardinality import REPEATING, REQUIRED
from template_service.questionnaire.r4_elements import (
    Element,
    child,
    is_listed,
    required,
)

NOT_IN_R4B = {"MoneyQuantity", "SimpleQuantity", "SubstanceAmount"}
EVERYWHERE = {"contained", "extension", "modifierExtension"}


def model_of(type_: str, path: str = "") -> Any:
    """The model of a type, or of the backbone element at a path inside it."""
    model = get_fhir_model_class(type_)
    for name in path.split(".") if path else ():
        field = next(f for n, f in model.model_fields.items() if (f.alias or n) == name)
        (found,) = set(re.findall(r"(\w+)Type\b", str(field.annotation)))
        model = get_fhir_model_class(found)
    return model


def lists(model: Any) -> set[str]:
    """The elements of a model that repeat."""
    return {
        field.alias or name
        for name, field in model.model_fields.items()
        if "List[" in str(field.annotation) and not name.endswith("__ext")
    } - {"fhir_comments"}


@pytest.mark.parametrize("type_", sorted(REPEATING))
def test_what_repeats_is_what_the_models_say(type_: str) -> None:
    paths = REPEATING[type_].split()
    around = {path.rpartition(".")[0] for path in paths} | {""}

    for path in around:
        listed = {each.rpartition(".")[2] for each in paths if each.rpartition(".")[0] == path}
        assert lists(model_of(type_, path)) - EVERYWHERE == listed, path


def test_every_datatype_with_a_repeating_element_is_listed() -> None:
    found = {
        type_
        for type_, parent in models["r4"]["type2Parent"].items()
        if parent in ("Element", "BackboneElement", "Quantity")
        and type_[0].isupper()
        and type_ not in NOT_IN_R4B
        and lists(model_of(type_)) - EVERYWHERE
    }

    assert found == {type_ for type_ in REPEATING if not is_listed(type_)}


def test_what_is_required_is_what_the_models_say() -> None:
    found = {}
    for type_ in (one for one in REPEATING if is_listed(one)):
        names = set()
        for name, field in get_fhir_model_class(type_).model_fields.items():
            extra: Any = field.json_schema_extra or {}
            if choice := extra.get("one_of_many"):
                names |= {f"{choice}[x]"} if extra.get("one_of_many_required") else set()
            elif field.is_required() or extra.get("element_required"):
                names.add(field.alias or name)
        if names:
            found[type_] = names

    assert {type_: set(required(type_)) for type_ in REQUIRED} == found


@pytest.mark.parametrize(
    ("around", "name", "element"),
    [
        ("Patient", "name", Element("name", "HumanName", "HumanName", True)),
        ("HumanName", "given", Element("given", "string", "string", True)),
        ("Patient", "contact", Element("contact", "Patient.contact", None, True)),
        ("Patient.contact", "name", Element("name", "HumanName", "HumanName", False)),
        ("Age", "value", Element("value", "decimal", "decimal", False)),
        ("Patient", "id", Element("id", "string", "string", False)),
        ("Patient.contact", "extension", Element("extension", "Extension", "Extension", True)),
        (
            "Patient",
            "deceased[x]",
            Element("deceased", "Patient.deceased", None, False, ("Boolean", "DateTime")),
        ),
        (
            "QuestionnaireResponse.item.answer",
            "item",
            Element("item", "QuestionnaireResponse.item", None, True),
        ),
        ("Patient", "shoes", None),
        ("Patient", "name[x]", None),
        ("string", "length", None),
        ("Nothing", "name", None),
    ],
)
def test_an_element_is_found_by_its_name(around: str, name: str, element: Element | None) -> None:
    assert child(around, name) == element
