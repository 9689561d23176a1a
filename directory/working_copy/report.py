"""What an import found: counts for each table that add up to what the source held."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from directory.open_referral.records import Quarantined

# A few services go every month; our own threshold, below which nobody is warned.
_FEW: Final = 5


class Counts(NamedTuple):
    """The rows of one table.

    `read` is new + changed + unchanged + quarantined. `withdrawn` stands apart: what was there
    before and is not any more.
    """

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    quarantined: int = 0


class Gone(NamedTuple):
    """How many services of a source are not in it any more, of how many there were."""

    gone: int
    of: int


def mostly_gone(tables: Mapping[str, Counts]) -> Gone | None:
    """How many services went, where that is more than half and more than five; else None.

    That much is seldom what happened in the city: it is the wrong file under the name of the
    source, or an empty one.
    """
    found = tables.get("services", Counts())
    of = found.withdrawn + found.changed + found.unchanged
    many = found.withdrawn > _FEW and 2 * found.withdrawn > of
    return Gone(found.withdrawn, of) if many else None


def unsure_of(tables: Mapping[str, Counts], unsure: Sequence[str]) -> str:
    """Of what nothing counts as withdrawn, in words; blank where nothing is unsure."""
    return "anything" if unsure and tables.keys() <= {*unsure} else ", ".join(unsure)


class ImportReport(NamedTuple):
    """What one reading of a source came to.

    `complete`: it was read to its end without a break; otherwise nothing counts as withdrawn.
    `unsure`: the tables of which nothing counts as withdrawn because a row without id may be it.
    `proposals` is how many changes wait for a curator because of it. `returned`: the source had
    been taken out, and is in again.
    """

    source: str
    run: int
    complete: bool
    tables: Mapping[str, Counts]
    quarantine: tuple[Quarantined, ...]
    proposals: int
    unsure: tuple[str, ...] = ()
    returned: bool = False

    @property
    def mostly_gone(self) -> Gone | None:
        """Services that went, where they are most of the source: likely the wrong file."""
        return mostly_gone(self.tables)

    def as_json(self) -> dict[str, Any]:
        """The JSON of `directory import --json`: a member for each table, and the quarantine."""
        tables: dict[str, Any] = {name: found._asdict() for name, found in self.tables.items()}
        tables.setdefault("services", Counts()._asdict())
        tables["quarantine"] = [found._asdict() for found in self.quarantine]
        return tables
