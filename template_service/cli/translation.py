"""`template-service translation`: a catalogue of the pages' texts for whoever translates them."""

from pathlib import Path

import click

from template_service.cli.options import common, print_json
from template_service.settings import Settings
from template_service.web.messages import brought_up_to_date


@click.command("translation")
@click.argument("catalogue", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@common
def translation(*, settings: Settings, as_json: bool, catalogue: Path) -> None:
    """Make the catalogue of a language (cy.po), or bring it up to date with the pages."""
    del settings
    translated, messages = brought_up_to_date(catalogue)
    if as_json:
        print_json({"translated": translated, "messages": messages})
    else:
        click.echo(f"{catalogue}: {translated} of {messages} texts are translated")
