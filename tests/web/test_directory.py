"""The directory pages, for every role."""

import pytest

from template_service.service import Service
from tests.web.staff import Staff, title, words


def test_every_service_is_listed_and_has_a_page(nurse: Staff, service: Service) -> None:
    page = nurse.get("/directory").text
    for one in service.directory.services():
        assert f'href="/directory/{one.id}"' in page
    some = service.directory.services()[0]
    detail = nurse.get(f"/directory/{some.id}")
    assert some.name in words(detail)
    assert title(detail).startswith(some.name)


def test_a_search_and_a_need_narrow_the_list(nurse: Staff, service: Service) -> None:
    every = service.directory.services()
    food = [one for one in every if "food-aid" in one.needs]
    page = nurse.get("/directory?need=food-aid").text
    assert all((f"/directory/{one.id}" in page) is (one in food) for one in every)
    found = nurse.get("/directory?search=samaritans").text
    assert "Samaritans" in found
    assert 'value="samaritans"' in found


@pytest.mark.parametrize(
    "typed", ['"', "* OR (", "zzzznothing", "a" * 2000, "'; DROP TABLE service;--"]
)
def test_any_text_can_be_searched_for(nurse: Staff, typed: str) -> None:
    page = nurse.client.get("/directory", query_string={"search": typed})
    assert page.status_code == 200


def test_nothing_found_says_what_to_do(nurse: Staff) -> None:
    page = nurse.get("/directory?search=zzzznothing")
    assert "Nothing matches. Try another word, or see every service" in words(page)


def test_an_unknown_service_is_not_found(nurse: Staff) -> None:
    assert nurse.get("/directory/no-such-service").status_code == 404


def test_what_nobody_has_rung_reads_check_first(nurse: Staff, service: Service) -> None:
    unchecked = next(one for one in service.directory.services() if one.verified_on is None)
    assert "check first" in words(nurse.get(f"/directory/{unchecked.id}"))
