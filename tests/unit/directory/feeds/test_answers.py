import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.feeds.answers import WrongAnswer, parsed_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
HEADER = st.text() | st.sampled_from(
    ["utf-7", "idna", "punycode", "unicode_escape", "base64", "utf-8\0", "rot13", "latin-1"]
).map("application/json; charset={}".format)


@given(st.binary(), HEADER)
def test_any_answer_is_json_or_a_wrong_answer(body: bytes, content_type: str) -> None:
    with suppress(WrongAnswer):
        parsed_json(body, content_type, depth=40)


@given(JSON, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_json_is_read_in_every_encoding_it_may_have(document: Any, encoding: str) -> None:
    body = json.dumps(document, ensure_ascii=False).encode(encoding, "replace")
    expected = json.loads(body.decode(encoding))
    assert parsed_json(body, "", depth=1000) == expected


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/json;charset=UTF-8", "text/json", "application/ld+json", ""],
)
def test_json_media_types_are_taken(media_type: str) -> None:
    assert parsed_json(b"{}", media_type, depth=5) == {}


@pytest.mark.parametrize("media_type", ["text/html", "application/xml", "text/plain", "nonsense"])
def test_other_media_types_are_not(media_type: str) -> None:
    with pytest.raises(WrongAnswer, match="not JSON"):
        parsed_json(b"{}", media_type, depth=5)


def test_depth_is_counted_from_the_outermost_object() -> None:
    assert parsed_json(b"[[[7]]]", "", depth=3) == [[[7]]]
    with pytest.raises(WrongAnswer, match="more than 2 levels"):
        parsed_json(b"[[[7]]]", "", depth=2)
