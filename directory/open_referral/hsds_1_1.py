"""Tables and columns of HSDS 1.1 and 2.0 as objects of HSDS 3.

SOURCE: Human Services Data Specification 1.1 and 2.0, logical models; HSDS 3.0, change log.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from uuid import UUID

from directory.open_referral.schemas import KINDS_OF_TABLE, SCHEMAS

# RFC 5545, weekday.
_BYDAY: Final = {"mo": "MO", "tu": "TU", "we": "WE", "th": "TH", "fr": "FR", "sa": "SA", "su": "SU"}
_DAYS: Final = frozenset(
    day[:length]
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    for length in (2, 3, len(day))
)


class Older(NamedTuple):
    """How rows of an older table become objects of `kind`.

    `renamed` are columns, `stated` what the table itself says of every row. `apart`: the ids stand
    beside those of another table that becomes the same kind, so the table's name goes before them.
    `weekly`: a row is one day of every week.
    """

    kind: str
    renamed: Mapping[str, str] = MappingProxyType({})
    stated: Mapping[str, str] = MappingProxyType({})
    apart: bool = False
    weekly: bool = False


# By the name of the table in the singular.
_OLDER: Final[Mapping[str, Older]] = {
    "physical_address": Older("address", stated={"address_type": "physical"}),
    "postal_address": Older("address", stated={"address_type": "postal"}, apart=True),
    "regular_schedule": Older("schedule", weekly=True),
    "holiday_schedule": Older(
        "schedule", {"start_date": "valid_from", "end_date": "valid_to"}, apart=True
    ),
    "services_at_location": Older("service_at_location"),
    "accessibility_for_disabilities": Older("accessibility", {"accessibility": "description"}),
    "service_taxonomy": Older(
        "attribute",
        {"service_id": "link_id", "taxonomy_id": "taxonomy_term_id", "taxonomy_detail": "value"},
        {"link_entity": "service"},
    ),
    "service_attribute": Older("attribute", {"service_id": "link_id"}, {"link_entity": "service"}),
    "other_attribute": Older("attribute", {"link_type": "link_entity"}, apart=True),
    "eligibility": Older("eligibility"),
}
# The list of terms, which HSDS 3 calls taxonomy_term; its own table of this name is vocabularies.
_TERMS: Final = Older("taxonomy_term", {"vocabulary": "taxonomy"})
# Columns that HSDS 3 does not have under this name, where the table has no column of the new one.
_RENAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "organization": {"url": "website"},
    "language": {"language": "name"},
    "service_area": {"service_area": "name"},
    "accessibility": {"accessibility": "description"},
}
_ONE_OF_MANY: Final = (("eligibilities", "eligibility"), ("addresses", "address"))


def rule_of(table: str, header: tuple[str, ...]) -> Older:
    """How the rows of a table become objects: by its name, in any case, one or many, and columns.

    A table HSDS never had becomes the kind of its own name.
    """
    name = table.strip().lower().replace("-", "_").replace(" ", "_")
    kind = KINDS_OF_TABLE.get(name, name)
    if kind == "taxonomy" and "vocabulary" in header:
        return _TERMS
    if kind in SCHEMAS:
        renamed = _RENAMED.get(kind, {})
        new = {old: name for old, name in renamed.items() if name not in header}
        return Older(kind, MappingProxyType(new))
    single = _singular(name)
    if single in SCHEMAS:
        return Older(single)
    return _OLDER.get(single) or Older(table)


def modern(rule: Older, table: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The HSDS 3 properties of a row of an older table; what nobody foresaw stays as it came."""
    fields = {rule.renamed.get(name, name): value for name, value in raw.items()}
    fields = {**rule.stated, **fields}
    if rule.apart and "id" in fields and not _is_uuid(fields["id"]):
        fields["id"] = f"{_singular(table.lower())}/{fields['id']}"
    return _weekly(fields) if rule.weekly else fields


def _weekly(fields: dict[str, Any]) -> dict[str, Any]:
    """A row of one weekday as a weekly rule.

    A day without times (some mean by it that it is closed) or that is no day stays as it came: a
    rule would say that it is open.
    """
    day = str(fields.get("weekday", "")).strip().lower()
    if day not in _DAYS or not {"opens_at", "closes_at"} <= fields.keys():
        return fields
    rest = {name: value for name, value in fields.items() if name != "weekday"}
    return {"freq": "WEEKLY", "byday": _BYDAY[day[:2]], **rest}


def _singular(name: str) -> str:
    for many, one in _ONE_OF_MANY:
        if name.endswith(many):
            return name.removesuffix(many) + one
    if name in _OLDER or name in SCHEMAS:
        return name
    return name.removesuffix("s")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
