"""The services shipped with the package: the first source of a working copy, and taken in anew."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from directory.model import Service
from directory.open_referral.lens_reading import Context
from directory.open_referral.service_lens import records_of_all
from directory.working_copy.importing import import_items
from directory.working_copy.report import ImportReport
from directory.working_copy.store import WorkingCopy

STARTER: Final = "starter"
"""The name of the source of the services shipped with the package."""


def open_or_start(
    path: Path,
    starter: Callable[[], Iterable[Service]],
    *,
    now: datetime,
    context: Context | None = None,
) -> WorkingCopy:
    """The working copy; a new one begins with the services of `starter` as its source "starter".

    Raises WorkingCopyBusy and WorkingCopyDamaged.
    """
    working = WorkingCopy.open(path, context=context)
    try:
        (runs,) = working.database.execute("SELECT count(*) FROM run").fetchone()
        if runs == 0:
            renew(working, starter(), now=now, by=STARTER)
    except BaseException:
        working.close()
        raise
    return working


def renew(
    working: WorkingCopy, starter: Iterable[Service], *, now: datetime, by: str
) -> ImportReport:
    """Takes in the services of the package as they are now.

    As with any source, a change of what is published or edited, and a service that is gone, waits
    for a curator. Raises WorkingCopyBusy.
    """
    return import_items(working, STARTER, records_of_all(starter), now=now, by=by, ours=True)
