"""What a reader of the directory page sees: what is found, asked and left out."""

import html
import re

from werkzeug.test import TestResponse

from tests.web.staff import Staff, words_of

ARTICLE = re.compile(r'<article class="svc" id="service-(\d+)".*?</article>', re.DOTALL)
_CHIPS = re.compile(r'<div class="asked">.*?</div>', re.DOTALL)


def look(reader: Staff, **asked: str | list[str]) -> TestResponse:
    page = reader.client.get("/directory", query_string=asked)
    assert page.status_code == 200
    return page


def found(page: TestResponse) -> list[str]:
    """The names found, in order."""
    cards = [match.group() for match in ARTICLE.finditer(page.text)]
    return [html.unescape(re.findall(r"<h3.*?<a [^>]*>(.*?)</a>", card)[0]) for card in cards]


def card(page: TestResponse, name: str) -> str:
    cards = [match.group() for match in ARTICLE.finditer(page.text)]
    return words_of(next(one for one in cards if name in one))


def wishes(page: TestResponse) -> str:
    chips = _CHIPS.search(page.text)
    return words_of(chips.group()) if chips else ""


def clearing(page: TestResponse, wish: str, called: str = "Clear") -> str:
    """The address that clears a wish."""
    links = re.findall(rf'<a href="([^"]*)">{called}<span class="hide">: (.*?)</span>', page.text)
    return next(html.unescape(href) for href, text in links if html.unescape(text) == wish)


def left_out(page: TestResponse) -> str:
    fold = re.search(r'<details class="fold left-out".*?</details>', page.text, re.DOTALL)
    return words_of(fold.group()) if fold else ""
