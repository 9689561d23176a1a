"""Every address of curation by every role and by strangers; what everybody may do, and no more."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from template_service.access.policy import CURATORS, EVERYBODY, POLICY, PUBLIC
from tests.web.conftest import STAFF
from tests.web.curate.conftest import CLUB
from tests.web.staff import Staff


def addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """(method, path) of every address of the curators' pages."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/directory/curate"):
            path = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, "1"))
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield method, path


def test_every_address_is_for_curators_alone(
    curating: Flask, somebody: Staff, sign_in: Callable[[str], Staff]
) -> None:
    tried = list(addresses(curating))
    assert len(tried) > 20
    for method, path in tried:
        assert somebody.client.open(path, method=method).status_code in (303, 401)
    others = [name for name, (role, _, _) in STAFF.items() if role not in CURATORS]
    for username in others:
        other = sign_in(username)
        for method, path in tried:
            answer = other.get(path) if method == "GET" else other.post(path)
            assert (username, path, answer.status_code) == (username, path, 403)


def test_every_form_needs_its_token(curating: Flask, curator: Staff) -> None:
    posts = [path for method, path in addresses(curating) if method == "POST"]
    posts.append(f"/directory/{CLUB}/flag")
    assert {curator.client.post(path).status_code for path in posts} == {400}


@pytest.mark.parametrize(
    ("endpoint", "rule"), [("web.flag_service", EVERYBODY), ("web.suggest", PUBLIC)]
)
def test_two_addresses_are_for_others(endpoint: str, rule: object) -> None:
    assert POLICY[endpoint] == rule
