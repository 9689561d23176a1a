"""Refusals are pages a person can read, and say what to do."""

import pytest
from flask import Flask

from template_service.errors import ServiceError
from tests.web.staff import Staff, title, words


def test_an_unknown_page_says_so(nurse: Staff) -> None:
    page = nurse.get("/nowhere")
    assert page.status_code == 404
    assert title(page).startswith("Page not found")
    assert 'href="/"' in page.text


def test_a_page_of_another_role_says_so(navigator: Staff, person_id: str) -> None:
    page = navigator.get(f"/people/{person_id}/private")
    assert page.status_code == 403
    assert "Your role cannot open this page" in words(page)


def test_a_wrong_method_says_so(nurse: Staff, person_id: str) -> None:
    page = nurse.get(f"/people/{person_id}/plan/give")
    assert page.status_code == 405
    assert page.headers["Allow"]


def test_too_much_text_is_refused_readably_and_nothing_is_saved(
    nurse: Staff, person_id: str
) -> None:
    page = nurse.save(person_id, {"matters": "x" * 300_000})
    assert page.status_code == 413
    assert "A shorter text can be saved." in words(page)
    assert nurse.get(f"/people/{person_id}/plan").status_code == 404


def test_a_fault_of_ours_shows_nothing_of_itself(
    app: Flask, nurse: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        raise RuntimeError("Alex Testperson 9990000018")

    monkeypatch.setitem(app.view_functions, "web.people", broken)
    page = nurse.get("/people")
    assert page.status_code == ServiceError.status == 500
    assert "Something went wrong" in words(page)
    assert "Testperson" not in page.text
    assert page.headers["X-Request-Id"] in page.text


def test_pages_allow_only_what_comes_from_here(nurse: Staff) -> None:
    policy = nurse.get("/people").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
