"""What is published and what looks alike is told with its source and place."""

from types import SimpleNamespace
from typing import cast

import orjson
import pytest

from directory.model import Service
from directory.working_copy.store import WorkingCopy
from template_service.web.curate_place import where
from tests.web.curate.conftest import CAFE, CLUB, SOURCE, feed, publish, upload
from tests.web.staff import Staff, words

CURATE = "/directory/curate"
PUBLISH = f"{CURATE}/publish"
OTHER = "another feed"


def at(content: bytes, number: int, city: str, postcode: str) -> bytes:
    """The feed, its first service at a place of its own and under an id of its own."""
    club, _ = orjson.loads(content)
    address = {
        "id": f"address-{number}",
        "address_1": "1 Example Street",
        "city": city,
        "state_province": "England",
        "postal_code": postcode,
        "country": "GB",
        "address_type": "physical",
    }
    place = {"id": f"place-{number}", "location_type": "physical", "addresses": [address]}
    club["service_at_locations"] = [{"id": f"at-{number}", "location": place}]
    club["id"] = club["id"][:-1] + str(number)
    club["phones"] = [{"id": f"phone-{number}", "number": "0113 496 0000"}]
    return orjson.dumps([club])


def test_what_is_added_stands_by_source_with_its_place(curator: Staff) -> None:
    upload(curator, at(feed(), 2, "Malvern", "WR14 2AY"))
    upload(curator, at(feed(), 3, "Leeds", "LS9 6AU"), source=OTHER)
    page = curator.get(PUBLISH)
    said = words(page)
    assert f"1 added of {SOURCE}" in said
    assert f"1 added of {OTHER}" in said
    assert "Made-up Lunch Club 1 Example Street, Malvern, England, WR14 2AY" in said
    for name in (SOURCE, OTHER):
        assert f"{name} was never published: look through its services first" in said
    assert f"{CURATE}/services?source=another+feed" in page.text
    assert "starter was never published" not in said


def test_of_a_source_that_is_published_nothing_is_called_new(
    curator: Staff, working: WorkingCopy
) -> None:
    upload(curator, at(feed(), 2, "Malvern", "WR14 2AY"))
    publish(curator)
    # As it is where the version in use was published without a working copy.
    with working.writing() as database:
        database.execute("UPDATE record SET published = 0")
    path = upload(curator, feed()).location
    said = words(curator.get(PUBLISH))
    assert f"2 added of {SOURCE}" in said
    assert "was never published" not in said
    curator.post(path, {"act": "out", "sure": "yes", "reason": "another county"})
    said = words(curator.get(PUBLISH))
    assert "0 added, 1 removed" in said
    assert f"1 removed of {SOURCE}" in said


def test_after_going_back_the_page_says_who_did_and_what_would_come_back(curator: Staff) -> None:
    publish(curator)
    upload(curator, feed())
    publish(curator)
    assert "went back" not in words(curator.get(PUBLISH))
    curator.post(f"{CURATE}/versions/1", {"reason": "the wrong county"})
    said = words(curator.get(PUBLISH))
    assert f"Version 1 is in use because {curator.name} went back to it at" in said
    assert "“the wrong county”" in said
    assert said.index("went back to it") < said.index(f"2 added of {SOURCE}")
    assert said.index(f"2 added of {SOURCE}") < said.index("Publish now")
    publish(curator)
    assert "went back" not in words(curator.get(PUBLISH))


def test_a_pair_says_the_source_and_place_of_each(curator: Staff) -> None:
    upload(curator, at(feed(), 2, "Launceston", "PL15 8EX"))
    upload(curator, at(feed(), 3, "Launceston", "PL15 8EX"), source=OTHER)
    one, other = CLUB[:-1] + "2", CLUB[:-1] + "3"
    place = "1 Example Street, Launceston, England, PL15 8EX"
    said = words(curator.get(f"{CURATE}/duplicates"))
    assert f"{SOURCE}: {place}" in said
    assert f"{OTHER}: {place}" in said
    pair = f"{CURATE}/duplicates/{one}/{other}"
    said = words(curator.get(pair))
    assert f"Made-up Lunch Club of {OTHER}: {place}" in said
    assert f"The same: end Made-up Lunch Club of {SOURCE}" in said
    curator.post(pair, {"decision": "end-one", "reason": "the feed is theirs"})
    done = words(curator.get(f"{CURATE}/duplicates"))
    assert f"Made-up Lunch Club of {SOURCE} is marked as ended" in done
    assert one in curator.get(f"{CURATE}/services?status=defunct&source={SOURCE}").text


def test_two_sources_of_one_service_are_no_pair(curator: Staff) -> None:
    upload(curator, feed())
    upload(curator, feed(name="Made-up Luncheon Club"), source=OTHER)
    assert f"/duplicates/{CLUB}/{CLUB}" not in curator.get(f"{CURATE}/duplicates").text
    assert curator.get(f"{CURATE}/duplicates/{CLUB}/{CLUB}").status_code == 404
    said = words(curator.get(PUBLISH))
    assert f"of {OTHER}: its id is that of a service of {SOURCE}" in said
    assert CAFE in curator.get(f"{CURATE}/services?source={SOURCE}").text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"address": "1 Example Street", "postcode": "LS1 1AA", "service_area": ("E1",)},
            "1 Example Street, LS1 1AA",
        ),
        ({"postcode": "LS1 1AA"}, "LS1 1AA"),
        ({"service_area": ("E1", "E9")}, "Leeds, E9"),
        ({"service_area": ("E1", "E2", "E3", "E4", "E5")}, "Leeds, E2, E3 and 2 more areas"),
        ({}, ""),
    ],
)
def test_a_place_is_its_address_else_its_areas_by_name(given: dict[str, object], told: str) -> None:
    found = SimpleNamespace(**{"address": "", "postcode": "", "service_area": ()} | given)
    assert where(cast("Service", found), {"E1": "Leeds"}) == told
