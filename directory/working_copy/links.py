"""What became of the web pages of services when they were last asked."""

from datetime import datetime
from typing import Final, NamedTuple

from directory.link_checks import Link, State
from directory.model import Service
from directory.working_copy.services import current_services
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import stamp

# What a curator looks at first.
_ORDER: Final[dict[State, int]] = {"gone": 0, "refused": 1, "moved": 2, "unclear": 3}


class Broken(NamedTuple):
    """A service whose web page did not answer as it stands in the entry, and when it was asked."""

    service: Service
    state: State
    reason: str
    at: str


class Checked(NamedTuple):
    """The last check of every web page that entries name now.

    `asked` of them were asked, `never` were not; `last` is when one was last, blank for never.
    `broken` are those that do not answer: first those gone, then by name.
    """

    asked: int
    never: int
    last: str
    broken: tuple[Broken, ...]


def keep(working: WorkingCopy, link: Link, *, now: datetime) -> None:
    """Keeps what asking the web page of a service came to, in place of the last time."""
    row = (link.service.id, link.service.url, link.state, link.reason, stamp(now))
    with working.writing() as database:
        database.execute("INSERT OR REPLACE INTO link_check VALUES (?, ?, ?, ?, ?)", row)


def checked(working: WorkingCopy) -> Checked:
    """What is known of the web pages of the current services; an address changed since is not."""
    kept = {
        (uid, url): answered
        for uid, url, *answered in working.database.execute(
            "SELECT uid, url, state, reason, at FROM link_check"
        )
    }
    services = [one.service for one in current_services(working) if one.service and one.service.url]
    found = [Broken(it, *kept[it.id, it.url]) for it in services if (it.id, it.url) in kept]
    broken = [it for it in found if it.state != "answers"]
    broken.sort(key=lambda it: (_ORDER[it.state], it.service.name, it.service.id))
    last = max((it.at for it in found), default="")
    return Checked(len(found), len(services) - len(found), last, tuple(broken))
