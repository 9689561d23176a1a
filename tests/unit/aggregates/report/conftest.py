"""One made-up city as figures and as released months, and the font the project installs."""

from pathlib import Path

import pytest

from template_service.aggregates.population import import_population
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.figures import Figures
from template_service.aggregates.report.fonts import Font
from tests.unit.aggregates.report import made_up, made_up_months


@pytest.fixture(scope="session")
def figures() -> Figures:
    return Figures(made_up.made_up_table())


@pytest.fixture(scope="session")
def about() -> ReportContext:
    return made_up.context()


@pytest.fixture(scope="session")
def font() -> Font:
    return Font()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of aggregates with three closed months and registered lists."""
    made = tmp_path_factory.mktemp("aggregates")
    made_up_months.close_months(made)
    import_population(made, made_up_months.lists(made))
    return made


@pytest.fixture(scope="session")
def released(folder: Path) -> ReleasedFigures:
    return made_up_months.released(folder)
