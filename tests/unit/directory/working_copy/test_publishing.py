"""Publishing: nothing changes before it, all of it or nothing, every version comes back."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from directory import artefact
from directory.artefact_file import connect, nested_document, nested_documents
from directory.model import Service, read_service
from directory.open_referral.records import Item
from directory.starter import LEEDS
from directory.working_copy import comparing, decisions, edits, history, publishing
from directory.working_copy.drafting import draft
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.starting import STARTER, open_or_start
from directory.working_copy.store import WorkingCopy
from tests.unit.directory.made_up import a_service, made_up_services
from tests.unit.directory.working_copy.curation import S1, S2, WHO, services
from tests.unit.directory.working_copy.sources import (
    NOW,
    TODAY,
    changed,
    phone,
    service,
    source,
    take,
)

edit = partial(edits.edit, by=WHO, now=NOW, reason="they told us")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "directory"


def _publish(working: WorkingCopy, folder: Path, **given: Any) -> publishing.Publication:
    who: dict[str, Any] = {"now": NOW, "today": TODAY, "by": WHO}
    return publishing.publish(working, folder, **(who | given))


def _names(folder: Path) -> set[str]:
    with closing(artefact.open_current(folder)) as directory:
        return {service.name for service in directory.services()}


def test_what_is_in_use_changes_only_by_publishing(working: WorkingCopy, folder: Path) -> None:
    take(working, source())
    first = _publish(working, folder, reason="the first")
    assert (first.number, first.services, first.left_out) == (1, 2, ())
    take(working, [*changed(source(), "s1", name="Other"), service(3), phone(3)])
    edit(working, [S2], {"name": "Edited"})
    assert _names(folder) == {"Service 1", "Service 2"}
    _publish(working, folder)
    # What a feed says of what is published waits; what is new, or a curator's, is there.
    assert _names(folder) == {"Service 1", "Edited", "Service 3"}


def test_the_same_again_is_the_same_version(working: WorkingCopy, folder: Path) -> None:
    take(working, source())
    first = _publish(working, folder)
    again = _publish(working, folder, now=NOW + timedelta(days=1))
    assert again.version == first.version
    assert [entry.current for entry in publishing.history(working, folder)] == [False, True]


def test_a_service_that_cannot_be_built_is_named_and_the_rest_published(
    working: WorkingCopy, folder: Path
) -> None:
    nameless = [service(3, name=""), phone(3)]
    take(working, [*source(), *nameless])
    made = _publish(working, folder)
    (left_out,) = made.left_out
    assert (left_out.id, made.services) == ("s3", 2)
    assert "name" in left_out.problem
    with closing(connect(next(folder.glob("directory-*.sqlite")))) as connection:
        kept = {(one.kind, one.id) for one in nested_documents(connection)}
    assert ("service", left_out.published_id) not in kept


def test_nothing_to_publish_is_refused(working: WorkingCopy, folder: Path) -> None:
    with pytest.raises(Refused, match="no service"):
        _publish(working, folder)
    assert not (folder / "current").exists()


def test_one_service_of_two_sources_is_published_once_and_named(
    working: WorkingCopy, folder: Path
) -> None:
    same = "6a3f5c0e-0d0e-4b52-9d8a-0d9f6f3e8a11"
    for name in ("a", "b"):
        items: list[Item] = [*source(1), service(1)._replace(id=same)]
        take(working, items, name=name)
    made = _publish(working, folder)
    assert made.services == 3
    (left_out,) = made.left_out
    assert left_out.problem == "its id is that of a service of a"


@pytest.mark.parametrize("newcomer", ["a", "z"])
def test_no_later_source_takes_the_place_of_what_is_published(
    working: WorkingCopy, folder: Path, newcomer: str
) -> None:
    same = "6a3f5c0e-0d0e-4b52-9d8a-0d9f6f3e8a11"
    ours = service(1)._replace(id=same)
    theirs = ours._replace(fields={**ours.fields, "name": "Somebody else"})
    take(working, [*source(1), ours], name="m")
    _publish(working, folder)

    take(working, [*source(1), theirs], name=newcomer)
    drafted = draft(working, today=TODAY)
    made = _publish(working, folder)

    (left_out,) = made.left_out
    assert (left_out.source, left_out.problem) == (newcomer, "its id is that of a service of m")
    assert [(one.source, one.problem) for one in drafted.left_out] == [
        (newcomer, "its id is that of a service of m")
    ]
    with closing(artefact.open_current(folder)) as directory:
        assert directory.service(same).name == ours.fields["name"]
    with closing(connect(next(folder.glob(f"directory-{made.version}*")))) as connection:
        (kept,) = (one for one in nested_documents(connection) if one.id == same)
    assert b"Somebody else" not in kept.document


def test_who_published_a_service_keeps_it_though_an_older_source_has_it_later(
    working: WorkingCopy, folder: Path
) -> None:
    same = "6a3f5c0e-0d0e-4b52-9d8a-0d9f6f3e8a11"
    ours = service(1)._replace(id=same)
    take(working, source(1), name="older")
    take(working, [*source(2), ours], name="publisher")
    _publish(working, folder)

    take(working, [*source(1), ours], name="older")
    refused = [one for one in _publish(working, folder).left_out if one.id == same]

    assert [one.source for one in refused] == ["older"]


def test_a_service_past_its_last_day_is_published_as_inactive(
    working: WorkingCopy, folder: Path
) -> None:
    take(working, source())
    edits.set_dates(
        working,
        S1,
        expires_on=TODAY - timedelta(days=1),
        funding_ends_on=None,
        by=WHO,
        now=NOW,
        reason="closed",
    )
    made = _publish(working, folder)
    found = {one.id: one.status for one in artefact.services_of(folder, made.version)}
    assert found == {S1: "inactive", S2: "active"}


def test_the_nested_documents_are_published_beside(working: WorkingCopy, folder: Path) -> None:
    take(working, source())
    made = _publish(working, folder)
    with closing(connect(folder / f"directory-{made.version}.sqlite")) as connection:
        kinds = {one.kind for one in nested_documents(connection)}
        stored = nested_document(connection, "service", S1)
        assert nested_document(connection, "service", "none") is None
    assert kinds == {"organization", "service"}
    assert stored is not None
    content = orjson.loads(stored)
    assert content["name"] == "Service 1"
    assert content["phones"][0]["number"] == "0113 496 0000"
    assert content["organization"]["name"] == "Made-up organisation"


def test_versions_are_listed_compared_and_rolled_back(working: WorkingCopy, folder: Path) -> None:
    take(working, source())
    first = _publish(working, folder, reason="the first")
    edit(working, [S1], {"name": "Edited"})
    take(working, [*source(), service(3), phone(3)])
    second = _publish(working, folder, now=NOW + timedelta(days=1), by="another")
    found = comparing.compare(folder, first.version, second.version)
    assert [one.name for one in found.added] == ["Service 3"]
    assert found.removed == ()
    (change,) = found.changed
    assert change.fields == (comparing.FieldChange("name", "Service 1", "Edited"),)
    assert comparing.compare(folder, second.version, first.version).removed == found.added

    publishing.roll_back(working, folder, "1", now=NOW, by=WHO, reason="a mistake")
    assert _names(folder) == {"Service 1", "Service 2"}
    assert services(working)[S1].name == "Edited"
    listed = publishing.history(working, folder)
    assert [(it.number, it.action, it.by, it.note, it.services) for it in listed] == [
        (1, "publish", WHO, "the first", 2),
        (2, "publish", "another", "", 3),
        (3, "rollback", WHO, "a mistake", 2),
    ]
    assert [it.current for it in listed] == [False, False, True]
    assert history.changes(working, limit=1)[0].action == "rollback"
    assert publishing.find_version(working, folder, second.version[:12]).number == 2
    with pytest.raises(NotHeld, match="no version 9"):
        publishing.roll_back(working, folder, "9", now=NOW, by=WHO, reason="")


def test_the_version_in_use_is_not_gone_back_to(working: WorkingCopy, folder: Path) -> None:
    take(working, source())
    _publish(working, folder)
    edit(working, [S1], {"name": "Edited"})
    _publish(working, folder)
    publishing.roll_back(working, folder, "1", now=NOW, by=WHO, reason="a mistake")
    before = publishing.history(working, folder)
    for name in ("1", "3"):
        with pytest.raises(Refused, match=f"version {name} is in use already"):
            publishing.roll_back(working, folder, name, now=NOW, by=WHO, reason="again")
    assert publishing.history(working, folder) == before


def test_whoever_looks_at_the_history_waits_for_nobody(
    working: WorkingCopy, path: Path, folder: Path
) -> None:
    take(working, source())
    _publish(working, folder)
    with WorkingCopy.open(path, wait=0.05) as other, working.writing():
        assert [one.current for one in publishing.history(other, folder)] == [True]


def test_a_version_whose_file_is_gone_or_damaged_is_not_gone_back_to(
    working: WorkingCopy, folder: Path
) -> None:
    take(working, source())
    first = _publish(working, folder)
    edit(working, [S1], {"name": "Edited"})
    _publish(working, folder)
    path = folder / f"directory-{first.version}.sqlite"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-4096])
    with pytest.raises(Refused, match="version 1"):
        publishing.roll_back(working, folder, "1", now=NOW, by=WHO, reason="")
    path.unlink()
    assert [it.available for it in publishing.history(working, folder)] == [False, True]
    assert "Edited" in _names(folder)


def test_what_was_published_past_the_working_copy_is_in_the_history(
    working: WorkingCopy, folder: Path
) -> None:
    artefact.publish([a_service()], folder, now=NOW - timedelta(days=2))
    take(working, source())
    _publish(working, folder)
    first, second = publishing.history(working, folder)
    assert (first.number, first.by, first.note) == (1, "", "published without a working copy")
    assert second.current
    publishing.roll_back(working, folder, "1", now=NOW, by=WHO, reason="")
    assert _names(folder) == {"A service"}


def test_a_failure_while_publishing_leaves_everything_as_it_was(
    working: WorkingCopy, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(working, source())
    _publish(working, folder)
    edit(working, [S1], {"name": "Edited"})

    def fails(*_: object, **__: object) -> str:
        raise OSError("no space left on device")

    monkeypatch.setattr(artefact, "publish", fails)
    with pytest.raises(OSError, match="no space"):
        _publish(working, folder)
    monkeypatch.undo()
    assert len(publishing.history(working, folder)) == 1
    assert _names(folder) == {"Service 1", "Service 2"}


def _same(one: Service) -> Service:
    """Without what only a curator's call can say: made-up services have it made up."""
    return replace(one, verified_on=None, verified_by="", verified_source="")


@pytest.mark.parametrize("made_up", [True, False])
def test_a_new_working_copy_publishes_what_it_began_with(
    path: Path, folder: Path, made_up: bool
) -> None:
    records = orjson.loads((LEEDS / "services.json").read_bytes())
    starter = made_up_services(60) if made_up else tuple(read_service(it) for it in records)
    with open_or_start(path, lambda: starter, now=NOW) as working:
        assert not working.database.execute("SELECT * FROM quarantine").fetchall()
        made = _publish(working, folder)
    assert set(artefact.services_of(folder, made.version)) == set(map(_same, starter))
    with open_or_start(path, lambda: (), now=NOW) as again:
        assert len(services(again)) == len(starter)
        assert decisions.proposals(again) == ()


def test_the_starter_is_a_source_like_any_other(path: Path) -> None:
    with open_or_start(path, lambda: [a_service()], now=NOW) as working:
        edit(working, [a_service().id], {"name": "Edited", "urgent_cards": ["crisis"]})
        (found,) = services(working).values()
        assert (found.name, found.urgent_cards) == ("Edited", ("crisis",))
        sources = working.database.execute("SELECT DISTINCT source FROM run").fetchall()
    assert sources == [(STARTER,)]
