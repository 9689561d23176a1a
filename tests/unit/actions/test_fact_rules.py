"""The rule of first askings against a plain reading of it, and the groups people are counted in."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service.actions.fact_people import age_band, ethnic_group, language_group
from template_service.actions.first_counts import First, Month, askings, firsts
from template_service.aggregates.vocabulary import ASKED_STATES
from template_service.records.fact_history import SavedStates
from template_service.records.fact_ledger import What
from tests.universe import PRACTICE


def test_who_was_asked_within_a_month_was_not_left_out_in_it() -> None:
    month = Month.parse("2026-06")
    history = [
        SavedStates(
            response_id=state,
            revision=1,
            saved_at=month.start + timedelta(days=day),
            states=[{"id": "food", "state": state}],
        )
        for day, state in ((1, "not-offered"), (9, "need"))
    ]
    assert set(firsts(_askings(history, month))) == {("food", What.ASKED)}
    assert set(firsts(_askings(history[:1], month))) == {("food", What.NOT_OFFERED)}


def test_a_month_is_that_of_the_united_kingdom() -> None:
    june = Month.parse("2026-06")
    assert june.start == datetime(2026, 5, 31, 23, tzinfo=UTC)
    assert june.end == datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert june.year_start == datetime(2026, 3, 31, 23, tzinfo=UTC)
    assert [Month.parse(text).year for text in ("2026-03", "2026-04", "2027-01")] == [
        2025,
        2026,
        2026,
    ]
    assert Month.parse("2026-12").end == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("A", "white_british"),
        ("CB", "white_british"),
        ("B", "white_other"),
        ("C", "white_other"),
        ("CP", "white_other"),
        ("CN", "gypsy_roma_traveller"),
        ("D", "mixed"),
        ("GE", "mixed"),
        ("J", "asian"),
        ("R", "asian"),
        ("LB", "asian"),
        ("N", "black"),
        ("PA", "black"),
        ("SE", "other"),
        ("Z", None),
        ("", None),
        (None, None),
        ("A1x", None),
        ("?", None),
    ],
)
def test_ethnic_groups_follow_uk_core(code: str | None, group: str | None) -> None:
    assert ethnic_group(code) == group


@given(st.integers(-5, 130))
def test_age_bands_hold_the_age(age: int) -> None:
    band = age_band(age)
    if age < 0:
        assert band is None
    else:
        assert band is not None
        low, _, high = band.partition("-")
        assert int(low.rstrip("+")) <= age <= int(high or 130)


def test_languages_are_english_or_other() -> None:
    assert [language_group(tag) for tag in ("en", "en-GB", "EN", "pl", "bfi", "", None)] == [
        *["english"] * 3,
        "other",
        "other",
        None,
        None,
    ]


# A year of saves: (response, days after 1 March, state of housing or None, help wanted).
_STATES = st.sampled_from(["need", "no-need", "unsure", "declined", "not-offered", None])
_SAVES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 420), _STATES, st.sampled_from([None, "later"])),
    max_size=12,
)


@given(_SAVES)
def test_months_looked_at_one_by_one_count_each_thing_once(
    saves: list[tuple[int, int, str | None, str | None]],
) -> None:
    """Against the plainest reading: the first month whose end shows an answer it had not before."""
    saves = sorted(saves, key=lambda one: (one[0], one[1]))
    history = [
        SavedStates(
            response_id=str(response),
            revision=revision,
            saved_at=datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=day),
            states=[{"id": "housing", "state": state, "wants_help": wants}] if state else [],
        )
        for revision, (response, day, state, wants) in enumerate(saves)
    ]
    months = [
        Month.parse(f"{2026 + number // 12}-{number % 12 + 1:02d}") for number in range(3, 15)
    ]
    counted: list[tuple[str, What, str]] = []
    for month in months:
        seen = [one for one in history if one.saved_at < month.end]
        found = firsts(_askings(seen, month))
        counted += [
            (month.text, what, one.state["state"] if one.state else "")
            for (_, what), one in found.items()
            if one.month == month.text
        ]
    assert [one for one in counted if one[1] is What.ASKED] == _plainly_asked(history, months)
    kinds = Counter(what for _, what, _ in counted)
    assert all(number == 1 for number in kinds.values())
    by_kind = {what: month for month, what, _ in counted}
    if len(by_kind) == 2:
        assert by_kind[What.NOT_OFFERED] < by_kind[What.ASKED]


def _askings(seen: list[SavedStates], month: Month) -> Iterator[First]:
    return askings(seen, month, organisation_id=PRACTICE, person_id="1")


def _plainly_asked(history: list[SavedStates], months: list[Month]) -> list[tuple[str, What, str]]:
    """The month of the first asking and the answer then, by comparing every month's ends."""
    for month in months:
        new = []
        for response in sorted({one.response_id for one in history}):
            mine = [one for one in history if one.response_id == response]
            then = [one for one in mine if one.saved_at < month.start]
            now = [one for one in mine if one.saved_at < month.end]
            old_answer = _answer(then[-1]) if then else None
            answer = _answer(now[-1]) if now else None
            if (
                answer
                and len(now) > len(then)
                and answer[0] in ASKED_STATES
                and answer != old_answer
            ):
                first_save = now[len(then)].saved_at
                new.append((first_save, response, answer[0]))
        if new:
            return [(month.text, What.ASKED, min(new)[2])]
    return []


def _answer(saved: SavedStates) -> tuple[str, str | None] | None:
    return next(((one["state"], one["wants_help"]) for one in saved.states), None)
