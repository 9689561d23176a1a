"""Tables that rows were refused for want of are named, and no others."""

import pytest

from directory.open_referral.records import Quarantined
from directory.working_copy.missing_tables import in_words, missing_tables
from directory.working_copy.report import Counts, ImportReport

_WHY = {
    "organizations": "organization_id: organization 9 is not there",
    "taxonomy_terms": "taxonomy_term_id: taxonomy_term a b is not there",
}


@pytest.mark.parametrize(
    ("reasons", "read", "missing"),
    [
        ([_WHY["organizations"]] * 2, ("services",), ("organizations",)),
        (_WHY.values(), ("services",), ("organizations", "taxonomy_terms")),
        (_WHY.values(), ("services", "organizations"), ("taxonomy_terms",)),
        (["organization_id: organization 9 was not taken", "name: missing"], ("services",), ()),
    ],
)
def test_a_table_of_which_nothing_was_there_is_missing(
    reasons: list[str], read: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    quarantine = tuple(Quarantined("services", "a", "1", reason) for reason in reasons)
    tables = dict.fromkeys(read, Counts())
    assert missing_tables(ImportReport("a", 1, True, tables, quarantine, 0)) == missing


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ((), ""),
        (("organizations",), "the table organizations is missing"),
        (("locations", "services"), "the tables locations and services are missing"),
    ],
)
def test_what_to_do_about_missing_tables(missing: tuple[str, ...], told: str) -> None:
    assert in_words(missing) == (
        told and f"{told}: import all tables together, as a folder or a zip"
    )
