"""Observation-based population: which Observation, and what of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.extraction.extract import extract
from template_service.questionnaire.population.people import same
from template_service.questionnaire.population.periods import back, effective, span
from template_service.questionnaire.population.populate import populate
from tests.unit.questionnaire.population.making import (
    AUTHORED,
    LOINC,
    SDC,
    SYSTEM,
    Json,
    amount,
    answers,
    choices,
    coded,
    codes,
    filled,
    group,
    item,
    link,
    observation,
    unit,
)

WEIGHT = "29463-7"
PRESSURE, SYSTOLIC, DIASTOLIC = "85354-9", "8480-6", "8462-4"
ASKED = item("q", "quantity", link(3), code=coded(WEIGHT))


def weight(number: float, when: str = "2026-03-01", **more: Any) -> Json:
    return observation(WEIGHT, when, valueQuantity=amount(number), **more)


def found(*observations: Json, asked: Json = ASKED, **more: Any) -> list[Any]:
    """What fills the one item, from these Observations."""
    return answers(filled(asked, context={"record": list(observations)}, **more)).get("q", [])


def reasons(*observations: Json, asked: Json = ASKED, **more: Any) -> list[tuple[str, str]]:
    population = filled(asked, context={"record": list(observations)}, **more)
    assert answers(population) == {}
    return [(each.severity, each.code) for each in population.problems]


NOTHING = [("information", "not-found")]


def test_the_latest_of_the_period_is_taken() -> None:
    dated = [weight(70, "2026-02-01"), weight(72, "2026-03-05"), weight(71, "2026-01-01")]
    assert found(*dated) == [amount(72)]


@pytest.mark.parametrize(
    ("when", "is_taken"),
    [
        ("2025-12-10T12:00:00Z", True),
        ("2025-12-10T11:59:59Z", False),
        ("2025-12-10", False),
        ("2025-12-11", True),
        ("2025-12", False),
        ("2025", False),
        ("2026-01", True),
        ("2025-12-09", False),
        ("2026-03-10T12:00:00Z", True),
        ("2026-03-10T12:00:01Z", False),
        ("2026-03-10T13:00:00+01:00", True),
        ("2026-03-10", True),
        ("2026-03-11", False),
        ("soon", False),
    ],
)
def test_the_period_is_counted_back_from_when_the_response_is_made(
    when: str, is_taken: bool
) -> None:
    assert found(weight(70, when)) == ([amount(70)] if is_taken else [])


def test_a_period_and_an_instant_are_moments_too() -> None:
    undated = weight(70)
    del undated["effectiveDateTime"]
    assert found(undated) == []
    assert found({**undated, "effectiveInstant": "2026-03-01T00:00:00Z"}) == [amount(70)]
    over = {"start": "2020-01-01", "end": "2026-02-01"}
    assert found({**undated, "effectivePeriod": over}) == [amount(70)]
    assert found({**undated, "effectivePeriod": {"start": "2020-01-01"}}) == [amount(70)]
    ended = {"start": "2020-01-01", "end": "2020-02-01"}
    assert found({**undated, "effectivePeriod": ended}) == []


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_only_what_is_final_counts(status: str) -> None:
    assert found(weight(70, status=status)) == [amount(70)]


@pytest.mark.parametrize("status", ["preliminary", "registered", "entered-in-error", None, 1])
def test_what_is_not_final_does_not(status: Any) -> None:
    assert reasons(weight(70, status=status)) == NOTHING


def test_what_nobody_here_understands_is_not_used() -> None:
    assert reasons(weight(70, modifierExtension=[{"url": "https://x.org"}])) == NOTHING


def test_only_observations_of_the_subject_count() -> None:
    other = {"reference": "Patient/bob"}
    assert found(weight(70), weight(80, "2026-03-09", subject=other), subject="Patient/ann") == [
        amount(70)
    ]
    assert reasons(weight(80, subject=other), subject="Patient/ann") == NOTHING
    assert reasons(weight(80, subject={}), subject="Patient/ann") == NOTHING


def test_without_a_subject_it_is_the_patient_of_the_context() -> None:
    other = weight(80, "2026-03-09", subject={"reference": "Patient/bob"})
    patient = {"resourceType": "Patient", "id": "ann"}
    population = filled(ASKED, context={"patient": patient, "record": [weight(70), other]})
    assert answers(population) == {"q": [amount(70)]}
    assert reasons(weight(70), other) == [("warning", "multiple-matches")]


def test_another_focus_than_the_subject_is_passed_over() -> None:
    assert found(weight(70, focus=[{"reference": "Patient/ann"}])) == [amount(70)]
    assert reasons(weight(70, focus=[{"reference": "Patient/fetus"}])) == NOTHING
    assert reasons(weight(70, focus=[{"display": "fetus"}])) == NOTHING


def test_the_latest_without_a_fitting_value_is_not_passed_over_for_an_older_one() -> None:
    absent = observation(WEIGHT, "2026-03-09", dataAbsentReason={"text": "refused"})
    text = observation(WEIGHT, "2026-03-08", valueString="heavy")
    assert reasons(weight(70), absent) == [("warning", "value")]
    assert reasons(weight(70), text) == [("warning", "value")]
    assert found(absent, text, weight(70, "2026-03-10")) == [amount(70)]
    same_moment = observation(WEIGHT, "2026-03-01", dataAbsentReason={"text": "refused"})
    assert reasons(weight(70), same_moment)[0][0] == "warning"


def test_an_observation_that_only_holds_others_says_nothing_itself() -> None:
    panel = observation(WEIGHT, "2026-03-09", hasMember=[{"reference": "Observation/1"}])
    assert found(weight(70), panel) == [amount(70)]


def test_the_latest_in_another_unit_is_not_passed_over_for_an_older_one() -> None:
    asked = item("q", "decimal", link(3), unit("kg"), code=coded(WEIGHT))
    pounds = observation(WEIGHT, "2026-03-09", valueQuantity=amount(154, "[lb_av]"))
    assert found(weight(70.5), asked=asked) == [70.5]
    assert reasons(weight(70.5), pounds, asked=asked) == [("warning", "value")]


def test_two_of_the_same_moment_that_differ_fill_nothing() -> None:
    assert reasons(weight(70), weight(71)) == [("warning", "multiple-matches")]
    assert found(weight(70), weight(70)) == [amount(70)]
    later = weight(71, issued="2026-03-02T10:00:00Z")
    assert found(weight(70, issued="2026-03-01T10:00:00Z"), later) == [amount(71)]


def test_any_of_the_codes_of_an_item_is_matched_with_its_system() -> None:
    asked = item("q", "quantity", link(3), code=[*coded("3141-9"), *coded(WEIGHT)])
    assert found(weight(70), asked=asked) == [amount(70)]
    foreign = {"coding": [{"system": SYSTEM, "code": WEIGHT}]}
    assert reasons({**weight(70), "code": foreign}) == NOTHING
    either = {"coding": [{"code": "x"}, {"system": LOINC, "code": WEIGHT}]}
    assert found({**weight(71), "code": either}) == [amount(71)]


@pytest.mark.parametrize(
    ("kind", "value", "answer"),
    [
        ("boolean", {"valueBoolean": True}, True),
        ("integer", {"valueInteger": 3}, 3),
        ("integer", {"valueQuantity": {"value": 3}}, 3),
        ("decimal", {"valueQuantity": {"value": 3.5}}, 3.5),
        ("string", {"valueString": "a"}, "a"),
        ("text", {"valueString": "a"}, "a"),
        ("url", {"valueString": "https://x.org"}, "https://x.org"),
        ("date", {"valueDateTime": "2026-01-01"}, "2026-01-01"),
        ("dateTime", {"valueDateTime": "2026-01-01T10:00:00Z"}, "2026-01-01T10:00:00Z"),
        ("time", {"valueTime": "10:00:00"}, "10:00:00"),
        ("quantity", {"valueQuantity": amount(3)}, amount(3)),
    ],
)
def test_a_value_of_each_type(kind: str, value: Json, answer: Any) -> None:
    asked = item("q", kind, link(3), code=coded(WEIGHT))
    assert found(observation(WEIGHT, **value), asked=asked) == [answer]


def test_a_concept_becomes_the_option_offered_or_nothing() -> None:
    asked = item("q", "choice", link(3), code=coded(WEIGHT), answerOption=choices("red"))
    red = {"coding": [{"system": SYSTEM, "code": "red"}]}
    blue = {"coding": [{"system": SYSTEM, "code": "blue"}]}
    [answer] = found(observation(WEIGHT, valueCodeableConcept=red), asked=asked)
    assert answer["code"] == "red"
    concept = observation(WEIGHT, valueCodeableConcept=blue)
    assert reasons(concept, asked=asked) == [("warning", "code-invalid")]


def test_a_component_with_the_code_counts() -> None:
    asked = item("q", "quantity", link(3), code=coded(SYSTOLIC))
    assert found(pressure(120, 80), asked=asked) == [amount(120, "mm[Hg]")]


def pressure(systolic: float, diastolic: float, when: str = "2026-03-01", **more: Any) -> Json:
    parts = [
        {
            "code": {"coding": coded(code)},
            "valueQuantity": amount(number, "mm[Hg]"),
        }
        for code, number in ((SYSTOLIC, systolic), (DIASTOLIC, diastolic))
    ]
    return observation(PRESSURE, when, component=parts, **more)


PANEL = group(
    "panel",
    item("systolic", "quantity", link(3), code=coded(SYSTOLIC)),
    item("diastolic", "quantity", link(3), code=coded(DIASTOLIC)),
    extension=[link(3)],
    code=coded(PRESSURE),
)


def test_items_in_a_group_are_limited_to_the_groups_observation() -> None:
    alone = observation(DIASTOLIC, "2026-03-09", valueQuantity=amount(99, "mm[Hg]"))
    partial = pressure(130, 85, "2026-03-05")
    del partial["component"][1]
    record = [pressure(120, 80), partial, alone]
    population = filled(PANEL, context={"record": record})
    assert answers(population) == {"systolic": [amount(130, "mm[Hg]")]}
    assert codes(population) == [("information", "not-found", "diastolic")]
    without = filled(PANEL, context={"record": [alone]})
    assert answers(without) == {"diastolic": [amount(99, "mm[Hg]")]}


def test_members_of_the_groups_observation_count() -> None:
    members = [{"reference": "urn:uuid:1"}, {"reference": "Observation/2"}]
    head = observation(PRESSURE, hasMember=members)
    systolic = observation(SYSTOLIC, valueQuantity=amount(120, "mm[Hg]"))
    diastolic = observation(DIASTOLIC, id="2", valueQuantity=amount(80, "mm[Hg]"))
    stranger = observation(SYSTOLIC, "2026-03-09", valueQuantity=amount(200, "mm[Hg]"))
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"resource": head},
            {"fullUrl": "urn:uuid:1", "resource": systolic},
            {"resource": diastolic},
            {"resource": stranger},
        ],
    }
    population = filled(PANEL, context={"record": bundle})
    assert answers(population) == {
        "systolic": [amount(120, "mm[Hg]")],
        "diastolic": [amount(80, "mm[Hg]")],
    }


def test_items_in_a_question_are_limited_to_its_observation() -> None:
    inner = item("inner", "string", link(3), code=coded("method"))
    asked = {**ASKED, "item": [inner]}
    part = {"code": {"coding": coded("method")}, "valueString": "scales"}
    newer = observation("method", "2026-03-09", valueString="guess")
    population = filled(asked, context={"record": [weight(70, component=[part]), newer]})
    assert answers(population) == {"q": [amount(70)], "inner": ["scales"]}


def test_what_is_derived_from_the_groups_observation_counts() -> None:
    whole = observation(PRESSURE, id="whole", component=[])
    source = [{"reference": "Observation/whole"}]
    derived = observation(SYSTOLIC, valueQuantity=amount(120), derivedFrom=source)
    newer = observation(SYSTOLIC, "2026-03-09", valueQuantity=amount(130))
    population = filled(PANEL, context={"record": [whole, derived, newer]})
    assert answers(population) == {"systolic": [amount(120)]}


@pytest.mark.parametrize(
    ("value", "is_found"),
    [
        ({"valueBoolean": True}, True),
        ({"valueCode": "independent"}, True),
        ({"valueCode": "member"}, False),
        ({"valueBoolean": False}, False),
    ],
)
def test_an_item_that_is_extracted_alone_is_found_alone(value: Json, is_found: bool) -> None:
    extract = {"url": f"{SDC}observationExtract", **value}
    inner = item("inner", "string", link(3), code=coded("method"))
    alone = observation("method", valueString="guess")
    context = {"record": [weight(70), alone]}
    for asked, root in (
        ({**ASKED, "item": [{**inner, "extension": [link(3), extract]}]}, []),
        ({**ASKED, "item": [inner], "extension": [link(3), extract]}, []),
        ({**ASKED, "item": [inner]}, [extract]),
    ):
        found_ = answers(filled(asked, context=context, extension=root))
        assert ("inner" in found_) is is_found


def test_a_component_nobody_here_understands_is_not_used() -> None:
    odd = pressure(120, 80)
    odd["component"][0]["modifierExtension"] = [{"url": "https://x.org"}]
    asked = item("q", "quantity", link(3), code=coded(SYSTOLIC))
    assert reasons(odd, asked=asked) == NOTHING


def test_items_that_cannot_be_filled_so_say_why() -> None:
    repeats = item("q", "quantity", link(3), code=coded(WEIGHT), repeats=True)
    assert reasons(weight(70), asked=repeats) == [("warning", "not-supported")]
    uncoded = item("q", "quantity", link(3))
    assert reasons(weight(70), asked=uncoded) == [("warning", "not-supported")]
    unreadable = item("q", "quantity", link(3, "fortnight"), code=coded(WEIGHT))
    assert reasons(weight(70), asked=unreadable) == [("warning", "value")]
    bare = item("q", "quantity", {"url": f"{SDC}observationLinkPeriod"}, code=coded(WEIGHT))
    assert reasons(weight(70), asked=bare) == [("warning", "value")]
    without = filled(item("q", "quantity", code=coded(WEIGHT)), context={"record": weight(70)})
    assert (answers(without), without.problems) == ({}, ())


def test_a_fixed_value_stands_where_no_observation_is_found() -> None:
    asked = {**ASKED, "initial": [{"valueQuantity": amount(1)}]}
    population = filled(asked, context={})
    assert (answers(population), population.problems) == ({"q": [amount(1)]}, ())


def test_a_fixed_value_does_not_stand_in_for_what_cannot_be_used() -> None:
    asked = {**ASKED, "initial": [{"valueQuantity": amount(1)}]}
    assert reasons(weight(70), weight(71), asked=asked) == [("warning", "multiple-matches")]
    text = observation(WEIGHT, valueString="heavy")
    assert reasons(text, asked=asked) == [("warning", "value")]


@pytest.mark.parametrize(
    ("number", "code", "expected"),
    [
        (3, "mo", "2025-12-10T12:00:00Z"),
        (1, "a", "2025-03-10T12:00:00Z"),
        (0.5, "a", "2025-09-10T12:00:00Z"),
        (2, "wk", "2026-02-24T12:00:00Z"),
        (90, "d", "2025-12-10T12:00:00Z"),
        (12, "h", "2026-03-10T00:00:00Z"),
        (30, "min", "2026-03-10T11:30:00Z"),
        (30, "s", "2026-03-10T11:59:30Z"),
        (200, "years", "1826-03-10T12:00:00Z"),
        (9000, "a", "0001-01-01T00:00:00Z"),
        (1e300, "a", "0001-01-01T00:00:00Z"),
    ],
)
def test_periods_of_every_unit(number: float, code: str, expected: str) -> None:
    start = back(AUTHORED, {"value": number, "code": code})
    assert start == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    "duration",
    [{}, None, 3, {"value": -1, "code": "d"}, {"value": "3", "code": "d"}, {"value": 3},
     {"value": float("nan"), "code": "d"}, {"value": True, "code": "d"}, {"value": 3, "code": []}],
)  # fmt: skip
def test_a_duration_that_cannot_be_read(duration: Any) -> None:
    assert back(AUTHORED, duration) is None


def test_three_months_before_the_end_of_may_is_the_end_of_february() -> None:
    moment = datetime(2026, 5, 31, tzinfo=UTC)
    assert back(moment, {"value": 3, "code": "mo"}) == datetime(2026, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-13", "2026-02-30", "0000", "x", "", None, 3, "T10:00"])
def test_what_is_no_moment(text: Any) -> None:
    assert span(text, UTC) is None
    assert effective({"effectiveDateTime": text}, AUTHORED) is None
    assert effective({"effectivePeriod": {"start": text, "end": text}}, AUTHORED) is None


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Patient/1", "Patient/1", True),
        ("https://x.org/fhir/Patient/1", "Patient/1", False),
        ("Patient/1/_history/2", "Patient/1", True),
        ("https://x.org/Patient/1", "https://y.org/Patient/1", False),
        ("Patient/1", "Patient/2", False),
        ("Practitioner/1", "Patient/1", False),
        (None, "Patient/1", False),
    ],
)
def test_references_name_one_resource(one: str | None, other: str, is_same: bool) -> None:
    assert same(one, other) is is_same


def test_what_was_extracted_fills_the_same_form_again() -> None:
    def asked(name: str, kind: str, *extensions: Json, **more: Any) -> Json:
        return item(name, kind, link(1), *extensions, code=coded(name), **more)

    def related(how: str) -> Json:
        return {"url": f"{SDC}observationExtract", "valueCode": how}

    given: list[tuple[Json, Json]] = [
        (asked("boolean", "boolean"), {"valueBoolean": False}),
        (asked("integer", "integer"), {"valueInteger": 4}),
        (asked("grams", "integer", unit("g")), {"valueInteger": 4}),
        (asked("decimal", "decimal"), {"valueDecimal": 2.5}),
        (asked("kilos", "decimal", unit("kg")), {"valueDecimal": 2.5}),
        (asked("date", "date"), {"valueDate": "2026-01"}),
        (asked("dateTime", "dateTime"), {"valueDateTime": "2026-01-02T10:00:00Z"}),
        (asked("time", "time"), {"valueTime": "10:00:00"}),
        (asked("string", "string"), {"valueString": "a"}),
        (asked("url", "url"), {"valueUri": "https://example.org"}),
        (asked("quantity", "quantity"), {"valueQuantity": amount(4)}),
        (asked("open", "open-choice", answerOption=choices("red")), {"valueString": "purple"}),
        (
            asked("choice", "choice", answerOption=choices("red")),
            {"valueCoding": {"system": SYSTEM, "code": "red", "display": "red"}},
        ),
        (
            asked("day", "date", answerOption=[{"valueDate": "2026-01-01"}]),
            {"valueDate": "2026-01-01"},
        ),
    ]
    parts = ("member", "component", "derived")
    panel = group(
        "panel",
        *(asked(name, "quantity", related(name)) for name in parts),
        extension=[link(1)],
        code=coded("panel"),
    )
    filled_in = [{"linkId": each["linkId"], "answer": [answer]} for each, answer in given] + [
        {
            "linkId": "panel",
            "item": [
                {"linkId": name, "answer": [{"valueQuantity": amount(number)}]}
                for number, name in enumerate(parts)
            ],
        }
    ]
    questionnaire = {
        "resourceType": "Questionnaire",
        "url": "https://example.org/q",
        "extension": [{"url": f"{SDC}observationExtract", "valueBoolean": True}],
        "item": [*(each for each, _ in given), panel],
    }
    form = compile_questionnaire(questionnaire)
    response = {
        "resourceType": "QuestionnaireResponse",
        "id": "r",
        "questionnaire": "https://example.org/q",
        "status": "completed",
        "subject": {"reference": "Patient/ann"},
        "authored": AUTHORED.isoformat(),
        "item": filled_in,
    }
    bundle = extract(form, response, now=AUTHORED).bundle
    again = populate(form, {"found": bundle}, subject="Patient/ann", authored=AUTHORED)
    assert again.problems == ()
    assert again.response["item"] == filled_in
