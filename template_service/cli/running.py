"""`template-service migrate`, `check` and `audit verify`."""

import click

from template_service.cli.options import common, print_json
from template_service.data_folder import open_store
from template_service.records import audit as audit_records
from template_service.settings import Settings


@click.command()
@common
def migrate(*, settings: Settings, as_json: bool) -> None:
    """Bring the store to this version; without effect when it is there."""
    store = open_store(settings)
    revision = store.schema_revision()
    store.close()
    if as_json:
        print_json({"revision": revision})
    else:
        click.echo(f"The store is at revision {revision}")


@click.command()
@common
def check(*, settings: Settings, as_json: bool) -> None:
    """Look for damage in the store; exit 1 when there is any."""
    store = open_store(settings)
    problems = store.check()
    store.close()
    if as_json:
        print_json({"problems": list(problems)})
    else:
        click.echo("\n".join(problems) or "The store is sound")
    if problems:
        raise SystemExit(1)


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command("verify")
@common
def verify(*, settings: Settings, as_json: bool) -> None:
    """Follow the hash chain of every organisation; exit 1 at the first break."""
    store = open_store(settings)
    with store.read() as conn:
        broken = audit_records.verify(conn)
    store.close()
    if as_json:
        place = broken and {"organisation": broken.organisation_id, "entry": broken.seq}
        print_json({"intact": broken is None, "broken_at": place})
    elif broken is None:
        click.echo("The audit trail is intact")
    else:
        click.echo(f"The chain of {broken.organisation_id} breaks at entry {broken.seq}")
    if broken is not None:
        raise SystemExit(1)
