"""MeasureReports by their address, and the search over the latest release."""

from urllib.parse import urlsplit

import pytest

from template_service.aggregates.measures.definitions import published
from tests.fhir_api.clients import Fhir
from tests.fhir_api.measures.reading import issues, read
from tests.fhir_api.measures.released_city import (
    CITY,
    EMPTY_NETWORK,
    NETWORK,
    NOT_RELEASED,
    PERIODS,
    PRACTICE,
)


def test_a_report_is_read_at_its_address_and_kept_until_it_changes(city: Fhir) -> None:
    address = f"MeasureReport/need-{NETWORK}-2026-08.2026-09"
    answer = city.get(address)
    assert read(answer)["id"] == address.partition("/")[2]
    assert city.get(address, If_None_Match=answer.headers["ETag"]).status_code == 304


@pytest.mark.parametrize(
    "report_id",
    [
        "nothing",
        "need-U16878",
        "not-offered-U16878-2026-09",
        f"need-U16878-{NOT_RELEASED}",
        "need-U16878-2026-09.2026-09",
        "need-U00000-2026-09",
    ],
)
def test_what_is_no_report_is_not_found(city: Fhir, report_id: str) -> None:
    ((code, _, _),) = issues(city.get(f"MeasureReport/{report_id}"), 404)
    assert code == "not-found"


ALL_OF_CITY = len(published()) * len(PERIODS) * 3


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("", ALL_OF_CITY),
        ("measure=need", ALL_OF_CITY // len(published())),
        ("measure=Measure/need,Measure/asked", 2 * ALL_OF_CITY // len(published())),
        ("measure=https://template-service.example/fhir/Measure/need&period=2026-09", 3),
        ("measure=" + published()["need"].canonical, ALL_OF_CITY // len(published())),
        ("measure=nothing", 0),
        (f"subject=Organization/{NETWORK}", ALL_OF_CITY // 3),
        (f"reporter=Location/{CITY}&measure=need&period=2026-09", 1),
        (f"reporter=Organization/{EMPTY_NETWORK}", 0),
        (f"subject=Organization/{PRACTICE}", 0),
        ("period=2026", ALL_OF_CITY),
        ("period=2026-09", ALL_OF_CITY // 2),
        ("period=eq2026-09", ALL_OF_CITY // 2),
        ("period=2026-10", 0),
        ("period=ge2026-10-01", 0),
        ("period=ge2026-09-30", ALL_OF_CITY),
        ("period=le2026-08-31", ALL_OF_CITY // 2),
        ("period=ge2026-09&period=le2026-07", 0),
        (f"_id=need-{CITY}-2026-09,need-{CITY}-2026-04", 1),
    ],
)
def test_reports_of_the_latest_release_are_searched(city: Fhir, query: str, total: int) -> None:
    bundle = read(city.get(f"MeasureReport?{query}"))
    assert bundle["total"] == total
    assert len(bundle.get("entry", ())) == min(total, 10)


@pytest.mark.parametrize(
    "query",
    ["patient=Patient/1", "subject=Patient/1", "period=yesterday", "period=ne2026", "date=2026"],
)
def test_a_search_for_a_person_or_by_what_is_not_kept_is_refused(city: Fhir, query: str) -> None:
    assert issues(city.get(f"MeasureReport?{query}"), 422)


def test_pages_of_a_search_hold_every_report_once(city: Fhir) -> None:
    address: str | None = "MeasureReport?period=2026-09&_count=8"
    found: list[str] = []
    while address:
        bundle = read(city.get(address))
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        for entry in bundle["entry"]:
            found.append(entry["resource"]["id"])
            assert urlsplit(entry["fullUrl"]).path == f"/fhir/MeasureReport/{found[-1]}"
        following = urlsplit(links["next"]) if "next" in links else None
        address = following and f"MeasureReport?{following.query}"
    assert len(found) == len(set(found)) == ALL_OF_CITY // 2
    entry = read(city.get(f"MeasureReport?_id={found[5]}"))["entry"][0]
    assert entry["resource"] == read(city.get(f"MeasureReport/{found[5]}"))
