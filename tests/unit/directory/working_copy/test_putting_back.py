"""An edit is taken back as a whole, or not at all where something of it changed since."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.working_copy import edits, history
from directory.working_copy.graphs import open_service
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.protection import protected_fields
from directory.working_copy.putting_back import PUT_BACK, put_back
from directory.working_copy.store import WorkingCopy
from tests.unit.directory.working_copy.curation import S1, S2, WHO, services
from tests.unit.directory.working_copy.sources import NOW, changed, source, take

back = partial(put_back, by=WHO, now=NOW, reason="typed at the wrong service")
_HOURS = [{"day": "monday", "opens": "09:00", "closes": "12:00"}]
_CHANGES: dict[str, Any] = {
    "name": "Another name",
    "organisation": "Made-up Trust",
    "description": "Soup",
    "status": "temporarily closed",
    "caution": "Moving in May",
    "needs": ["food-aid", "debt-advice"],
    "phone": [{"number": "0113 496 0009", "label": "desk", "hours": "mornings"}],
    "email": "desk@example.org",
    "address": "1 Made-up Street",
    "postcode": "LS9 6AU",
    "service_area": ["E08000035"],
    "minimum_age": 16,
    "sex": "female",
    "household": ["under5"],
    "public_funds": "yes",
    "languages": ["ur", "pl"],
    "opening_hours": "Monday mornings",
    "schedules": _HOURS,
    "cost": "Free",
    "drop_in": True,
    "review_by": "2027-01-02",
}


@pytest.fixture
def three(working: WorkingCopy) -> WorkingCopy:
    take(working, source(3))
    return working


def edit(working: WorkingCopy, changes: dict[str, Any], *ids: str, minute: int = 0) -> int:
    """Edits services; gives the number of an entry that the edit made of the first."""
    found, now = ids or (S1,), NOW + timedelta(minutes=minute)
    edits.edit(working, found, changes, by=WHO, now=now, reason="they told us")
    return history.changes(working, service_id=found[0], limit=1)[0].number


@pytest.mark.parametrize("field", _CHANGES)
def test_an_edit_of_a_field_is_put_back(three: WorkingCopy, field: str) -> None:
    before = services(three)
    number = edit(three, {field: _CHANGES[field]})
    assert services(three)[S1] != before[S1]
    back(three, S1, number)
    assert services(three) == before
    latest = history.changes(three, service_id=S1, limit=1)[0]
    assert (latest.action, latest.by, latest.reason) == (
        PUT_BACK,
        WHO,
        "typed at the wrong service",
    )


@settings(max_examples=25)
@given(
    first=st.sets(st.sampled_from(sorted(_CHANGES)), min_size=1),
    second=st.sets(st.sampled_from(sorted(_CHANGES))),
)
def test_many_fields_are_put_back_and_what_else_was_edited_stays(
    first: set[str], second: set[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with WorkingCopy.open(tmp_path_factory.mktemp("back") / "working.sqlite") as working:
        take(working, source(3))
        before = services(working)[S1]
        number = edit(working, {name: _CHANGES[name] for name in first})
        later = {name: _CHANGES[name] for name in second - first}
        if later:
            edit(working, later, minute=1)
        edited = services(working)[S1]
        refused = ""
        try:
            back(working, S1, number)
        except Refused as problem:
            refused = str(problem)
        found = services(working)[S1]
        assert later or not refused
        if refused:
            assert found == edited
            return
        for name in _CHANGES:
            expected = edited if name in later else before
            assert (name, getattr(found, name)) == (name, getattr(expected, name))


def test_what_was_taken_away_comes_back(three: WorkingCopy) -> None:
    before = services(three)[S1]
    assert before.phone
    number = edit(three, {"phone": []})
    assert services(three)[S1].phone == ()
    back(three, S1, number)
    assert services(three)[S1] == before


def test_a_field_that_changed_since_is_not_put_back(three: WorkingCopy) -> None:
    number = edit(three, {"cost": "Free", "email": "a@example.org"})
    edit(three, {"cost": "Pay as you feel"}, minute=1)
    after = services(three)
    with pytest.raises(Refused, match="cost was changed since: edit it instead"):
        back(three, S1, number)
    assert services(three) == after


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        # The place and its address came with the first.
        ({"address": "1 Made-up Street"}, {"postcode": "LS9 6AU"}, "address was changed since"),
        # A caution stands in place of what status and waiting time say, until those change.
        ({"status": "temporarily closed"}, {"caution": "Moving"}, "caution was changed since"),
    ],
)
def test_nothing_that_later_edits_hang_on_is_put_back(
    working: WorkingCopy, first: dict[str, Any], then: dict[str, Any], said: str
) -> None:
    take(working, changed(source(), "s1", wait_time="two weeks"))
    number = edit(working, first)
    edit(working, then, minute=1)
    after = services(working)
    with pytest.raises(Refused, match=said):
        back(working, S1, number)
    assert services(working) == after


def test_ages_that_would_contradict_each_other_are_not_put_back(three: WorkingCopy) -> None:
    edit(three, {"minimum_age": 30})
    number = edit(three, {"minimum_age": 10}, minute=1)
    edit(three, {"maximum_age": 20}, minute=2)
    with pytest.raises(Refused, match="maximum age was changed since"):
        back(three, S1, number)
    found = services(three)[S1]
    assert (found.minimum_age, found.maximum_age) == (10, 20)


def test_an_edit_is_put_back_once_and_with_a_reason(three: WorkingCopy) -> None:
    number = edit(three, {"cost": "Free"})
    with pytest.raises(Refused, match="say why"):
        back(three, S1, number, reason=" ")
    back(three, S1, number)
    with pytest.raises(Refused, match="changed since"):
        back(three, S1, number)


def test_of_an_edit_of_many_only_this_service_is_put_back(three: WorkingCopy) -> None:
    number = edit(three, {"caution": "Moving", "sex": "female"}, S1, S2)
    before = services(three)[S2]
    back(three, S1, number)
    assert (services(three)[S1].caution, services(three)[S1].sex) == ("", None)
    assert services(three)[S2] == before


def test_only_an_edit_of_this_service_is_put_back(three: WorkingCopy) -> None:
    number = edit(three, {"cost": "Free"}, S2)
    with pytest.raises(NotHeld, match="there is no edit"):
        back(three, S1, number)
    for other in (0, number + 1):
        with pytest.raises(NotHeld, match="there is no edit"):
            back(three, S2, other)


def test_a_feed_may_still_not_touch_what_was_put_back(three: WorkingCopy) -> None:
    back(three, S1, edit(three, {"name": "Another name"}))
    assert "name" in protected_fields(three, open_service(three.database, S1))
