"""What an import did not take, told by its causes, not row by row."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from directory.open_referral.records import Quarantined
from directory.open_referral.schemas import table_of
from directory.working_copy.dangling import Dangling

_NAMED: Final = 3


class Cause(NamedTuple):
    """Why some rows of one table were refused, in words, and which: those that fell with them are
    only counted in the words.
    """

    words: str
    rows: tuple[Quarantined, ...]


@dataclass(slots=True)
class _Rows:
    """Rows of one table refused for one reason, and what was refused only with them."""

    rows: list[Quarantined] = field(default_factory=list)
    parts: Counter[str] = field(default_factory=Counter)

    def told(self) -> str:
        first = self.rows[0]
        if len(self.rows) == 1:
            said = ": ".join(filter(None, (first.row or first.table, first.id, first.reason)))
        else:
            said = f"{len(self.rows):,} {first.table}: {self._reason()}"
        if not self.parts:
            return said
        kinds = ", ".join(f"{count:,} {table}" for table, count in self.parts.most_common())
        them = "it" if len(self.rows) == 1 else "them"
        total = self.parts.total()
        return f"{said}; with {them} {total:,} part{'s' * (total > 1)} ({kinds})"

    def _reason(self) -> str:
        missing = [found for row in self.rows if (found := _missing(row))]
        if not missing:
            places = list(dict.fromkeys(row.row for row in self.rows if row.row))
            return self.rows[0].reason + (f" ({_some(places)})" if places else "")
        name, kind, *_ = missing[0]
        ids = list(dict.fromkeys(found.id for found in missing))
        if len(ids) == 1:
            return f"{name}: {kind} {ids[0]} is not in the source"
        return f"{name}: {len(ids):,} of these are not in the source: {kind} {_some(ids)}"


def by_cause(rows: Sequence[Quarantined]) -> Iterator[Cause]:
    """What was refused for each cause, in the order of the source; what fell with a row is counted
    there.

    A row alone of its cause has its place and id; of several the first places are named.
    """
    by_id: dict[tuple[str, str], Quarantined] = {}
    for row in rows:
        by_id.setdefault((row.table, row.id), row)
    causes: dict[tuple[str, ...], _Rows] = {}
    for row in rows:
        root = _root(row, by_id)
        cause = causes.setdefault(_key(root), _Rows())
        if root is row:
            cause.rows.append(row)
        else:
            cause.parts[row.table] += 1
    # A part may stand before the row that it fell with: by now that row is there.
    return (Cause(it.told(), tuple(it.rows)) for it in causes.values() if it.rows)


def _root(row: Quarantined, by_id: dict[tuple[str, str], Quarantined]) -> Quarantined:
    """The row whose own fault this one was refused for; itself where that cannot be told."""
    at, seen = row, {id(row)}
    while (found := Dangling.read(at.reason)) and found.refused:
        above = by_id.get((table_of(found.kind), found.id))
        if above is None or id(above) in seen:
            return row
        seen.add(id(above))
        at = above
    return at


def _key(row: Quarantined) -> tuple[str, ...]:
    missing = _missing(row)
    return (row.table, missing.field, missing.kind) if missing else (row.table, row.reason)


def _missing(row: Quarantined) -> Dangling | None:
    """What the row names that is nowhere in the source."""
    found = Dangling.read(row.reason)
    return found if found and not found.refused else None


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
