"""Who may open which report, and what there is before a release or without the extra."""

import builtins
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from template_service.access.policy import POLICY, Public
from template_service.errors import Unavailable
from template_service.service import Service
from tests.web.conftest import STAFF
from tests.web.reports.city import NETWORK, SISTER, STRANGER
from tests.web.staff import Staff, title, words

RELEASE = "2026-09-002"
PAGES = {
    "web.reports": "/reports",
    "web.city_report": "/reports/city",
    "web.pcn_report": f"/reports/pcn/{NETWORK}",
    "web.gradient": "/reports/gradient",
    "web.equity": "/reports/equity",
    "web.gaps": "/reports/gaps",
    "web.compare": "/reports/compare",
    "web.indicators": "/reports/indicators",
    "web.indicator": "/reports/indicators/1",
    "web.release": f"/reports/releases/{RELEASE}",
}
FILES = {
    "web.city_report_file": "/reports/city/files/figures.csv",
    "web.pcn_report_file": f"/reports/pcn/{NETWORK}/files/figures.csv",
    "web.release_file": f"/reports/releases/{RELEASE}/release.json",
}


def test_every_address_of_the_reports_is_tried_here(released: Flask) -> None:
    rules = [rule for rule in released.url_map.iter_rules() if rule.rule.startswith("/reports")]
    assert {rule.endpoint for rule in rules} == {*PAGES, *FILES}


@pytest.mark.parametrize("username", STAFF)
def test_who_may_open_what(somebody: Callable[[str], Staff], username: str) -> None:
    who, role = somebody(username), STAFF[username][0]
    for endpoint, path in (PAGES | FILES).items():
        rule = POLICY[endpoint]
        assert not isinstance(rule, Public)
        assert who.get(path).status_code == (200 if role in rule else 403), endpoint


def test_nobody_else_than_public_health_and_practices_has_a_link(
    somebody: Callable[[str], Staff],
) -> None:
    for username in STAFF:
        linked = 'href="/reports"' in somebody(username).get("/directory").text
        assert linked is (username in {"health", "nurse", "doctor", "navigator", "elsewhere"})
    assert somebody("health").get("/").location == "/reports"


@pytest.mark.parametrize("path", PAGES.values())
def test_a_page_has_a_title_a_way_back_and_says_it_is_a_demonstration(
    health: Staff, path: str
) -> None:
    page = health.get(path)
    assert page.status_code == 200
    assert "Demonstration: made-up people" in page.text
    assert path == "/reports" or 'href="/reports"' in page.text
    assert title(page).endswith("Social determinants template")
    assert "<h1>" in page.text
    assert not re.search(r'\sstyle="|<style|<script(?! src)', page.text)


def test_before_a_release_the_first_page_says_how_to_make_one(
    staff: Callable[[str], Staff],
) -> None:
    page = words(staff("health").get("/reports"))
    for step in ("import-population", "aggregates close", "aggregates release"):
        assert step in page
    waiting = words(staff("nurse").get("/reports"))
    assert "When public health publishes one" in waiting
    assert "aggregates" not in waiting


def test_before_a_release_other_pages_say_so_and_indicators_are_there(
    staff: Callable[[str], Staff],
) -> None:
    health = staff("health")
    for path in ("/reports/city", "/reports/gradient", "/reports/equity", "/reports/gaps"):
        page = health.get(path)
        assert page.status_code == 404
        assert "There is no release yet" in words(page)
    assert "Life expectancy at birth" in words(health.get("/reports/indicators"))
    assert "No figures have been imported yet" in words(health.get("/reports/indicators/1"))


def test_without_the_extra_a_page_says_what_to_install(
    staff: Callable[[str], Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "pyarrow":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return original(name, *rest, **more)

    for name in [name for name in sys.modules if name.startswith("template_service.web.reports_")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    page = staff("health").get("/reports/gaps")
    assert page.status_code == 501
    assert "pip install 'template-service[reports]'" in words(page)


WRONG = {
    "/reports?period=2026": 400,
    "/reports?period=2026-09/2026-08": 400,
    "/reports?period=2026-13": 400,
    "/reports?period=2020-01": 404,
    "/reports?period=0000-01/9999-12": 404,
    "/reports?from=2026-03&to=2026-08": 404,
    "/reports/pcn/NOPE": 404,
    f"/reports/pcn/{SISTER}": 404,
    f"/reports/pcn/{NETWORK}/files/nothing.pdf": 404,
    f"/reports/pcn/{NETWORK}/files/figures.csv?period=x": 400,
    "/reports/gradient?domain=nothing": 400,
    "/reports/gradient?indicator=nothing": 400,
    "/reports/gradient?breakdown=nothing": 400,
    "/reports/gradient?area=nothing": 404,
    f"/reports/gradient?area={STRANGER}": 404,
    "/reports/equity?breakdown=all": 400,
    "/reports/gaps?by=practice": 400,
    "/reports/indicators/0": 404,
    "/reports/indicators/16": 404,
    "/reports/releases/nothing": 404,
    f"/reports/releases/{RELEASE}?with=nothing": 404,
    f"/reports/releases/{RELEASE}/nothing.csv": 404,
    f"/reports/releases/{RELEASE}/../2026-04-001/release.json": 404,
    f"/reports/releases/{RELEASE}/%2e%2e/%2e%2e/rounding-key": 404,
}


@pytest.mark.parametrize(("path", "status"), WRONG.items())
def test_what_is_not_there_is_said_in_words(health: Staff, path: str, status: int) -> None:
    page = health.get(path)
    assert page.status_code == status
    assert "Go to the reports" in words(page) or "first page" in words(page)
    assert len(page.text) < 5000


@pytest.mark.parametrize("path", ["/reports", "/reports/city", "/reports/equity"])
def test_a_period_across_financial_years_says_person_years(health: Staff, path: str) -> None:
    assert "person-years, not people" in words(health.get(f"{path}?period=2026-03/2026-04"))
    assert "person-years" not in words(health.get(f"{path}?period=2026-08/2026-09"))


def test_a_damaged_release_is_said_in_words(
    health: Staff, released: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    service: Service = released.extensions["template_service"]

    def damaged() -> None:
        raise Unavailable("2026-09: this closed month cannot be read")

    monkeypatch.setattr(service.kept_figures, "current", damaged)
    page = health.get("/reports/gaps")
    assert page.status_code == 503
    assert "This cannot be shown just now" in words(page)
    assert "saved" not in words(page)


def test_months_chosen_the_wrong_way_round_are_the_same_period(health: Staff) -> None:
    first, last = (
        health.get(f"/reports?from={one}&to={other}")
        for one, other in (("2026-08", "2026-09"), ("2026-09", "2026-08"))
    )
    assert first.status_code == last.status_code == 200
    assert words(first) == words(last)
