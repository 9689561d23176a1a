"""The rule by which months add up to people: what happened first, in which month of the year.

A person counts as asked once per domain and financial year, in the month of the first asking, with
what was answered then; and once as signposted, referred and helped, in the month it first happened.
Every month is judged by the last revision of a response in it, so that half-filled forms of a
morning do not count as answers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from template_service.aggregates.reporting_period import APRIL, MONTH, financial_year
from template_service.aggregates.vocabulary import ASKED_STATES, domains
from template_service.clock import LOCAL
from template_service.errors import Invalid
from template_service.records.fact_history import SavedStates
from template_service.records.fact_ledger import Key, What

NOT_OFFERED = "not-offered"


@dataclass(frozen=True, slots=True)
class Month:
    """A month in the United Kingdom, with the financial year it lies in.

    `start` and `year_start` are the first moments of both, `end` the first moment after the month;
    `year` is the calendar year in which the financial year begins.
    """

    text: str
    start: datetime
    end: datetime
    year: int
    year_start: datetime

    @classmethod
    def parse(cls, text: str) -> "Month":
        """The month written `YYYY-MM`; raises Invalid."""
        # The calendar of Python begins with year 1, and the year after 9998 must be in it.
        if not MONTH.fullmatch(text) or not 1 < int(text[:4]) < 9999:
            raise Invalid("A month is written YYYY-MM")
        year, month, begins = int(text[:4]), int(text[5:]), financial_year(text)
        return cls(
            text=text,
            start=datetime(year, month, 1, tzinfo=LOCAL),
            end=datetime(year + month // 12, month % 12 + 1, 1, tzinfo=LOCAL),
            year=begins,
            year_start=datetime(begins, APRIL, 1, tzinfo=LOCAL),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The first time in a financial year that something happened to a person in a domain.

    `state` is what was answered or offered then, None for an event; `outcome` that of a referral.
    """

    domain: str
    what: What
    at: datetime
    organisation_id: str
    person_id: str
    response_id: str | None
    state: Mapping[str, Any] | None = None
    outcome: str | None = None

    @property
    def month(self) -> str:
        """The month it happened in, `YYYY-MM`."""
        return month_of(self.at)


def month_of(moment: datetime) -> str:
    """The month of a moment in the United Kingdom, `YYYY-MM`."""
    return f"{moment.astimezone(LOCAL):%Y-%m}"


def askings(
    saved: Iterable[SavedStates], month: Month, *, organisation_id: str, person_id: str
) -> Iterator[First]:
    """Every time a domain was asked or not offered within the financial year of a month.

    `saved` are the revisions of a record, those of each response in order. A domain is asked when
    the last revision of a month has an answer that the last one of an earlier month had not: a
    template left open over the new year counts again only where it was answered again.
    """
    for response_id, revisions in groupby(saved, key=lambda one: one.response_id):
        before: Mapping[str, Mapping[str, Any]] = {}
        for _, group in groupby(revisions, key=lambda one: month_of(one.saved_at)):
            of_month = tuple(group)
            now = {state["id"]: state for state in of_month[-1].states}
            for name, state in now.items():
                what = _what(state, before.get(name, {}))
                if what and name in domains() and of_month[0].saved_at >= month.year_start:
                    yield First(
                        domain=name,
                        what=what,
                        at=of_month[0].saved_at,
                        organisation_id=organisation_id,
                        person_id=person_id,
                        response_id=response_id,
                        state=state,
                    )
            before = now


def firsts(happened: Iterable[First]) -> dict[Key, First]:
    """The first of each thing in each domain.

    Who was asked by the end of a month was not left out in it, so being not offered counts only
    before the month of the first asking; a referral's end without help only before help came.
    """
    found: dict[Key, First] = {}
    for one in sorted(happened, key=lambda each: each.at):
        found.setdefault((one.domain, one.what), one)
    for stronger, weaker in ((What.ASKED, What.NOT_OFFERED), (What.HELPED, What.ENDED)):
        for name in domains():
            first, other = found.get((name, stronger)), found.get((name, weaker))
            if first is not None and other is not None and first.month <= other.month:
                del found[name, weaker]
    return found


def _what(state: Mapping[str, Any], before: Mapping[str, Any]) -> What | None:
    if state["state"] in ASKED_STATES:
        return None if _answer(state) == _answer(before) else What.ASKED
    if state["state"] == NOT_OFFERED and before.get("state") != NOT_OFFERED:
        return What.NOT_OFFERED
    return None


def _answer(state: Mapping[str, Any]) -> tuple[Any, Any]:
    """What the person said; a level may change for reasons that lie in other answers."""
    return state.get("state"), state.get("wants_help")
