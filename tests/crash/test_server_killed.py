"""`kill -9` of the real server under 200 submissions: none acknowledged is lost or half there."""

import json
import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
import requests

from template_service.data_folder import open_store
from template_service.records import audit
from template_service.settings import Settings
from tests import server
from tests.practice import Practice, prepare

pytestmark = pytest.mark.crash

SUBMISSIONS = 200
SENDERS = 4
TIMEOUT_SECONDS = 30
# Rows of one submission that must be there together, or not at all.
HALF_DONE = """
SELECT count(*) FROM response AS r
WHERE NOT EXISTS (SELECT 1 FROM response_revision AS x WHERE x.response_id = r.response_id)
   OR NOT EXISTS (SELECT 1 FROM response_revision AS x, json_each(x.states) AS s
                  WHERE x.response_id = r.response_id
                  AND json_array_length(s.value, '$.needs') > 0)
   OR (SELECT count(*) FROM audit AS x WHERE x.action = 'save-response'
       AND json_extract(x.entities, '$.response') = r.response_id) <> 1
"""


def _send(base: str, practice: Practice, key: str) -> str | None:
    """The id of the stored response, or None when the server died before it answered."""
    headers = practice.headers | {"Idempotency-Key": key, "Prefer": "return=minimal"}
    body = json.dumps(practice.resource)
    url = f"{base}/fhir/QuestionnaireResponse"
    try:
        answer = requests.post(url, body, headers=headers, timeout=TIMEOUT_SECONDS)
    except requests.RequestException:
        return None
    assert answer.status_code in {200, 201}, answer.text
    return answer.headers["Location"].rsplit("/", 3)[1]


def _kill_whole(running: server.Running) -> None:
    """SIGKILL for the supervisor and the serving process at once, as a machine dies."""
    parent = psutil.Process(running.process.pid)
    for process in (*parent.children(recursive=True), parent):
        os.kill(process.pid, signal.SIGKILL)
    running.process.wait()


def test_every_acknowledged_submission_survives_and_none_is_half_done(tmp_path: Path) -> None:
    practice = prepare(tmp_path)
    acknowledged: dict[str, str] = {}
    waiting = [str(uuid4()) for _ in range(SUBMISSIONS)]
    moments = random.Random(20261122)
    kills = 0
    while waiting:
        running = server.start(tmp_path)
        die_at = len(acknowledged) + moments.randint(15, 45)
        with ThreadPoolExecutor(SENDERS) as pool:
            futures = {pool.submit(_send, running.base, practice, key): key for key in waiting}
            for future, key in futures.items():
                response_id = future.result()
                if response_id is not None:
                    acknowledged[key] = response_id
                if len(acknowledged) == die_at and running.process.poll() is None:
                    _kill_whole(running)
                    kills += 1
        waiting = [key for key in waiting if key not in acknowledged]
        server.stop(running)
    assert kills >= 3
    _check(tmp_path, practice, acknowledged)


def _check(data: Path, practice: Practice, acknowledged: dict[str, str]) -> None:
    # Every key made exactly one response, however often it was sent again.
    assert len(set(acknowledged.values())) == len(acknowledged) == SUBMISSIONS
    with server.serving(data) as running:
        for response_id in acknowledged.values():
            url = f"{running.base}/fhir/QuestionnaireResponse/{response_id}"
            answer = requests.get(url, headers=practice.headers, timeout=TIMEOUT_SECONDS)
            assert answer.json()["item"] == practice.resource["item"]
    store = open_store(Settings(data=data))
    assert store.check() == ()
    with store.read() as conn:
        assert audit.verify(conn) is None
        assert conn.exec_driver_sql(HALF_DONE).scalar_one() == 0
        assert conn.exec_driver_sql("SELECT count(*) FROM response").scalar_one() == SUBMISSIONS
    store.close()
