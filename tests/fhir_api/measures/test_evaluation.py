"""`$evaluate-measure`: the right sums, and a precise refusal of everything else."""

import pytest

from tests.fhir_api.clients import Fhir
from tests.fhir_api.measures.reading import (
    EVALUATE,
    SEPTEMBER,
    counts,
    group,
    issues,
    parameters,
    read,
    stratum,
)
from tests.fhir_api.measures.released_city import (
    CITY,
    FEWER,
    GROUP,
    NETWORK,
    NOISE,
    NOT_RELEASED,
    OTHER_NETWORK,
    PEOPLE,
    REGISTERED_PEOPLE,
)


def test_the_city_is_the_default_and_its_figures_are_the_sums(city: Fhir) -> None:
    report = read(city.get(f"{EVALUATE}?{SEPTEMBER}&reportType=summary"))
    assert report["id"] == f"need-{CITY}-2026-09"
    assert report["period"] == {"start": "2026-09-01", "end": "2026-09-30"}
    assert report["reporter"]["identifier"]["value"] == CITY
    assert counts(group(report, "food")) == [3 * PEOPLE["asked"], 3 * PEOPLE["need"]]
    assert group(report, "food")["measureScore"] == {"value": 0.25}
    assert counts(group(report, "safety")) == [3 * PEOPLE["asked"], 3 * PEOPLE["need"]]


@pytest.mark.parametrize("indicator", PEOPLE)
def test_a_network_over_two_months_is_twice_its_practices(city: Fhir, indicator: str) -> None:
    measure = indicator.replace("_", "-")
    query = f"periodStart=2026-08&periodEnd=2026-09&subject=Organization/{NETWORK}"
    report = read(city.get(f"Measure/{measure}/$evaluate-measure?{query}"))
    under = 2 * REGISTERED_PEOPLE if indicator == "asked" else 4 * PEOPLE["asked"]
    assert counts(group(report, "any")) == [under, 4 * PEOPLE[indicator]]
    score = 4 * PEOPLE[indicator] / under
    assert group(report, "any")["measureScore"]["value"] == pytest.approx(score, rel=1e-12)
    (first,) = {counts(stratum(report, "any", "age_band", "0-4"))[1]}
    assert first == 4 * PEOPLE[indicator]
    codes = {each["code"]["coding"][0]["code"] for each in report["group"]}
    assert not codes & {"safety", "fairness"}


def test_a_body_of_parameters_asks_the_same_as_a_query(city: Fhir) -> None:
    asked = {"periodStart": "2026-09-01", "periodEnd": "2026-09-30", "reportType": "population"}
    subject = f"Organization/{NETWORK}"
    by_body = read(city.post(EVALUATE, parameters(**asked, subject=subject)))
    by_query = read(city.get(f"{EVALUATE}?{SEPTEMBER}&subject={subject}"))
    without_body = city.client.post(
        f"/fhir/{EVALUATE}?{SEPTEMBER}&subject={subject}",
        headers={"Authorization": f"Bearer {city.token}"},
    )
    assert by_body == by_query == read(without_body)


def test_what_must_not_be_shown_has_no_numbers(city: Fhir) -> None:
    report = read(city.get(f"{EVALUATE}?{SEPTEMBER}&subject=Organization/{OTHER_NETWORK}"))
    for decile, reason in ((FEWER, "masked"), (GROUP, "masked"), (NOISE, "unsupported")):
        hidden = stratum(report, "food", "imd_decile", decile)
        assert counts(hidden) == [reason, reason]
        assert "measureScore" not in hidden


def test_a_period_across_financial_years_says_person_years(city: Fhir) -> None:
    report = read(city.get(f"{EVALUATE}?periodStart=2026-03&periodEnd=2026-04"))
    assert "person-years" in report["text"]["div"]
    assert counts(group(report, "food"))[1] == 6 * PEOPLE["need"]


