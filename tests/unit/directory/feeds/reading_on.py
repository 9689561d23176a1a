"""A process that reads a feed and tells each page once it is kept, to be killed.

Run as `python -m tests.unit.directory.feeds.reading_on URL STATE`.
"""

import sys
from dataclasses import replace
from pathlib import Path

from directory.feeds import FeedState, Limits, PageRead, fetch
from tests.unit.directory.feeds.made_up import LOOPBACK, plain_records


def tell(page: PageRead) -> None:
    """A line for each page."""
    sys.stdout.write(f"{page.table} {page.number}\n")
    sys.stdout.flush()


def main(url: str, path: str) -> None:
    """Read to the end, or until killed."""
    with FeedState(Path(path)) as state:
        feed = fetch(
            url,
            state=state,
            read_documents=plain_records,
            on_page=tell,
            access=LOOPBACK,
            limits=replace(Limits(), per_page=5),
        )
        for _ in feed:
            pass
    tell(PageRead("end", int(feed.complete), None, 0))


if __name__ == "__main__":
    main(*sys.argv[1:])
