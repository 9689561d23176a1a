"""Windows of the browser at one server: who is signed in, and what goes wrong in any of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, StorageState

from tests import server
from tests.browser.journeys import WIDE, Pages
from tests.web.conftest import PASSWORD

# A refused form (422, 409) is an answer, not an error.
_REFUSED = "Failed to load resource: the server responded with a status of 4"

Sessions = dict[tuple[server.Running, str], StorageState]


class Windows:
    """Opens windows at one server.

    `sessions` holds what a browser holds after somebody signed in: they sign in once, not in every
    window, because checking a password is made to be slow.
    """

    def __init__(
        self, chromium: Browser, running: server.Running, sessions: Sessions, wait: float
    ) -> None:
        self._chromium = chromium
        self._running = running
        self._sessions = sessions
        self._wait = wait
        self._contexts: list[BrowserContext] = []
        self.troubles: list[str] = []

    def __call__(self, username: str = "nurse", width: int = WIDE, *, scripts: bool = True) -> Page:
        """A page with its own window: somebody signed in, or nobody where the name is blank."""
        return self._opened(self._signed_in(username) if username else None, width, scripts)

    def close(self) -> None:
        """Closes every window."""
        for context in self._contexts:
            context.close()

    def _signed_in(self, username: str) -> StorageState:
        key = (self._running, username)
        if key not in self._sessions:
            page = self._opened(None, WIDE, scripts=True)
            Pages(page, str).sign_in(username, PASSWORD)
            self._sessions[key] = page.context.storage_state()
        return self._sessions[key]

    def _opened(self, held: StorageState | None, width: int, scripts: bool) -> Page:
        context = self._chromium.new_context(
            base_url=self._running.base,
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            storage_state=held,
        )
        context.set_default_timeout(self._wait)
        self._contexts.append(context)
        page = context.new_page()
        self._watch(page)
        return page

    def _watch(self, page: Page) -> None:
        """Notes errors and requests to others."""

        def said(message: ConsoleMessage) -> None:
            if message.type == "error" and not message.text.startswith(_REFUSED):
                self.troubles.append(message.text)

        def asked(request: Request) -> None:
            if not request.url.startswith((f"{self._running.base}/", "data:")):
                self.troubles.append(f"asked {request.url}")

        page.on("console", said)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("request", asked)


@contextmanager
def windows(
    chromium: Browser, running: server.Running, sessions: Sessions, *, wait: float = 15_000
) -> Iterator[Windows]:
    """Windows for the length of a block, which wait so many milliseconds for what is to come.

    At its end no page may have logged an error, broken the content policy or asked another host.
    """
    opened = Windows(chromium, running, sessions, wait)
    try:
        yield opened
    finally:
        opened.close()
    assert opened.troubles == [], opened.troubles
