"""The JSON API: matching, its refusals, and the OpenAPI document that describes both."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from directory.model import NEEDS
from template_service import clock
from template_service.access.principal import Role
from template_service.access.tokens import token_create
from template_service.app import create_app
from template_service.records.organisations import Kind, Organisation, import_organisations
from template_service.service import Service
from template_service.settings import Settings

PRACTICE = "B86002"
ADDRESS = "/api/v1/match"
Match = Callable[..., TestResponse]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = create_app(Settings(data=tmp_path_factory.mktemp("data"), max_body_bytes=100_000))
    yield made
    made.extensions["template_service"].close()


@pytest.fixture(scope="module")
def service(app: Flask) -> Service:
    opened: Service = app.extensions["template_service"]
    return opened


@pytest.fixture(scope="module")
def bearer(service: Service) -> dict[str, str]:
    practice = Organisation(ods_code=PRACTICE, name="Practice", kind=Kind.PRACTICE)
    with service.store.write() as conn:
        import_organisations(conn, [practice])
        issued = token_create(
            conn, role=Role.INTEGRATOR, organisation_id=PRACTICE, days=1, now=clock.now()
        )
    return {"Authorization": f"Bearer {issued.token}"}


@pytest.fixture(scope="module")
def match(app: Flask, bearer: dict[str, str]) -> Match:
    """Asks for services: a JSON body, or the bytes to send."""

    def ask(body: Any, content_type: str = "application/json") -> TestResponse:
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        client = app.test_client()
        return client.post(ADDRESS, data=raw, content_type=content_type, headers=bearer)

    return ask


@pytest.fixture(scope="module")
def postcode(service: Service) -> str:
    """A real postcode of Harehills, of the tables the service is opened with."""
    return service.geography.nearest_postcodes(service.geography.practice(PRACTICE).place, 1)[0]


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """An RFC 9457 problem."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    found: dict[str, Any] = orjson.loads(answer.data)
    assert found["status"] == status
    assert found["type"].startswith("https://template-service.example/problems/")
    assert found["title"]
    return found


def pointers(answer: TestResponse) -> set[str]:
    """The places a 422 names."""
    return {error["pointer"] for error in problem(answer, 422)["errors"]}


def test_it_answers_ranked_services_with_reasons(
    match: Match, service: Service, postcode: str
) -> None:
    answer = match({"needs": ["repairs-damp-mould", "food-aid"], "postcode": postcode})
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    body = orjson.loads(answer.data)
    assert body.keys() == {"matches", "excluded"}
    assert body["matches"]
    assert list(dict.fromkeys(one["need"] for one in body["matches"])) == [
        "repairs-damp-mould",
        "food-aid",
    ]
    for one in body["matches"]:
        assert one.keys() == {
            "need",
            "service_id",
            "name",
            "reasons",
            "distance_km",
            "contact",
            "freshness",
            "last_checked",
        }
        known = service.directory.service(one["service_id"])
        assert (one["name"], one["need"] in known.needs) == (known.name, True)
        assert one["reasons"]
        assert one["freshness"] == "check-first"
    for left_out in body["excluded"]:
        assert left_out.keys() == {"service_id", "name", "reason"}


def test_the_limit_is_for_each_need(match: Match) -> None:
    needs = ["debt-advice", "food-aid"]
    for limit in (1, 2):
        found = orjson.loads(match({"needs": needs, "limit": limit}).data)["matches"]
        for need in needs:
            assert len([one for one in found if one["need"] == need]) <= limit


def test_no_public_funds_leaves_out_what_counts_as_public_funds(
    match: Match, service: Service
) -> None:
    public = {one.id for one in service.directory.services() if one.public_funds == "yes"}
    assert public
    needs = sorted({need for one in public for need in service.directory.service(one).needs})
    found = orjson.loads(match({"needs": needs, "no_public_funds": True, "limit": 20}).data)
    assert not public & {one["service_id"] for one in found["matches"]}
    assert public & {one["service_id"] for one in found["excluded"]}


@pytest.mark.parametrize("pseudo", ["ZZ99 3VZ", "zz993wz"])
def test_no_fixed_abode_is_placed_by_the_practice(
    match: Match, service: Service, pseudo: str
) -> None:
    needs = ["food-aid", "homelessness-prevention"]
    nowhere = match({"needs": needs, "postcode": pseudo})
    assert nowhere.status_code == 200
    assert nowhere.data == match({"needs": needs}).data
    assert "ZZ99" not in nowhere.text.upper()


