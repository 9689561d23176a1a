"""`kill -9` in the middle of an import: the old state, or the new one, never half of it."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from directory.open_referral.records import Item
from directory.working_copy.store import WorkingCopy
from tests.unit.directory.working_copy.sources import service, source, take
from tests.unit.directory.working_copy.writing_forever import SIZE

pytestmark = pytest.mark.crash

ROUNDS = 6


def _state(path: Path) -> tuple[int, int, set[str]]:
    """Runs kept, changes audited by run, and the names of the services that alternate."""
    with WorkingCopy.open(path) as working:
        run = working.database.execute
        assert run("PRAGMA integrity_check").fetchall() == [("ok",)]
        (runs,) = run("SELECT count(*) FROM run WHERE counts <> '{}'").fetchone()
        (audited,) = run("SELECT count(DISTINCT run) FROM change").fetchone()
        (records,) = run("SELECT count(*) FROM record").fetchone()
        (links,) = run("SELECT count(*) FROM link").fetchone()
        names = {
            name
            for (name,) in run(
                "SELECT json_extract(fields, '$.name') FROM record WHERE id IN ('s97', 's194')"
            )
        }
    assert records in (0, 2 * SIZE + 1)
    assert links in (0, 2 * SIZE)
    return runs, audited, names


def test_a_killed_import_leaves_the_old_state(path: Path, root: Path) -> None:
    points = random.Random(20261123)
    told = 0
    for _ in range(ROUNDS):
        module = "tests.unit.directory.working_copy.writing_forever"
        command = [sys.executable, "-m", module, str(path)]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(points.randint(1, 4)):
                process.stdout.readline()
            # Somewhere within the next import: as far as a few thousand steps of ours.
            for _ in range(points.randint(0, 200_000)):
                pass
            process.kill()
        runs, audited, names = _state(path)
        # All names changed together, in an import that was kept whole.
        assert len(names) == 1
        assert runs == audited >= told
        told = runs


def test_a_second_import_waits_for_the_first(path: Path) -> None:
    with WorkingCopy.open(path) as one, WorkingCopy.open(path) as two:
        take(one, source(1))
        more: list[Item] = [*source(1), service(2)]
        assert take(two, more).tables["services"].new == 1
        assert take(one, more).tables["services"].unchanged == 2
