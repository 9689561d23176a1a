"""Measures are read and searched as the conformance resources they are."""

from collections.abc import Callable
from urllib.parse import urlsplit

import orjson
import pytest

from template_service.access.principal import Role
from template_service.aggregates.measures.definitions import published
from template_service.artefacts import artefact_path
from tests.fhir_api.clients import Fhir
from tests.fhir_api.measures.reading import SEPTEMBER, issues, read


@pytest.mark.parametrize("role", Role)
def test_a_measure_is_read_as_published_by_every_role(
    as_role: Callable[..., Fhir], role: Role
) -> None:
    answer = as_role(role).get("Measure/need")
    assert read(answer) == orjson.loads(artefact_path("Measure", "need").read_bytes())
    again = as_role(role).get("Measure/need", If_None_Match=answer.headers["ETag"])
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", list(published())),
        ("?status=draft", list(published())),
        ("?status=http://hl7.org/fhir/publication-status|draft", list(published())),
        ("?status=active", []),
        ("?status=elsewhere|draft", []),
        ("?_id=need,asked,nothing", ["asked", "need"]),
        ("?_id=need&status=active", []),
        ("?_id=need&status=active,draft&_format=json", ["need"]),
        ("?url=https://template-service.example/fhir/Measure/helped", ["helped"]),
        ("?_count=2", ["asked", "declined"]),
    ],
)
def test_measures_are_searched_as_conformance_resources_are(
    fhir: Fhir, query: str, found: list[str]
) -> None:
    bundle = read(fhir.get(f"Measure{query}"))
    assert [entry["resource"]["id"] for entry in bundle.get("entry", ())] == found
    assert bundle["type"] == "searchset"
    for entry in bundle.get("entry", ()):
        path = urlsplit(entry["fullUrl"]).path.removeprefix("/fhir/")
        assert read(fhir.get(path)) == entry["resource"]


@pytest.mark.parametrize("query", ["?name=need", "?_count=0", "?_count=x", "?_offset=-1"])
def test_a_search_that_would_be_widened_silently_is_refused(fhir: Fhir, query: str) -> None:
    assert issues(fhir.get(f"Measure{query}"), 422)


def test_an_unknown_measure_is_not_found(city: Fhir) -> None:
    for path in ("Measure/not-offered", f"Measure/x/$evaluate-measure?{SEPTEMBER}"):
        assert [code for code, *_ in issues(city.get(path), 404)] == ["not-found"]
