"""The examples of the UK profile and the answers of its validator, and what of each is taken.

Quarantined, and why:
- `api_details.json` and the dashboard's answers describe an API, not services.
- Default: its list gives the example organization's id to another one. Fail: services without
  name, with e-mail addresses and links that are none. Warn and Fail: a term with another URI than
  the same term elsewhere (a missing description is taken). Test: one id on most of its services.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest

from directory.open_referral import json_writing, tabular
from directory.open_referral.json_documents import read_documents
from directory.open_referral.json_nesting import Document, documents
from directory.open_referral.json_reading import read
from directory.open_referral.records import Item, Quarantined, Record

NO_DIRECTORY = ("documents", "not a service, an organization or another object of Open Referral")
FIRST_TERM = "organization_full.json: document.services[0].attributes[0].taxonomy_term"
OTHER_TERM = ("taxonomy_terms", f"read at {FIRST_TERM} with another term_uri")


@pytest.fixture
def oruk(shared: Path) -> Path:
    return shared / "data" / "directory" / "oruk"


@pytest.fixture
def mock(oruk: Path) -> Callable[[str], Path]:
    return lambda name: oruk / "validator-mocks/OpenReferralApi/Mocks" / f"V3.0-UK-{name}"


def _refused(items: list[Item]) -> Counter[tuple[str, str]]:
    return Counter((it.table, it.reason) for it in items if isinstance(it, Quarantined))


def _taken(items: list[Item]) -> Counter[str]:
    return Counter(it.kind for it in items if isinstance(it, Record))


EXAMPLE = {
    "accessibility": 1,
    "address": 1,
    "attribute": 1,
    "contact": 1,
    "cost_option": 1,
    "funding": 1,
    "language": 1,
    "location": 1,
    "organization": 1,
    "organization_identifier": 1,
    "schedule": 1,
    "service": 1,
    "service_area": 1,
    "service_at_location": 1,
    "taxonomy": 1,
    "taxonomy_term": 1,
}


def test_the_examples_are_taken_with_their_place_that_is_nowhere(oruk: Path) -> None:
    items = [
        item
        for item in read(oruk / "uk-profile-v3" / "examples")
        if not (isinstance(item, Record) and item.kind == "taxonomy_term" and "0bc2" in item.id)
    ]
    assert not _refused(items)
    assert _taken(items) == EXAMPLE
    (place,) = (it for it in items if isinstance(it, Record) and it.kind == "location")
    assert (place.fields["latitude"], place.fields["longitude"]) == (100, 101)


def test_the_examples_as_json_and_as_tables_are_the_same_objects(oruk: Path) -> None:
    """The tables are of full HSDS: they have columns, and phones, that the documents leave out."""
    examples = oruk / "uk-profile-v3" / "examples"
    nested = {(it.kind, it.id): it.fields for it in read(examples) if isinstance(it, Record)}
    tables: dict[tuple[str, str], dict[str, Any]] = {}
    for item in tabular.read(examples / "csv", notice=lambda _: None):
        if isinstance(item, Record):
            tables.setdefault((item.kind, item.id), {}).update(item.fields)
    both = nested.keys() & tables.keys()
    assert Counter(kind for kind, _ in both) == EXAMPLE
    differing = {
        (kind, name): (nested[kind, key][name], tables[kind, key][name])
        for kind, key in both
        for name in nested[kind, key].keys() & tables[kind, key].keys()
        if nested[kind, key][name] != tables[kind, key][name]
    }
    # The tables link the attribute to an object, and the term to a vocabulary, that are not there.
    assert set(differing) <= {("attribute", "link_id"), ("taxonomy_term", "taxonomy_id")}


def test_default(mock: Callable[[str], Path]) -> None:
    items = list(read(mock("Default")))
    refused = _refused(items)
    dashboards = {key: count for key, count in refused.items() if key[0] in {"data", "payload"}}
    assert set(dashboards) == {("data", "id: missing"), ("payload", "id: missing")}
    assert {key: it for key, it in refused.items() if key not in dashboards} == {
        NO_DIRECTORY: 1,
        (
            "organizations",
            "read at organization.json: document with another description, email, name, website",
        ): 1,
    }
    taken = _taken(items)
    assert taken["organization"] == 10
    assert taken["service"] == 1


def test_warn(mock: Callable[[str], Path]) -> None:
    items = list(read(mock("Warn")))
    assert _refused(items) == {NO_DIRECTORY: 1, OTHER_TERM: 1}
    assert _taken(items)["service"] == 1


def test_fail(mock: Callable[[str], Path]) -> None:
    items = list(read(mock("Fail")))
    refused = _refused(items)
    assert {key: count for key, count in refused.items() if key[0] != "services"} == {
        NO_DIRECTORY: 1,
        OTHER_TERM: 1,
    }
    assert {key[1]: count for key, count in refused.items() if key[0] == "services"} == {
        "email: not an e-mail address; url: not a web address": 1,
        "email: not an e-mail address; name: missing; url: not a web address": 2,
        "email: text is expected, this is true or false; name: missing; url: not a web address": 1,
        "email: text is expected, this is a number; name: missing": 1,
    }


def test_the_lists_of_fail_give_no_service_at_all(mock: Callable[[str], Path]) -> None:
    for name in ("service_list.json", "service_full.json"):
        assert not _taken(list(read(mock("Fail") / name)))["service"]


def test_test(mock: Callable[[str], Path]) -> None:
    """Its list says 31 and holds 128 services, nearly all of them with one and the same id."""
    path = mock("Test") / "service_list.json"
    held = orjson.loads(path.read_bytes())["contents"]
    items = list(read(path))
    assert len(held) == 128
    ids = Counter(service["id"] for service in held)
    assert _taken(items)["service"] == len(ids)
    allowed = "with another", "without"
    for table, reason in _refused(items):
        assert table in {"services", "organizations"}
        assert reason.startswith("read at contents[")
        assert any(word in reason for word in allowed)


def _services(oruk: Path) -> Iterator[Item]:
    """The example service at a place that is on earth."""
    path = oruk / "uk-profile-v3" / "examples" / "service_full.json"
    service = orjson.loads(path.read_bytes())
    place = service["service_at_locations"][0]["location"]
    place |= {"latitude": 53.8, "longitude": -1.5}
    taxonomy = orjson.loads((path.parent / "taxonomy.json").read_bytes())
    return read_documents([("services", service, "a"), ("taxonomies", taxonomy, "b")])


@pytest.fixture
def published(oruk: Path) -> list[Document]:
    items = list(_services(oruk))
    assert not _refused(items)
    return list(documents((it for it in items if isinstance(it, Record)), "example"))


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        ("service", "service"),
        ("organization", "organization"),
        ("service_at_location", "service_at_location"),
        ("taxonomy", "taxonomy"),
        ("taxonomy_term", "taxonomy_term"),
    ],
)
def test_documents_are_valid_against_the_schemas_of_the_validator(
    oruk: Path, published: list[Document], kind: str, schema: str
) -> None:
    path = oruk / "validator-schemas/OpenReferralApi/Schemas/V3.0-UK" / f"{schema}.json"
    check = jsonschema.Draft202012Validator(
        orjson.loads(path.read_bytes()),
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )
    found = [document.content for document in published if document.kind == kind]
    assert found
    for content in found:
        assert not [error.message for error in check.iter_errors(content)]


def test_the_example_service_comes_out_as_it_went_in(oruk: Path, published: list[Document]) -> None:
    path = oruk / "uk-profile-v3" / "examples" / "service_full.json"
    service = orjson.loads(path.read_bytes())
    service["service_at_locations"][0]["location"] |= {"latitude": 53.8, "longitude": -1.5}
    (found,) = (document.content for document in published if document.kind == "service")
    # Its vocabulary is known from elsewhere.
    assert found["attributes"][0]["taxonomy_term"].pop("taxonomy_detail")
    assert found == service


def test_a_place_that_is_nowhere_is_exported_as_it_came_and_served_without_its_point(
    oruk: Path, tmp_path: Path
) -> None:
    found = read(oruk / "uk-profile-v3" / "examples" / "service_full.json")
    records = [it for it in found if isinstance(it, Record)]
    served = b"".join(orjson.dumps(it.content) for it in documents(records, "example"))
    assert b'"location"' in served
    assert b'"latitude"' not in served
    assert b'"longitude"' not in served
    json_writing.write({"example": records}, tmp_path / "out")
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert b'"latitude":100' in written.replace(b" ", b"")
