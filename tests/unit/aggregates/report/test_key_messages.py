"""Sentences come only from figures that pass; none names a cause, none gives need uncounted."""

import re
from typing import Any

import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service.aggregates.frozen_cube import CORE20, REST
from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.figures import ENOUGH, Figures
from template_service.aggregates.report.key_messages import (
    key_messages,
    what_changed,
    what_you_could_do,
)
from template_service.aggregates.standardised_need import StandardisedNeed
from tests.unit.aggregates.report import made_up
from tests.unit.aggregates.report.made_up import BEFORE, CITY_CODE, figure, table

CAUSES = re.compile(
    r"\b(because|due to|caus\w*|lead\w* to|led to|result\w* (in|of)|thanks to|driv\w+|impact\w*"
    r"|effect\w*|affect\w*|reason\w*|since people|as a result|mak(e|es|ing))\b",
    re.IGNORECASE,
)
CITY = {"geography_type": "city", "geography_code": CITY_CODE}
NEVER = re.compile(r"safe|suicid|risk|abuse|prevalence|rank|worst|best|score", re.IGNORECASE)


def messages(*rows: dict[str, Any], **changes: Any) -> list[str]:
    return key_messages(Figures(table(list(rows))), made_up.context(**changes))


@st.composite
def some_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Figures of every kind a sentence may come from, large and small, flagged and not."""
    places: list[dict[str, Any]] = [{"indicator": "need", "domain": d} for d in made_up.SHARE]
    places += [{"indicator": "asked"}]
    places += [
        {"indicator": step, "breakdown": "imd_decile", "category": category}
        for step in ("need", "wants_help")
        for category in (CORE20, REST, *map(str, range(1, 11)))
    ]
    rows = []
    for place in places:
        for area in ({}, CITY, {"period": BEFORE}):
            asked = draw(st.integers(1, 3000))
            share = draw(st.floats(0, 1))
            compared = None if area else draw(st.none() | st.floats(0.01, 0.99))
            rows.append(figure(round(share * asked), asked, comparison=compared, **place, **area))
    return rows


@given(rows=some_rows())
def test_no_sentence_names_a_cause_or_gives_need_without_who_was_asked(
    rows: list[dict[str, Any]],
) -> None:
    figures, about = Figures(table(rows)), made_up.context()
    said = [*key_messages(figures, about), *what_changed(figures, about)]
    for sentence in (*said, *what_you_could_do(figures, about)):
        assert not CAUSES.search(sentence)
        assert not NEVER.search(sentence)
    for sentence in said:
        assert "asked" in sentence or "No need is clearly" in sentence


@given(rows=some_rows())
def test_small_and_flagged_figures_are_never_spoken_of(rows: list[dict[str, Any]]) -> None:
    """Taking away every figure that does not pass changes no sentence."""
    passing = [r for r in rows if not r["flag"] and (r["denominator"] or 0) >= ENOUGH]
    about = made_up.context()
    whole, left = Figures(table(rows)), Figures(table(passing))
    assert key_messages(whole, about) == key_messages(left, about)
    assert what_changed(whole, about) == what_changed(left, about)


@given(st.integers(8, 500), st.integers(500, 3000), st.floats(0.01, 0.99))
def test_a_difference_is_said_only_where_it_is_significant(
    need: int, asked: int, city: float
) -> None:
    row = figure(need, asked, comparison=city)
    (headline,) = messages(row)
    assert ("higher than in" in headline) == (row["significance"] == "higher")
    assert ("lower than in" in headline) == (row["significance"] == "lower")
    assert ("not clearly different" in headline) == (row["significance"] == "similar")


@pytest.mark.parametrize(("asked", "said"), [(ENOUGH - 1, 0), (ENOUGH, 1)])
def test_the_size_rule_begins_at_a_hundred(asked: int, said: int) -> None:
    assert len(messages(figure(40, asked))) == said


def test_numbers_that_would_look_alike_get_a_decimal() -> None:
    (headline,) = messages(figure(24_300, 100_000, comparison=0.239))
    assert "24.3 in every 100" in headline
    assert "(23.9 in every 100)" in headline


def test_domains_that_are_similar_are_left_out() -> None:
    said = messages(
        figure(300, 1000, comparison=0.2, domain="food"),
        figure(205, 1000, comparison=0.2, domain="money"),
        figure(400, 1000, comparison=0.1, domain="safety"),
    )
    assert said == ["Food: 30 in every 100 people asked had a need. In Leeds it was 20."]


def test_core20_and_the_rest_are_compared_only_when_apart() -> None:
    broken: dict[str, Any] = {"indicator": "wants_help", "breakdown": "imd_decile"}
    core20 = figure(300, 1000, category=CORE20, **broken)
    assert messages(core20, figure(290, 1000, category=REST, **broken)) == []
    (said,) = messages(core20, figure(150, 1000, category=REST, **broken))
    assert "30 wanted help" in said
    assert "15 did" in said


def test_the_gradient_speaks_of_all_ten_deciles_or_not_at_all(
    figures: Figures, about: ReportContext
) -> None:
    (said,) = [s for s in key_messages(figures, about) if s.startswith("Across")]
    assert "above average in deciles 1 to 4 and below it in deciles 6 to 10" in said
    nine = [r for r in made_up.made_up_table().to_pylist() if r["category"] != "7"]
    assert not [s for s in key_messages(Figures(table(nine)), about) if s.startswith("Across")]


def test_change_is_said_only_where_intervals_do_not_touch() -> None:
    about = made_up.context()
    before = figure(300, 1000, period=BEFORE)
    (same,) = what_changed(Figures(table([before, figure(310, 1000)])), about)
    assert same == "No need is clearly different from August 2026."
    (more,) = what_changed(Figures(table([before, figure(400, 1000)])), about)
    assert more == "At least one need: 40 in every 100 people asked, more than before (30)."


def test_sentences_are_short_and_plain(figures: Figures, about: ReportContext) -> None:
    """About the reading age of nine to eleven: short sentences, few long words."""
    for said in (*key_messages(figures, about), *what_you_could_do(figures, about)):
        for sentence in re.split(r"(?<=[.:])\s", said):
            assert len(sentence.split()) <= 25


def test_a_domain_is_told_as_it_stands_allowing_for_age() -> None:
    rows = [figure(300, 1000, comparison=0.2, domain="food")]
    like = StandardisedNeed(0.26, 0.23, 0.29, 0.2, "higher", "Dobson")
    (said,) = messages(*rows, standardised={"food": like})
    assert said == (
        "Food: 26 in every 100 people asked had a need, allowing for age. In Leeds it was 20."
    )
    similar = like._replace(lower=0.19, significance="similar")
    assert messages(*rows, standardised={"food": similar}) == []


def test_a_domain_allowing_for_age_is_not_told_where_its_figure_is_flagged() -> None:
    like = StandardisedNeed(0.26, 0.23, 0.29, 0.2, "higher", "Dobson")
    assert messages(figure(3, 1000, domain="food"), standardised={"food": like}) == []
    assert messages(figure(50, 99, domain="food"), standardised={"food": like}) == []


def test_the_citys_gradient_is_no_headline_of_a_network(figures: Figures) -> None:
    """A network of whom nothing may be said does not borrow a sentence about the city."""
    of_city = Figures(figures.table.filter(pc.equal(figures.table["geography_type"], "city")))
    assert key_messages(of_city, made_up.context()) == []
    assert key_messages(of_city, made_up.context(pcn_code="", pcn_name=""))
