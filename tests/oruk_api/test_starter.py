"""A first start serves the starter directory as Open Referral, as a curator would publish it."""

from pathlib import Path

import pytest
from flask import Flask

from directory.working_copy.publishing import publish
from template_service import clock
from template_service.app import create_app
from template_service.data_folder import open_working_copy
from template_service.settings import Settings

KEPT = ("services", "organizations", "taxonomies", "taxonomy_terms", "service_at_locations")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data=tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def started(settings: Settings) -> Flask:
    return create_app(settings)


def totals(app: Flask) -> dict[str, int]:
    client = app.test_client()
    pages = {table: client.get(f"/oruk/v3/{table}").get_json() for table in KEPT}
    return {table: page["total_items"] for table, page in pages.items()}


def test_every_starter_service_is_served_before_anybody_curates(started: Flask) -> None:
    found = totals(started)

    assert found["services"] >= 60
    assert all(found.values())


def test_an_unchanged_working_copy_publishes_the_very_same(
    started: Flask, settings: Settings
) -> None:
    folder: Path = settings.data / "directory"
    before = (folder / "current").read_text(encoding="utf-8")
    working = open_working_copy(settings)

    publish(working, folder, now=clock.now(), today=clock.today(), by="Curator")

    working.close()
    assert (folder / "current").read_text(encoding="utf-8") == before
    assert all(totals(started).values())
