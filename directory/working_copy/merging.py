"""What a feed's new word on a record changes at once, and what has to wait for a curator."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

_ABSENT = object()


class Merged(NamedTuple):
    """The fields after what may change at once did; `waiting` are the fields that may not."""

    fields: dict[str, Any]
    waiting: tuple[str, ...]


def merge(
    held: Mapping[str, Any],
    said: Mapping[str, Any],
    says: Mapping[str, Any],
    free: Callable[[str], bool],
) -> Merged:
    """Takes over what a source `says` now and had not `said` before, where the field is `free`.

    What the source did not change stays as it is held, whoever made it so. A field that is held
    already as the source says it now does not wait.
    """
    fields = dict(held)
    waiting = []
    for field in sorted(said.keys() | says.keys()):
        wanted = says.get(field, _ABSENT)
        if wanted == said.get(field, _ABSENT) or wanted == held.get(field, _ABSENT):
            continue
        if not free(field):
            waiting.append(field)
        elif wanted is _ABSENT:
            fields.pop(field, None)
        else:
            fields[field] = wanted
    return Merged(fields, tuple(waiting))
