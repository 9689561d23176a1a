"""The body of a request: read once, refused precisely, never echoed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service.errors import Malformed
from template_service.fhir_api.parsing import MAX_DEPTH, parse_object

NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_an_object_is_read_as_the_standard_library_reads_it(written: dict[str, Any]) -> None:
    assert parse_object(json.dumps(written).encode()) == written


@given(st.dictionaries(st.text(), JSON, min_size=1, max_size=4), st.sampled_from(("", " ", "\n\t")))
def test_a_property_given_twice_is_refused(written: dict[str, Any], space: str) -> None:
    name = json.dumps(next(iter(written)))
    twice = json.dumps(written)[:-1] + f", {name}{space}: 1}}"
    with pytest.raises(Malformed, match="same property twice"):
        parse_object(twice.encode())


@given(st.dictionaries(st.text(), JSON, min_size=1, max_size=4))
def test_a_property_given_twice_is_found_at_any_depth(written: dict[str, Any]) -> None:
    name = json.dumps(next(iter(written)))
    inner = json.dumps(written)[:-1] + f", {name}: 1}}"
    with pytest.raises(Malformed, match="same property twice"):
        parse_object(f'{{"a": [[{inner}]]}}'.encode())


def test_an_escaped_quote_does_not_hide_a_repeat() -> None:
    with pytest.raises(Malformed, match="same property twice"):
        parse_object(rb'{"a":1,"a":2,"b":"\u0022:"}')


@pytest.mark.parametrize("text", ['{"a": ":)", "b": "c\\": d"}', '{"a" : {"a": 1}, "b": "\\":"}'])
def test_text_that_looks_like_a_property_is_no_repeat(text: str) -> None:
    assert parse_object(text.encode()) == json.loads(text)


def test_broken_json_is_placed_by_line_and_column_and_not_repeated() -> None:
    with pytest.raises(Malformed) as refused:
        parse_object(b'{\n  "name": "Secret Person",\n  "status": completed\n}')
    assert "line 3, column 13" in refused.value.message
    assert "Secret" not in refused.value.message
    assert "completed" not in refused.value.message


@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_an_empty_body_is_called_empty(body: bytes) -> None:
    with pytest.raises(Malformed, match="empty"):
        parse_object(body)


@pytest.mark.parametrize("body", [b"[]", b"3", b'"text"', b"null"])
def test_only_an_object_is_read(body: bytes) -> None:
    with pytest.raises(Malformed, match="one JSON object"):
        parse_object(body)


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 10_000])
@pytest.mark.parametrize(("opens", "closes"), [('{"a":', "}"), ('{"a":[', "]}")])
def test_deep_nesting_is_refused(opens: str, closes: str, depth: int) -> None:
    body = opens * depth + "1" + closes * depth
    with pytest.raises(Malformed, match="nests deeper"):
        parse_object(body.encode())


def test_nesting_up_to_the_limit_is_read() -> None:
    body = '{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH
    assert parse_object(body.encode())
