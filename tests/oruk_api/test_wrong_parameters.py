"""Every wrong parameter is named, none is repeated, and nothing anybody sends breaks it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.oruk_api.catalogue import KINDS
from template_service.oruk_api.query import TAKEN
from tests.oruk_api.city import POSTCODE
from tests.oruk_api.conftest import Ask

WRONG = {
    "page": ["0", "-1", "1.5", "x", "9" * 5000, "１"],
    "per_page": ["0", "1001", "x"],
    "full": ["yes please"],
    "minimal": ["2"],
    "format": ["xml"],
    "minimum_age": ["-1", "x", "151", "nan", "inf"],
    "maximum_age": ["1e3"],
    "start_time": ["9", "25:00", "09:60", "09:00+01:00"],
    "end_time": ["noon"],
    "day": ["Funday", "8"],
    "modified_after": ["yesterday", "2026-13-01", "0001-01-01T00:00:00+23:00"],
    "postcode": ["LS9", "LS99 9ZZ", "ZZ99 3VZ", "x" * 300],
    "search": ["x" * 201],
    "taxonomy_term_id": ["x" * 201, "food-aid"],
    "taxonomy_id": ["1234"],
    "organization_id": ["{11111111-1111-4111-8111-111111111111}"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, those in WRONG.items() for value in those]
)
def test_a_wrong_value_is_named_and_not_repeated(ask: Ask, name: str, value: str) -> None:
    answer = ask("/services", {name: value})
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    problem = answer.get_json()
    assert (problem["status"], problem["title"]) == (
        400,
        "A parameter of the query cannot be used",
    )
    assert [one["parameter"] for one in problem["errors"]] == [name]
    assert f"{name}: {problem['errors'][0]['detail']}" == problem["detail"]
    assert problem["errors"][0]["detail"].endswith(".")
    assert len(value) < 3 or value not in answer.text


def test_all_that_is_wrong_is_named_at_once(ask: Ask) -> None:
    answer = ask("/services", {name: those[0] for name, those in WRONG.items()} | {"oops": "1"})
    named = {one["parameter"] for one in answer.get_json()["errors"]}
    assert named == {*WRONG, "oops"}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("page=1&page=2", "page"),
        ("search=a&text=b", "text"),
        ("minimal=true&full=true", "minimal"),
        ("proximity=100", "proximity"),
        ("nonsense=1", "nonsense"),
        ("a%20b=1", "(a name)"),
        ("%FF%00=%FF", "(a name)"),
    ],
)
def test_parameters_that_do_not_go_together(ask: Ask, query: str, named: str) -> None:
    errors = ask("/services", query).get_json()["errors"]
    assert [one["parameter"] for one in errors] == [named]


def test_each_list_has_its_own_parameters(ask: Ask) -> None:
    for table, taken in TAKEN.items():
        for name in {*TAKEN["services"], *TAKEN["taxonomy_terms"]}:
            # A blank parameter asks for nothing, but only where there is one.
            status = ask(f"/{table}", {name: ""}).status_code
            assert status == (200 if name in taken else 400), (table, name)


@pytest.mark.parametrize("table", KINDS)
@pytest.mark.parametrize("unknown", ["0", "x" * 3000, "%00", "a%2Fb", "..", "'--"])
def test_an_unknown_id_is_not_found(ask: Ask, table: str, unknown: str) -> None:
    answer = ask(f"/{table}/{unknown}")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


ANYTHING = st.text(max_size=20) | st.sampled_from(
    ["1", "true", "MO", "09:00", POSTCODE, "2026-01-01", "json", "ndjson", "500"]
)


@given(
    table=st.sampled_from(sorted(KINDS)),
    query=st.dictionaries(
        st.sampled_from(sorted(TAKEN["services"])) | st.text(min_size=1, max_size=5),
        ANYTHING | st.lists(ANYTHING, max_size=3),
        max_size=5,
    ),
)
@settings(max_examples=300)
def test_no_query_breaks_it(ask: Ask, table: str, query: dict[str, Any]) -> None:
    assert ask(f"/{table}", query).status_code in {200, 400}
