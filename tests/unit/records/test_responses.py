"""Responses: immutable revisions, no lost update, one resource per idempotency key."""

import sqlite3
import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from template_service.errors import NotFound
from template_service.records import responses, revisions
from template_service.records.responses import RevisionConflict
from template_service.records.revisions import Content
from template_service.records.store import Store
from tests.unit.records.practice import (
    BY,
    CONTENT,
    NEIGHBOUR,
    NOW,
    PRACTICE,
    TEMPLATE,
    save,
    submit,
)

LATER = NOW + timedelta(minutes=5)
OTHER: dict[str, Any] = {"by": "user:2", "by_name": "Nurse Made Up"}


def test_the_first_revision_is_kept_as_received(ann: str, store: Store) -> None:
    body = b'{"resourceType":  "QuestionnaireResponse", "text": "\xc3\xa9"}\n'
    with store.write() as conn:
        saved = save(conn, ann, body=body)
    with store.read() as conn:
        head = responses.head(conn, PRACTICE, saved.head.response_id)
        kept = revisions.revision(conn, PRACTICE, saved.head.response_id, 1)
    assert head == saved.head
    assert (head.revision, head.status, head.created_at) == (1, responses.IN_PROGRESS, NOW)
    assert kept is not None
    assert kept.body == body
    assert kept.digest == saved.digest == sha256(body).hexdigest()
    assert (kept.saved_by, kept.saved_by_name, kept.saved_at) == ("user:1", "Dr Made Up", NOW)


def test_a_second_revision_leaves_the_first_as_it_was(ann: str, store: Store) -> None:
    with store.write() as conn:
        first = save(conn, ann)
        document = {"needs": [{"need": "food-aid", "services": ["a", "b"]}]}
        second = save(
            conn,
            ann,
            response_id=first.head.response_id,
            base_revision=1,
            content=Content(
                body=b"second",
                content_type="application/json",
                states=[{"id": "food", "state": "unsure"}],
                plan=document,
                directory_version="v7",
            ),
            at=LATER,
            **OTHER,
        )
    rid = first.head.response_id
    assert second.head == replace(
        first.head,
        revision=2,
        updated_at=LATER,
        updated_by="user:2",
        updated_by_name="Nurse Made Up",
    )
    with store.read() as conn:
        assert responses.head(conn, PRACTICE, rid) == second.head
        old, new = (revisions.revision(conn, PRACTICE, rid, n) for n in (1, 2))
        assert old is not None
        assert new is not None
        assert (old.body, new.body) == (b'{"resourceType": "QuestionnaireResponse"}', b"second")
        assert old.states == CONTENT.states
        assert new.states == [{"id": "food", "state": "unsure"}]
        assert (old.plan, old.directory_version) == (CONTENT.plan, "v1")
        assert (new.plan, new.directory_version) == (document, "v7")


def test_saving_on_an_old_revision_is_refused_with_the_present_head(ann: str, store: Store) -> None:
    with store.write() as conn:
        first = save(conn, ann)
        second = save(conn, ann, response_id=first.head.response_id, base_revision=1, **OTHER)
    with pytest.raises(RevisionConflict) as caught, store.write() as conn:
        save(conn, ann, response_id=first.head.response_id, base_revision=1)
    assert caught.value.head == second.head
    with store.read() as conn:
        assert responses.head(conn, PRACTICE, first.head.response_id) == second.head


def test_eight_writers_of_one_revision_make_one_and_are_told(ann: str, store: Store) -> None:
    with store.write() as conn:
        rid = save(conn, ann).head.response_id
    told: Counter[str] = Counter()

    def write() -> None:
        try:
            with store.write() as conn:
                save(conn, ann, response_id=rid, base_revision=1)
            told["saved"] += 1
        except RevisionConflict:
            told["refused"] += 1

    _run_eight(write)
    assert told == {"saved": 1, "refused": 7}
    with store.read() as conn:
        head = responses.head(conn, PRACTICE, rid)
    assert head is not None
    assert head.revision == 2


