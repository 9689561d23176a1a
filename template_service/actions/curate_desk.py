"""The working copy of the directory as pages use it: opened, its refusals as the service's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from directory.working_copy.problems import (
    NotHeld,
    WorkingCopyBusy,
    WorkingCopyDamaged,
    WorkingCopyProblem,
)
from template_service.data_folder import open_working_copy
from template_service.errors import Invalid, NotFound, ServiceError, Unavailable
from template_service.service import Service

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy


@contextmanager
def desk(service: Service) -> "Iterator[WorkingCopy]":
    """The working copy, open for the block.

    What it refuses leaves the block as NotFound, Unavailable or Invalid.
    """
    try:
        working = open_working_copy(service.settings)
        with working:
            yield working
    except WorkingCopyProblem as problem:
        raise _as_service_error(problem) from None


def _as_service_error(problem: WorkingCopyProblem) -> ServiceError:
    if isinstance(problem, NotHeld):
        return NotFound(str(problem))
    if isinstance(problem, WorkingCopyBusy | WorkingCopyDamaged):
        return Unavailable(str(problem))
    return Invalid(str(problem))
