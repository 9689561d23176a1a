"""`kill -9` of two processes that write at once: nothing told is lost, nothing is half there."""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from template_service.records import audit, cards, responses, revisions
from template_service.records.keys import Keys
from template_service.records.organisations import import_organisations
from template_service.records.people import PersonDetails, add_person
from template_service.records.store import Store
from tests.unit.records.practice import NOW, ORGANISATIONS, PRACTICE

pytestmark = pytest.mark.crash

SUBMISSIONS = 200
ROUNDS = 5
# Rows of one submission that must be there together, or not at all.
HALF_DONE = """
SELECT count(*) FROM response AS r
WHERE NOT EXISTS (SELECT 1 FROM response_revision AS x WHERE x.response_id = r.response_id)
   OR NOT EXISTS (SELECT 1 FROM response_revision AS x, json_each(x.states) AS s
                  WHERE x.response_id = r.response_id
                  AND json_array_length(s.value, '$.needs') > 0)
   OR NOT EXISTS (SELECT 1 FROM urgent_card AS x WHERE x.response_id = r.response_id)
   OR (SELECT count(*) FROM audit AS x
       WHERE json_extract(x.entities, '$.response_id') = r.response_id) <> 1
"""


@contextmanager
def _submitting(root: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.crash.submitting", *arguments]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _acknowledged(process: subprocess.Popen[str], count: int) -> list[str]:
    """The first lines of a process, as they come."""
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(count)]


def _rest(process: subprocess.Popen[str]) -> list[str]:
    """What a killed process had still told; a line that was cut off was no answer."""
    assert process.stdout is not None
    return process.stdout.read().rpartition("\n")[0].split()


def _check(path: Path, keys: Keys, person_id: str, acknowledged: list[str]) -> int:
    """How many submissions the store holds, all of them whole."""
    store = Store.open(path, keys)
    try:
        assert store.check() == ()
        with store.read() as conn:
            assert audit.verify(conn) is None
            assert conn.exec_driver_sql(HALF_DONE).scalar_one() == 0
            kept = {head.response_id for head in responses.responses_of(conn, PRACTICE, person_id)}
            carded = {card.response_id for card in cards.cards_of(conn, PRACTICE, person_id)}
            assert set(acknowledged) <= kept
            assert carded == kept
            for response_id in acknowledged[-3:]:
                revision = revisions.revision(conn, PRACTICE, response_id, 1)
                assert revision is not None
                assert revision.body == b"x" * 5000
        return len(kept)
    finally:
        store.close()


def test_no_acknowledged_submission_is_lost_and_none_is_half_done(
    tmp_path: Path, root: Path
) -> None:
    path, key_file = tmp_path / "records.sqlite", tmp_path / "keys.json"
    keys = Keys.create(key_file)
    store = Store.open(path, keys)
    store.migrate()
    with store.write() as conn:
        import_organisations(conn, ORGANISATIONS)
        person_id = add_person(conn, PRACTICE, PersonDetails(), at=NOW).person_id
    store.close()

    arguments = (str(path), str(key_file), person_id)
    points = random.Random(20261122)
    acknowledged: list[str] = []
    for round_number in range(1, ROUNDS + 1):
        with _submitting(root, *arguments) as one, _submitting(root, *arguments) as two:
            acknowledged += _acknowledged(one, points.randint(1, 30))
            acknowledged += _acknowledged(two, points.randint(10, 30))
            one.kill()
            two.kill()
            acknowledged += _rest(one) + _rest(two)
        kept = _check(path, keys, person_id, acknowledged)
        # What was committed but not yet told when the process died: at most one each.
        assert len(acknowledged) <= kept <= len(acknowledged) + 2 * round_number
    assert len(acknowledged) >= SUBMISSIONS
    assert len(set(acknowledged)) == len(acknowledged)
