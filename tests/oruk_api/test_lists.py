"""Which documents each parameter asks for, and in which order."""

from datetime import timedelta

import pytest
from werkzeug.http import parse_date

from tests.oruk_api.city import FILLERS, POSTCODE, uid
from tests.oruk_api.conftest import Ask, Contents

FILLED = {f"Filler {number}" for number in range(FILLERS)}
BOROUGH = FILLED | {"Talking Line"}
PARISH = {"Warm Room", "Bradford Pantry", "Far Club", "Odd Extent", "Guarded House"}


def names(found: list[dict[str, object]]) -> set[object]:
    return {one["name"] for one in found}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, PARISH | BOROUGH),
        ({"organization_id": uid("organization", "Borough")}, BOROUGH),
        ({"organization_id": uid("organization", "Borough").upper()}, BOROUGH),
        ({"organization_id": uid("organization", "not one of ours")}, set()),
        ({"taxonomy_term_id": uid("taxonomy_term", "food")}, {"Warm Room"}),
        ({"taxonomy_id": uid("taxonomy", "help")}, {"Warm Room", "Bradford Pantry"}),
        ({"minimum_age": "18"}, {"Warm Room", "Bradford Pantry"}),
        ({"minimum_age": "18.5"}, {"Bradford Pantry"}),
        ({"maximum_age": "65"}, {"Warm Room"}),
        ({"maximum_age": "64"}, set()),
        ({"day": "MO"}, {"Warm Room"}),
        ({"day": "friday"}, {"Warm Room"}),
        ({"day": "Sat"}, {"Talking Line"}),
        ({"day": "TU"}, set()),
        ({"day": "MO", "start_time": "09:00", "end_time": "12:00"}, {"Warm Room"}),
        ({"day": "MO", "start_time": "17:00"}, set()),
        ({"start_time": "17:00"}, {"Warm Room"}),
        ({"end_time": "12:00:00"}, {"Warm Room"}),
        ({"end_time": "24:00"}, {"Warm Room", "Talking Line"}),
        ({"search": "bradford"}, {"Bradford Pantry"}),
        ({"text": "bradford", "minimum_age": "51"}, set()),
        ({"search": " "}, PARISH | BOROUGH),
        ({"search": '"'}, set()),
        ({"search": "NEAR( OR *"}, set()),
    ],
)
def test_services_are_filtered(
    contents: Contents, query: dict[str, str], expected: set[str]
) -> None:
    assert names(contents("/services", **query)) == expected


def test_a_stated_area_must_hold_the_postcode(contents: Contents) -> None:
    found = names(contents("/services", postcode=POSTCODE))
    assert found == (PARISH | BOROUGH) - {"Bradford Pantry", "Odd Extent"}


@pytest.mark.parametrize(
    ("metres", "expected"),
    [("11000", ["Warm Room"]), ("11500.5", ["Warm Room", "Far Club"]), ("0", ["Warm Room"])],
)
def test_proximity_is_metres_from_the_postcode_nearest_first(
    contents: Contents, metres: str, expected: list[str]
) -> None:
    found = contents("/services", postcode=POSTCODE, proximity=metres)
    assert [one["name"] for one in found] == expected
    at = contents("/service_at_locations", postcode=POSTCODE, proximity=metres)
    assert [one["service"]["name"] for one in at] == expected


def test_services_at_locations_are_filtered_as_their_services(contents: Contents) -> None:
    def of(**query: str) -> set[object]:
        return {one["service"]["name"] for one in contents("/service_at_locations", **query)}

    assert of() == {"Warm Room", "Bradford Pantry", "Far Club", "Odd Extent"}
    assert of(search="pantry") == {"Bradford Pantry"}
    assert of(taxonomy_term_id=uid("taxonomy_term", "food")) == {"Warm Room"}
    assert of(taxonomy_id=uid("taxonomy", "help"), day="WE") == {"Warm Room"}
    assert of(minimum_age="50") == {"Bradford Pantry"}
    assert of(organization_id=uid("organization", "Borough")) == set()
    assert of(postcode=POSTCODE) == {"Warm Room", "Far Club"}


def test_the_other_lists_have_words_and_parents(contents: Contents) -> None:
    assert names(contents("/organizations", search="the PARISH")) == {"Parish"}
    assert names(contents("/taxonomies", search="kinds")) == {"Help"}
    of_help = {"taxonomy_id": uid("taxonomy", "help")}
    assert names(contents("/taxonomy_terms", **of_help)) == {"food", "hot-food"}
    assert names(contents("/taxonomy_terms", **of_help, top_only="true")) == {"food"}
    below = contents("/taxonomy_terms", parent_id=uid("taxonomy_term", "food"))
    assert names(below) == {"hot-food"}


def test_the_best_match_comes_first(contents: Contents) -> None:
    assert contents("/services", search="filler 3")[0]["name"] == "Filler 3"


def test_changes_are_asked_for_by_date(ask: Ask, contents: Contents) -> None:
    published = parse_date(ask("/services").headers["Last-Modified"])
    assert published is not None
    before, after = published - timedelta(seconds=60), published + timedelta(seconds=61)
    everything = PARISH | BOROUGH
    for written in (f"{before:%Y-%m-%dT%H:%M:%SZ}", before.isoformat(), f"{before:%Y-%m-%d}"):
        assert names(contents("/services", modified_after=written)) == everything
    assert contents("/services", modified_after=after.isoformat()) == []
    assert contents("/service_at_locations", modified_after=after.isoformat()) == []


def test_minimal_gives_ids_and_dates_in_one_page(ask: Ask) -> None:
    page = ask("/services", {"minimal": "true"}).get_json()
    assert (page["total_items"], page["total_pages"]) == (len(PARISH | BOROUGH), 1)
    assert all(one.keys() == {"id", "modified_date"} for one in page["contents"])
    assert uid("service", "Warm Room") in {one["id"] for one in page["contents"]}


def test_full_gives_what_one_document_gives(ask: Ask, contents: Contents) -> None:
    for table in ("services", "organizations", "service_at_locations"):
        for one in contents(f"/{table}", full="true"):
            assert one == ask(f"/{table}/{one['id']}").get_json()
    short = contents("/services")
    assert not [one for one in short if any(isinstance(it, list) for it in one.values())]
