"""The files of a source, a folder or a zip, read where they are: nothing is ever unpacked to disk.

A zip is judged whole before a byte of it is taken: names that lead out of it, links, locked or
odd members, zips within, and anything that would swell beyond the bounds are refused.
"""

import stat
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final, NamedTuple

# APPNOTE.TXT 6.3.10, section 4.3.16: the record at the end of a zip, and how far back it may lie.
_END: Final = struct.Struct("<4s4H2LH")
_END_MARK: Final = b"PK\x05\x06"
_LONGEST_COMMENT: Final = 65_535
_READABLE: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NESTED: Final = (".zip", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".tar")
_SMALL: Final = 1 << 20


class SourceRefused(ValueError):
    """A folder or zip that is not read, and why, in plain English."""


class Limits(NamedTuple):
    """Bounds on a source: how many files, bytes in all, and how often a zip's member may swell.

    Deflate cannot swell beyond about 1,030 times; tables of repeating text reach about 50. Members
    below 1 MiB may have any ratio.
    """

    files: int = 1_000
    size: int = 4 << 30
    ratio: int = 200


LIMITS: Final = Limits()


class Files(NamedTuple):
    """The files of a source: `names` with `/` between folders, sorted; `open` gives the bytes."""

    names: tuple[str, ...]
    open: Callable[[str], IO[bytes]]


@contextmanager
def files_of(path: Path, limits: Limits = LIMITS) -> Iterator[Files]:
    """The files of a folder or zip, or the one file that the path is.

    Raises SourceRefused with the reason for what is missing, broken, unsafe or out of bounds.
    """
    if path.is_dir():
        yield _folder(path, limits)
    elif not path.is_file():
        raise SourceRefused(f"{path.name}: there is no such file or folder")
    elif is_zip(path):
        with _zip(path, limits) as files:
            yield files
    else:
        yield Files((path.name,), lambda _: path.open("rb"))


def is_zip(path: Path) -> bool:
    """Whether the file begins as a zip does; a broken one too."""
    with path.open("rb") as stream:
        return stream.read(4) in (b"PK\x03\x04", _END_MARK)


def _folder(path: Path, limits: Limits) -> Files:
    root = path.resolve()
    names = []
    size = 0
    for found in path.rglob("*"):
        if not found.resolve().is_relative_to(root):
            raise SourceRefused(f"{found.relative_to(path)}: a link that leads out of the folder")
        if found.is_file():
            names.append(found.relative_to(path).as_posix())
            size += found.stat().st_size
            _refuse_beyond(limits, len(names), size)
    return Files(tuple(sorted(names)), lambda name: (path / name).open("rb"))


@contextmanager
def _zip(path: Path, limits: Limits) -> Iterator[Files]:
    _refuse_long_contents(path, limits)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as problem:
        raise SourceRefused(f"{path.name}: not a whole zip file ({problem})") from None
    with archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        _refuse_beyond(limits, len(members), sum(member.file_size for member in members))
        for member in archive.infolist():
            if problem_text := _problem(member, limits):
                raise SourceRefused(f"{path.name}, {member.orig_filename!r}: {problem_text}")
        names = tuple(sorted(member.filename for member in members))
        _refuse_twice(names)
        yield Files(names, archive.open)


def _refuse_long_contents(path: Path, limits: Limits) -> None:
    """Before the list of members is read into memory: is it too long to be read?"""
    with path.open("rb") as stream:
        end = stream.seek(0, 2)
        stream.seek(max(0, end - _LONGEST_COMMENT - _END.size))
        tail = stream.read()
    at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) < at + _END.size:
        raise SourceRefused(f"{path.name}: not a whole zip file (its end is missing)")
    _, _, _, _, files, contents, _, _ = _END.unpack_from(tail, at)
    # A member's entry is 46 bytes, its name and its remarks: a kilobyte is generous.
    if files > limits.files or contents > limits.files * 1_024:
        raise SourceRefused(f"{path.name}: holds more than {limits.files:,} files")


def _refuse_beyond(limits: Limits, files: int, size: int) -> None:
    if files > limits.files:
        raise SourceRefused(f"holds more than {limits.files:,} files")
    if size > limits.size:
        raise SourceRefused(f"holds more than {limits.size:,} bytes")


def _refuse_twice(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SourceRefused(f"{name!r} is in the zip twice")
        seen.add(name)


def _problem(member: zipfile.ZipInfo, limits: Limits) -> str:
    """Why this member of a zip is not read; blank when it is."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    method = member.compress_type
    swells = member.file_size > max(_SMALL, limits.ratio * member.compress_size)
    found = (
        (unsafe_name(member.orig_filename), True),
        ("a link or device, not a file", kind not in (0, stat.S_IFREG, stat.S_IFDIR)),
        ("locked with a password", member.flag_bits & 0x1),
        (f"compressed in a way not read here (method {method})", method not in _READABLE),
        ("an archive within: unpack it first", member.filename.lower().endswith(_NESTED)),
        (f"swells more than {limits.ratio} times", swells),
    )
    return next((reason for reason, holds in found if holds and reason), "")


def unsafe_name(name: str) -> str:
    """Why a file's name within a source may lead out of it; blank when it cannot."""
    if any(ord(letter) < 32 for letter in name):
        return "a control character in the name"
    if "\\" in name or name[1:2] == ":":
        return "a name of another system's kind"
    if name.startswith("/") or not name:
        return "an absolute name"
    if ".." in PurePosixPath(name).parts:
        return "a name that leads out of the folder"
    return ""
