"""`template-service directory import`."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from template_service import clock
from template_service.actions.curate_desk import working_copy
from template_service.actions.curate_import import Source, files, take_in
from template_service.cli.directory.desk import by_whom
from template_service.cli.options import common, print_json
from template_service.errors import Malformed, Unavailable
from template_service.settings import Settings

if TYPE_CHECKING:
    from directory.open_referral.records import Item
    from directory.working_copy.report import ImportReport

FORMATS = ("auto", "oruk", "hsds-json", "hsds-csv", "csv")
# Quarantined rows told on a terminal; `--json` has them all.
_TOLD = 20


@click.command("import")
@click.argument("source")
@click.option("--format", "file_format", type=click.Choice(FORMATS), default="auto")
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Which column of a CSV is what; needed for --format csv.",
)
@click.option(
    "--only-changes", is_flag=True, help="Of a feed: what changed since it was last read whole."
)
@click.option("--source-name", help="The name of the source, the same every time it is imported.")
@by_whom
@common
def import_source(
    *,
    settings: Settings,
    as_json: bool,
    source: str,
    file_format: str,
    mapping: Path | None,
    only_changes: bool,
    source_name: str | None,
    by: str,
) -> None:
    """Take a folder, zip, file or feed (https://…) into the working copy.

    Nothing is published; what was published or edited changes only once a curator agrees.
    """
    from directory.open_referral.reading import Unreadable  # noqa: PLC0415 -- marshmallow is slow

    if file_format == "csv" and mapping is None:
        raise click.UsageError("--format csv needs --mapping")
    is_feed = "://" in source
    if only_changes and not is_feed:
        raise click.UsageError("--only-changes is for feeds")
    with ExitStack() as opened:
        if is_feed:
            found = _feed(settings, source, opened, only_changes=only_changes)
        else:
            found = _files(Path(source), file_format, mapping)
        found = found._replace(name=source_name or found.name, items=_counted(found.items))
        try:
            with working_copy(settings) as working:
                report = take_in(working, found, by=by, now=clock.now())
        except Unreadable as problem:
            raise Malformed(f"{source}: {problem}") from None
    if as_json:
        print_json(report.as_json())
        _tell_unfinished(report)
    else:
        _tell(report)


def _files(path: Path, file_format: str, mapping: Path | None) -> Source:
    if not path.exists():
        raise Malformed(f"{path}: there is no such file or folder")
    return files(path, file_format, mapping)


def _feed(settings: Settings, url: str, opened: ExitStack, *, only_changes: bool) -> Source:
    from directory.feeds import (  # noqa: PLC0415 -- needs requests
        Access,
        FeedProblem,
        FeedState,
        StateDamaged,
        fetch,
    )

    shown, host = _shown(url)
    # Plain http is for the hosts that the deployment named, and for no other.
    named = frozenset(settings.feed_hosts)
    access = Access(hosts=named, plain_http=not named.isdisjoint(host))
    try:
        state = opened.enter_context(FeedState(settings.data / "directory" / "feeds.sqlite"))
        feed = opened.enter_context(
            fetch(url, state=state, only_changes=only_changes, access=access)
        )
    except (FeedProblem, StateDamaged) as problem:
        raise Unavailable(f"{shown}: {problem}") from None

    def items() -> "Iterator[Item]":
        try:
            yield from feed
        except FeedProblem as problem:
            raise Unavailable(f"{shown}: {problem}") from None

    name = shown.partition("://")[2].partition("?")[0].rstrip("/")
    return Source(name, items(), lambda: feed.complete)


def _shown(url: str) -> tuple[str, frozenset[str]]:
    """An address without what may be a credential in it; its host, alone and with its port."""
    try:
        parts = urlsplit(url.strip())
        alone = parts.hostname or ""
    except ValueError:
        raise Malformed("this is not the address of a feed") from None
    netloc = parts.netloc.rpartition("@")[2]
    query = "?…" if parts.query else ""
    shown = f"{parts.scheme}://{netloc}{parts.path}{query}"
    return shown, frozenset({alone, netloc.lower()})


def _counted(items: "Iterable[Item]") -> "Iterator[Item]":
    from tqdm import tqdm  # noqa: PLC0415 -- only here

    yield from tqdm(items, unit=" objects", disable=None, leave=False)


def _tell(report: "ImportReport") -> None:
    for table, found in report.tables.items():
        click.echo(
            f"{table}: {found.read:,} read, {found.new:,} new, {found.changed:,} changed,"
            f" {found.unchanged:,} unchanged, {found.quarantined:,} quarantined;"
            f" {found.withdrawn:,} withdrawn"
        )
    for row in report.quarantine[:_TOLD]:
        click.echo(f"{row.row or row.table}: {row.id}: {row.reason}")
    if len(report.quarantine) > _TOLD:
        click.echo(f"… and {len(report.quarantine) - _TOLD:,} more in quarantine (--json has all)")
    if report.proposals > 0:
        click.echo(
            f"New proposals for a curator: {report.proposals:,} (template-service directory review)"
        )
    _tell_unfinished(report)


def _tell_unfinished(report: "ImportReport") -> None:
    if not report.complete:
        click.echo("The source was not read whole: nothing of it counts as withdrawn", err=True)
    if report.unsure:
        tables = ", ".join(report.unsure)
        click.echo(
            f"The source has rows without an id: nothing counts as withdrawn of {tables}", err=True
        )
