"""The phone round: who is rung first, what verifies a service, and who answers for it."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.freshness import freshness
from directory.working_copy import decisions, edits, rounds
from directory.working_copy.phone_script import script
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.review_dates import DAYS, next_review
from directory.working_copy.store import WorkingCopy
from tests.unit.directory.made_up import a_service
from tests.unit.directory.working_copy.curation import S1, S2, WHO, services
from tests.unit.directory.working_copy.sources import NOW, TODAY, source, take

rang = partial(rounds.rang, by=WHO, now=NOW, today=TODAY)
edit = partial(edits.edit, by=WHO, now=NOW, reason="they told us")


@pytest.fixture
def three(working: WorkingCopy) -> WorkingCopy:
    take(working, source(3))
    return working


def _names(working: WorkingCopy, **given: Any) -> list[str]:
    return [call.service.name for call in rounds.calls(working, today=TODAY, **given)]


def test_urgent_services_come_first_then_those_people_are_sent_to(three: WorkingCopy) -> None:
    edit(three, [services_id(three, "Service 3")], {"urgent_today": True})
    assert _names(three, signposted={S2: 7}) == ["Service 3", "Service 2", "Service 1"]


def services_id(working: WorkingCopy, name: str) -> str:
    return next(found.id for found in services(working).values() if found.name == name)


def test_ringing_alone_verifies_and_sets_the_next_date(three: WorkingCopy) -> None:
    assert freshness(services(three)[S1], TODAY) == "check-first"
    assert rang(three, S1, how="by phone") == TODAY + timedelta(days=DAYS["ordinary"])
    service = services(three)[S1]
    assert (service.verified_on, service.verified_by, service.verified_source) == (
        TODAY,
        WHO,
        "by phone",
    )
    assert freshness(service, TODAY) == "verified"
    assert _names(three) == ["Service 2", "Service 3"]
    later = TODAY + timedelta(days=DAYS["ordinary"])
    assert "Service 1" in [call.service.name for call in rounds.calls(three, today=later)]


def test_an_edit_keeps_what_was_verified_and_an_import_verifies_nothing(
    three: WorkingCopy,
) -> None:
    rang(three, S1)
    edit(three, [S1], {"opening_hours": "Always"})
    assert services(three)[S1].verified_on == TODAY
    take(three, source(3))
    assert services(three)[S1].verified_on == TODAY
    assert services(three)[S2].verified_on is None


def test_a_review_date_is_kept_in_one_place(three: WorkingCopy) -> None:
    rang(three, S1)
    edit(three, [S1], {"review_by": "2026-12-01"})
    assert services(three)[S1].review_by == date(2026, 12, 1)
    (number,) = decisions.propose(three, S1, {"review_by": "2027-01-02"}, by=WHO, now=NOW)
    decisions.accept(three, number, by=WHO, now=NOW)
    assert services(three)[S1].review_by == date(2027, 1, 2)
    assert services(three)[S1].verified_on == TODAY


def test_an_urgent_service_is_rung_again_sooner(three: WorkingCopy) -> None:
    edit(three, [S1], {"urgent_today": True})
    assert rang(three, S1) == TODAY + timedelta(days=DAYS["urgent"])
    assert rang(three, S2, review_by=date(2027, 1, 1)) == date(2027, 1, 1)
    with pytest.raises(Refused, match="not after today"):
        rang(three, S2, review_by=TODAY)
    with pytest.raises(NotHeld):
        rang(three, "nobody")


def test_a_service_whose_money_ends_is_rung_before(three: WorkingCopy) -> None:
    rang(three, S1)
    ends = TODAY + timedelta(days=20)
    edits.set_dates(
        three,
        S1,
        expires_on=None,
        funding_ends_on=ends,
        by=WHO,
        now=NOW,
        reason="their letter",
    )
    call = next(it for it in rounds.calls(three, today=TODAY) if it.service.id == S1)
    assert call.reasons == ("funding ends on 13 December 2026",)
    assert call.service.review_by == ends
    assert rang(three, S1) == ends


def test_flags_and_proposals_bring_a_service_onto_the_list(three: WorkingCopy) -> None:
    for service_id in services(three):
        rang(three, service_id)
    assert rounds.calls(three, today=TODAY) == ()
    decisions.flag(three, S1, "full", by="staff", now=NOW, reason="no place until spring")
    decisions.propose(three, S2, {"name": "New"}, by="them", now=NOW)
    found = {it.service.id: it.reasons for it in rounds.calls(three, today=TODAY)}
    assert found == {
        S1: ("staff said: full: no place until spring",),
        S2: ("1 proposed change",),
    }
    assert len(rounds.calls(three, today=TODAY, everything=True)) == 3


@pytest.mark.parametrize("number", ["999", "112", "9 9 9"])
def test_nobody_is_told_to_ring_an_emergency_number(three: WorkingCopy, number: str) -> None:
    call = rounds.calls(three, today=TODAY)[0]
    edit(three, [call.service.id], {"phone": [{"number": number}]}, by=WHO, now=NOW, reason="asked")
    call = next(
        each
        for each in rounds.calls(three, today=TODAY, everything=True)
        if each.service.id == call.service.id
    )

    assert not rounds.may_be_rung(call.service)
    assert script(call.service, {})[0] == "Do not ring: this number is for emergencies."
    rounds.rang(three, call.service.id, by=WHO, now=NOW, today=TODAY)
    (service,) = (
        each.service
        for each in rounds.calls(three, today=TODAY, everything=True)
        if each.service.id == call.service.id
    )
    assert service.verified_source == rounds.ON_ITS_PAGE


def test_there_is_a_lead_and_a_deputy(working: WorkingCopy) -> None:
    assert rounds.curators(working) == ("", "")
    name = partial(rounds.name_curators, working, by=WHO, now=NOW)
    assert name(lead="One") == ("One", "")
    assert name(deputy="Two") == ("One", "Two")


_days = st.dates(date(2026, 1, 1), date(2028, 1, 1))


@given(today=_days, ends_on=st.none() | _days, urgent=st.booleans(), national=st.booleans())
def test_the_next_review_is_ahead_and_never_after_the_end(
    today: date, ends_on: date | None, urgent: bool, national: bool
) -> None:
    service = a_service(urgent_today=urgent, national=national)
    found = next_review(service, today, ends_on)
    assert today <= found <= today + timedelta(days=DAYS["stable"])
    if ends_on is not None and ends_on >= today:
        assert found <= ends_on
    if urgent:
        assert found <= today + timedelta(days=DAYS["urgent"])
