"""What every test stands on: a clean environment, the project's root, the shared data."""

import os
from collections.abc import Iterator
from pathlib import Path

import argon2
import pytest
from hypothesis import settings

from template_service.access import passwords
from template_service.settings import PREFIX
from tests.independent import Refusals, independent_refusals

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

# Shared machines are slow now and then; a slow example is no fault of the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# Files of few and long tests: begun last, they would leave all workers but one without work.
LONG = (
    "tests/contract/test_artefacts.py",
    "tests/unit/aggregates/disclosure/test_membership.py",
    "tests/browser/",
    "tests/unit/aggregates/",
    "tests/unit/directory/working_copy/",
    "tests/docs/test_how_to.py",
    "tests/contract/test_server.py",
    "tests/web/curate/",
    "tests/crash/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts what takes long first, in the order of `LONG`; all else stays where it is."""
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    return next((place for place, long in enumerate(LONG) if nodeid.startswith(long)), len(LONG))


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Iterator[None]:
    """The same argon2id with the least work: no test is about its cost, and hundreds sign in."""
    quick = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", quick)
        passwords._nobodys_hash.cache_clear()
        yield


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


@pytest.fixture(scope="session")
def refusals(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Refusals:
    """What five independent FHIR validators have against resources."""
    return independent_refusals(shared, tmp_path_factory)