def test_eight_creates_with_one_key_make_one_response(ann: str, store: Store) -> None:
    made: list[revisions.Saved] = []

    def create() -> None:
        with store.write() as conn:
            made.append(save(conn, ann, idempotency_key="same"))

    _run_eight(create)
    assert len({saved.head.response_id for saved in made}) == 1
    assert Counter(saved.repeated for saved in made) == {False: 1, True: 7}
    with store.read() as conn:
        assert len(responses.responses_of(conn, PRACTICE, ann)) == 1


def _run_eight(job: Any) -> None:
    threads = [threading.Thread(target=job) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_key_says_what_it_made_and_with_which_body(ann: str, store: Store) -> None:
    with store.write() as conn:
        saved = save(conn, ann, body=b"one", idempotency_key="key")
        again = save(conn, ann, body=b"two", idempotency_key="key")
        assert again.repeated
        assert again.digest == saved.digest != sha256(b"two").hexdigest()
        assert revisions.by_idempotency_key(conn, PRACTICE, "key") == again
        assert revisions.by_idempotency_key(conn, NEIGHBOUR, "key") is None


def test_saving_a_revision_of_nothing_is_not_found(ann: str, store: Store) -> None:
    with store.write() as conn, pytest.raises(NotFound):
        save(conn, ann, response_id="nowhere", base_revision=3)


def test_the_open_response_is_the_newest_in_progress(ann: str, store: Store) -> None:
    with store.write() as conn:
        old = save(conn, ann).head
        new = save(conn, ann, at=LATER).head
        assert responses.open_response(conn, PRACTICE, ann, TEMPLATE) == new
        done = responses.finish(conn, PRACTICE, new.response_id, base_revision=1, at=LATER, **BY)
        assert done.status == responses.COMPLETED
        assert responses.open_response(conn, PRACTICE, ann, TEMPLATE) == old
        assert responses.latest_for(conn, PRACTICE, ann, TEMPLATE) == done
        assert responses.latest_for(conn, PRACTICE, ann, "https://other.example/q") is None
        assert responses.responses_of(conn, PRACTICE, ann) == (done, old)


def test_finishing_needs_the_newest_revision_and_happens_once(ann: str, store: Store) -> None:
    with store.write() as conn:
        rid = save(conn, ann).head.response_id
        with pytest.raises(RevisionConflict):
            responses.finish(conn, PRACTICE, rid, base_revision=0, at=LATER, **BY)
        done = responses.finish(conn, PRACTICE, rid, base_revision=1, at=LATER, **BY)
        again = responses.finish(
            conn, PRACTICE, rid, base_revision=1, at=LATER + timedelta(days=1), **OTHER
        )
        assert again == done
        with pytest.raises(NotFound):
            responses.finish(conn, NEIGHBOUR, rid, base_revision=1, at=LATER, **BY)


def test_another_organisation_sees_no_response(ann: str, store: Store) -> None:
    with store.write() as conn:
        rid = submit(conn, ann).head.response_id
    with store.read() as conn:
        assert responses.head(conn, NEIGHBOUR, rid) is None
        assert revisions.revision(conn, NEIGHBOUR, rid, 1) is None


@pytest.mark.parametrize(
    "change", ["UPDATE response_revision SET revision = 9", "DELETE FROM response_revision"]
)
def test_a_revision_cannot_be_changed_or_removed(ann: str, store: Store, change: str) -> None:
    with store.write() as conn:
        submit(conn, ann)
    with pytest.raises(Exception, match="response_revision refuses"), store.write() as conn:
        conn.exec_driver_sql(change)


def test_a_body_does_not_show_in_a_repr(ann: str, store: Store) -> None:
    with store.write() as conn:
        rid = save(conn, ann, body=b"a disclosure").head.response_id
        assert "disclosure" not in repr(revisions.revision(conn, PRACTICE, rid, 1))


def test_a_moment_without_a_zone_is_refused(ann: str, store: Store) -> None:
    with store.write() as conn, pytest.raises(ValueError, match="time zone"):
        save(conn, ann, at=NOW.replace(tzinfo=None))


def test_a_person_of_another_organisation_is_refused(ann: str, store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError), store.write() as conn:
        save(conn, "somebody else")
