"""Imports: those made so far, and a file uploaded into the working copy."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from flask import Response, request
from werkzeug.datastructures import FileStorage

import directory
from directory.open_referral.reading import Unreadable
from directory.working_copy.problems import Refused
from directory.working_copy.report import Counts, unsure_of
from directory.working_copy.runs import Run, runs
from template_service.actions import curate_import
from template_service.actions.plain_text import is_plain
from template_service.web.blueprint import notify
from template_service.web.curate import LARGEST_UPLOAD
from template_service.web.curate_page import (
    act,
    curate_page,
    options,
    to,
    working_copy,
)
from template_service.web.curate_proposal_view import moment

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy

_LISTED: Final = 50
_LONGEST_NAME: Final = 80
# Kept of a file name: how its content is read depends on it.
_SUFFIXES: Final = frozenset({".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".zip"})
_MAPPING_SUFFIXES: Final = frozenset({".yaml", ".yml", ".json"})
_MAPPINGS: Final = Path(directory.__file__).parent / "data" / "mappings"
NONE, OWN = "", "own"


class RunView(NamedTuple):
    """One import of the list."""

    number: int
    source: str
    when: str
    who: str
    whole: bool
    unsure: str
    total: Counts
    tables: tuple[tuple[str, Counts], ...]


def page() -> Response:
    """The form to take in a file, and the imports made so far."""
    with working_copy() as working:
        return _page(working, {})


def take_in() -> Response:
    """Reads an uploaded file into the working copy; all of it, or nothing."""
    source = request.form.get("source", "").strip()
    mapping = request.form.get("mapping", NONE)
    errors: dict[str, str] = {}
    if not source or not is_plain(source, _LONGEST_NAME) or not source.isprintable():
        errors["source"] = f"Name the source, in at most {_LONGEST_NAME} characters"
    if not _given("file"):
        errors["file"] = "Choose a file"
    if mapping == OWN and not _given("own_mapping"):
        errors["own_mapping"] = "Choose your mapping file"
    if mapping not in (NONE, OWN, *_mappings()):
        errors["mapping"] = "Choose a mapping of the list"
    with working_copy() as working:
        if not errors:
            try:
                return _taken_in(working, source, mapping)
            except Unreadable as problem:
                # The file has a name of ours while it is read.
                said = str(problem).removeprefix(f"source{_suffix(request.files['file'])}: ")
                errors["file"] = f"This file cannot be read: {said}"
            except Refused as problem:
                errors["source"] = str(problem)
        return _page(working, errors)


def _taken_in(working: "WorkingCopy", source: str, mapping: str) -> Response:
    with _uploaded(mapping) as (path, mapping_path):
        found = curate_import.files(path, mapping=mapping_path)._replace(name=source)
        report = curate_import.take_in(working, found, **act())
    waiting = f" {report.proposals} changes wait for a decision." if report.proposals > 0 else ""
    back = f" {source} had been taken out: what it holds is in again." if report.returned else ""
    notify(f"The file was taken in.{back}{waiting}")
    return to("web.curate_run", number=report.run)


@contextmanager
def _uploaded(mapping: str) -> Iterator[tuple[Path, Path | None]]:
    """The uploaded file and the mapping chosen, as files for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        path = _kept(request.files["file"], Path(folder), "source")
        if mapping == NONE:
            yield path, None
        elif mapping == OWN:
            yield path, _kept(request.files["own_mapping"], Path(folder), "mapping")
        else:
            yield path, _MAPPINGS / f"{mapping}.yaml"


def _kept(sent: FileStorage, folder: Path, name: str) -> Path:
    """Keeps what was sent under a name of ours, with the end of its own."""
    path = folder / f"{name}{_suffix(sent, _SUFFIXES if name == 'source' else _MAPPING_SUFFIXES)}"
    sent.save(path)
    return path


def _suffix(sent: FileStorage, known: frozenset[str] = _SUFFIXES) -> str:
    """The end of a file's name where it is one we know, else blank."""
    suffix = Path(sent.filename or "").suffix.lower()
    return suffix if suffix in known else ""


def _given(name: str) -> bool:
    sent = request.files.get(name)
    return sent is not None and bool(sent.filename)


def _mappings() -> tuple[str, ...]:
    """The mappings that come with the directory."""
    return tuple(sorted(path.stem for path in _MAPPINGS.glob("*.yaml")))


def _page(working: "WorkingCopy", errors: dict[str, str]) -> Response:
    chosen = request.form.get("mapping", NONE)
    named = {NONE: "None: Open Referral (JSON, or CSV tables in a zip)"}
    named |= {name: f"{name}: comes with the directory" for name in _mappings()}
    named |= {OWN: "My own file, below"}
    return curate_page(
        "imports.html",
        runs=[view_of(one) for one in runs(working, limit=_LISTED)],
        source=request.form.get("source", ""),
        mappings=options(named, chosen),
        largest=f"{LARGEST_UPLOAD // 1024**2} MB",
        errors=errors,
    )


def view_of(one: Run) -> RunView:
    """An import as pages show it."""
    return RunView(
        number=one.number,
        source=one.source,
        when=moment(one.at),
        who=one.by,
        whole=one.complete,
        unsure=unsure_of(one.tables, one.unsure),
        total=one.total,
        tables=tuple(one.tables.items()),
    )
