"""The documents of a JSON file of any shape, one at a time, up to where the file breaks."""

from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, Final, NamedTuple

import ijson
import orjson

from directory.open_referral.json_bytes import CHUNK, as_utf8
from directory.open_referral.json_faults import Counted
from directory.open_referral.records import Broken, Quarantined

# What a page calls its list: Open Referral UK v3, v1.
_ENVELOPES: Final = frozenset({"contents", "content"})
# An object that has one of these is a document itself.
_OWN: Final = frozenset({"id", "name"})
_LINES: Final = (".ndjson", ".jsonl")
# Longer is no line of JSON objects.
_LONGEST_LINE: Final = 16 << 20
# Deeper is no directory, but built all the same would take time and memory without end.
_DEEPEST: Final = 100
_STARTS: Final[Mapping[str, Callable[[], Any]]] = {"start_map": dict, "start_array": list}
_ENDS: Final = frozenset({"end_map", "end_array"})
_BLANK: Final = b" \t\r\n"


class Found(NamedTuple):
    """A document; `table` is blank where the file does not say of which it is."""

    table: str
    content: Any
    place: str


class _TooDeep(Exception):
    """A value nested deeper than is built."""


class _At(NamedTuple):
    """Where a document stands: in a list, by its number, or alone, when there is no number."""

    table: str = ""
    name: str = ""
    number: int | None = None

    @property
    def place(self) -> str:
        """In words: "contents[3]"."""
        return "document" if self.number is None else f"{self.name}[{self.number}]"

    def after(self) -> "_At":
        """Where the next one stands."""
        return self if self.number is None else self._replace(number=self.number + 1)


_Event = tuple[str, Any]


def documents_of(open_file: Callable[[], IO[bytes]], name: str) -> Iterator[Found | Quarantined]:
    """The documents of a page, a list, one object, tables of objects, or lines of objects.

    `name` is the file's. What comes before a break is given, then the break (Broken) with its
    place. Any encoding that `as_utf8` knows.
    """
    opened = as_utf8(open_file, name)
    if _is_lines(opened, name):
        yield from _lines(opened)
        return
    lists = _lists(opened)
    with opened() as raw:
        stream = Counted(raw)
        events = ijson.basic_parse(stream, buf_size=CHUNK)
        at = next((_At(table, key, 0) for key, table in (lists or {}).items()), _At())
        try:
            for at, first in _starts(events, lists):
                try:
                    yield Found(at.table, _value(first, events), at.place)
                except _TooDeep:
                    yield Broken(at.table, at.place, "", f"nested more than {_DEEPEST} deep")
                at = at.after()  # noqa: PLW2901  # where a break would be that comes now
        except ijson.JSONError as problem:
            yield Broken(at.table, at.place, "", stream.broken(problem, opened))


def _lists(opened: Callable[[], IO[bytes]]) -> Mapping[str, str] | None:
    """The lists of documents by name, each with its table if it says one; None: one document.

    The list that a file is itself has no name. Read no further than is needed to know.
    """
    found: dict[str, str] = {}
    depth, key = 0, ""
    with opened() as stream:
        try:
            for event, value in ijson.basic_parse(stream, buf_size=CHUNK):
                if event == "start_array" and depth < 2:
                    if depth == 0 or key in _ENVELOPES:
                        return {key: ""}
                    found[key] = key
                if event == "map_key" and depth == 1:
                    key = value
                    if key in _OWN:
                        return None
                depth += (event in _STARTS) - (event in _ENDS)
        except ijson.JSONError:
            # It breaks again at the same place when it is read, and is told then.
            pass
    return found or None


def _starts(
    events: Iterator[_Event], lists: Mapping[str, str] | None
) -> Iterator[tuple[_At, _Event]]:
    """Where each document begins; the caller takes its value from the events before the next."""
    if lists is None:
        yield _At(), next(events)
    elif next(events)[0] == "start_array":
        yield from _elements(events, "", "")
    else:
        key = ""
        for event in events:
            if event[0] == "map_key":
                key = event[1]
            elif event[0] == "start_array" and key in lists:
                yield from _elements(events, lists[key], key)
            elif event[0] in _STARTS:
                _skip(events)
    # What follows the end is no JSON.
    for _ in events:
        pass


def _elements(events: Iterator[_Event], table: str, name: str) -> Iterator[tuple[_At, _Event]]:
    at = _At(table, name, 0)
    for event in events:
        if event[0] == "end_array":
            return
        yield at, event
        at = at.after()


def _skip(events: Iterator[_Event], depth: int = 1) -> None:
    """Pass over the rest of lists and objects that have begun."""
    for event, _ in events:
        depth += (event in _STARTS) - (event in _ENDS)
        if not depth:
            return


def _value(first: _Event, events: Iterator[_Event]) -> Any:
    """The value that begins with this event; what is too deep is passed over whole."""
    event, value = first
    if event not in _STARTS:
        return value
    holder: Any = {} if event == "start_map" else []
    above: list[Any] = []
    key = ""
    for event, value in events:
        if event == "map_key":
            key = value
        elif event in _ENDS:
            if not above:
                return holder
            holder = above.pop()
        else:
            made = _STARTS[event]() if event in _STARTS else value
            if isinstance(holder, list):
                holder.append(made)
            else:
                holder[key] = made
            if made is not value:
                above.append(holder)
                holder = made
                if len(above) > _DEEPEST:
                    _skip(events, len(above) + 1)
                    raise _TooDeep
    return holder


def _is_lines(opened: Callable[[], IO[bytes]], name: str) -> bool:
    """Whether each line is an object: said by the name, or seen on the first line of several."""
    if name.lower().endswith(_LINES):
        return True
    with opened() as stream:
        first = stream.readline(_LONGEST_LINE)
        if not stream.read(CHUNK).strip(_BLANK):
            return False
    try:
        return isinstance(orjson.loads(first), Mapping)
    except orjson.JSONDecodeError:
        return False


def _lines(opened: Callable[[], IO[bytes]]) -> Iterator[Found | Quarantined]:
    with opened() as stream:
        number = 0
        while line := stream.readline(_LONGEST_LINE):
            number += 1
            if not line.strip(_BLANK):
                continue
            try:
                yield Found("", orjson.loads(line), f"line {number}")
            except orjson.JSONDecodeError as problem:
                reason = f"not JSON at character {problem.pos + 1} of the line"
                yield Broken("", f"line {number}", "", reason)
