"""Where a JSON file breaks, by line and column, and what is wrong there, in plain words."""

from collections.abc import Callable
from typing import IO, Final

import ijson

from directory.open_referral.json_bytes import CHUNK

# Bytes of UTF-8 that continue a character.
_CONTINUING: Final = bytes(range(0x80, 0xC0))
# The parser's words, and ours; never the text there, which may be about a person.
_IN_WORDS: Final = (
    ("separated by a colon", "a colon is missing between a name and its value"),
    ("separator", "a comma is missing before this"),
    ("after array element", "a comma is missing before this"),
    ("after key and value", "a comma is missing before this"),
    ("object key", "a name in quotes belongs here; a comma before a closing brace is one too many"),
    ("unallowed token", "this belongs somewhere else; a comma before it may be one too many"),
    ("trailing garbage", "it goes on behind its end"),
    ("in json text", "a word or sign without quotes"),
    ("inside string", "a sign within a text that JSON writes another way, as a line break"),
)


class Counted:
    """A stream that knows how far it was read, to say where JSON breaks."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._end = _Place()
        self._given = self._last = 0
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        chunk = self._stream.read(size)
        self._end.pass_over(chunk)
        self._given += len(chunk)
        self._last = len(chunk)
        self._ended = not chunk and size != 0
        return chunk

    def broken(self, problem: ijson.JSONError, again: Callable[[], IO[bytes]]) -> str:
        """What is wrong and where; `again` opens the same bytes from their start."""
        said = " ".join(str(problem).partition("\n")[0].split())
        if self._ended or "premature EOF" in said:
            return f"the JSON breaks off at {self._end.told()}; what stands before it was read"
        why = next((f" ({ours})" for theirs, ours in _IN_WORDS if theirs in said), "")
        where = _fault(again, self._given - self._last).told()
        return f"this is not JSON at {where}{why}; what stands before was read"


class _Place:
    """A line and a column, both from 1, counted as the bytes of UTF-8 go by."""

    def __init__(self) -> None:
        self.line = self.column = 1

    def pass_over(self, chunk: bytes) -> None:
        """Go on behind these bytes."""
        last = chunk.rfind(b"\n")
        if last >= 0:
            self.line += chunk.count(b"\n")
            self.column = 1
        self.column += len(chunk[last + 1 :].translate(None, _CONTINUING))

    def told(self) -> str:
        """In words."""
        return f"line {self.line:,}, column {self.column:,}"


def _fault(again: Callable[[], IO[bytes]], right: int) -> _Place:
    """Where the parser first finds fault; the first `right` bytes are known to be right.

    The parser says no place itself: it is given the rest byte by byte.
    """
    place = _Place()
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events)
    with again() as stream:
        try:
            while chunk := stream.read(min(CHUNK, right) or 1):
                parser.send(chunk)
                events.clear()
                right -= min(len(chunk), right)
                place.pass_over(chunk)
        except ijson.JSONError:
            pass
    return place
