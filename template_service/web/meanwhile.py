"""Which revisions colleagues saved while a page was open: all that a page carries of a conflict.

They are numbers only, so nothing on the page tells of an answer that is masked.
"""

import re
from collections.abc import Sequence

from template_service.web.speech import mark

MEANWHILE = "meanwhile"
"""The field with the revisions that colleagues saved while a page was open: `3-4`."""

OTHERWISE = (
    mark("Somebody else answered some questions differently"),
    mark(
        "What somebody else answered differently stands at its question. Look at it before you "
        "save: what is on this page takes its place."
    ),
)
"""The title and text of a page that stands beside what a colleague answered, until it is saved."""

_REVISIONS = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
# More saves of colleagues during one visit than anybody has seen.
_MOST_REVISIONS = 20

Span = tuple[int, int]
"""The revision a page started from, and the one of a colleague that overtook it."""


def spans_in(texts: Sequence[str]) -> tuple[Span, ...]:
    """The spans that a page carries, the oldest first; what is none of ours is left out."""
    found = filter(None, map(_REVISIONS.fullmatch, texts[-_MOST_REVISIONS:]))
    spans = ((int(one[1]), int(one[2])) for one in found)
    return tuple((first, last) for first, last in spans if first < last)


def with_span(texts: Sequence[str], first: int, last: int) -> tuple[str, ...]:
    """The texts of the field after one more conflict."""
    return tuple(dict.fromkeys((*texts, f"{first}-{last}")))
