"""Which questionnaires there are: versions of one url side by side, and which of them is newest."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

# FHIR R4, datatypes.html#id.
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
_NOT_OF_AN_ID = re.compile(r"[^A-Za-z0-9\-.]+", re.ASCII)
_LONGEST_ID = 64
# How much of a digest tells two questionnaires of one id apart; more where that is taken too.
_SUFFIXES = (8, 16, 32)
_NUMBERS = re.compile(r"[vV]?(\d+(?:[.\-]\d+)*)", re.ASCII)
_PIECES = re.compile(r"\d+|[^\d.\-]+", re.ASCII)
# Publication status (FHIR R4): what is ready for use comes before what is not yet or no longer.
_READINESS = {"active": 2, "draft": 1, "unknown": 1}

_Piece = tuple[int, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One version of a questionnaire. `version`, `title`, `status` and `date` may be empty.

    `id` is its resource id here, `shipped` whether it came with the software, `retired` whether
    new responses may no longer be begun with it.
    """

    url: str
    version: str
    id: str
    title: str
    status: str
    date: str
    shipped: bool
    retired: bool

    @property
    def canonical(self) -> str:
        """`url|version`, or the url alone for a questionnaire without a version."""
        return f"{self.url}|{self.version}" if self.version else self.url


class Catalogue:
    """What is listed, found by url and version, by url alone, and by resource id."""

    def __init__(self, listed: Iterable[Listed]) -> None:
        self.listed = tuple(sorted(listed, key=lambda each: (each.url, _place(each))))
        self.by_key = {(each.url, each.version): each for each in self.listed}
        self.by_id = {each.id: each for each in self.listed}
        # Where several are of one url, the last in order wins.
        self.newest: Mapping[str, Listed] = {each.url: each for each in self.listed}

    def versions(self, url: str) -> tuple[Listed, ...]:
        """Every version of a url, the one that its url alone stands for last."""
        return tuple(each for each in self.listed if each.url == url)


def newer(version: str) -> tuple[Any, ...]:
    """A key that sorts versions: numbers by size, `1.0-draft` before `1.0`, dates by day.

    FHIR R4 leaves the form of a version open (canonicalresource version); most are like SemVer or
    are dates, and anything else sorts below them, as text.
    """
    version = version.partition("+")[0]
    found = _NUMBERS.match(version)
    numbers = [_piece(each) for each in re.split(r"[.\-]", found[1])] if found else []
    while numbers and numbers[-1] == _piece("0"):
        del numbers[-1]
    rest = version[found.end() :] if found else version
    released = bool(found) and not rest
    return bool(found), numbers, released, [_piece(each) for each in _PIECES.findall(rest)]


def free_id(resource: Mapping[str, Any], taken: Iterable[str]) -> str:
    """A resource id for a questionnaire: its own where it is one and nobody has it.

    Else one that ends in some hex digits of the SHA-256 of its canonical address, so that it is the
    same wherever it is worked out.
    """
    own, url = resource.get("id"), str(resource.get("url", ""))
    sound = isinstance(own, str) and _ID.fullmatch(own) is not None
    wanted = str(own) if sound else _id_of_url(url)
    known = frozenset(taken)
    if wanted not in known:
        return wanted
    digest = sha256(f"{url}|{resource.get('version', '')}".encode()).hexdigest()
    suffixed = (f"{wanted[: _LONGEST_ID - 1 - size]}-{digest[:size]}" for size in _SUFFIXES)
    return next((each for each in suffixed if each not in known), digest)


def _place(listed: Listed) -> tuple[Any, ...]:
    """Where one stands among the versions of its url: the usable, the ready, the newest last."""
    readiness = _READINESS.get(listed.status, 0)
    return not listed.retired, readiness, newer(listed.version), listed.date


def _piece(text: str) -> _Piece:
    """A piece of a version: numbers below texts, and by size however long they are."""
    if not text.isdigit():
        return (1, 0, text)
    digits = text.lstrip("0")
    return (0, len(digits), digits)


def _id_of_url(url: str) -> str:
    last = _NOT_OF_AN_ID.sub("-", url.rstrip("/").rsplit("/", 1)[-1]).strip("-")
    return last[:_LONGEST_ID] or "questionnaire"
