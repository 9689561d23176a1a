"""The list of UK food banks: all of it is read, with its mapping."""

from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from directory.open_referral import mapped_csv
from directory.open_referral.attributes import made_id
from directory.open_referral.mapping import SHIPPED
from directory.open_referral.records import Item, Quarantined, Record
from directory.taxonomies import NEED_VOCABULARY


@pytest.fixture(scope="module")
def source(shared: Path) -> Path:
    return shared / "data" / "directory" / "uk-foodbanks" / "foodbanks.json"


@pytest.fixture(scope="module")
def items(source: Path) -> list[Item]:
    return list(mapped_csv.read(source, SHIPPED / "uk-foodbanks.yaml"))


@pytest.fixture(scope="module")
def listed(source: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(source.read_bytes())
    return found


def _records(items: list[Item], kind: str) -> list[Record]:
    return [it for it in items if isinstance(it, Record) and it.kind == kind]


def test_the_counts_add_up(items: list[Item], listed: list[dict[str, Any]]) -> None:
    assert [it for it in items if isinstance(it, Quarantined)] == []
    assert len(listed) == 306
    assert Counter(it.kind for it in items if isinstance(it, Record)) == {
        "service": len(listed),
        "location": len(listed),
        "service_at_location": len(listed),
        "address": len(listed),
        "organization": len({it["name"] for it in listed}),
        # 15 have none, one has two.
        "phone": sum(1 for it in listed if it["phone"]) + 1,
        # Head offices of charities, national schemes and an example hand out no food.
        "attribute": sum(1 for it in listed if it["network"] not in ("Charity", "Scheme")),
        "taxonomy": 1,
        "taxonomy_term": 1,
    }
    assert len({(it.kind, it.id) for it in items if isinstance(it, Record)}) == len(items)


def test_every_value_of_the_list_is_there(items: list[Item], listed: list[dict[str, Any]]) -> None:
    by_place: dict[str, set[Any]] = {}
    for item in items:
        if isinstance(item, Record):
            by_place.setdefault(item.place, set()).update(item.fields.values())
    names = {it.fields["name"] for it in _records(items, "organization")}
    for number, row in enumerate(listed):
        said = by_place[f"foodbanks.json[{number}]"] | names
        values = {value for key, value in row.items() if value and key != "phone"}
        assert values <= said
        assert set(filter(None, row["phone"].split("%2F"))) <= said


def test_food_banks_help_with_emergency_food(items: list[Item]) -> None:
    terms = {it.fields["taxonomy_term_id"] for it in _records(items, "attribute")}
    assert terms == {made_id(NEED_VOCABULARY, "food-aid")}
    helping = {it.fields["link_id"] for it in _records(items, "attribute")}
    others = [it for it in _records(items, "service") if it.id not in helping]
    assert {it.fields["network"] for it in others} == {"Charity", "Scheme"}
