"""The working copy of the directory, opened; its refusals as the service's own."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from directory.working_copy.problems import (
    NotHeld,
    WorkingCopyBusy,
    WorkingCopyDamaged,
    WorkingCopyProblem,
)
from template_service.data_folder import open_working_copy
from template_service.errors import Invalid, NotFound, ServiceError, Unavailable

if TYPE_CHECKING:
    from directory.geography import Geography
    from directory.working_copy.store import WorkingCopy
    from template_service.service import Service
    from template_service.settings import Settings


@contextmanager
def working_copy(
    settings: "Settings", geography: "Geography | None" = None
) -> "Iterator[WorkingCopy]":
    """The working copy of the data folder, open for the block.

    `geography` is that of the folder, where it is open already. What the working copy refuses
    leaves the block as NotFound, Unavailable or Invalid.
    """
    try:
        with open_working_copy(settings, geography) as working:
            yield working
    except WorkingCopyProblem as problem:
        raise _as_service_error(problem) from None


def desk(service: "Service") -> "AbstractContextManager[WorkingCopy]":
    """The same for the running service."""
    return working_copy(service.settings, service.geography)


def _as_service_error(problem: WorkingCopyProblem) -> ServiceError:
    if isinstance(problem, NotHeld):
        return NotFound(str(problem))
    if isinstance(problem, WorkingCopyBusy | WorkingCopyDamaged):
        return Unavailable(str(problem))
    return Invalid(str(problem))