def place(name: str) -> str:
    return f"Parameters.parameter.where(name = '{name}')"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (
            "",
            [
                ("required", "Parameters.parameter", "'periodStart'"),
                ("required", "Parameters.parameter", "'periodEnd'"),
            ],
        ),
        ("periodStart=2026-09-01", [("required", "Parameters.parameter", "'periodEnd'")]),
        (
            "periodStart=01/09/2026&periodEnd=2026-09-30",
            [("value", place("periodStart"), "must be a date")],
        ),
        (
            "periodStart=2026-09&periodEnd=2026-02-30",
            [("value", place("periodEnd"), "must be a date")],
        ),
        (
            "periodStart=2026-09-01T00:00:00Z&periodEnd=2026-13",
            [
                ("value", place("periodStart"), "must be a date"),
                ("value", place("periodEnd"), "must be a date"),
            ],
        ),
        ("periodStart=0000&periodEnd=2026", [("value", place("periodStart"), "must be a date")]),
        (
            "periodStart=2026-09-02&periodEnd=2026-09-29",
            [
                ("business-rule", place("periodStart"), "first day of a month"),
                ("business-rule", place("periodEnd"), "last day of a month"),
            ],
        ),
        ("periodStart=2026-09&periodEnd=2026-08", [("value", place("periodEnd"), "before")]),
        ("periodStart=0001&periodEnd=9999", [("value", place("periodEnd"), "longer")]),
        (f"{SEPTEMBER}&periodEnd=2026-09", [("duplicate", place("periodEnd"), "twice")]),
        (
            f"{SEPTEMBER}&practitioner=Practitioner/1",
            [("not-supported", "Parameters.parameter", "not a parameter")],
        ),
        (
            f"{SEPTEMBER}&subject=Patient/1",
            [("not-supported", place("subject"), "never of a person")],
        ),
        (
            f"{SEPTEMBER}&subject=Group/1",
            [("not-supported", place("subject"), "never of a person")],
        ),
        (f"{SEPTEMBER}&subject=", [("not-supported", place("subject"), "never of a person")]),
        *(
            (
                f"{SEPTEMBER}&reportType={kind}",
                [("not-supported", place("reportType"), "never of a person")],
            )
            for kind in ("subject", "subject-list", "patient", "patient-list", "individual", "")
        ),
    ],
)
def test_what_cannot_be_asked_is_named_with_its_place(
    city: Fhir, query: str, found: list[tuple[str, str, str]]
) -> None:
    told = issues(city.get(f"{EVALUATE}?{query}"), 422)
    assert [(code, where) for code, where, _ in told] == [(code, where) for code, where, _ in found]
    for (_, _, sentence), (_, _, words) in zip(told, found, strict=True):
        assert words in sentence


def test_parameters_of_a_body_are_named_by_their_place(city: Fhir) -> None:
    body = parameters(periodStart="2026-09", periodEnd="tomorrow", secret="LS9")
    body["parameter"] += [
        {"name": "subject", "valueReference": {"reference": "Patient/1"}},
        {"name": "reportType", "valueCode": 1},
        "nothing",
    ]
    told = issues(city.post(EVALUATE, body), 422)
    assert [(code, where) for code, where, _ in told] == [
        ("not-supported", "Parameters.parameter[2]"),
        ("value", "Parameters.parameter[3]"),
        ("value", "Parameters.parameter[4]"),
        ("not-supported", "Parameters.parameter[5]"),
        ("value", "Parameters.parameter[1]"),
    ]
    assert "LS9" not in str(told)
    for wrong in ({"resourceType": "Patient"}, {"resourceType": "Parameters", "parameter": 1}):
        assert city.post(EVALUATE, wrong).status_code == 422


@pytest.mark.parametrize(
    ("query", "months"),
    [
        (f"periodStart={NOT_RELEASED}&periodEnd={NOT_RELEASED}", [NOT_RELEASED]),
        ("periodStart=2026-04&periodEnd=2026-08", ["2026-05", "2026-06", "2026-07"]),
    ],
)
def test_months_that_are_not_released_are_named(city: Fhir, query: str, months: list[str]) -> None:
    ((code, _, sentence),) = issues(city.get(f"{EVALUATE}?{query}"), 404)
    assert code == "not-found"
    assert sentence.endswith(f"of {', '.join(months)}")
