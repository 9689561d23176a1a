"""The records that a mapping makes of one row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from directory.model import NEEDS
from directory.open_referral.attributes import addition, need_attribute
from directory.open_referral.hours_text import schedules_of
from directory.open_referral.mapping import (
    LISTS,
    PART,
    Column,
    FileMapping,
    Made,
    Target,
    is_addition,
)
from directory.open_referral.plain_cells import json_text, some
from directory.open_referral.records import Broken, Item, Quarantined, Record, uuid_of
from directory.open_referral.schemas import COLUMNS, checked, table_of

_MADE_ID: Final = "mapped row"


class MappedRow:
    """A row with its mapping: what each record of it says, gathered column by column."""

    def __init__(
        self,
        file: FileMapping,
        cells: Mapping[str, Any],
        place: str,
        used: frozenset[str],
        absent: Sequence[str] = (),
    ) -> None:
        """`used` are the columns the mapping names; any other is kept by a record of the row.

        `absent` are those it asks for and the file does not have.
        """
        self._file = file
        self._cells = cells
        self._place = place
        self._absent = absent
        # What every part of a record says, what each part says, and what we add to it.
        self._common: dict[str, dict[str, Any]] = {name: {} for name in file.records}
        self._parts: dict[str, list[dict[str, Any]]] = {name: [] for name in file.records}
        self._added: dict[str, dict[str, Any]] = {name: {} for name in file.records}
        for name, column in file.columns.items():
            self._take(name, column)
        self._said = {name for name in file.records if self._common[name] or self._parts[name]}
        self._take_constants()
        self._rest = {name: value for name, value in cells.items() if name not in used}

    def items(self) -> Iterator[Item]:
        """The records, in the order of the mapping, each checked on its own; at least one item."""
        ids: dict[str, list[str]] = {}
        mine = [made for made in self._file.records.values() if not made.shared]
        for made in self._file.records.values():
            if not self._is_made(made, ids):
                continue
            ids[made.name] = []
            if made in mine or not mine:
                self._keep_rest(made)
            parts = self._parts[made.per or made.name]
            for number, part in enumerate(parts or [{}], start=1):
                ids[made.name].append("")
                if part or not parts:
                    item = self._item(made, number, {} if made.per else part, ids)
                    yield item
                    if isinstance(item, Record):
                        ids[made.name][-1] = item.id
                        yield from self._additions(made, item)
        if not any(ids.values()):
            table = table_of(next(iter(self._file.records.values())).kind)
            yield Broken(table, self._place, "", self._nothing())

    def _nothing(self) -> str:
        told = "the mapping makes nothing of this row"
        if not self._absent:
            return told
        return f"{told}; the file has not the columns that it asks for: {some(self._absent)}"

    def _item(
        self, made: Made, number: int, part: Mapping[str, Any], ids: Mapping[str, list[str]]
    ) -> Item:
        fields = {**self._references(made, number, ids), **self._common[made.name], **part}
        if made.id is None:
            found = uuid_of(_MADE_ID, made.kind, json_text([fields, number]))
        else:
            found = made.id.filled({**self._cells, PART: number})
        return checked(made.kind, {"id": found, **fields}, self._place)

    def _references(self, made: Made, number: int, ids: Mapping[str, list[str]]) -> dict[str, str]:
        """The ids of the records it belongs to: of the same part where they have as many."""
        found = {}
        for name in made.refers:
            known = ids.get(name, [])
            if known and (one := known[min(number, len(known)) - 1]):
                found[f"{self._file.records[name].kind}_id"] = one
        return found

    def _is_made(self, made: Made, ids: Mapping[str, list[str]]) -> bool:
        # What no column fills only ties others together.
        tie = bool(made.refers) and not made.per and made.name not in self._file.filled
        return (
            (
                made.name in self._said
                or made.per in self._said
                or (tie and all(map(ids.get, made.refers)))
            )
            and all(self._is(name, words) for name, words in (made.when or {}).items())
            and not any(self._is(name, words) for name, words in (made.unless or {}).items())
        )

    def _is(self, column: str, words: frozenset[str]) -> bool:
        return str(self._cells.get(column, "")).strip() in words

    def _take(self, name: str, column: Column) -> None:
        values = list(_values(column, self._cells.get(name)))
        if not values:
            return
        for target in column.targets:
            made = self._file.records[target.record]
            if column.hours:
                self._parts[made.name] += map(dict, schedules_of(str(values[0])))
            elif column.pattern:
                self._common[made.name] |= _found(column, str(values[0]))
            elif is_addition(made.kind, target.field):
                self._added[made.name][target.field] = values
            elif column.split:
                self._set_parts(target, values)
            else:
                self._set(target, values[0], column.join)

    def _set(self, target: Target, value: Any, join: str | None) -> None:
        fields = self._common[target.record]
        before = fields.get(target.field)
        joined = before is not None and join is not None
        fields[target.field] = f"{before}{join}{value}" if joined else value

    def _set_parts(self, target: Target, values: list[Any]) -> None:
        """One part for each value; a second column of parts goes beside the first."""
        parts = self._parts[target.record]
        parts += ({} for _ in range(len(values) - len(parts)))
        for part, value in zip(parts, values, strict=False):
            if value is not None:
                part[target.field] = value

    def _take_constants(self) -> None:
        for target, template in self._file.constants.items():
            made = self._file.records[target.record]
            if is_addition(made.kind, target.field):
                several = target.field in LISTS
                said = list(template.texts) if several else [template.filled(self._cells)]
                self._added[made.name].setdefault(target.field, said)
            else:
                value = template.filled(self._cells)
                if value is not None:
                    self._common[made.name].setdefault(target.field, value)

    def _keep_rest(self, made: Made) -> None:
        """Keep the columns no rule names in this record; not under the name of one of its fields.

        Records that several rows make would contradict each other by them.
        """
        fields = self._common[made.name]
        taken = {*COLUMNS.get(made.kind, ()), *fields}
        for name, value in self._rest.items():
            fields[f"source_{name}" if name in taken else name] = value
        self._rest = {}

    def _additions(self, made: Made, record: Record) -> Iterator[Item]:
        for field, values in self._added[made.name].items():
            if field == "needs":
                for ordinal, need in enumerate(dict.fromkeys(values), start=1):
                    yield self._need(record, str(need), ordinal)
            elif values[0] is not None:
                value = values if field in LISTS else values[0]
                yield addition(record, field, value)._replace(place=self._place)

    def _need(self, record: Record, need: str, ordinal: int) -> Item:
        if need not in NEEDS:
            reason = f"needs: {need!r} is no need of ours"
            return Quarantined("attributes", self._place, "", reason)
        return need_attribute(record, need, ordinal)._replace(place=self._place)


def _found(column: Column, text: str) -> dict[str, str]:
    """The fields that the pattern finds in a cell that it fits as a whole."""
    fits = column.pattern.fullmatch(text) if column.pattern else None
    if fits is None:
        return {column.otherwise: text}
    return {name: value for name, value in fits.groupdict().items() if value}


def _values(column: Column, cell: Any) -> Iterator[Any]:
    """The values of a cell: split, put in other words; a blank one is left out or is None."""
    if cell is None:
        parts: list[Any] = [""]
    elif column.split:
        parts = [part.strip() for part in str(cell).split(column.split)]
    else:
        parts = [cell]
    for part in parts:
        value = part
        if column.values is not None:
            value = column.values.get(str(part).strip(), part)
        if value is not None and str(value).strip():
            yield value
        elif column.blanks and cell is not None:
            yield None
