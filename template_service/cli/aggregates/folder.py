"""What every command of aggregates needs: the folder, the areas, and how refusals are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from template_service.aggregates.folder import FOLDER
from template_service.aggregates.kept_figures import reporting
from template_service.data_folder import prepare
from template_service.errors import Invalid
from template_service.settings import Settings


def folder_of(settings: Settings) -> Path:
    """The deployment's folder of aggregates."""
    prepare(settings.data)
    return settings.data / FOLDER


@contextmanager
def told_problems() -> Iterator[None]:
    """Says every problem of a refused file, and what to install where the extra is not there."""
    try:
        with reporting():
            yield
    except Invalid as refusal:
        if not refusal.problems:
            raise
        for problem in refusal.problems:
            click.echo(problem.message, err=True)
        raise click.ClickException(refusal.title) from None
