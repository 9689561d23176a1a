"""Signing in and out, and what a browser may do without."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.web.conftest import PASSWORD
from tests.web.staff import Staff, title, words


@pytest.mark.parametrize(
    ("username", "first"),
    [
        ("nurse", "/people"),
        ("navigator", "/people"),
        ("link", "/worklist"),
        ("curator", "/directory/curate"),
        ("health", "/reports"),
        ("admin", "/directory"),
    ],
)
def test_each_role_starts_where_its_work_is(
    staff: Callable[[str], Staff], username: str, first: str
) -> None:
    home = staff(username).get("/")
    assert (home.status_code, home.location) == (303, first)
    assert staff(username).get(first).status_code == 200


def test_a_wrong_password_says_nothing_of_which_part_was_wrong(stranger: Staff) -> None:
    wrong = stranger.sign_in("nurse", "not the password")
    unknown = stranger.sign_in("nobody", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert title(wrong).startswith("Error: ")
    assert "The username or password is not right" in words(wrong)
    assert words(wrong) == words(unknown)
    assert stranger.get("/people").status_code == 303


def test_signing_out_ends_the_session_on_the_server(app: Flask) -> None:
    somebody = Staff(app.test_client())
    somebody.sign_in("nurse", PASSWORD)
    cookie = somebody.client.get_cookie("session")
    assert cookie is not None
    assert somebody.get("/people").status_code == 200
    assert somebody.post("/sign-out").status_code == 303
    somebody.client.set_cookie("session", cookie.value)
    assert somebody.get("/people").location == "/sign-in"


def test_signing_in_again_ends_the_session_before(app: Flask) -> None:
    somebody = Staff(app.test_client())
    somebody.sign_in("nurse", PASSWORD)
    before = somebody.client.get_cookie("session")
    assert before is not None
    somebody.sign_in("nurse", PASSWORD)
    somebody.client.set_cookie("session", before.value)
    assert somebody.get("/people").status_code == 303


def test_whoever_is_signed_in_skips_the_sign_in_page(nurse: Staff) -> None:
    assert nurse.get("/sign-in").location == "/"


def test_a_form_without_its_token_changes_nothing_and_says_what_to_do(
    nurse: Staff, person_id: str
) -> None:
    page = nurse.client.post(f"/people/{person_id}/template", data={"matters": "x", "revision": 0})
    assert page.status_code == 400
    assert "Nothing was saved." in words(page)
    assert nurse.get(f"/people/{person_id}/plan").status_code == 404
