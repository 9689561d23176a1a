"""`template-service directory …`: what goes into the directory, its curation, and searching it."""

import click

from template_service.cli.directory import (
    checking,
    export,
    importing,
    matching,
    publishing,
    review,
    starter,
)


@click.group()
def directory() -> None:
    """Curate, publish and search the directory of services."""


for _command in (
    checking.check_links,
    checking.duplicates,
    checking.gaps,
    export.export,
    importing.import_source,
    matching.match,
    publishing.publish,
    publishing.versions,
    publishing.compare,
    publishing.rollback,
    review.review,
    review.changes,
    starter.renew_starter,
):
    directory.add_command(_command)
