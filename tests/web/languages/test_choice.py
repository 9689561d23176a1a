"""Which language a page speaks: chosen in its footer, else what the browser asks for."""

import pytest
from flask import Flask

from template_service.app import create_app
from template_service.service import Service
from template_service.settings import Settings
from template_service.web.pseudo_locale import PSEUDO
from tests.web.staff import Staff

ENGLISH = '<html lang="en-GB">'
MIRRORED = f'<html lang="{PSEUDO}" dir="rtl">'


@pytest.mark.parametrize(
    ("asked", "opening"),
    [
        ("", ENGLISH),
        ("ar-XB", MIRRORED),
        ("fr, ar-xb;q=0.5", MIRRORED),
        ("en, ar-XB;q=0.9", ENGLISH),
        ("fr", ENGLISH),
        ("*;q=0.1, \x00;;=,", ENGLISH),
    ],
)
def test_a_browser_asks(visitor: Staff, asked: str, opening: str) -> None:
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = asked
    assert opening in visitor.get("/sign-in").text


def test_a_choice_is_kept_and_says_nothing_of_whoever_chose(visitor: Staff) -> None:
    answer = visitor.post("/language", {"language": PSEUDO, "page": "/sign-in"})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    (cookie,) = [
        text for text in answer.headers.getlist("Set-Cookie") if text.startswith("language=")
    ]
    assert cookie == f"language={PSEUDO}; HttpOnly; Path=/; SameSite=Lax"
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert MIRRORED in visitor.get("/sign-in").text
    visitor.post("/language", {"language": "en-GB", "page": "/sign-in"})
    assert ENGLISH in visitor.get("/sign-in").text


@pytest.mark.parametrize("language", ["fr", "", "../../etc", "en-GB\r\nx: y"])
def test_a_language_that_is_not_offered_is_not_kept(visitor: Staff, language: str) -> None:
    answer = visitor.post("/language", {"language": language, "page": "/sign-in"})
    assert not [text for text in answer.headers.getlist("Set-Cookie") if "language=" in text]
    visitor.client.set_cookie("language", "fr")
    assert ENGLISH in visitor.get("/sign-in").text


@pytest.mark.parametrize(
    "page",
    [
        "https://elsewhere.example/sign-in",
        "//elsewhere.example/sign-in",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "/sign-out",
        "/people",
        "/nowhere",
        "",
    ],
)
def test_nobody_is_led_anywhere_but_to_a_page_that_speaks(visitor: Staff, page: str) -> None:
    answer = visitor.post("/language", {"language": PSEUDO, "page": page})
    assert answer.location == "/"


def test_a_forged_choice_is_refused(visitor: Staff) -> None:
    answer = visitor.client.post("/language", data={"language": PSEUDO, "page": "/sign-in"})
    assert answer.status_code == 400


def test_the_menu_stands_where_there_is_a_choice(visitor: Staff, mirrored_nurse: Staff) -> None:
    page = visitor.get("/sign-in").text
    assert 'value="en-GB" lang="en-GB" dir="ltr" aria-current="true">English</button>' in page
    assert f'value="{PSEUDO}" lang="{PSEUDO}" dir="rtl">' in page
    assert 'name="page" value="/sign-in"' in page
    assert 'name="language"' not in mirrored_nurse.get("/people").text


def test_a_service_in_english_alone_is_as_it_was(stranger: Staff) -> None:
    stranger.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = PSEUDO
    page = stranger.get("/sign-in")
    assert ENGLISH in page.text
    assert 'name="language"' not in page.text
    assert "Accept-Language" not in page.vary
    assert "<bdi" not in page.text


def test_one_request_does_not_speak_for_the_next(speaking: Flask) -> None:
    client = speaking.test_client()
    assert MIRRORED in client.get("/sign-in", headers={"Accept-Language": PSEUDO}).text
    assert ENGLISH in client.get("/nowhere").text
    assert ENGLISH in client.get("/sign-in").text


def test_the_cookie_travels_as_the_others_do(service: Service) -> None:
    settings = Settings(data=service.settings.data, languages=("en-GB", PSEUDO))
    made = create_app(settings)
    try:
        made.config["WTF_CSRF_ENABLED"] = False
        sent = {"language": PSEUDO, "page": "/sign-in"}
        answer = made.test_client().post("/language", data=sent, base_url="https://localhost")
        assert answer.headers.getlist("Set-Cookie")[0] == (
            f"__Host-language={PSEUDO}; Secure; HttpOnly; Path=/; SameSite=Lax"
        )
    finally:
        made.extensions["template_service"].close()
