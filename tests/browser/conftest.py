"""Chromium against the real server: one data folder made, one browser for every journey."""

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from template_service.actions.curate_desk import desk
from template_service.service import open_service
from template_service.settings import Settings
from tests import server
from tests.browser.journeys import WIDE, Pages
from tests.browser.windows import Sessions, windows
from tests.once import made_once
from tests.web.conftest import fill, nhs_number

CHROMIUM = "/usr/bin/chromium"
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
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two practices, staff of every role and a working copy, to be copied."""

    def make(data: Path) -> None:
        service = open_service(Settings(data=data))
        fill(service)
        with desk(service):
            pass
        service.close()

    return made_once(tmp_path_factory, "staffed", make)


@pytest.fixture(scope="session")
def live_server(
    staffed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[server.Running]:
    """The service as a demonstration, which the journeys share."""
    data = tmp_path_factory.mktemp("live") / "data"
    shutil.copytree(staffed, data)
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


@pytest.fixture(scope="session")
def sessions() -> Sessions:
    """Who has signed in at which server."""
    return {}


@pytest.fixture
def open_pages(
    chromium: Browser, live_server: server.Running, sessions: Sessions
) -> Iterator[Callable[..., Pages]]:
    """Somebody signed in in a window of their own."""
    with windows(chromium, live_server, sessions) as open_window:

        def opened(username: str = "nurse", width: int = WIDE, *, scripts: bool = True) -> Pages:
            page = open_window(username, width, scripts=scripts)
            return Pages(page, lambda: nhs_number(next(_NUMBERS)))

        yield opened
