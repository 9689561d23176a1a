"""Opening times: what is stated is read, what is not understood stays unknown."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.model import DAYS, Schedule
from directory.opening import When, asked_for, open_at, openings
from tests.unit.directory.made_up import NOW, a_service

TIMES = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)]
SCHEDULES = st.builds(
    Schedule,
    st.sampled_from(DAYS),
    st.sampled_from(TIMES),
    st.sampled_from([*TIMES, "24:00"]),
)


def _minutes(time: str) -> int:
    return 60 * int(time[:2]) + int(time[3:])


def _is_open(schedules: list[Schedule], day: str, time: str) -> bool:
    """Every minute of the week counted out, from Monday at midnight."""
    week = 7 * 24 * 60
    asked = DAYS.index(day) * 24 * 60 + _minutes(time)
    for it in schedules:
        start = DAYS.index(it.day) * 24 * 60 + _minutes(it.opens)
        length = (_minutes(it.closes) - _minutes(it.opens)) % (24 * 60) or 24 * 60
        if (asked - start) % week < length:
            return True
    return False


@given(
    schedules=st.lists(SCHEDULES, max_size=4),
    day=st.sampled_from(DAYS),
    time=st.sampled_from(TIMES),
)
def test_open_now_agrees_with_the_minutes_of_a_week(
    schedules: list[Schedule], day: str, time: str
) -> None:
    assert (open_at(schedules, When(day, time)) is not None) == _is_open(schedules, day, time)


@pytest.mark.parametrize(
    ("since", "found"),
    [("00:00", "09:00"), ("09:30", "09:00"), ("12:00", "14:00"), ("16:00", None)],
)
def test_a_day_has_what_is_left_of_it(since: str, found: str | None) -> None:
    schedules = [
        Schedule("monday", "14:00", "16:00"),
        Schedule("monday", "09:00", "12:00"),
        Schedule("tuesday", "09:00", "24:00"),
    ]
    opening = open_at(schedules, When("monday", since=since))
    assert (opening.opens if opening else None) == found


@pytest.mark.parametrize(
    ("hours", "read"),
    [
        ("24 hours, every day", [(day, "00:00", "24:00") for day in DAYS]),
        ("Monday to Friday, 9am to 5pm", [(day, "09:00", "17:00") for day in DAYS[:5]]),
        ("Saturday, 10.30am to noon.", [("saturday", "10:30", "12:00")]),
        (
            "Tuesday and Friday, 12pm to 2:15pm",
            [("tuesday", "12:00", "14:15"), ("friday", "12:00", "14:15")],
        ),
        (
            "Monday, 9am to 5pm; weekends, 8am to midnight",
            [
                ("monday", "09:00", "17:00"),
                ("saturday", "08:00", "24:00"),
                ("sunday", "08:00", "24:00"),
            ],
        ),
        ("every day, 6pm to 2am", [(day, "18:00", "02:00") for day in DAYS]),
    ],
)
def test_hours_in_plain_words_are_read(hours: str, read: list[tuple[str, str, str]]) -> None:
    found = openings(a_service(opening_hours=hours))
    assert found is not None
    assert [tuple(one) for one in found] == read


@pytest.mark.parametrize(
    "hours",
    [
        "",
        "Tuesday",
        "Most evenings, 6pm to 9pm",
        "Friday to Monday, 9am to 5pm",
        "Monday to Funday, 9am to 5pm",
        "Monday, 9am to 17pm",
        "Monday, 0am to 5pm",
        "Monday, 9.75am to 5pm",
        "Monday to Friday, 9am to 5pm; closed on bank holidays",
        "Monday to Friday, 8am to 6pm, not public holidays",
        "Saturday, 10.30am to 12pm (2022 page)",
        "Advice line Monday to Friday, 9am to 4.30pm",
        "24 hours, but not at weekends",
    ],
)
def test_what_is_not_wholly_understood_stays_unknown(hours: str) -> None:
    assert openings(a_service(opening_hours=hours)) is None


def test_schedules_go_before_words() -> None:
    schedules = (Schedule("monday", "10:00", "11:00"),)
    assert openings(a_service(opening_hours="24 hours", schedules=schedules)) == schedules


@pytest.mark.parametrize(
    ("text", "rest", "when"),
    [
        ("food open now", "food", When("monday", "10:00")),
        ("Open today", "", When("monday", since="10:00")),
        ("open tonight advice", "advice", When("monday", since="18:00")),
        ("advice opening tomorrow", "advice", When("tuesday")),
        ("foodbank open on Saturdays", "foodbank", When("saturday")),
        ("foodbank saturday", "foodbank saturday", None),
        ("reopened nowhere", "reopened nowhere", None),
        ("ﬁne, open nowİ", "ﬁne, open nowİ", None),
        ("", "", None),
    ],
)
def test_words_about_opening_are_read_out_of_a_text(
    text: str, rest: str, when: When | None
) -> None:
    asked = asked_for(text, NOW)
    assert asked.when == when
    assert asked.text.strip() == rest


def test_now_is_local_time() -> None:
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert When.now(late) == When("thursday", "00:30")


@given(st.text(max_size=80))
def test_no_text_is_an_error(text: str) -> None:
    asked_for(text, NOW)
    openings(a_service(opening_hours=text))
