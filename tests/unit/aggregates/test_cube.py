"""The counts of a cube, against counting by hand."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.aggregates.cube import KEYS, MARKS, counts
from template_service.aggregates.fact_rules import FACT_TYPES
from template_service.aggregates.vocabulary import (
    ALL,
    ANY,
    AREAS,
    BREAKDOWNS,
    FIVE_YEAR_BANDS,
    INDICATORS,
    UNKNOWN,
    age_band_of,
    domains,
)
from tests.unit.aggregates.month_of_facts import true_of

Fact = dict[str, Any]

COLUMNS = pa.schema(
    (name, pa.string() if kind == "VARCHAR" else pa.int32()) for name, kind in FACT_TYPES.items()
)


@pytest.fixture(scope="module")
def duckdb() -> Iterator[ibis.BaseBackend]:
    connection = ibis.duckdb.connect()
    yield connection
    connection.disconnect()


def _person(number: int) -> st.SearchStrategy[Fact]:
    return st.fixed_dictionaries(
        {
            "person": st.just(f"p{number}"),
            "practice": st.sampled_from(["B1", "B2"]),
            "pcn": st.just("U1"),
            "ward": st.sampled_from(["E05000001", "E05000002", None]),
            "msoa": st.sampled_from(["E02000001", None]),
            "imd_decile": st.sampled_from([1, 10, None]),
            "age_band": st.sampled_from([*FIVE_YEAR_BANDS, None]),
            "sex": st.sampled_from(["female", "other", None]),
            "ethnic_group": st.sampled_from(["black", None]),
            "language_group": st.sampled_from(["english", "interpreter", None]),
        }
    )


ANSWER = st.fixed_dictionaries(
    {
        "state": st.sampled_from(
            ["not-asked", "not-offered", "no-need", "need", "unsure", "declined", None]
        ),
        "wants_help": st.sampled_from(["yes-now", "later", "already-has-help", "no", None]),
        "signposted": st.sampled_from([0, 1]),
        "referred": st.sampled_from([0, 1]),
        "outcome": st.sampled_from(["resolved", "partly", "not", "left", None]),
    }
)


@st.composite
def months(draw: st.DrawFn) -> list[Fact]:
    """Some people's facts of one month, up to three domains each."""
    facts: list[Fact] = []
    for number in range(draw(st.integers(1, 8))):
        person = {"month": "2026-09"} | draw(_person(number))
        asked = draw(st.sets(st.sampled_from(domains()), max_size=3))
        facts += [person | {"domain": domain} | draw(ANSWER) for domain in sorted(asked)]
    return facts


# Who was counted before, and in what: some of the people of the month and one who is not.
BEFORE = st.dictionaries(
    st.sampled_from(["p0", "p1", "p3", "p9"]), st.sets(st.sampled_from(INDICATORS))
)


@settings(max_examples=12, deadline=None)
@given(months(), st.none() | BEFORE)
def test_the_expression_counts_people_as_by_hand(
    duckdb: ibis.BaseBackend, facts: list[Fact], before: dict[str, set[str]] | None
) -> None:
    table = ibis.memtable(pa.Table.from_pylist(facts, COLUMNS))
    counted = None if before is None else ibis.memtable(_marked(before))
    found = duckdb.to_pyarrow(counts(table, counted))
    assert found.column_names == [*KEYS, *INDICATORS]
    tally = {
        (tuple(row[key] for key in KEYS), indicator): row[indicator]
        for row in found.to_pylist()
        for indicator in INDICATORS
        if row[indicator]
    }
    assert tally == dict(_by_hand(facts, before or {}))
    assert all(any(row[indicator] for indicator in INDICATORS) for row in found.to_pylist())


def _marked(before: dict[str, set[str]]) -> pa.Table:
    marks = [sum(MARKS[indicator] for indicator in indicators) for indicators in before.values()]
    columns = {"person": pa.array(before, pa.string()), "marks": pa.array(marks, pa.int64())}
    return pa.table(columns)


def _by_hand(
    facts: list[Fact], before: dict[str, set[str]]
) -> Counter[tuple[tuple[str, ...], str]]:
    people: dict[tuple[str, str], tuple[Fact, set[str]]] = {}
    for fact in facts:
        for domain in (fact["domain"], ANY):
            people.setdefault((fact["person"], domain), (fact, set()))[1].update(true_of(fact))
    tally: Counter[tuple[tuple[str, ...], str]] = Counter()
    for (person, domain), (fact, indicators) in people.items():
        if domain == ANY:
            indicators -= before.get(person, set())  # noqa: PLW2901 -- these were counted
        for block, areas in AREAS.items():
            for breakdown in BREAKDOWNS:
                key = dict.fromkeys(KEYS, "") | {name: fact[name] or UNKNOWN for name in areas}
                key |= {"block": block, "domain": domain, "breakdown": breakdown}
                key["category"] = _category(fact, breakdown)
                for indicator in indicators:
                    tally[tuple(key[name] for name in KEYS), indicator] += 1
    return tally


def _category(fact: Fact, breakdown: str) -> str:
    if breakdown == ALL:
        return ALL
    code = fact[breakdown]
    if code is None:
        return UNKNOWN
    return age_band_of(code) if breakdown == "age_band" else str(code)
