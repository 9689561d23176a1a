"""Mappings: how the columns of any table become HSDS 3 objects.

docs/reference/mapping-files.md says what each part means.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

from directory.open_referral.schemas import COLUMNS

SHIPPED: Final = Path(__file__).parents[1] / "data" / "mappings"
"""The folder of the mapping files that come with the directory."""

# What we add to a service and a mapping may state; what only a curator can say is not among them.
ADDED: Final = frozenset(
    {
        "needs",
        "sex",
        "tenures",
        "household",
        "channels",
        "access",
        "exclusions",
        "self_referral",
        "professional_referral",
        "drop_in",
        "national",
        "caution",
    }
)
# Those of them that are lists.
LISTS: Final = frozenset({"needs", "tenures", "household", "channels", "access"})

_PLACEHOLDER: Final = re.compile(r"\{([^{}]+)\}")
PART: Final = "#"
"""Stands in a template for the number, from 1, of the part of a cell that has several."""


class InvalidMapping(ValueError):
    """A mapping file that cannot be used; `problems` name every place and what is wrong there."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Target(NamedTuple):
    """Where a value goes: a field of one of the records a row makes."""

    record: str
    field: str


def shipped() -> Mapping[str, Path]:
    """The mapping files that come with the directory, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}


@dataclass(frozen=True, slots=True)
class Template:
    """Text with `{column}` in it; several are tried in turn until one has all its columns."""

    texts: tuple[Any, ...]

    def filled(self, cells: Mapping[str, Any]) -> Any:
        """The text with the cells put in; None where each has a column that is blank."""
        for text in self.texts:
            if not isinstance(text, str):
                return text
            names = _PLACEHOLDER.findall(text)
            values = {name: cells.get(name) for name in names}
            if all(value is not None and str(value).strip() for value in values.values()):
                return _PLACEHOLDER.sub(lambda found: str(values[found[1]]).strip(), text)  # noqa: B023
        return None

    def columns(self) -> frozenset[str]:
        """The columns it names."""
        texts = (text for text in self.texts if isinstance(text, str))
        return frozenset(name for text in texts for name in _PLACEHOLDER.findall(text))


@dataclass(frozen=True, slots=True)
class Column:
    """What is done with the cells of a column; see the reference for each."""

    targets: tuple[Target, ...]
    split: str = ""
    values: Mapping[str, Any] | None = None
    join: str | None = None
    hours: bool = False
    blanks: bool = False
    pattern: re.Pattern[str] | None = None
    otherwise: str = ""

    @property
    def whole(self) -> bool:
        """Whether its cells say a record, not a field of one."""
        return self.hours or self.pattern is not None


@dataclass(frozen=True, slots=True)
class Made:
    """A record that a row makes: its kind, its id, and what it belongs to.

    `when` and `unless` name columns and the values by which it is made or not. `shared`: several
    rows may make it, with one content. `per`: made once for each part of that record.
    """

    name: str
    kind: str
    id: Template | None = None
    refers: tuple[str, ...] = ()
    shared: bool = False
    per: str = ""
    when: Mapping[str, frozenset[str]] | None = None
    unless: Mapping[str, frozenset[str]] | None = None


@dataclass(frozen=True)
class FileMapping:
    """How one file of a source is read; see the reference for each part."""

    file: str
    records: Mapping[str, Made]
    columns: Mapping[str, Column]
    constants: Mapping[Target, Template]
    ignored: frozenset[str]
    guarded: bool

    @cached_property
    def filled(self) -> frozenset[str]:
        """The records that a column says something of."""
        return frozenset(it.record for column in self.columns.values() for it in column.targets)

    def asked(self) -> frozenset[str]:
        """The columns that a rule or a template names."""
        templates = [made.id for made in self.records.values() if made.id]
        templates += self.constants.values()
        found = {name for template in templates for name in template.columns()}
        return frozenset(found - {PART}) | self.columns.keys()

    def used(self) -> frozenset[str]:
        """The columns that the mapping names; any other is kept as it is."""
        return self.asked() | self.ignored


def is_addition(kind: str, field: str) -> bool:
    """Whether a field of a record of this kind is one of our additions, not of HSDS."""
    return kind == "service" and field in ADDED and field not in COLUMNS["service"]
