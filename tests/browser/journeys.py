"""What people do with the pages, counted: every press is one action."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

# A desktop and a phone, in CSS pixels.
WIDE, NARROW = 1280, 390
AXE = Path(__file__).parents[2] / "deploy/assets/node_modules/axe-core/axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What passes is not written down: that took longer than most rules.
_RUN = """rules => axe.run({runOnly: rules, resultTypes: ["violations"]}).then(
    found => found.violations.map(
    one => one.id + ": " + one.nodes.map(node => node.html).slice(0, 3).join(" | ")))"""


@dataclass(slots=True)
class Pages:
    """Somebody at the pages. `actions` counts what they pressed since it was last set to 0."""

    page: Page
    nhs_number: Callable[[], str]
    actions: int = 0

    def sign_in(self, username: str, password: str) -> None:
        """Fill in and send the sign-in form."""
        self.page.goto("/sign-in")
        self.page.fill("#username", username)
        self.page.fill("#password", password)
        self.page.click("main button")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def add_person(self, born_year: str = "1991") -> str:
        """Register somebody made up of LS9 and stand on their template; gives their id."""
        self.page.goto("/people/add")
        for name, text in {
            "nhs_number": self.nhs_number(),
            "given_name": "Alex",
            "family_name": "Testperson",
            "born-day": "4",
            "born-month": "5",
            "born-year": born_year,
            "postcode": "LS9 6AU",
        }.items():
            self.page.fill(f"#{name}", text)
        self.page.click("main form button")
        self.page.wait_for_url("**/template")
        return self.page.url.split("/")[-2]

    def answer(self, link_id: str, code: str) -> None:
        """Press one answer, as its visible label."""
        self.press(self.choice(link_id, code).locator("xpath=.."))

    def choice(self, link_id: str, code: str) -> Locator:
        """The input of one answer."""
        return self.page.locator(f'[name="{link_id}"][value="{code}"]')

    def press(self, what: Locator) -> None:
        """Press a button, a link or an answer."""
        self.actions += 1
        what.click()

    def save(self) -> None:
        """Press Save at the end of the form."""
        self.press(self.page.locator("#template > button.nhsuk-button"))
        self.page.wait_for_url("**/plan")

    def card(self, card_id: str) -> Locator:
        """An urgent card of the template."""
        return self.page.locator(f'[data-card="{card_id}"]')

    def check(self) -> None:
        """On a desktop and on a phone axe finds nothing and nothing scrolls sideways.

        The window is then as wide as it was.
        """
        before = self.page.viewport_size
        assert before is not None
        for width in (WIDE, NARROW):
            self.page.set_viewport_size({"width": width, "height": 900})
            found = self.violations()
            assert found == [], f"{self.page.url}, {width} wide: {found}"
            assert not self.scrolls_sideways(), f"{self.page.url} is over {width} wide"
        self.page.set_viewport_size(before)

    def violations(self) -> list[str]:
        """What axe finds wrong with the page as it stands."""
        if self.page.evaluate("typeof axe") == "undefined":
            self.page.evaluate(AXE.read_text())
        found: list[str] = self.page.evaluate(_RUN, _RULES)
        return found

    def scrolls_sideways(self) -> bool:
        """Whether the page is wider than its window."""
        root = "document.documentElement"
        wider: Any = self.page.evaluate(f"{root}.scrollWidth > {root}.clientWidth")
        return bool(wider)
