"""What says the same again is not read again; whatever may differ is."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from directory.open_referral import reading, tabular_writing
from directory.open_referral.records import Record
from directory.working_copy import pairs, repeating, rounds
from directory.working_copy.repeating import digest_of, keep_digest, repeated
from directory.working_copy.store import WorkingCopy
from template_service.cli import main
from tests.unit.directory.working_copy.curation import S1, S2, services
from tests.unit.directory.working_copy.sources import (
    NOW,
    SOURCE,
    TODAY,
    phone,
    source,
    take,
    without,
)


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """A folder of tables; one phone is of no service, so it is refused each time."""
    folder = tmp_path / "feed"
    records = [it for it in (*source(), phone(9)) if isinstance(it, Record)]
    tabular_writing.write(records, folder)
    return folder


def _import(feed: Path, *more: str) -> Any:
    words = ["directory", "import", str(feed), "--json", "--data", str(feed.parent / "data")]
    done = CliRunner().invoke(main, [*words, *more])
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_the_same_is_told_as_unchanged_without_being_read(
    feed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _import(feed)
    assert first["phones"]["quarantined"] == 1
    monkeypatch.setattr(reading, "read_source", None)
    again = _import(feed)
    assert again["quarantine"] == first["quarantine"]
    for table, counts in first.items():
        if table != "quarantine":
            taken = counts["read"] - counts["quarantined"]
            assert again[table] == counts | {"new": 0, "unchanged": taken}
    assert _import(feed) == again


def test_another_word_another_file_or_another_way_of_reading_is_read(feed: Path) -> None:
    before = digest_of(feed, "auto", None)
    assert digest_of(feed, "auto", None) == before
    assert digest_of(feed, "hsds-csv", None) != before
    assert digest_of(feed, "auto", feed / "services.csv") != before
    (feed / "phones.csv").rename(feed / "telephones.csv")
    renamed = digest_of(feed, "auto", None)
    (feed / "telephones.csv").rename(feed / "phones.csv")
    path = feed / "services.csv"
    path.write_bytes(path.read_bytes().replace(b"Service 1", b"Service X"))
    assert len({before, renamed, digest_of(feed, "auto", None)}) == 3
    assert _import(feed)["services"]["new"] == 2
    path.write_bytes(path.read_bytes().replace(b"Service X", b"Service Y"))
    assert _import(feed)["services"]["changed"] == 1


def test_other_code_reads_again(feed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest_of(feed, "auto", None)
    monkeypatch.setattr(repeating, "code_version", lambda: "another")
    assert digest_of(feed, "auto", None) != before


def test_only_the_last_run_counts_and_only_a_whole_one(working: WorkingCopy) -> None:
    def again() -> bool:
        return repeated(working, SOURCE, "a", now=NOW, by="x") is not None

    assert not again()
    keep_digest(working, take(working, source()), "a")
    assert again()
    assert again()
    # What was said in between may have changed what is held.
    take(working, without(source(), "p1"))
    assert not again()
    keep_digest(working, take(working, source(), complete=False), "a")
    assert not again()
    assert repeated(working, SOURCE, "", now=NOW, by="x") is None


def test_a_source_that_is_refused_has_no_digest(feed: Path, tmp_path: Path) -> None:
    shutil.copytree(feed, tmp_path / "other")
    (feed / "link").symlink_to(tmp_path / "other")
    assert digest_of(feed, "auto", None) == ""


def test_a_working_copy_of_the_first_version_is_brought_up_to_date(
    working: WorkingCopy, path: Path
) -> None:
    take(working, source())
    rounds.rang(working, S1, by="x", now=NOW, today=TODAY)
    # As the first version kept what was told apart, in whichever order it was said.
    words = ("not the same", SOURCE, "service", S2, S1)
    working.database.execute(
        "INSERT INTO change (at, by, action, source, kind, field, became, reason)"
        " VALUES ('2026-11-23', 'x', ?, ?, ?, ?, ?, 'two towns')",
        words,
    )
    for name in ("built", "built_service", "built_document", "apart", "link_check"):
        working.database.execute(f"DROP TABLE {name}")
    working.database.execute("ALTER TABLE run DROP COLUMN digest")
    working.database.execute("ALTER TABLE run DROP COLUMN unsure")
    working.database.execute("ALTER TABLE care ADD COLUMN review_by TEXT")
    working.database.execute("PRAGMA user_version = 1")
    before = services(working)
    working.close()
    with WorkingCopy.open(path) as again:
        keep_digest(again, take(again, source()), "a")
        assert repeated(again, SOURCE, "a", now=NOW, by="x") is not None
        (apart,) = pairs.told_apart(again)
        assert (apart.one, apart.other, apart.reason) == (*sorted((S1, S2)), "two towns")
        assert services(again) == before
        assert before[S1].verified_on == TODAY
