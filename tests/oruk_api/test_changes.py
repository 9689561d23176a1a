"""Dates of changes: never earlier than a reader could have seen the change."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from directory import artefact
from template_service.oruk_api.changes import changed_at, in_use_since
from tests.oruk_api import city

JANUARY, FEBRUARY, MARCH = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
ROOM, CLUB = (("service", city.uid("service", name)) for name in ("Warm Room", "Far Club"))


def publish(folder: Path, at: datetime, **descriptions: str) -> str:
    """Publishes the made-up directory with other descriptions, at a moment."""
    told = {name.replace("_", " "): text for name, text in descriptions.items()}
    records = [
        one._replace(fields={**one.fields, "description": told[one.id]})
        if one.kind == "service" and one.id in told
        else one
        for one in city.records((53.8, -1.5))
    ]
    version = city.publish(folder, records, now=at)
    point(folder, at)
    return version


def point(folder: Path, at: datetime) -> None:
    os.utime(folder / artefact.CURRENT, (at.timestamp(), at.timestamp()))


def dates(folder: Path, version: str) -> tuple[datetime, datetime]:
    found = changed_at(folder, version, in_use_since(folder, version))
    return found[ROOM], found[CLUB]


def test_a_document_is_as_old_as_the_first_version_that_had_it_so(tmp_path: Path) -> None:
    assert dates(tmp_path, publish(tmp_path, JANUARY)) == (JANUARY, JANUARY)
    assert dates(tmp_path, publish(tmp_path, FEBRUARY, Warm_Room="New")) == (FEBRUARY, JANUARY)
    third = publish(tmp_path, MARCH, Warm_Room="New", Far_Club="Later")
    assert dates(tmp_path, third) == (FEBRUARY, MARCH)


def test_what_changed_back_has_changed(tmp_path: Path) -> None:
    publish(tmp_path, JANUARY)
    publish(tmp_path, FEBRUARY, Warm_Room="New")
    version = publish(tmp_path, MARCH, Far_Club="New")
    assert dates(tmp_path, version) == (MARCH, MARCH)


def test_going_back_to_a_version_is_a_change_of_what_differed(tmp_path: Path) -> None:
    first = publish(tmp_path, JANUARY)
    second = publish(tmp_path, FEBRUARY, Warm_Room="New")
    artefact.make_current(tmp_path, first)
    point(tmp_path, MARCH)
    assert in_use_since(tmp_path, first) == MARCH
    assert dates(tmp_path, first) == (MARCH, FEBRUARY)
    artefact.make_current(tmp_path, second)
    point(tmp_path, APRIL)
    assert dates(tmp_path, second) == (APRIL, JANUARY)


def test_going_back_at_once_is_a_change_too(tmp_path: Path) -> None:
    first = publish(tmp_path, JANUARY)
    soon, sooner = (JANUARY + timedelta(minutes=minutes) for minutes in (2, 1))
    publish(tmp_path, sooner, Warm_Room="New")
    artefact.make_current(tmp_path, first)
    point(tmp_path, soon)
    assert dates(tmp_path, first) == (soon, sooner)


def test_a_version_not_in_use_dates_from_its_publishing(tmp_path: Path) -> None:
    first = publish(tmp_path, JANUARY)
    publish(tmp_path, FEBRUARY, Warm_Room="New")
    assert in_use_since(tmp_path, first) == JANUARY


def test_a_version_that_cannot_be_read_is_like_nothing(tmp_path: Path) -> None:
    first = publish(tmp_path, JANUARY)
    version = publish(tmp_path, FEBRUARY, Warm_Room="New")
    broken = artefact.file_of(tmp_path, first)
    broken.chmod(0o644)
    broken.write_bytes(broken.read_bytes()[:8192])
    assert dates(tmp_path, version) == (FEBRUARY, FEBRUARY)
    assert in_use_since(tmp_path, version) - FEBRUARY < timedelta(seconds=1)
