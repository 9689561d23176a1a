"""Every route has an access rule, and whoever is not signed in gets no further than the door."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from template_service.access.policy import POLICY, PUBLIC
from template_service.app import EXTENSION, create_app
from template_service.settings import Settings

SECURITY_HEADERS = (
    "Content-Security-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Request-Id",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = create_app(Settings(data=tmp_path_factory.mktemp("data")))
    yield made
    made.extensions[EXTENSION].close()


def paths(app: Flask) -> list[tuple[str, str, Rule]]:
    """(method, path with made-up ids, rule) of every route."""
    adapter = app.url_map.bind("localhost")
    return [
        (method, adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, "1")), rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_every_route_has_a_rule_and_every_rule_a_route(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(POLICY)


def test_without_a_sign_in_every_closed_route_is_closed(app: Flask) -> None:
    client = app.test_client()
    opened = []
    for method, path, rule in paths(app):
        if POLICY[rule.endpoint] is PUBLIC:
            continue
        answer = client.open(path, method=method)
        to_sign_in = answer.status_code == 303 and answer.location == "/sign-in"
        if answer.status_code != 401 and not to_sign_in:
            opened.append((method, path, answer.status_code))
    assert opened == []


def test_a_cookie_opens_no_door_of_the_systems(app: Flask) -> None:
    """`/fhir` and `/api` look at bearer tokens only, so a forged page cannot use a sign-in."""
    with app.test_client() as client:
        client.set_cookie("__Host-session", "x" * 43, secure=True)
        answer = client.post("/fhir/QuestionnaireResponse", json={})
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/fhir/metadata", "/fhir/x", "/api/x"])
def test_every_answer_carries_the_security_headers(app: Flask, path: str) -> None:
    answer = app.test_client().get(path)
    assert [name for name in SECURITY_HEADERS if name not in answer.headers] == []
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_dynamic_pages_are_not_kept_by_caches(app: Flask) -> None:
    assert app.test_client().get("/sign-in").headers["Cache-Control"] == "no-store"


def test_refusals_speak_the_language_of_their_face(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/fhir/nothing").get_json()["resourceType"] == "OperationOutcome"
    problem = client.get("/api/nothing")
    assert problem.mimetype == "application/problem+json"
    assert problem.get_json()["status"] == 404
    page = client.get("/nothing")
    assert (page.status_code, page.mimetype) == (404, "text/html")


def test_a_request_id_is_kept_when_it_is_plain_and_replaced_when_it_is_not(app: Flask) -> None:
    client = app.test_client()
    kept = client.get("/healthz", headers={"X-Request-Id": "trace-0123456789"})
    assert kept.headers["X-Request-Id"] == "trace-0123456789"
    replaced = client.get("/healthz", headers={"X-Request-Id": "<script>"})
    assert replaced.headers["X-Request-Id"] not in {"", "<script>"}


def test_health_shows_the_versions_and_readiness_its_checks(app: Flask) -> None:
    client = app.test_client()
    assert set(client.get("/healthz").get_json()) == {"status", "version", "sqlite"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["status"]) == (200, "ready")


def test_an_unforeseen_error_says_nothing_of_itself(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str:
        raise RuntimeError("LS9 6AU of a named person")

    monkeypatch.setitem(app.view_functions, "fhir.metadata", broken)
    with caplog.at_level("INFO", "template_service"):
        answer = app.test_client().get("/fhir/metadata?secret=LS9")
    assert answer.status_code == 500
    assert "LS9" not in answer.get_data(as_text=True)
    logged = "".join(str(vars(record)) for record in caplog.records)
    assert "RuntimeError" in logged
    assert "LS9" not in logged


def test_guessing_at_the_sign_in_is_slowed(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path, sign_ins_per_minute=3, cookie_secure=False))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    tries = [
        client.post("/sign-in", data={"username": "nobody", "password": "wrong"}).status_code
        for _ in range(4)
    ]
    app.extensions[EXTENSION].close()
    assert tries == [401, 401, 401, 429]


def test_forms_need_their_token(app: Flask) -> None:
    answer = app.test_client().post("/sign-in", data={"username": "a", "password": "b"})
    assert answer.status_code == 400


def test_a_form_works_over_https_although_no_referrer_is_sent(app: Flask) -> None:
    """Browsers and proxies may leave out the Referer; the token decides."""
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://localhost").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].partition('"')[0]
    answer = client.post(
        "/sign-in",
        base_url="https://localhost",
        data={"username": "a", "password": "b", "csrf_token": token},
    )
    assert answer.status_code == 401
