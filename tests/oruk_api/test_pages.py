"""The envelope, the schemas of the UK profile, and lines of JSON."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from werkzeug.wsgi import ClosingIterator

from template_service.oruk_api.catalogue import KINDS
from tests.oruk_api.city import FILLERS
from tests.oruk_api.conftest import Ask, Contents

SERVICES = FILLERS + 6
ENVELOPE = {
    "total_items",
    "total_pages",
    "page_number",
    "size",
    "first_page",
    "last_page",
    "empty",
    "contents",
}
LISTED = {
    "services": "compiled/service_list.json",
    "organizations": "compiled/organization_list.json",
    "service_at_locations": "compiled/service_at_location_list.json",
    "taxonomies": "taxonomy.json",
    "taxonomy_terms": "taxonomy_term.json",
}
WHOLE = LISTED | {
    "services": "compiled/service.json",
    "organizations": "compiled/organization.json",
    "service_at_locations": "compiled/service_at_location.json",
}


@pytest.fixture(scope="module")
def schemas(shared: Path) -> Path:
    return shared / "data" / "directory" / "oruk" / "uk-profile-v3" / "schema"


def check(schema: Path, document: Any) -> None:
    """Raises AssertionError with what a schema finds wrong; it may refer to those beside it."""
    beside = {
        path.name: DRAFT202012.create_resource(json.loads(path.read_text(encoding="utf-8")))
        for path in schema.parent.glob("*.json")
    }
    validator = jsonschema.Draft202012Validator(
        json.loads(schema.read_text(encoding="utf-8")),
        registry=Registry[Any]().with_resources(beside.items()),
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )
    assert [error.message for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize("table", KINDS)
def test_first_middle_and_last_pages_are_valid(ask: Ask, schemas: Path, table: str) -> None:
    described = json.loads((schemas / "openapi.json").read_text(encoding="utf-8"))
    envelope = described["components"]["schemas"]["Page"]
    pages = ask(f"/{table}", {"per_page": "1"}).get_json()["total_pages"]
    assert pages > 1
    for number in {1, (pages + 1) // 2, pages}:
        answer = ask(f"/{table}", {"page": str(number), "per_page": "1"})
        page = answer.get_json()
        assert answer.content_type == "application/json"
        assert page.keys() == ENVELOPE
        jsonschema.validate(page, envelope)
        assert (page["first_page"], page["last_page"]) == (number == 1, number == pages)
        for one in page["contents"]:
            check(schemas / LISTED[table], one)


@pytest.mark.parametrize("table", KINDS)
def test_whole_documents_are_valid(ask: Ask, contents: Contents, schemas: Path, table: str) -> None:
    for one in contents(f"/{table}", full="true"):
        check(schemas / WHOLE[table], one)
        assert ask(f"/{table}/{one['id'].upper()}").get_json() == one


def test_the_start_says_what_it_is(ask: Ask, shared: Path) -> None:
    folder = shared / "data" / "directory" / "oruk" / "validator-schemas" / "OpenReferralApi"
    for path in ("/", ""):
        answer = ask(path)
        assert answer.status_code == 200
        check(folder / "Schemas" / "V3.0-UK" / "api_details.json", answer.get_json())


@given(per_page=st.integers(1, 20), number=st.integers(1, 20))
def test_pages_are_slices_of_one_order(ask: Ask, per_page: int, number: int) -> None:
    whole = [one["id"] for one in ask("/services", {"per_page": "1000"}).get_json()["contents"]]
    page = ask("/services", {"per_page": str(per_page), "page": str(number)}).get_json()
    ids = [one["id"] for one in page["contents"]]
    assert ids == whole[(number - 1) * per_page : number * per_page]
    assert page["total_items"] == len(whole) == SERVICES
    assert page["total_pages"] == -(-SERVICES // per_page)
    assert page["page_number"] == number
    assert (page["size"], page["empty"]) == (len(ids), not ids)


def test_beyond_the_end_is_an_empty_page(ask: Ask) -> None:
    answer = ask("/services", {"page": "999999999"})
    page = answer.get_json()
    assert answer.status_code == 200
    assert (page["empty"], page["size"], page["contents"]) == (True, 0, [])
    assert (page["first_page"], page["last_page"]) == (False, True)
    assert page["total_items"] == SERVICES


def test_nothing_found_is_one_empty_page(ask: Ask) -> None:
    page = ask("/services", {"search": "xyzzyplugh"}).get_json()
    assert (page["total_items"], page["total_pages"], page["empty"]) == (0, 0, True)
    assert (page["first_page"], page["last_page"]) == (True, True)


@pytest.mark.parametrize("table", KINDS)
def test_lines_hold_everything_a_list_holds(ask: Ask, contents: Contents, table: str) -> None:
    asked = ask(f"/{table}", {"format": "ndjson", "per_page": "1"})
    assert asked.content_type == "application/x-ndjson"
    assert [orjson.loads(line) for line in asked.data.splitlines()] == contents(f"/{table}")
    preferred = ask(f"/{table}", headers={"Accept": "application/x-ndjson"})
    assert preferred.data == asked.data


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("application/json, application/x-ndjson;q=0.5", "application/json"),
        ("application/x-ndjson, application/json;q=0.5", "application/x-ndjson"),
    ],
)
def test_accept_chooses_lines_only_by_name(ask: Ask, accept: str, content_type: str) -> None:
    assert ask("/services", headers={"Accept": accept}).content_type == content_type
    chosen = ask("/services", {"format": "json"}, headers={"Accept": "application/x-ndjson"})
    assert chosen.content_type == "application/json"


def started(*_: Any) -> Callable[[bytes], object]:
    """The `start_response` of a server that does not listen."""
    return len


def test_lines_leave_one_by_one(app: Flask) -> None:
    """They are never gathered: the answer of the server is no list."""
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/oruk/v3/services",
        "QUERY_STRING": "format=ndjson",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
    }
    answer = app.wsgi_app(environ, started)
    assert not isinstance(answer, list)
    assert len(list(answer)) == SERVICES
    assert isinstance(answer, ClosingIterator)
    answer.close()
