"""The reports in Chromium: axe finds nothing, tables scroll by keyboard, pages never sideways."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from template_service.service import open_service
from template_service.settings import Settings
from tests import server
from tests.browser.journeys import Pages
from tests.web.conftest import PASSWORD, fill
from tests.web.reports.city import NETWORK, OTHER_NETWORK, import_examples, release_city

pytestmark = pytest.mark.browser

OpenReports = Callable[..., Page]

RELEASE = "/reports/releases/2026-09-001"
PAGES = (
    "/reports",
    f"/reports/pcn/{OTHER_NETWORK}",
    f"/reports/gradient?area={OTHER_NETWORK}",
    f"/reports/gradient?area={NETWORK}&domain=safety",
    "/reports/equity",
    "/reports/gaps?by=ward&domain=food",
    "/reports/compare",
    f"/reports/compare?left={NETWORK}&right={OTHER_NETWORK}",
    f"/reports/compare?left={NETWORK}&right={NETWORK}",
    "/reports/indicators",
    "/reports/indicators/1",
    "/reports/indicators/12",
    RELEASE,
    "/reports?period=2026-03/2026-04",
    "/reports?period=nothing",
    "/reports/pcn/NOPE",
)


@pytest.fixture(scope="module")
def reporting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Running]:
    """The service with a release and some indicators."""
    data: Path = tmp_path_factory.mktemp("reporting")
    service = open_service(Settings(data=data))
    fill(service)
    release_city(data / "aggregates", service.geography)
    import_examples(data / "aggregates")
    service.close()
    with server.serving(data, {"DEMO": "true"}) as running:
        yield running


@pytest.fixture
def open_reports(chromium: Browser, reporting: server.Running) -> Iterator[OpenReports]:
    """Somebody signed in. At the end no page may have logged an error or asked another host."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def opened(username: str, width: int, *, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=reporting.base,
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        _watch(page, reporting.base, troubles)
        Pages(page, str).sign_in(username, PASSWORD)
        return page

    yield opened
    for context in contexts:
        context.close()
    refused = "Failed to load resource: the server responded with a status of 4"
    assert [trouble for trouble in troubles if not trouble.startswith(refused)] == []


def _watch(page: Page, base: str, troubles: list[str]) -> None:
    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            troubles.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((f"{base}/", "data:")):
            troubles.append(f"asked {request.url}")

    page.on("console", said)
    page.on("request", asked)


def test_axe_finds_nothing_on_any_report(open_reports: OpenReports, width: int) -> None:
    page = open_reports("health", width)
    pages = Pages(page, str)
    for path in PAGES:
        page.goto(path)
        for details in page.locator("main details").all():
            details.locator("summary").click()
        assert pages.violations() == [], path
        assert not pages.scrolls_sideways(), path


def test_axe_finds_nothing_on_the_page_of_a_practice(open_reports: OpenReports, width: int) -> None:
    page = open_reports("nurse", width)
    page.goto("/reports")
    assert Pages(page, str).violations() == []
    assert not Pages(page, str).scrolls_sideways()


def test_the_explorer_works_without_javascript(open_reports: OpenReports) -> None:
    page = open_reports("health", 1280, scripts=False)
    page.goto("/reports/gradient")
    page.get_by_label("Area").select_option("Armley PCN")
    page.get_by_label("Part of life").select_option("Food")
    page.get_by_label("By", exact=True).select_option("Sex")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="Food: had a need")).to_be_visible()
    expect(page.get_by_role("row", name="Female")).to_contain_text("200 of 800")
    expect(page.get_by_label("Area")).to_have_value(OTHER_NETWORK)


def test_a_wide_table_scrolls_by_keyboard(open_reports: OpenReports) -> None:
    page = open_reports("health", 390)
    page.goto("/reports/equity")
    region = page.get_by_role("region", name="The work by")
    region.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.activeElement.scrollLeft > 0")


def test_a_file_is_downloaded(open_reports: OpenReports) -> None:
    page = open_reports("health", 1280)
    page.goto(f"/reports/pcn/{NETWORK}")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Figures (CSV)").click()
    assert waiting.value.suggested_filename == f"{NETWORK}-2026-08-to-2026-09-figures.csv"


def test_on_paper_choices_are_left_out_and_figures_are_there(open_reports: OpenReports) -> None:
    page = open_reports("health", 1280)
    page.goto(f"/reports/pcn/{NETWORK}")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Reports")).to_be_hidden()
    expect(page.get_by_role("row", name="Had a need").first).to_be_visible()
