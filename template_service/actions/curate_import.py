"""A source taken into the working copy: a file of the command or of the page, or a feed."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from directory.open_referral.records import Item
    from directory.working_copy.report import ImportReport
    from directory.working_copy.store import WorkingCopy


class Source(NamedTuple):
    """What is read, the name it is kept under, and whether it was read without a break.

    `digest` tells two readings of the same from two of different things; blank: nobody knows.
    """

    name: str
    items: "Iterable[Item]"
    complete: Callable[[], bool]
    digest: Callable[[], str] = str


def files(path: Path, file_format: str = "auto", mapping: Path | None = None) -> Source:
    """A file, folder or zip, by its name; reading it raises Unreadable, and nothing else."""
    # marshmallow is slow to import.
    from directory.open_referral.reading import Unreadable, read_source  # noqa: PLC0415
    from directory.working_copy.repeating import digest_of  # noqa: PLC0415

    def items() -> "Iterator[Item]":
        try:
            yield from read_source(path, format=file_format, mapping=mapping)
        except OSError as problem:
            raise Unreadable(str(problem.strerror)) from None

    def digest() -> str:
        try:
            return digest_of(path, file_format, mapping)
        except OSError as problem:
            raise Unreadable(str(problem.strerror)) from None

    return Source(path.resolve().name, items(), lambda: True, digest)


def take_in(working: "WorkingCopy", source: Source, *, by: str, now: datetime) -> "ImportReport":
    """Imports a source, or finds that it says what it said the last time.

    Raises what reading it raises, and Refused for a source of our own name.
    """
    # marshmallow is slow to import.
    from directory.working_copy.importing import import_items  # noqa: PLC0415
    from directory.working_copy.problems import Refused  # noqa: PLC0415
    from directory.working_copy.repeating import keep_digest, repeated  # noqa: PLC0415
    from directory.working_copy.starting import STARTER  # noqa: PLC0415

    if source.name == STARTER:
        raise Refused(f"{STARTER} is the name of the services of the package: choose another")
    digest = source.digest()
    same = repeated(working, source.name, digest, now=now, by=by)
    if same is not None:
        return same
    report = import_items(
        working, source.name, source.items, now=now, by=by, complete=source.complete
    )
    # What changed while it was read is nobody's to say.
    if source.digest() == digest:
        keep_digest(working, report, digest)
    return report
