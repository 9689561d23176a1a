"""`template-service aggregates …`: from facts to figures for public health."""

import click

from template_service.cli.aggregates import intake, leaving, output


@click.group()
def aggregates() -> None:
    """Anonymised figures for public health."""


for _command in (
    leaving.export_facts,
    intake.import_facts,
    intake.import_population,
    intake.import_indicators,
    intake.close,
    output.release,
    output.audit,
    output.report,
    output.pack,
):
    aggregates.add_command(_command)
