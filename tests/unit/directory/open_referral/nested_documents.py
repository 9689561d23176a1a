"""Made-up nested documents of any shape the schemas allow, with properties nobody foresaw."""

from collections.abc import Mapping
from typing import Any, Final

from hypothesis import strategies as st

from directory.open_referral.schema_fields import (
    Date,
    Email,
    Identifier,
    Many,
    Moment,
    Number,
    NumberOrText,
    One,
    Reference,
    Text,
    Time,
    Uri,
    WebAddress,
    Word,
)
from directory.open_referral.schemas import CHILDREN, POLYMORPHIC, SCHEMAS

_DEEPEST: Final = 3
# Text of blanks alone says nothing, and is left out.
_WORDS = st.text(min_size=1, max_size=8).filter(str.strip)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_WORDS, inner, max_size=2),
    max_leaves=4,
)
_UNKNOWN = st.dictionaries(st.sampled_from(["x_first", "x_second", "xÿ"]), _JSON, max_size=2)


_VALUES: Final[Mapping[type, st.SearchStrategy[Any]]] = {
    Number: st.integers(0, 120) | st.floats(0, 1e6),
    Date: st.dates().map(lambda day: day.isoformat()),
    Moment: st.datetimes().map(lambda moment: moment.isoformat()),
    Time: st.times().map(lambda time: time.strftime("%H:%M")),
    Email: st.just("hello@example.org"),
    WebAddress: st.just("https://example.org/a?b=c"),
    Uri: st.just("urn:example:a"),
    NumberOrText: st.integers(0, 9) | _WORDS,
    Identifier: st.from_regex(r"[A-Z0-9-]{1,9}", fullmatch=True),
    Text: _WORDS,
}


def _value(field: object) -> st.SearchStrategy[Any]:
    return st.sampled_from(field.words) if isinstance(field, Word) else _VALUES[type(field)]


@st.composite
def objects(draw: st.DrawFn, kind: str, deep: int = 0, owner: str = "") -> dict[str, Any]:
    """A nested object of a kind that its schema takes, with unknown properties.

    It does not hold another object of its owner's kind as the one it belongs to: that contradicts.
    """
    made: dict[str, Any] = {"id": str(draw(st.uuids())), **draw(_UNKNOWN)}
    for name, field in SCHEMAS[kind].fields.items():
        if name == "id" or isinstance(field, One | Many | Reference):
            continue
        if name in {"latitude", "longitude"} or name in POLYMORPHIC.get(kind, ()):
            continue
        if field.required or draw(st.booleans()):
            made[name] = draw(_value(field))
    if kind == "location" and draw(st.booleans()):
        made |= {"latitude": draw(st.floats(50, 60)), "longitude": draw(st.floats(-8, 2))}
    for name, nested in CHILDREN[kind].items() if deep < _DEEPEST else ():
        if nested.kind != owner and draw(st.integers(0, 5)) == 0:
            each = objects(nested.kind, deep + 1, kind)
            made[name] = draw(st.lists(each, max_size=2) if nested.many else each)
    return made
