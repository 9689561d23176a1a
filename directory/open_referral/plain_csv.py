"""The export `csv`: one row for each service, for people who open it in a spreadsheet.

It leaves out what a row cannot say; `hsds-csv` and `oruk-v3` are whole. What it holds is read back
with the mapping `plain-csv.yaml`, and exported again to the same bytes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from directory.model import NEEDS
from directory.open_referral.attributes import made_id
from directory.open_referral.export_folder import replaced_folder
from directory.open_referral.plain_cells import guarded
from directory.open_referral.records import Record
from directory.open_referral.tabular_writing import csv_text, written
from directory.taxonomies import NEED_VOCABULARY

FILE: Final = "services.csv"
# Holds the place of a line that says nothing, where two cells have their lines beside each other.
_NONE: Final = "-"

_ADDRESS: Final = (
    "attention",
    "address_1",
    "address_2",
    "city",
    "region",
    "state_province",
    "country",
)


class _Index:
    """The records by kind and id, and by what they belong to."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.by_id: dict[tuple[str, str], Record] = {}
        self._children: dict[tuple[str, str, str], list[Record]] = defaultdict(list)
        for record in records:
            self.by_id[record.kind, record.id] = record
            for owner in ("service_id", "location_id", "link_id"):
                if found := record.fields.get(owner):
                    self._children[record.kind, owner, str(found)].append(record)

    def of(self, kind: str, owner: str, owner_id: str) -> list[Record]:
        """The records of this kind whose field `owner` is this id."""
        return self._children.get((kind, owner, owner_id), [])

    def one(self, kind: str, record_id: Any) -> Mapping[str, Any]:
        """The fields of a record; empty where there is none."""
        found = self.by_id.get((kind, str(record_id)))
        return found.fields if found else {}

    def locations(self, service: Record) -> list[str]:
        """The ids of the places the service is at, each once."""
        ties = self.of("service_at_location", "service_id", service.id)
        return list(dict.fromkeys(str(it.fields.get("location_id", "")) for it in ties))


def write(records: Iterable[Record], folder: Path) -> None:
    """Write `services.csv` to a folder, which is replaced as a whole.

    Several phones, addresses and so on stand one to a line of the cell. A cell that a spreadsheet
    might run as a formula has an apostrophe before it. Raises ExportRefused where the folder holds
    anything but an earlier export.
    """
    index = _Index(records)
    services = sorted(
        (it for (kind, _), it in index.by_id.items() if kind == "service"), key=lambda it: it.id
    )
    with replaced_folder(folder) as unfinished, (unfinished / FILE).open("wb") as stream:
        stream.write(csv_text([list(_COLUMNS)]))
        for service in services:
            stream.write(csv_text([_row(index, service)]))


def _row(index: _Index, service: Record) -> Sequence[str]:
    return [guarded(written(cell(index, service)).strip()) for cell in _COLUMNS.values()]


def _own(name: str) -> Callable[[_Index, Record], Any]:
    return lambda _, service: service.fields.get(name)


def _lines(values: Iterable[Any]) -> str:
    """The values one to a line, each once, sorted; a line break within one is a blank."""
    lines = {" ".join(written(value).split()) for value in values}
    return "\n".join(sorted(lines - {""}))


def _languages(index: _Index, service: Record) -> str:
    spoken = [it.fields for it in index.of("language", "service_id", service.id)]
    return _lines(fields.get("name") or fields.get("code") for fields in spoken)


def _organisation(field: str) -> Callable[[_Index, Record], Any]:
    return lambda index, service: index.one(
        "organization", service.fields.get("organization_id")
    ).get(field)


def _organisation_id(index: _Index, service: Record) -> Any:
    found = service.fields.get("organization_id")
    return found if index.one("organization", found) else None


def _addresses(index: _Index, service: Record) -> list[tuple[str, str]]:
    """The addresses as (one line, postcode), sorted."""
    found = set()
    for location in index.locations(service):
        for address in index.of("address", "location_id", location):
            parts = (" ".join(written(address.fields.get(name)).split()) for name in _ADDRESS)
            postcode = " ".join(written(address.fields.get("postal_code")).split())
            line = ", ".join(part for part in parts if part)
            found.add((line or _NONE, postcode or _NONE))
    return sorted(found - {(_NONE, _NONE)})


def _address(index: _Index, service: Record) -> str:
    return _beside(line for line, _ in _addresses(index, service))


def _postcode(index: _Index, service: Record) -> str:
    return _beside(postcode for _, postcode in _addresses(index, service))


def _beside(lines: Iterable[str]) -> str:
    """Lines that stand beside those of another cell; blank where none says anything."""
    found = list(lines)
    return "\n".join(found) if set(found) != {_NONE} else ""


def _phones(index: _Index, service: Record) -> str:
    phones = list(index.of("phone", "service_id", service.id))
    for location in index.locations(service):
        phones += index.of("phone", "location_id", location)
    return _lines(it.fields.get("number") for it in phones)


def _hours(index: _Index, service: Record) -> str:
    return _lines(_hours_line(it.fields) for it in index.of("schedule", "service_id", service.id))


def _hours_line(fields: Mapping[str, Any]) -> str:
    """A schedule in words: its rule as it stands, then what its description says."""
    words = (written(fields.get(name)) for name in ("freq", "byday", "bymonthday"))
    times = [written(fields.get(name)) for name in ("opens_at", "closes_at")]
    said = [*words, " to ".join(times) if all(times) else "", written(fields.get("description"))]
    return " ".join(part for part in said if part)


def _needs(index: _Index, service: Record) -> str:
    attributes = index.of("attribute", "link_id", service.id)
    return _lines(_NEEDS.get(str(it.fields.get("taxonomy_term_id"))) for it in attributes)


# Our needs by the ids of their terms.
_NEEDS: Final = {made_id(NEED_VOCABULARY, need): need for need in NEEDS}
# The names of the columns are for people; `plain-csv.yaml` names the same ones.
_COLUMNS: Final[Mapping[str, Callable[[_Index, Record], Any]]] = {
    "Service": _own("name"),
    "Organisation": _organisation("name"),
    "Description": _own("description"),
    "Needs": _needs,
    "Status": _own("status"),
    "Phone": _phones,
    "Email": _own("email"),
    "Website": _own("url"),
    "Address": _address,
    "Postcode": _postcode,
    "Opening hours": _hours,
    "Who it is for": _own("eligibility_description"),
    "Minimum age": _own("minimum_age"),
    "Maximum age": _own("maximum_age"),
    "How to apply": _own("application_process"),
    "Cost": _own("fees_description"),
    "Languages": _languages,
    "Alert": _own("alert"),
    "Last changed": _own("last_modified"),
    "Service id": lambda _, service: service.id,
    "Organisation id": _organisation_id,
}
