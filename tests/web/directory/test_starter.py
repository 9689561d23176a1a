"""The directory page over the starter directory of Leeds, for every service in it."""

from directory.model import NEEDS
from template_service.service import Service
from tests.web.staff import Staff, title, words


def test_every_service_is_listed_and_has_a_page(nurse: Staff, service: Service) -> None:
    every = service.directory.services()
    pages = "".join(
        nurse.get(f"/directory?page={number}").text for number in range(1, 2 + len(every) // 20)
    )
    assert all(f'href="/directory/{one.id}"' in pages for one in every)
    some = every[0]
    detail = nurse.get(f"/directory/{some.id}")
    assert some.name in words(detail)
    assert title(detail).startswith(some.name)


def test_each_need_shows_only_the_services_that_help_with_it(
    nurse: Staff, service: Service
) -> None:
    every = service.directory.services()
    for need in NEEDS:
        page = nurse.get(f"/directory?need={need}").text
        assert all((f"/directory/{one.id}" in page) is (need in one.needs) for one in every)


def test_words_typed_find_the_service_meant(nurse: Staff) -> None:
    page = nurse.get("/directory?search=samaritans").text
    assert "Samaritans" in page
    assert 'value="samaritans"' in page


def test_an_unknown_service_is_not_found(nurse: Staff) -> None:
    assert nurse.get("/directory/no-such-service").status_code == 404


def test_what_nobody_has_rung_reads_check_first(nurse: Staff, service: Service) -> None:
    unchecked = next(one for one in service.directory.services() if one.verified_on is None)
    assert "check first" in words(nurse.get(f"/directory/{unchecked.id}"))
    assert "check first" in words(nurse.get("/directory"))


def test_what_shares_only_some_words_is_said_to_be_less_likely(nurse: Staff) -> None:
    page = nurse.get("/directory?search=funeral+costs")
    assert words(page).count("Less likely to help: these share only some of the words.") == 1
    assert words(page).index("Cruse") < words(page).index("Less likely to help")
    assert "Less likely" not in words(nurse.get("/directory?search=samaritans"))
