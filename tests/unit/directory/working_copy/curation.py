"""The services of a working copy as curators see them, by their published ids."""

from typing import Final

from directory.model import Service
from directory.open_referral.records import uuid_of
from directory.working_copy.services import current_services
from directory.working_copy.store import WorkingCopy
from tests.unit.directory.working_copy.sources import SOURCE

S1: Final = uuid_of(SOURCE, "service", "s1")
S2: Final = uuid_of(SOURCE, "service", "s2")
WHO: Final = "a curator"


def services(working: WorkingCopy) -> dict[str, Service]:
    """The services that can be built, by published id."""
    return {one.published_id: one.service for one in current_services(working) if one.service}
