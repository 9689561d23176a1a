"""The services people mean come first, on the half of the relevance set held out."""

from collections.abc import Iterator
from contextlib import closing
from statistics import mean

import pytest

from directory.artefact import open_current, publish
from directory.filters import Search
from directory.geography import Geography
from directory.matching import Directory
from directory.starter import build_geography, starter_services
from tests.relevance.judging import DEPTH, Query, ndcg, read_queries
from tests.unit.directory.made_up import NOW

GOAL = 0.85
# What search as it was before tuning reached: 0.790 held out, 0.792 tuned on.
QUERIES = read_queries()
# Another author's queries find less; what is reached must not be lost (docs/reference/search.md).
INDEPENDENT = read_queries("independent.json")
REACHED = 0.70
# What a reader typed who looked for what is unsafe: all tuned on. Of whom it is counts among them.
READER = read_queries("reader.json")


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    folder = tmp_path_factory.mktemp("relevance")
    build_geography(folder / "geography.sqlite")
    with closing(Geography.open(folder / "geography.sqlite")) as geography:
        publish(starter_services(geography), folder / "directory")
    with closing(open_current(folder / "directory")) as directory:
        yield directory


def _quality(directory: Directory, queries: list[Query]) -> float:
    found = [[service.name for service in directory.search(query.text, DEPTH)] for query in queries]
    return mean(map(ndcg, queries, found))


def test_the_set_is_large_and_halved_by_rule() -> None:
    held_out = sum(query.held_out for query in QUERIES)
    assert len(QUERIES) >= 120
    every = QUERIES + INDEPENDENT + READER
    assert len({query.text for query in every}) == len(every)
    assert 0.4 < held_out / len(QUERIES) < 0.6


def test_grades_are_of_services_in_the_directory(starter: Directory) -> None:
    names = {service.name for service in starter.services()}
    for query in QUERIES + INDEPENDENT + READER:
        assert query.grades.keys() <= names
        assert set(query.grades.values()) <= {1, 2, 3}
        assert max(query.grades.values()) >= 2


def test_the_measure_is_one_for_the_best_order_and_less_for_any_other() -> None:
    query = Query("a", {"best": 3, "good": 2, "fair": 1})
    assert ndcg(query, ["best", "good", "fair"]) == 1
    assert 0 < ndcg(query, ["good", "best", "fair"]) < 1
    assert ndcg(query, ["poor", *"abcd", "best"]) == 0


def test_services_people_mean_come_first_on_the_half_held_out(starter: Directory) -> None:
    assert _quality(starter, [query for query in QUERIES if query.held_out]) >= GOAL


def test_services_people_mean_come_first_on_the_half_tuned_on(starter: Directory) -> None:
    assert _quality(starter, [query for query in QUERIES if not query.held_out]) >= GOAL


@pytest.mark.parametrize("held_out", [True, False])
def test_what_was_reached_for_another_authors_queries_is_kept(
    starter: Directory, *, held_out: bool
) -> None:
    half = [query for query in INDEPENDENT if query.held_out == held_out]
    assert _quality(starter, half) >= REACHED


def test_what_a_reader_typed_finds_what_is_for_those_people(starter: Directory) -> None:
    found = [starter.look(Search(now=NOW, text=query.text), DEPTH) for query in READER]
    names = [[match.service.name for match in one.matches] for one in found]
    assert mean(map(ndcg, READER, names)) >= GOAL
