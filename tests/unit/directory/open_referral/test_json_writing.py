from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.open_referral.export_folder import ExportRefused
from directory.open_referral.json_documents import read_documents
from directory.open_referral.json_nesting import DOCUMENTS, _left_out, documents
from directory.open_referral.json_reading import read
from directory.open_referral.json_writing import OTHERS, envelope, write
from directory.open_referral.records import Item, Quarantined, Record, uuid_of
from directory.open_referral.schemas import CHILDREN, TABLES
from tests.unit.directory.open_referral.nested_documents import objects

GOOD: Final = (
    Record("organization", "o", {"name": "Charity"}),
    Record("service", "s", {"name": "Advice", "organization_id": "o", "x": [1]}),
    Record("phone", "p2", {"number": "2", "service_id": "s"}),
    Record("phone", "p1", {"number": "1", "service_id": "s", "service_at_location_id": "sl"}),
    Record("service_at_location", "sl", {"service_id": "s", "location_id": "l"}),
    Record("location", "l", {"location_type": "physical"}),
    Record("attribute", "a", {"link_id": "s", "taxonomy_term_id": "t"}),
    Record("taxonomy_term", "t", {"name": "Debt", "taxonomy_id": "x"}),
    Record("taxonomy", "x", {"name": "Needs"}),
)


def _records(items: Iterable[Item]) -> dict[tuple[str, str], dict[str, Any]]:
    found = list(items)
    assert not [item for item in found if isinstance(item, Quarantined)]
    return {(it.kind, it.id): dict(it.fields) for it in found if isinstance(it, Record)}


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _documents(kind: str) -> list[dict[str, Any]]:
    return [it.content for it in documents(GOOD, "mine") if it.kind == kind]


def test_a_service_holds_all_that_belongs_to_it() -> None:
    ids = {(kind, key): uuid_of("mine", kind, key) for kind, key, *_ in GOOD}
    phones = sorted(
        [
            {"id": ids["phone", "p2"], "number": "2"},
            {
                "id": ids["phone", "p1"],
                "service_at_location_id": ids["service_at_location", "sl"],
                "number": "1",
            },
        ],
        key=lambda phone: phone["id"],
    )
    (service,) = _documents("service")
    at_location = service.pop("service_at_locations")
    assert service == {
        "id": ids["service", "s"],
        "name": "Advice",
        "organization": {"id": ids["organization", "o"], "name": "Charity"},
        "phones": phones,
        "attributes": [
            {
                "id": ids["attribute", "a"],
                "taxonomy_term": {
                    "id": ids["taxonomy_term", "t"],
                    "name": "Debt",
                    "taxonomy_detail": {"id": ids["taxonomy", "x"], "name": "Needs"},
                },
            }
        ],
        "x": [1],
    }
    assert list(service)[-1] == "x"
    assert at_location[0]["location"]["location_type"] == "physical"
    assert "service_id" not in at_location[0]


def test_the_documents_of_an_api_in_their_order() -> None:
    assert [it.kind for it in documents(GOOD, "mine")] == list(DOCUMENTS)
    (organization,) = _documents("organization")
    assert [service["name"] for service in organization["services"]] == ["Advice"]
    (taxonomy,) = _documents("taxonomy")
    assert [term["name"] for term in taxonomy["taxonomy_terms"]] == ["Debt"]
    (at_location,) = _documents("service_at_location")
    assert at_location["service"]["name"] == "Advice"


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_no_document_can_come_round_to_itself(kind: str) -> None:
    left_out = _left_out(kind)

    def below(at: str, path: tuple[str, ...]) -> None:
        assert at not in path, path
        for name, nested in CHILDREN[at].items():
            if f"{at}.{name}" not in left_out:
                below(nested.kind, (*path, at))

    below(kind, ())


def test_a_text_named_as_a_nested_list_gets_another_name(tmp_path: Path) -> None:
    record = Record("service", "s", {"name": "Advice", "languages": "Polish, Urdu"})
    write({"mine": [record]}, tmp_path / "out")
    ((_, fields),) = _records(read(tmp_path / "out")).items()
    assert fields == {"name": "Advice", "languages_as_given": "Polish, Urdu"}


def test_what_no_page_holds_is_in_a_file_of_its_own(tmp_path: Path) -> None:
    lost = Record("phone", "p", {"number": "1", "service_id": "nowhere"})
    review = Record("review", "r", {"service_id": "s", "score": 5})
    write({"mine": [*GOOD, lost, review]}, tmp_path / "out")
    assert orjson.loads((tmp_path / "out" / OTHERS).read_bytes()) == {
        "phones": [
            {
                "id": uuid_of("mine", "phone", "p"),
                "service_id": uuid_of("mine", "service", "nowhere"),
                "number": "1",
            }
        ],
        "review": [
            {
                "id": uuid_of("mine", "review", "r"),
                "score": 5,
                "service_id": uuid_of("mine", "service", "s"),
            }
        ],
    }


def test_two_sources_in_one_folder(tmp_path: Path) -> None:
    write({"b": GOOD, "a": GOOD}, tmp_path / "out")
    page = orjson.loads((tmp_path / "out" / "services.json").read_bytes())
    ids = [service["id"] for service in page["contents"]]
    assert ids == sorted(uuid_of(source, "service", "s") for source in "ab")
    assert page["total_items"] == page["size"] == 2


def test_pages_begin_with_their_envelope(tmp_path: Path) -> None:
    write({"mine": []}, tmp_path / "out")
    assert sorted(_bytes(tmp_path / "out")) == sorted(f"{TABLES[kind]}.json" for kind in DOCUMENTS)
    page = orjson.loads((tmp_path / "out" / "services.json").read_bytes())
    assert page == envelope(0, 1, 1, 0) | {"contents": []}


@pytest.mark.parametrize(
    ("total", "page", "size", "expected"),
    [
        (0, 1, 0, (1, True, True, True)),
        (5, 1, 2, (3, True, False, False)),
        (5, 3, 1, (3, False, True, False)),
    ],
)
def test_envelopes(
    total: int, page: int, size: int, expected: tuple[int, bool, bool, bool]
) -> None:
    found = envelope(total, page, 2, size)
    assert (found["total_items"], found["page_number"], found["size"]) == (total, page, size)
    names = ("total_pages", "first_page", "last_page", "empty")
    assert tuple(found[name] for name in names) == expected


def test_a_folder_of_something_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "letter.doc").write_text("dear", encoding="utf-8")
    with pytest.raises(ExportRefused):
        write({"mine": GOOD}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.doc"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    kind_and_documents=st.sampled_from(["service", "organization", "taxonomy"]).flatmap(
        lambda kind: st.tuples(st.just(kind), st.lists(objects(kind), min_size=1, max_size=3))
    )
)
def test_nothing_is_lost_there_and_back(
    tmp_path_factory: pytest.TempPathFactory,
    kind_and_documents: tuple[str, list[dict[str, Any]]],
) -> None:
    kind, made = kind_and_documents
    before = _records(read_documents((kind, it, f"[{n}]") for n, it in enumerate(made)))
    folder = tmp_path_factory.mktemp("export")
    listed = [Record(*key, fields) for key, fields in before.items()]
    write({"first": listed}, folder / "one")
    after = _records(read(folder / "one"))
    assert after == before
    write({"second": [Record(*key, it) for key, it in sorted(after.items())]}, folder / "two")
    assert _bytes(folder / "one") == _bytes(folder / "two")
