"""`template-service demo`: a self-contained demonstration with made-up people."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

import click
from tqdm import tqdm

from template_service.cli.options import common, print_json
from template_service.demo.figures import figures_meanwhile, make_figures
from template_service.demo.folder import PEOPLE, Demo, prepare_demo
from template_service.settings import Settings

DATA = Path("demo-data")


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port (TEMPLATE_SERVICE_PORT).")
@click.option(
    "--people", type=click.IntRange(1, 50_000), help=f"How many people to make up ({PEOPLE:,})."
)
@click.option("--prepare-only", is_flag=True, help="Build the data and do not serve.")
@common
def demo(
    *, settings: Settings, as_json: bool, port: int | None, people: int | None, prepare_only: bool
) -> None:
    """Serve a demonstration: made-up people at the real practices of Leeds, one sign-in per role.

    The data stays in ./demo-data unless --data names another folder, and is used again with all
    that was done in it.
    """
    default = settings.data == Settings().data
    settings = replace(
        settings,
        data=DATA if default else settings.data,
        port=port or settings.port,
        host=Settings().host,
        demo=True,
        # Plain HTTP on this machine only: a Secure cookie would not come back from every client.
        cookie_secure=False,
    )
    prepared = prepare_demo(settings, people=people, progress=_progress)
    if prepare_only:
        make_figures(settings)
    _announce(settings, prepared, as_json=as_json, serving=not prepare_only)
    if not prepare_only:
        from template_service import server  # noqa: PLC0415 -- granian only where it serves

        figures = figures_meanwhile(settings.data)
        try:
            server.serve(settings)
        finally:
            figures.terminate()
            figures.wait()


def _progress(steps: Iterable[int]) -> Iterable[int]:
    """A bar on stderr where somebody can see it."""
    return tqdm(steps, desc="Making up people", unit=" people", disable=None)


def _announce(settings: Settings, prepared: Demo, *, as_json: bool, serving: bool) -> None:
    if as_json:
        sign_ins = [asdict(each) for each in prepared.sign_ins]
        print_json({"data": str(prepared.data), "sign_ins": sign_ins})
        return
    click.echo("Demonstration: made-up people. Sign in as:")
    for each in prepared.sign_ins:
        click.echo(f"  {each.role:15} {each.username:20} {each.password}")
    if serving:
        click.echo(f"Serving on http://{settings.host}:{settings.port} (Ctrl+C stops it)")
