"""The bytes of a JSON file as UTF-8, whatever they were."""

import codecs
import io
import logging
from collections.abc import Callable
from typing import IO, Any, Final

from directory.open_referral.text_files import BROKEN

CHUNK: Final = 1 << 16
"""How much is read at a time."""

# Bytes that Windows-1252 leaves undefined (Unicode Consortium, CP1252.TXT).
_NOT_WINDOWS: Final = frozenset(b"\x81\x8d\x8f\x90\x9d")
_BYTE_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_log: Final = logging.getLogger(__name__)


def as_utf8(open_file: Callable[[], IO[bytes]], name: str) -> Callable[[], IO[bytes]]:
    """What opens the file as UTF-8 without a mark, as often as it is called.

    UTF-8 with or without its mark, UTF-16 with its mark, else Windows-1252 or Latin-1, which is
    logged with the file's `name`. A file that cannot be read on (a damaged zip member) ends there;
    one that cannot be opened is empty.
    """
    encoding = _encoding(open_file, name)
    return lambda: io.BufferedReader(_Utf8(_opened(open_file), encoding), CHUNK)


def _encoding(open_file: Callable[[], IO[bytes]], name: str) -> str:
    """The encoding of a file, by its mark or by what its bytes can be."""
    with _opened(open_file) as stream:
        chunk = _chunk(stream)
        for mark, encoding in _BYTE_MARKS:
            if chunk.startswith(mark):
                return encoding
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk:
                decoder.decode(chunk)
                chunk = _chunk(stream)
        except UnicodeDecodeError:
            odd = any(byte in _NOT_WINDOWS for byte in chunk + _chunk(stream))
        else:
            return "utf-8"
    found = "latin-1" if odd else "cp1252"
    _log.warning("%s is not UTF-8; it is read as %s", name, found)
    return found


class _Utf8(io.RawIOBase):
    """Bytes of any encoding as UTF-8 without a mark; what cannot be read becomes U+FFFD.

    A file that cannot be read on, such as a damaged zip member, ends there.
    """

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        super().__init__()
        self._stream = stream
        plain = encoding == "utf-8"
        self._decoder = None if plain else codecs.getincrementaldecoder(encoding)("replace")
        self._left = b""

    def readable(self) -> bool:
        """It is only read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill as much of the buffer as the next chunk gives."""
        while not self._left:
            chunk = _chunk(self._stream)
            self._left = self._decoder.decode(chunk, not chunk).encode() if self._decoder else chunk
            if not chunk:
                break
        taken, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def close(self) -> None:
        """Close what it reads from too."""
        self._stream.close()
        super().close()


def _opened(open_file: Callable[[], IO[bytes]]) -> IO[bytes]:
    try:
        return open_file()
    except BROKEN:
        return io.BytesIO()


def _chunk(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(CHUNK)
    except BROKEN:
        return b""
