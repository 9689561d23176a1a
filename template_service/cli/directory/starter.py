"""`template-service directory renew-starter`: the services of the package, as they are now."""

import click

from template_service import clock
from template_service.actions.curate_desk import working_copy
from template_service.cli.directory.desk import by_whom, tell_counts, tell_proposals
from template_service.cli.options import common, print_json
from template_service.data_folder import open_geography
from template_service.settings import Settings


@click.command("renew-starter")
@by_whom
@common
def renew_starter(*, settings: Settings, as_json: bool, by: str) -> None:
    """Take in the services shipped with this version, after an upgrade.

    Nothing is published; what was published or edited changes only once a curator agrees.
    """
    from directory.starter import starter_services  # noqa: PLC0415 -- only here
    from directory.working_copy.starting import renew  # noqa: PLC0415 -- marshmallow is slow

    geography = open_geography(settings)
    try:
        services = starter_services(geography)
    finally:
        geography.close()
    with working_copy(settings) as working:
        report = renew(working, services, now=clock.now(), by=by)
    if as_json:
        print_json(report.as_json())
        return
    tell_counts("services", report.tables["services"])
    tell_proposals(report)
