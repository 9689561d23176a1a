"""Weekly hours: read out, refused where they cannot be meant, held against the words."""

import pytest

from directory.model import DAYS, InvalidService, Schedule
from directory.working_copy.entered import after
from directory.working_copy.hours import doubtful_days, named_days, weekly, wrong
from tests.unit.directory.made_up import TODAY, a_service

WEEK = tuple(Schedule(day, "09:00", "17:00") for day in DAYS[:5])


def of(*lines: str) -> tuple[Schedule, ...]:
    return tuple(Schedule(*line.replace("-", " ").split()) for line in lines)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (WEEK, "Monday to Friday 09:00 to 17:00"),
        (of("saturday 10:30-12:00"), "Saturday 10:30 to 12:00"),
        (
            of("friday 09:00-12:00", "monday 13:00-15:00", "monday 09:00-12:00"),
            "Monday 09:00 to 12:00 and 13:00 to 15:00; Friday 09:00 to 12:00",
        ),
        (
            of("monday 09:00-12:00", "tuesday 09:00-12:00", "thursday 09:00-12:00"),
            "Monday and Tuesday 09:00 to 12:00; Thursday 09:00 to 12:00",
        ),
        ((), ""),
    ],
)
def test_a_week_is_read_out(lines: tuple[Schedule, ...], said: str) -> None:
    assert weekly(lines) == said


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (of("saturday 12:00-10:30"), "“saturday 12:00-10:30” would last until the next day"),
        (of("monday 09:00-09:00"), "Write the whole day as monday 00:00-24:00"),
        (of("monday 10:00-12:00", "monday 11:00-13:00"), "overlap; write one line for both"),
        (of("monday 10:00-12:00", "monday 10:00-12:00"), "overlap"),
        (of("monday 09:00-17:00", "monday 12:00-13:00", "monday 16:00-18:00"), "overlap"),
        (of("friday 22:00-02:00", "saturday 01:00-03:00"), "overlap"),
        (of("sunday 22:00-02:00", "monday 01:00-03:00"), "overlap"),
    ],
)
def test_hours_that_cannot_be_meant_are_refused(lines: tuple[Schedule, ...], said: str) -> None:
    found = [it._asdict() for it in lines]
    with pytest.raises(InvalidService, match=r"^schedules: ") as caught:
        after(a_service(schedules=()), {"schedules": found}, TODAY)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "lines",
    [
        WEEK,
        of("friday 20:00-08:00"),
        of("friday 17:00-09:00"),
        of("friday 18:30-08:00"),
        of("monday 00:00-24:00", "tuesday 00:00-24:00", "sunday 00:00-24:00"),
        of("monday 09:00-12:00", "monday 12:00-13:00"),
        of("sunday 22:00-02:00", "monday 02:00-03:00"),
        of("monday 20:00-02:00"),
    ],
)
def test_hours_that_can_be_meant_are_taken(lines: tuple[Schedule, ...]) -> None:
    assert list(wrong((), lines)) == []


def test_what_a_feed_brought_hinders_nobody_who_adds_a_line() -> None:
    brought = of("saturday 12:00-10:30", "monday 10:00-12:00", "monday 11:00-13:00")
    assert list(wrong(brought, (*brought, *of("friday 09:00-10:00")))) == []
    within = of("monday 09:00-17:00", "monday 12:00-13:00")
    assert len(list(wrong(within, (*within, *of("monday 16:00-18:00"))))) == 1


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("Saturday 10.30am to 12pm", {"saturday"}),
        ("Mon-Fri 9-5, Sat 10-12", set(DAYS[:6])),
        ("Tues, Thurs and Sundays", {"tuesday", "thursday", "sunday"}),
        ("Friday to Monday", {"friday", "saturday", "sunday", "monday"}),
        ("Monday – Wednesday", set(DAYS[:3])),
        ("Monday to Friday, closed on Wednesday", set()),
        ("First Monday of the month", set()),
        ("Every day, Sunday too", set()),
        ("24 hours", set()),
        ("Ring for a time", set()),
        ("In the sunroom, by money advice", set()),
    ],
)
def test_days_are_read_where_they_are_plain(words: str, days: set[str]) -> None:
    assert named_days(words) == days


@pytest.mark.parametrize(
    ("words", "lines", "said"),
    [
        (
            "Saturday 10.30am to 12pm",
            of("monday 10:00-12:00"),
            "the days differ: the words alone name Saturday, the weekly hours alone name Monday",
        ),
        ("Monday and Friday", of("monday 10:00-12:00"), "Friday"),
        ("Monday to Friday, 9am to 5pm", WEEK, ""),
        ("Monday to Friday except bank holidays", of("monday 10:00-12:00"), ""),
        ("Ring first", WEEK, ""),
        ("Saturday", (), ""),
    ],
)
def test_words_and_weekly_hours_that_plainly_differ_are_doubtful(
    words: str, lines: tuple[Schedule, ...], said: str
) -> None:
    found = doubtful_days(a_service(opening_hours=words, schedules=lines))
    assert (said in found) if said else not found
