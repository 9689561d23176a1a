"""One made-up city with its PCNs, read once, and the font the project installs."""

import pytest

from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.figures import Figures
from template_service.aggregates.report.fonts import Font
from tests.unit.aggregates.report import made_up


@pytest.fixture(scope="session")
def figures() -> Figures:
    return Figures(made_up.made_up_table())


@pytest.fixture(scope="session")
def about() -> ReportContext:
    return made_up.context()


@pytest.fixture(scope="session")
def font() -> Font:
    return Font()
