"""Whatever is extracted, every reference between the entries of the transaction resolves."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.questionnaire.extraction.making import (
    CORE,
    NO_ANSWER,
    Json,
    allocate,
    answer,
    group,
    inside,
    item,
    part,
    questionnaire,
    response,
    run,
    sdc,
    takes,
    template,
    told,
)

CODE = [{"system": "http://loinc.org", "code": "1-8"}]


def household(template_of_child: str) -> Json:
    """People of a household as resources of every kind of extraction, joined by allocated ids."""
    definition = part("definition", valueCanonical=f"{CORE}Patient")
    return questionnaire(
        group(
            "person",
            allocate("NewPersonId"),
            sdc(
                "definitionExtract",
                parts=[definition, part("fullUrl", valueString="%NewPersonId")],
            ),
            item=[
                item("name", "string", definition=f"{CORE}Patient#Patient.name.text"),
                item("friend", "string", template("friend"), repeats=True),
                group(
                    "measured",
                    allocate("NewPanelId"),
                    sdc("observationExtract", valueBoolean=True),
                    sdc(
                        "observationExtractEntry",
                        parts=[part("fullUrl", valueString="%NewPanelId")],
                    ),
                    item=[
                        item(
                            "value",
                            "integer",
                            sdc("observationExtract", valueCode="member"),
                            code=CODE,
                            repeats=True,
                        ),
                        item(
                            "note",
                            "string",
                            sdc("observationExtract", valueBoolean=False),
                            template("note"),
                        ),
                    ],
                    code=CODE,
                ),
            ],
            repeats=True,
        ),
        contained=[
            {
                "resourceType": "RelatedPerson",
                "id": "friend",
                "patient": {"_reference": takes(template_of_child)},
            },
            {
                "resourceType": "Basic",
                "id": "note",
                "code": {"_text": takes("answer.value")},
                "subject": {"_reference": takes("%NewPanelId")},
            },
        ],
    )


@st.composite
def people(draw: st.DrawFn) -> Json:
    texts = st.lists(st.sampled_from("abc"), max_size=2)
    found = []
    for _ in range(draw(st.integers(0, 3))):
        friends = [{"valueString": each} for each in draw(texts)]
        values = [{"valueInteger": n} for n in draw(st.lists(st.integers(0, 9), max_size=3))]
        noted = draw(st.booleans())
        notes = [{"valueString": "n"}] if values and noted else []
        measured = inside("measured", answer("value", *values), answer("note", *notes))
        name = answer("name", {"valueString": draw(st.sampled_from("xyz"))})
        found.append(inside("person", name, answer("friend", *friends), measured))
    return response(*found)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node["reference"]
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


@settings(max_examples=20)
@given(answered=people(), form=st.sampled_from(("%NewPersonId", "'Patient/' + %NewPersonId")))
def test_every_reference_resolves(answered: Json, form: str) -> None:
    extraction = run(household(form), answered)

    entries = extraction.bundle.get("entry", [])
    urls = [entry["fullUrl"] for entry in entries]
    outside = {"Patient/1", "Practitioner/2", "QuestionnaireResponse/r1"}
    assert told(extraction) == ([] if entries else [("information", None, NO_ANSWER)])
    assert len(set(urls)) == len(urls)
    assert set(references(entries)) <= {*urls, *outside}
    friends = [one["resource"] for one in entries if one["request"]["url"] == "RelatedPerson"]
    assert sum(len(one["item"][1]["answer"]) for one in answered["item"]) == len(friends)
    people_ = {one["fullUrl"] for one in entries if one["request"]["url"] == "Patient"}
    assert {one["patient"]["reference"] for one in friends} <= people_
