"""The reports in Chromium: axe finds nothing, tables scroll by keyboard, pages never sideways."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from template_service.data_folder import open_geography
from template_service.settings import Settings
from tests import server
from tests.browser.journeys import NARROW, Pages
from tests.browser.windows import Sessions, windows
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
def reporting(staffed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Running]:
    """The service with a release and some indicators."""
    data = tmp_path_factory.mktemp("reporting") / "data"
    shutil.copytree(staffed, data)
    geography = open_geography(Settings(data=data))
    release_city(data / "aggregates", geography)
    geography.close()
    import_examples(data / "aggregates")
    with server.serving(data, {"DEMO": "true"}) as running:
        yield running


@pytest.fixture
def open_reports(
    chromium: Browser, reporting: server.Running, sessions: Sessions
) -> Iterator[OpenReports]:
    """Somebody signed in."""
    # The first report brings in what it counts with.
    with windows(chromium, reporting, sessions, wait=30_000) as open_window:
        yield open_window


def test_axe_finds_nothing_on_any_report(open_reports: OpenReports) -> None:
    page = open_reports("health")
    for path in PAGES:
        page.goto(path)
        for details in page.locator("main details").all():
            details.locator("summary").click()
        Pages(page, str).check()


def test_axe_finds_nothing_on_the_page_of_a_practice(open_reports: OpenReports) -> None:
    page = open_reports("nurse")
    page.goto("/reports")
    Pages(page, str).check()


def test_the_explorer_works_without_javascript(open_reports: OpenReports) -> None:
    page = open_reports("health", scripts=False)
    page.goto("/reports/gradient")
    page.get_by_label("Area").select_option("Armley PCN")
    page.get_by_label("Part of life").select_option("Food")
    page.get_by_label("By", exact=True).select_option("Sex")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="Food: had a need")).to_be_visible()
    expect(page.get_by_role("row", name="Female")).to_contain_text("200 of 800")
    expect(page.get_by_label("Area")).to_have_value(OTHER_NETWORK)


def test_a_wide_table_scrolls_by_keyboard(open_reports: OpenReports) -> None:
    page = open_reports("health", NARROW)
    page.goto("/reports/equity")
    region = page.get_by_role("region", name="The work by")
    region.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.activeElement.scrollLeft > 0")


def test_a_file_is_downloaded(open_reports: OpenReports) -> None:
    page = open_reports("health")
    page.goto(f"/reports/pcn/{NETWORK}")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Figures (CSV)").click()
    assert waiting.value.suggested_filename == f"{NETWORK}-2026-08-to-2026-09-figures.csv"


def test_on_paper_choices_are_left_out_and_figures_are_there(open_reports: OpenReports) -> None:
    page = open_reports("health")
    page.goto(f"/reports/pcn/{NETWORK}")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Reports")).to_be_hidden()
    expect(page.get_by_role("row", name="Had a need").first).to_be_visible()
