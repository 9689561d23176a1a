"""Our needs in other vocabularies, and the terms of other vocabularies as our needs.

What is known stands in `directory/data/taxonomies/crosswalk.json`, each vocabulary with its source
and licence; a deployment adds its own terms (AIRS, a council's list) with a mapping file. No
identifier is invented: where only a label is known, only the label stands there.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from directory.model import NEEDS

NEED_VOCABULARY: Final = "needs"
_FILE: Final = Path(__file__).parent / "data" / "taxonomies" / "crosswalk.json"
_COLUMNS: Final = ("vocabulary", "code", "label", "uri", "need")
# "BD-1800*" in a mapping file stands for every code that begins with BD-1800.
_AND_BELOW: Final = "*"


class InvalidMapping(ValueError):
    """A mapping file that cannot be used; `problems` names every line at fault and why."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Term(NamedTuple):
    """A term of a vocabulary. What is not known of it is blank.

    `vocabulary` is its name, prefix or URI. `exact`: it means the same as the need it stands with,
    and not only something close to it.
    """

    vocabulary: str = ""
    code: str = ""
    label: str = ""
    uri: str = ""
    exact: bool = False


class Vocabulary(NamedTuple):
    """A vocabulary: every name it goes by, its address, where it was read, and its licence."""

    name: str
    names: tuple[str, ...]
    uri: str
    source: str
    licence: str
    # What a code is written after to make the URI of its term; blank where terms have none.
    terms: str = ""


class Crosswalk:
    """Terms and the needs they stand for, findable by URI, by vocabulary and code, by label."""

    def __init__(
        self, vocabularies: Mapping[str, Vocabulary], pairs: Iterable[tuple[str, Term]]
    ) -> None:
        self.vocabularies = vocabularies
        self._keys = {
            _plain(name): key
            for key, it in vocabularies.items()
            for name in (key, it.name, it.uri, *it.names)
        }
        self._terms: dict[str, list[Term]] = {need: [] for need in NEEDS}
        self._needs: dict[tuple[str, ...], dict[str, None]] = {}
        self._beginnings: dict[tuple[str, str], dict[str, None]] = {}
        for need, term in pairs:
            self._add(need, term)

    def needs_of(self, term: Term) -> tuple[str, ...]:
        """The needs a term stands for; none for a term nobody mapped.

        By its URI, else by vocabulary and code (`prefix:code` too), else by its label within its
        vocabulary; the label of a vocabulary nobody knows counts only where it means the same.
        """
        vocabulary, code = self._placed(term)
        for key in (
            ("uri", _plain(term.uri)),
            ("code", vocabulary, code.casefold()),
            ("label", vocabulary, _plain(term.label)),
        ):
            if key[-1] and key in self._needs:
                return tuple(self._needs[key])
        for size in range(len(code), 0, -1):
            found = self._beginnings.get((vocabulary, code[:size].casefold()))
            if found:
                return tuple(found)
        if vocabulary in self.vocabularies:
            return ()
        return tuple(self._needs.get(("exact", _plain(term.label)), ()))

    def terms_of(self, need: str) -> tuple[Term, ...]:
        """The terms other vocabularies have for a need, in the order of the file."""
        return tuple(self._terms[need])

    def _placed(self, term: Term) -> tuple[str, str]:
        """The vocabulary of a term by the key we know it by, and its code without a prefix."""
        named = self._keys.get(_plain(term.vocabulary), _plain(term.vocabulary))
        prefix, colon, code = term.code.partition(":")
        by_prefix = self._keys.get(_plain(prefix)) if colon else None
        return (by_prefix, code.strip()) if by_prefix else (named, term.code.strip())

    def _add(self, need: str, term: Term) -> None:
        self._terms[need].append(term)
        vocabulary = self._keys.get(_plain(term.vocabulary), _plain(term.vocabulary))
        known = self.vocabularies.get(vocabulary)
        uri = term.uri or (known.terms + term.code if known and known.terms and term.code else "")
        if term.code.endswith(_AND_BELOW):
            beginning = term.code.removesuffix(_AND_BELOW).casefold()
            self._beginnings.setdefault((vocabulary, beginning), {})[need] = None
        elif term.code:
            self._needs.setdefault(("code", vocabulary, term.code.casefold()), {})[need] = None
        if uri:
            self._needs.setdefault(("uri", _plain(uri)), {})[need] = None
        if term.label:
            self._needs.setdefault(("label", vocabulary, _plain(term.label)), {})[need] = None
            if term.exact:
                self._needs.setdefault(("exact", _plain(term.label)), {})[need] = None


def crosswalk(mapping: Path | None = None) -> Crosswalk:
    """What we know, and the terms of a deployment's mapping file before it.

    Raises InvalidMapping naming every line of the file at fault.
    """
    if mapping is None:
        return _known()
    ours = _known()
    return Crosswalk(ours.vocabularies, (*read_mapping(mapping), *_shipped(_document())))


def read_mapping(path: Path) -> tuple[tuple[str, Term], ...]:
    """The needs and terms of a mapping file: CSV with vocabulary, code, label, uri, need.

    A row needs a need and one of code, label and uri. A code that ends with `*` stands for all
    codes that begin so. Raises InvalidMapping.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return _mapped(csv.DictReader(stream, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise InvalidMapping((f"{path.name}: cannot be read as CSV in UTF-8",)) from problem


def _mapped(rows: "csv.DictReader[str]") -> tuple[tuple[str, Term], ...]:
    strangers = sorted(set(rows.fieldnames or ()) - set(_COLUMNS))
    if strangers or "need" not in (rows.fieldnames or ()):
        columns = ", ".join(_COLUMNS)
        raise InvalidMapping((f"line 1: the columns are {columns}",))
    problems: list[str] = []
    pairs: list[tuple[str, Term]] = []
    for row in rows:
        said = {name: (row.get(name) or "").strip() for name in _COLUMNS}
        if said["need"] not in NEEDS:
            problems.append(f"line {rows.line_num}: need {said['need']!r} is none of ours")
        elif not (said["code"] or said["label"] or said["uri"]):
            problems.append(f"line {rows.line_num}: neither code nor label nor uri")
        else:
            need = said.pop("need")
            pairs.append((need, Term(**said, exact=True)))
    if problems:
        raise InvalidMapping(tuple(problems))
    return tuple(pairs)


@lru_cache(1)
def _known() -> Crosswalk:
    document = _document()
    vocabularies = {
        key: Vocabulary(**(fields | {"names": tuple(fields["names"])}))
        for key, fields in document["vocabularies"].items()
    }
    return Crosswalk(vocabularies, _shipped(document))


def _shipped(document: Mapping[str, Any]) -> Iterator[tuple[str, Term]]:
    """Our own names of a need, then the terms of others."""
    for need, terms in document["needs"].items():
        yield need, Term(NEED_VOCABULARY, need, NEEDS[need], exact=True)
        for it in terms:
            is_same = it["match"] == "exact"
            yield (
                need,
                Term(it["vocabulary"], it.get("code", ""), it.get("label", ""), exact=is_same),
            )


def _document() -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(_FILE.read_bytes())
    return document


# A feed repeats the same few names of vocabularies and terms.
@lru_cache(4096)
def _plain(text: str) -> str:
    """A name or address as it is compared: case, scheme and a last slash make no difference."""
    folded = " ".join(text.split()).casefold().rstrip("/")
    return folded.removeprefix("https://").removeprefix("http://")
