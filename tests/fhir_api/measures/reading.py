"""How the tests read answers of the face, and what is in a MeasureReport."""

from typing import Any

import orjson
from werkzeug.test import TestResponse

EVALUATE = "Measure/need/$evaluate-measure"
SEPTEMBER = "periodStart=2026-09-01&periodEnd=2026-09-30"

Resource = dict[str, Any]


def read(answer: TestResponse, status: int = 200) -> Resource:
    """The resource of an answer."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/fhir+json"
    resource: Resource = orjson.loads(answer.data)
    return resource


def issues(answer: TestResponse, status: int) -> list[tuple[str, str, str]]:
    """Code, place and sentence of each issue of a refusal."""
    outcome = read(answer, status)
    assert outcome["resourceType"] == "OperationOutcome"
    return [
        (issue["code"], issue.get("expression", [""])[0], issue["diagnostics"])
        for issue in outcome["issue"]
    ]


def counts(holder: Resource) -> list[int | str]:
    """Denominator and numerator of a group or stratum, or why there are none."""
    found = {}
    for population in holder["population"]:
        absent = population.get("_count", {}).get("extension", [{}])[0].get("valueCode")
        found[population["code"]["coding"][0]["code"]] = population.get("count", absent)
    assert found["initial-population"] == found["denominator"]
    return [found["denominator"], found["numerator"]]


def group(report: Resource, domain: str) -> Resource:
    (found,) = (each for each in report["group"] if each["code"]["coding"][0]["code"] == domain)
    return dict(found)


def stratum(report: Resource, domain: str, breakdown: str, category: str) -> Resource:
    (found,) = (
        each
        for stratifier in group(report, domain)["stratifier"]
        if stratifier["code"][0]["coding"][0]["code"] == breakdown
        for each in stratifier["stratum"]
        if each["value"]["coding"][0]["code"] == category
    )
    return dict(found)


def parameters(**given: str) -> Resource:
    types = {"subject": "valueString", "reportType": "valueCode"}
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": name, types.get(name, "valueDate"): value} for name, value in given.items()
        ],
    }
