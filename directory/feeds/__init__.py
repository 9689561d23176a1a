"""Live feeds of other directories: read safely, gone on with after a break, and told when whole.

Needs `requests`; import it only where a feed is read.
"""

from directory.feeds.addresses import Access, AddressRefused
from directory.feeds.client import FeedProblem, FeedRefused
from directory.feeds.details import Document
from directory.feeds.limits import Clock, Limits
from directory.feeds.reading import Feed, FeedEnd, PageRead, fetch
from directory.feeds.state import FeedState, StateDamaged

__all__ = [
    "Access",
    "AddressRefused",
    "Clock",
    "Document",
    "Feed",
    "FeedEnd",
    "FeedProblem",
    "FeedRefused",
    "FeedState",
    "Limits",
    "PageRead",
    "StateDamaged",
    "fetch",
]
