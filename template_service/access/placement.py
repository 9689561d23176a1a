"""Which kind of organisation each role works at; a role elsewhere would see what is not its own."""

from sqlalchemy import Connection

from template_service.access.principal import Role
from template_service.errors import Invalid
from template_service.records import organisations
from template_service.records.organisations import Kind

# Roles that see people work where those people are; the others see nobody, so they may be anywhere.
PLACEMENT: dict[Role, Kind] = {
    Role.CLINICIAN: Kind.PRACTICE,
    Role.CARE_NAVIGATOR: Kind.PRACTICE,
    Role.INTEGRATOR: Kind.PRACTICE,
    Role.LINK_WORKER: Kind.PCN,
}


class MisplacedRole(Invalid):
    """The role does not work at this kind of organisation."""


def check_placement(conn: Connection, role: Role, organisation_id: str) -> None:
    """Pass a role at an organisation; raises `UnknownOrganisation` or `MisplacedRole`."""
    organisation = organisations.known(conn, organisation_id)
    kind = PLACEMENT.get(role)
    if kind is not None and organisation.kind is not kind:
        raise MisplacedRole(
            f"The role {role} works at a {kind}, but {organisation_id} is a {organisation.kind}"
        )
