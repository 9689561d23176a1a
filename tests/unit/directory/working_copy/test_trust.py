"""A hostile feed: it says what only a curator can say, in every way a record can come to say it."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.model import NEEDS, Service
from directory.open_referral.attributes import (
    ADDITIONS,
    CURATED,
    CURATED_ONLY,
    addition,
    made_id,
    need_attribute,
    vocabulary_of,
)
from directory.open_referral.records import Item, Record
from directory.working_copy import decisions, edits
from directory.working_copy.store import WorkingCopy
from tests.unit.directory.working_copy.curation import S1, WHO, services
from tests.unit.directory.working_copy.sources import NOW, organization, service, source, take

edit = partial(edits.edit, by=WHO, now=NOW, reason="they told us")

_SAID: Mapping[str, Any] = {
    "urgent_today": True,
    "urgent_cards": ["crisis"],
    "public_funds": "yes",
    "safe_for_private_disclosure": True,
    "verified_on": "2026-11-20",
    "verified_by": "a curator",
    "verified_source": "by phone",
    "review_by": "2036-01-01",
}


def _claims(place: str, *, ordinal: int = 0) -> list[Record]:
    """Attributes of `s1` just as our own curators write them, and the terms they point at."""
    said = [addition(service(1), name, value, ordinal=ordinal) for name, value in _SAID.items()]
    return [it._replace(place=place) for it in (*vocabulary_of(said), *said)]


def _trusted(service: Service) -> dict[str, Any]:
    return {name: getattr(service, name) for name in CURATED_ONLY}


@pytest.fixture
def plain(tmp_path: Path) -> dict[str, Any]:
    """What is known of `s1` when nobody claims anything."""
    with WorkingCopy.open(tmp_path / "plain" / "working.sqlite") as working:
        take(working, source())
        return _trusted(services(working)[S1])


@pytest.mark.parametrize("place", ["attributes.csv:2", CURATED, ""])
def test_a_feed_makes_nothing_urgent_or_verified(
    working: WorkingCopy, plain: dict[str, Any], place: str
) -> None:
    for _ in range(2):
        take(working, [*source(), *_claims(place), *_claims(place, ordinal=1)])
        assert _trusted(services(working)[S1]) == plain


@pytest.mark.parametrize("comes_first", [True, False])
def test_a_feed_that_repeats_a_curators_attribute_gets_no_say_in_it(
    working: WorkingCopy, plain: dict[str, Any], comes_first: bool
) -> None:
    take(working, [*source(), *(_claims("x.csv:2") if comes_first else [])])
    edit(working, [S1], {"urgent_today": False, "public_funds": "no", "caution": "Ring first."})
    before = services(working)[S1]
    for ordinal in (0, 1):
        take(working, [*source(), *_claims("x.csv:2", ordinal=ordinal)])
        assert services(working)[S1] == before
    # Then it is gone from the feed, and comes back.
    for items in (source(), [*source(), *_claims("x.csv:2", ordinal=1)]):
        take(working, items)
        assert services(working)[S1] == before


def test_what_an_organisation_said_and_a_curator_agreed_to_is_a_curators(
    working: WorkingCopy,
) -> None:
    take(working, source())
    (number,) = decisions.propose(working, S1, {"public_funds": "no"}, by="them", now=NOW)
    decisions.accept(working, number, by=WHO, now=NOW)
    before = services(working)[S1]
    assert before.public_funds == "no"
    for items in ([*source(), *_claims("x.csv:2")], source()):
        take(working, items)
        assert services(working)[S1] == before


def test_a_feed_does_not_make_a_curators_value_give_way(working: WorkingCopy) -> None:
    take(working, source())
    edit(working, [S1], {"access": ["Step-free"], "caution": "Ring first."})
    before = services(working)[S1]
    ours = [addition(service(1), name, "x", about="0") for name in ("access", "caution")]
    said = [it._replace(place="x.csv:2") for it in (*vocabulary_of(ours), *ours)]
    take(working, [*source(), *said])
    assert services(working)[S1] == before
    assert {it.field for it in decisions.proposals(working)} >= {"instead_of", "value"}


def test_a_feed_does_not_rename_the_terms_that_needs_are_said_with(working: WorkingCopy) -> None:
    need = next(iter(NEEDS))
    term_id = need_attribute(service(1), need, 0).fields["taxonomy_term_id"]
    fields = {"code": "urgent_today", "name": "x", "taxonomy": ADDITIONS, "description": "x"}
    renamed = Record("taxonomy_term", term_id, fields, "taxonomy_terms.csv:2")
    said = need_attribute(service(1), need, 0)._replace(place="attributes.csv:2")
    take(working, [*source(), renamed, said])
    assert services(working)[S1].needs == (need,)
    other = next(it for it in NEEDS if it != need)
    edit(working, [S1], {"needs": [need, other]})
    take(working, [*source(), renamed, said])
    assert services(working)[S1].needs == (need, other)
    assert not services(working)[S1].urgent_today


_names = st.sampled_from([*sorted(CURATED_ONLY), "caution", "needs", "access"])
_claimed = st.builds(
    lambda field, value, ordinal, extra: Record(
        "attribute",
        made_id("s1", field, ordinal=ordinal),
        {
            "link_id": "s1",
            "link_entity": "service",
            "taxonomy_term_id": made_id(ADDITIONS, field),
            "value": value,
            **extra,
        },
        "attributes.csv:2",
    ),
    _names,
    st.sampled_from(["true", "yes", '["crisis"]', "2026-11-20", "", "null"]),
    st.integers(0, 2),
    st.sampled_from([{}, {"instead_of": "0"}, {"label": "x"}]),
)
_edits = st.sampled_from(
    [{"urgent_today": False}, {"public_funds": "no"}, {"caution": "Ring."}, {"access": ["BSL"]}]
)


def _distinct(claims: Iterable[Record]) -> list[Item]:
    items: list[Item] = [organization(), service(1)]
    taken = {it.id: it for it in claims}
    terms = dict.fromkeys(it.fields["taxonomy_term_id"] for it in claims)
    named = (Record("taxonomy_term", it, {"name": "x"}, "taxonomy_terms.csv:2") for it in terms)
    return [*items, *named, *taken.values()]


@settings(max_examples=30)
@given(
    steps=st.lists(st.lists(_claimed, max_size=4) | _edits, min_size=1, max_size=6),
)
def test_whatever_a_feed_says_only_curators_are_believed(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    put: dict[str, Any] = {}
    with WorkingCopy.open(tmp_path_factory.mktemp("any") / "working.sqlite") as working:
        take(working, [organization(), service(1)])
        bare = _trusted(services(working)[S1])
        for step in steps:
            if isinstance(step, dict):
                edit(working, [S1], step)
                put |= step
            else:
                take(working, _distinct(step))
            found = services(working)[S1]
            assert _trusted(found) == bare | {k: v for k, v in put.items() if k in CURATED_ONLY}
            if "access" in put:
                assert found.access == ("BSL",)
