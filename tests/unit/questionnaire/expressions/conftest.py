"""Every test here counts steps and elements; none depends on how fast the machine is."""

from collections.abc import Iterator

import pytest

from template_service.questionnaire.expressions import grammar, limits


@pytest.fixture(scope="module", autouse=True)
def unhurried() -> Iterator[None]:
    """The clock stops nothing: what a test is about is what is said, or what is counted."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(grammar, "PARSER_SECONDS_LIMIT", 60.0)
        patched.setattr(limits, "SECONDS_LIMIT", 60.0)
        patched.setattr(limits, "ALLOWANCE", 600.0)
        yield