@pytest.mark.parametrize("unknown", ["LS99 9ZZ", "not a code", "", "LS9", "ＬＳ９ ６ＡＵ"])
def test_an_unknown_postcode_is_named_and_not_repeated(match: Match, unknown: str) -> None:
    answer = match({"needs": ["debt-advice"], "postcode": unknown})
    assert pointers(answer) == {"#/postcode"}
    if unknown:
        assert unknown not in answer.text


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({}, "#/needs"),
        ({"needs": []}, "#/needs"),
        ({"needs": "debt-advice"}, "#/needs"),
        ({"needs": ["debt-advice", "gold"]}, "#/needs/1"),
        ({"needs": ["debt-advice"], "age": -1}, "#/age"),
        ({"needs": ["debt-advice"], "age": 131}, "#/age"),
        ({"needs": ["debt-advice"], "age": "8"}, "#/age"),
        ({"needs": ["debt-advice"], "age": 8.5}, "#/age"),
        ({"needs": ["debt-advice"], "limit": 0}, "#/limit"),
        ({"needs": ["debt-advice"], "limit": 21}, "#/limit"),
        ({"needs": ["debt-advice"], "no_public_funds": "on"}, "#/no_public_funds"),
        ({"needs": ["debt-advice"], "no_public_funds": 0}, "#/no_public_funds"),
        ({"needs": ["debt-advice"], "no_public_funds": []}, "#/no_public_funds"),
        ({"needs": ["debt-advice"], "language": 3}, "#/language"),
        ({"needs": ["debt-advice"], "organisation": "B86003"}, "#/organisation"),
        ({"needs": ["debt-advice"], "a/b~ c": 1}, "#/a~1b~0%20c"),
        ([], "#"),
        (None, "#"),
        (3, "#"),
    ],
)
def test_a_field_that_breaks_a_rule_is_named(match: Match, wrong: Any, place: str) -> None:
    answer = match(wrong)
    assert place in pointers(answer)
    assert "gold" not in answer.text


def test_broken_json_is_placed(match: Match) -> None:
    answer = match(b'{"needs":\n ["secret"}')
    assert "line 2, column" in problem(answer, 400)["detail"]
    assert "secret" not in answer.text


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/x-www-form-urlencoded"])
def test_another_content_type_is_refused(match: Match, content_type: str) -> None:
    problem(match(b"{}", content_type), 415)


def test_very_deep_json_is_refused(match: Match) -> None:
    problem(match(b"[" * 10_000 + b"]" * 10_000), 400)
    problem(match(b'{"needs":' + b"[" * 900 + b"]" * 900 + b"}"), 422)


def test_a_body_over_the_limit_is_refused_readably(match: Match) -> None:
    problem(match({"needs": ["x" * 5_000_000]}), 413)


def test_it_needs_a_token(app: Flask) -> None:
    answer = app.test_client().post(ADDRESS, json={"needs": ["debt-advice"]})
    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_other_addresses_and_methods_are_problems(app: Flask, bearer: dict[str, str]) -> None:
    client = app.test_client()
    problem(client.get("/api/v1/nothing", headers=bearer), 404)
    answer = client.get(ADDRESS, headers=bearer)
    problem(answer, 405)
    assert "POST" in answer.headers["Allow"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OPTIONAL = ("postcode", "age", "language", "no_public_funds", "limit")
FIELDS = st.fixed_dictionaries(
    {"needs": st.lists(st.sampled_from(sorted(NEEDS)) | JSON, max_size=4)},
    optional=dict.fromkeys((*OPTIONAL, "more"), JSON),
)


@given(body=FIELDS | JSON)
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_json_breaks_it(match: Match, body: Any) -> None:
    assert match(body).status_code in {200, 422}


# ---- the OpenAPI document


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/api/openapi.json")
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    read: dict[str, Any] = orjson.loads(answer.data)
    return read


def test_the_document_describes_every_address(app: Flask, document: dict[str, Any]) -> None:
    offered = {
        (rule.rule, method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (path, method) for path, methods in document["paths"].items() for method in methods
    }
    assert described == offered


def test_the_document_tells_refusals_and_keys(document: dict[str, Any]) -> None:
    match = document["paths"][ADDRESS]["post"]
    assert match["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for status in ("400", "401", "403", "413", "415", "422"):
        assert list(match["responses"][status]["content"]) == ["application/problem+json"]
    body = document["components"]["schemas"]["MatchRequest"]
    assert body["required"] == ["needs"]
    assert body["properties"]["needs"]["items"]["enum"] == sorted(NEEDS)


def test_no_page_of_another_site_is_served(app: Flask) -> None:
    paths = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api")}
    assert paths == {"/api/openapi.json", ADDRESS}
