"""Pairs that look alike: told apart, taken back, in the history of both."""

from functools import partial
from pathlib import Path

import pytest

from directory.open_referral.reading import read_source
from directory.working_copy import history, pairs, taking_out
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.services import current_services, one_each
from directory.working_copy.store import WorkingCopy
from tests.unit.directory.working_copy.curation import S1, S2, WHO
from tests.unit.directory.working_copy.sources import NOW, changed, source, take

apart = partial(pairs.tell_apart, by=WHO, now=NOW, reason="two towns")
back = partial(pairs.take_back, by=WHO, now=NOW, reason="one town")


@pytest.fixture
def alike(working: WorkingCopy) -> WorkingCopy:
    """Two services with one name and one phone."""
    take(working, changed(source(), "s2", name="Service 1"))
    return working


def proposed(working: WorkingCopy) -> set[frozenset[str]]:
    return {frozenset((pair.one.id, pair.other.id)) for pair in pairs.likenesses(working)}


@pytest.mark.parametrize("pair", [(S1, S2), (S2, S1)])
def test_a_pair_told_apart_is_not_proposed_until_that_is_taken_back(
    alike: WorkingCopy, pair: tuple[str, str]
) -> None:
    assert proposed(alike) == {frozenset(pair)}
    apart(alike, *pair)
    apart(alike, *pair[::-1], reason="two cities")
    (kept,) = pairs.told_apart(alike)
    assert (kept.one, kept.other) == tuple(sorted(pair))
    assert (kept.by, kept.reason) == (WHO, "two cities")
    assert proposed(alike) == set()
    back(alike, *pair)
    assert proposed(alike) == {frozenset(pair)}
    for one, other in (pair, pair[::-1]):
        entry = history.changes(alike, service_id=one)[0]
        assert (entry.action, entry.became, entry.reason) == (pairs.AGAIN, other, "one town")


def test_one_published_id_in_four_sources_is_no_pair(working: WorkingCopy, shared: Path) -> None:
    examples = shared / "data" / "directory" / "oruk" / "uk-profile-v3" / "examples"
    for name in ("one", "two", "three", "four"):
        take(working, read_source(examples / "service_full.json"), name=name)
    assert len(current_services(working)) == 4
    assert proposed(working) == set()
    (known,) = one_each(working).values()
    assert known.source == "one"
    taking_out.take_out(working, "one", by=WHO, now=NOW, reason="two has it too")
    (known,) = one_each(working).values()
    assert known.source == "two"


def test_what_cannot_be_told_apart_is_refused(alike: WorkingCopy) -> None:
    with pytest.raises(Refused):
        apart(alike, S1, S1)
    with pytest.raises(NotHeld):
        apart(alike, S1, "nobody")
    with pytest.raises(NotHeld):
        back(alike, S1, S2)
    assert pairs.told_apart(alike) == ()
