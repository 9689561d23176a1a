"""How the tests of the pages act: somebody signed in, who reads pages and sends their forms."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_RESPONSE = re.compile(r'name="response" value="([^"]*)"')
_REVISION = re.compile(r'name="revision" value="(\d+)"')

Sent = Mapping[str, str | Sequence[str]]


@dataclass(slots=True)
class Staff:
    """Somebody at a browser. `name` is shown to colleagues."""

    client: FlaskClient
    name: str = ""
    _token: str = ""

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path)

    def post(self, path: str, data: Sent | None = None) -> TestResponse:
        """Send a form with a token taken from a page of this session."""
        return self.client.post(path, data={**(data or {}), "csrf_token": self.token()})

    def token(self) -> str:
        """A form token of this browser, taken from the first page it opened."""
        if not self._token:
            found = _TOKEN.search(self.client.get("/sign-in").text)
            assert found is not None
            self._token = found.group(1)
        return self._token

    def sign_in(self, username: str, password: str) -> TestResponse:
        """Send the sign-in form."""
        return self.post("/sign-in", {"username": username, "password": password})

    def save(self, person_id: str, answers: Sent, **more: str) -> TestResponse:
        """Open the template and save it with these answers, and nothing else on the page."""
        page = self.get(f"/people/{person_id}/template")
        return self.post(
            f"/people/{person_id}/template",
            {**answers, "revision": revision(page), "response": response(page), **more},
        )


def revision(page: TestResponse) -> str:
    """The revision a template page starts from."""
    found = _REVISION.search(page.text)
    assert found is not None
    return found.group(1)


def response(page: TestResponse) -> str:
    """The id of the response a template page starts from, empty when there is none."""
    found = _RESPONSE.search(page.text)
    assert found is not None
    return found.group(1)


def words(page: TestResponse) -> str:
    """The text of a page as a person reads it: no markup, single spaces."""
    return words_of(page.text.split("<body", 1)[-1])


def words_of(markup: str) -> str:
    """The text of some markup as a person reads it."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", markup))).strip()


def checked(page: TestResponse, link_id: str) -> list[str]:
    """The codes chosen for a question on a page."""
    inputs = re.findall(rf'<input [^>]*name="{re.escape(link_id)}"[^>]*>', page.text)
    return [
        found.group(1)
        for one in inputs
        if re.search(r"\schecked", one) and (found := re.search(r'value="([^"]*)"', one))
    ]


def title(page: TestResponse) -> str:
    """The title of a page."""
    found = re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)
    assert found is not None
    return html.unescape(found.group(1)).strip()
