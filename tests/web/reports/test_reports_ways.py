"""Where a reader is among the reports: the tab that is marked."""

import re

import pytest

from tests.web.reports.city import NETWORK
from tests.web.staff import Staff

MARKED = {
    "/reports": ("page", "Overview"),
    f"/reports/pcn/{NETWORK}": ("true", "Overview"),
    "/reports/releases/2026-09-002": ("true", "Overview"),
    "/reports/city": ("page", "City"),
    "/reports/gradient": ("page", "Gradient"),
    "/reports/compare": ("page", "Compare"),
    "/reports/indicators": ("page", "Indicators"),
    "/reports/indicators/1": ("true", "Indicators"),
}


@pytest.mark.parametrize(("path", "marked"), MARKED.items())
def test_one_tab_says_where_the_reader_is(
    health: Staff, path: str, marked: tuple[str, str]
) -> None:
    page = health.get(path).text
    tabs = page[page.index('aria-label="Reports"') :].split("</nav>")[0]
    assert re.findall(r'aria-current="(\w+)">([^<]+)<', tabs) == [marked]
