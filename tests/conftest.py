"""What every test stands on: a clean environment, the project's root, the shared data."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from template_service.settings import PREFIX

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

# Shared machines are slow now and then; a slow example is no fault of the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the developer's shell reaches a test."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and content beside the checkout; skips where there is none."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared")
    return SHARED
