"""Schedules: rows of a week where they are that, words where they are not, never a guess."""

from datetime import date
from typing import Any

import pytest

from directory.model import Schedule
from directory.open_referral.lens_times import opening_of, schedule_fields
from directory.open_referral.records import Record

TODAY = date(2026, 11, 23)
WEEKLY: dict[str, Any] = {
    "freq": "WEEKLY",
    "byday": "TU",
    "opens_at": "10:00",
    "closes_at": "12:00",
}
ROW = Schedule("tuesday", "10:00", "12:00")


def read(today: date | None = TODAY, **fields: Any) -> Any:
    return opening_of([Record("schedule", "s", fields, "schedules.csv:2")], today)


@pytest.mark.parametrize(
    ("fields", "rows"),
    [
        ({}, [ROW]),
        ({"freq": None}, [ROW]),
        ({"interval": 1}, [ROW]),
        ({"opens_at": "10:00:00", "closes_at": "12:00Z"}, [ROW]),
        ({"opens_at": "9:30", "closes_at": "12:00+01:00"}, [Schedule("tuesday", "09:30", "12:00")]),
        ({"byday": "MO, tu"}, [Schedule("monday", "10:00", "12:00"), ROW]),
        ({"closes_at": "00:00"}, [Schedule("tuesday", "10:00", "24:00")]),
        ({"closes_at": "24:00"}, [Schedule("tuesday", "10:00", "24:00")]),
        (
            {"opens_at": "22:00", "closes_at": "02:00", "byday": "SU"},
            [Schedule("sunday", "22:00", "24:00"), Schedule("monday", "00:00", "02:00")],
        ),
        ({"valid_from": "2026-01-01"}, [ROW]),
        ({"valid_to": "2027-11-01"}, [ROW]),
    ],
)
def test_a_weekly_rule_is_rows_of_a_week(fields: dict[str, Any], rows: list[Schedule]) -> None:
    opening = read(**{k: v for k, v in (WEEKLY | fields).items() if v is not None})
    assert list(opening.rows) == rows
    assert opening.notes == ()


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"freq": "MONTHLY", "byday": "2TU"}, "second Tuesday of the month, 10:00 to 12:00"),
        ({"freq": "MONTHLY", "byday": "-1TU"}, "last Tuesday of the month, 10:00 to 12:00"),
        (
            {"freq": "MONTHLY", "byday": None, "bymonthday": "1,15"},
            "on day 1,15 of the month, 10:00 to 12:00",
        ),
        ({"byday": "2TU"}, "second Tuesday, 10:00 to 12:00"),
        ({"interval": 2}, "Tuesday every 2 weeks, 10:00 to 12:00"),
        ({"closes_at": None}, "Tuesday, from 10:00"),
        ({"opens_at": None, "closes_at": None}, "Tuesday"),
        ({"valid_from": "2027-01-05"}, "Tuesday, 10:00 to 12:00, from 2027-01-05"),
        ({"valid_to": "2026-12-24"}, "Tuesday, 10:00 to 12:00, until 2026-12-24"),
    ],
)
def test_what_is_no_row_of_a_week_is_said_in_words(fields: dict[str, Any], text: str) -> None:
    opening = read(**{k: v for k, v in (WEEKLY | fields).items() if v is not None})
    assert opening.rows == ()
    assert opening.text == text


def test_without_a_day_to_judge_by_what_ends_is_no_row() -> None:
    assert read(None, **WEEKLY, valid_to="2099-01-01").rows == ()
    assert read(None, **WEEKLY).rows == (ROW,)


def test_what_is_over_is_told_in_a_note_only() -> None:
    opening = read(**WEEKLY, valid_to="2026-11-22")
    assert opening.rows == ()
    assert opening.text == ""
    assert opening.notes == ("schedules: over since 2026-11-22 (schedules.csv:2)",)


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({"byday": "Tuesday"}, "byday 'Tuesday' names no days"),
        ({"opens_at": "ten"}, "opens_at 'ten' is no British time"),
        ({"closes_at": "12:00-05:00"}, "closes_at '12:00-05:00' is no British time"),
        ({"closes_at": "25:00"}, "closes_at '25:00' is no British time"),
    ],
)
def test_what_cannot_be_read_is_a_note_naming_the_row(fields: dict[str, Any], note: str) -> None:
    opening = read(**(WEEKLY | fields))
    assert opening.rows == ()
    assert opening.notes == (f"schedules: {note} (schedules.csv:2)",)


def test_days_of_a_month_mean_nothing_in_a_week() -> None:
    opening = read(**WEEKLY, bymonthday="2,3")
    assert opening.rows == (ROW,)
    assert opening.notes == (
        "schedules: bymonthday means nothing in a weekly rule (schedules.csv:2)",
    )


def test_a_description_stays_beside_the_rows() -> None:
    opening = read(**WEEKLY, description="Not on bank holidays.")
    assert (opening.rows, opening.text) == ((ROW,), "Not on bank holidays.")


def test_rows_written_are_read_back() -> None:
    for row in (ROW, Schedule("sunday", "00:00", "24:00")):
        assert read(None, **schedule_fields(row)).rows == (row,)
