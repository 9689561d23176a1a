"""What full text search can read of a service."""

from directory.model import NEEDS, SYNONYMS
from directory.search_text import INDEXED, search_text
from tests.unit.directory.made_up import CROWDED, a_service


def test_every_column_is_filled_in_the_order_it_is_weighed() -> None:
    service = a_service(
        address="1 Example Street, Beeston",
        postcode="LS11 1AA",
        eligibility="People of Hunslet",
        languages=("so",),
        access=("BSL",),
        exclusions="Not for Morley",
    )
    text = search_text(service)
    assert tuple(text) == INDEXED
    assert text["name"] == service.name
    assert NEEDS[CROWDED[0]] in text["needs"]
    assert set(SYNONYMS[CROWDED[0]]) == set(text["synonyms"].split("\n"))
    for told in ("Beeston", "LS11 1AA", "Hunslet", "Somali", "BSL"):
        assert told in text["details"]
    # Whom it is not for would find it for them.
    assert not any("Morley" in column for column in text.values())


def test_what_is_not_stated_leaves_its_column_empty() -> None:
    assert search_text(a_service(needs=()))["details"] == ""
