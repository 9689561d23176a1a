"""Chromium against the real server: one data folder, one server, one browser for every journey."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from template_service.service import open_service
from template_service.settings import Settings
from tests import server
from tests.browser.journeys import Pages
from tests.web.conftest import PASSWORD, fill, nhs_number

CHROMIUM = "/usr/bin/chromium"
WIDE, NARROW = 1280, 390
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_NUMBERS = count(2000)


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Running]:
    """The service on a folder with two practices and staff of every role, as a demonstration."""
    data = tmp_path_factory.mktemp("live")
    service = open_service(Settings(data=data))
    fill(service)
    service.close()
    with server.serving(data, {"DEMO": "true"}) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window and without traffic of its own."""
    if not Path(CHROMIUM).exists():
        pytest.fail("needs the Debian package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        yield browser
        browser.close()


@pytest.fixture(params=[WIDE, NARROW], ids=["wide", "narrow"])
def width(request: pytest.FixtureRequest) -> int:
    """A desktop and a phone, in CSS pixels."""
    return int(request.param)


@pytest.fixture
def open_pages(chromium: Browser, live_server: server.Running) -> Iterator[Callable[..., Pages]]:
    """Somebody signed in in a window of their own.

    At the end no page may have logged an error, broken the content policy or asked another host.
    """
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def opened(username: str = "nurse", width: int = WIDE, *, scripts: bool = True) -> Pages:
        context = chromium.new_context(
            base_url=live_server.base,
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        _watch(page, live_server.base, troubles)
        pages = Pages(page, lambda: nhs_number(next(_NUMBERS)))
        if username:
            pages.sign_in(username, PASSWORD)
        return pages

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def _watch(page: Page, base: str, troubles: list[str]) -> None:
    """Note errors and foreign requests. A refused form (422, 409) is an answer, not an error."""

    def heard(text: str) -> None:
        if not text.startswith("Failed to load resource: the server responded with a status of 4"):
            troubles.append(text)

    page.on("console", lambda message: heard(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((f"{base}/", "data:"))
            else troubles.append(f"asked {request.url}")
        ),
    )
