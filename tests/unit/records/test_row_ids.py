"""Ids of rows that come by the dozen: in the order of their making, and never guessed."""

import time
from uuid import RFC_4122, UUID

import pytest

from template_service.records.row_ids import new_row_id


def test_an_id_is_a_uuid_of_version_7_made_now() -> None:
    before = time.time_ns() // 1_000_000
    made = UUID(new_row_id())
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= after


def test_ids_sort_as_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(1_800_000_000_000, 1_800_000_000_050))
    monkeypatch.setattr(time, "time_ns", lambda: next(moments) * 1_000_000)
    made = [new_row_id() for _ in range(50)]
    assert made == sorted(made)


def test_ids_of_one_moment_differ_in_every_random_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_800_000_000_000_000_000)
    made = [UUID(new_row_id()).int for _ in range(400)]
    assert len(set(made)) == len(made)
    changing = 0
    for each in made:
        changing |= each ^ made[0]
    assert changing.bit_count() == 74
