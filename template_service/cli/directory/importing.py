"""`template-service directory import`."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from directory.open_referral.coordinates import misplaced
from directory.open_referral.records import Broken, Item, Record
from directory.working_copy.report import unsure_of
from template_service import clock
from template_service.actions.curate_desk import working_copy
from template_service.actions.curate_import import Source, files, take_in
from template_service.cli.directory.desk import by_whom, published, tell_counts, tell_proposals
from template_service.cli.options import common, print_json
from template_service.errors import Malformed, Unavailable
from template_service.settings import Settings

if TYPE_CHECKING:
    from directory.working_copy.report import ImportReport

FORMATS = ("auto", "oruk", "hsds-json", "hsds-csv", "csv")
# Lines told on a terminal of each kind of trouble; `--json` has all of the quarantine.
_TOLD = 20
_ANOTHER = "if it is another kind of table, say which column is what (--mapping NAME or FILE)"


class _MappingFile(click.Path):
    """A mapping file, or the name of one that comes with the directory."""

    def convert(
        self,
        value: str | PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str | bytes | PathLike[str]:
        """The path of the file."""
        from directory.open_referral.mapping import shipped  # noqa: PLC0415 -- marshmallow is slow

        ours = shipped()
        try:
            return ours.get(str(value)) or super().convert(value, param, ctx)
        except click.BadParameter as problem:
            self.fail(
                f"{problem.message} Those that come with the directory: {', '.join(ours)}.",
                param,
                ctx,
            )


class _Watched:
    """What passes on its way into the working copy: whether it broke, and places that are none."""

    def __init__(self) -> None:
        self.broken = False
        self.nowhere: list[str] = []

    def items(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items, counted on a terminal."""
        from tqdm import tqdm  # noqa: PLC0415 -- only here

        for item in tqdm(items, unit=" objects", disable=None, leave=False):
            if isinstance(item, Broken):
                self.broken = True
            elif isinstance(item, Record) and item.kind == "location":
                problem = misplaced(item.fields)
                if problem:
                    self.nowhere.append(f"{item.place}: {item.id}: {problem}")
            yield item


@click.command("import")
@click.argument("source")
@click.option("--format", "file_format", type=click.Choice(FORMATS), default="auto")
@click.option(
    "--mapping",
    type=_MappingFile(exists=True, dir_okay=False, path_type=Path),
    help="Which column of a CSV is what, a file or the name of one that comes with the directory;"
    " needed for --format csv.",
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
    from directory.open_referral.reading import (  # noqa: PLC0415 -- marshmallow is slow
        Unexplained,
        Unreadable,
    )

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
        watched = _Watched()
        found = found._replace(name=source_name or found.name, items=watched.items(found.items))
        try:
            with working_copy(settings) as working:
                report = take_in(working, found, by=by, now=clock.now())
        except Unreadable as problem:
            hint = _by_mapping(problem.mapping) if isinstance(problem, Unexplained) else ""
            raise Malformed(_named(source, str(problem)) + hint) from None
    if as_json:
        print_json(report.as_json())
    else:
        _tell(report)
    _tell_nowhere(watched.nowhere)
    _tell_unfinished(report)
    broken = watched.broken and not is_feed
    if fault := _fault(report, broken=broken, only_changes=only_changes):
        hint = "" if broken or is_feed or mapping else f"; {_advice(report)}"
        raise Malformed(f"{source}: {fault}{hint}")


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
        state = opened.enter_context(FeedState(published(settings) / "feeds.sqlite"))
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


def _named(source: str, problem: str) -> str:
    """The problem with the whole path of the source, which it may name already."""
    name = Path(source).name
    if name and problem.startswith(name):
        return source.rstrip("/").removesuffix(name) + problem
    return f"{source}: {problem}"


def _fault(report: "ImportReport", *, broken: bool, only_changes: bool) -> str:
    """Why this was no good import although something was kept; blank when it was one."""
    if broken:
        return (
            "it could not be read whole; what could be read was taken. Mend it and import it again"
        )
    read, refused = (
        sum(getattr(found, name) for found in report.tables.values())
        for name in ("read", "quarantined")
    )
    if read and read == refused:
        return f"nothing was taken, all of it ({read:,}) is in quarantine"
    services = report.tables.get("services")
    known = services is not None and (services.read > services.quarantined or services.withdrawn)
    if not known and not only_changes:
        return "no service was taken from it"
    return ""


def _by_mapping(name: str) -> str:
    """How a mapping is given: the one that is known to fit, or any."""
    return f" (--mapping {name or 'NAME or FILE'})"


def _advice(report: "ImportReport") -> str:
    """What may be done about a source that gave nothing of use."""
    from directory.working_copy.missing_tables import (  # noqa: PLC0415 -- marshmallow is slow
        in_words,
        missing_tables,
    )

    return in_words(missing_tables(report)) or _ANOTHER


def _tell(report: "ImportReport") -> None:
    from directory.working_copy.causes import by_cause  # noqa: PLC0415 -- marshmallow is slow

    for table, found in report.tables.items():
        tell_counts(table, found)
    causes = by_cause(report.quarantine)
    for cause in islice(causes, _TOLD):
        click.echo(cause.words)
    if more := sum(1 for _ in causes):
        click.echo(f"… and {more:,} more reasons for quarantine (--json has every row)")
    tell_proposals(report)


def _tell_nowhere(places: list[str]) -> None:
    if places:
        click.echo(
            f"Coordinates that cannot be right ({len(places):,}): the places are kept, and what the"
            " source says of where they are is never used",
            err=True,
        )
    for line in places[:_TOLD]:
        click.echo(line, err=True)
    if len(places) > _TOLD:
        click.echo(f"… and {len(places) - _TOLD:,} more places", err=True)


def _tell_unfinished(report: "ImportReport") -> None:
    if report.returned:
        click.echo(f"{report.source} had been taken out: what it holds is in again", err=True)
    if not report.complete:
        click.echo("The source was not read whole: nothing of it counts as withdrawn", err=True)
    if report.unsure:
        of = unsure_of(report.tables, report.unsure)
        click.echo(
            f"The source has rows without an id: nothing counts as withdrawn of {of}", err=True
        )
    most = report.mostly_gone
    if most is not None:
        click.echo(
            f"{most.gone:,} of {most.of:,} services of {report.source} are not in it any more. If"
            " it was the wrong file, take in the right one under the same name, or:"
            f" template-service directory review reject --source {report.source}"
            " --action withdraw --reason …",
            err=True,
        )
