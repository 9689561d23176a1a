"""Files of other kinds that people take for a directory: what each is known by, and what to do."""

import codecs
from collections.abc import Sequence
from typing import Final

from directory.open_referral.archives import Files
from directory.open_referral.text_files import BROKEN

_PEEK: Final = 1 << 16
_SAVE: Final = "open it and save the sheet with the list as CSV UTF-8"
_ASK: Final = "ask whoever made it for the list as CSV or JSON"
_EXCEL: Final = f"this seems to be an Excel workbook: {_SAVE}"
# What the zip that an office program writes holds, and what is said of it.
_OFFICE: Final = (
    ("xl/workbook.xml", _EXCEL),
    ("xl/workbook.bin", _EXCEL),
    ("word/document.xml", f"this seems to be a Word document: {_ASK}"),
    ("META-INF/manifest.xml", f"this seems to be a file of LibreOffice: {_SAVE}"),
)
# SOURCE: [MS-CFB] 2.2, the signature of a compound file.
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK\x03\x04"
_BEGINNINGS: Final = (
    (
        _COMPOUND,
        f"this seems to be an old Excel file (.xls), or one with a password: {_SAVE}",
    ),
    (b"%PDF-", f"this seems to be a PDF document, and no list can be read from it: {_ASK}"),
    (b"\x1f\x8b", "this seems to be packed (gzip): unpack it first"),
)
_PAGE: Final = "this seems to be a web page (HTML): download the data itself, not the page about it"
_XML: Final = f"this seems to be XML: {_ASK}"
_UNMARKED: Final = "this seems to be text in UTF-16 without its mark: save it as UTF-8"
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def kind_of_all(files: Files, candidates: Sequence[str]) -> str:
    """What a source is instead of a directory, and what to do; blank where it may be one.

    `candidates` are the files that would be read; where there are none, every file is looked at.
    """
    if office := _office(files.names):
        return office
    if candidates:
        return kind_of(files, candidates[0]) if len(candidates) == 1 else ""
    for name in files.names:
        if kind := kind_of(files, name):
            return f"{name}: {kind}"
    return ""


def kind_of(files: Files, name: str) -> str:
    """What one file is known to be by how it begins, and what to do; blank where it may be read."""
    start = _bytes(files, name)
    if start.startswith(_ZIP):
        within = (told for member, told in _OFFICE if member.encode() in start)
        return next(within, "this is a zip within another: unpack it first")
    for mark, told in _BEGINNINGS:
        if start.startswith(mark):
            return told
    if _is_unmarked(start):
        return _UNMARKED
    text = _text(start).lstrip()[:1_024].lower()
    if not text.startswith("<"):
        return ""
    if text.startswith(("<!doctype html", "<html")) or "<html" in text:
        return _PAGE
    return _XML if text.startswith("<?xml") else ""


def beginning(files: Files, name: str) -> str:
    """The first characters of a file, in UTF-16 where it has the mark of it, else in UTF-8."""
    return _text(_bytes(files, name))


def _office(names: Sequence[str]) -> str:
    return next((told for member, told in _OFFICE if member in names), "")


def _bytes(files: Files, name: str) -> bytes:
    try:
        with files.open(name) as stream:
            return stream.read(_PEEK)
    except BROKEN:
        # The reading proper comes to the same break and says where.
        return b""


def _text(start: bytes) -> str:
    return start.decode("utf-16" if start.startswith(_WIDE) else "utf-8-sig", "replace")


def _is_unmarked(start: bytes) -> bool:
    """Whether every other byte is mostly zero, as of letters in UTF-16 with no mark before them."""
    sample = start[:1_024]
    if len(sample) < 4 or sample.startswith(_WIDE):
        return False
    fewer, more = sorted((sample[::2].count(0), sample[1::2].count(0)))
    return fewer == 0 and more * 4 > len(sample)
