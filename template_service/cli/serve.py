"""`template-service serve`."""

from dataclasses import replace

import click

from template_service.cli.options import common, print_json
from template_service.settings import Settings


@click.command()
@click.option("--host", help="Address to listen on (TEMPLATE_SERVICE_HOST).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port (TEMPLATE_SERVICE_PORT).")
@common
def serve(*, settings: Settings, as_json: bool, host: str | None, port: int | None) -> None:
    """Run the service until it is told to stop (SIGTERM or Ctrl+C)."""
    from template_service import server  # noqa: PLC0415 -- granian only where it serves

    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    address = f"http://{settings.host}:{settings.port}"
    if as_json:
        print_json({"address": address})
    else:
        click.echo(f"Serving on {address}")
    server.serve(settings)
