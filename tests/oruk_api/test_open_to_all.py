"""Who may ask, what never leaves, and what need not be sent again."""

import logging
from dataclasses import fields
from pathlib import Path

import orjson
import pytest
from flask import Flask

from directory.model import Service
from directory.open_referral.attributes import PHONE_HOURS
from template_service.app import create_app
from template_service.oruk_api.catalogue import KINDS
from template_service.oruk_api.openness import HELD_BACK, OPEN
from template_service.settings import Settings
from tests.oruk_api import city
from tests.oruk_api.city import POSTCODE, Point, uid
from tests.oruk_api.conftest import Ask, Contents


def test_any_site_may_read(ask: Ask) -> None:
    for path in ("/", "/services", "/services/unknown", "/nowhere", "/services?page=x"):
        answer = ask(path)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Set-Cookie" not in answer.headers
    asked = ask(
        "/services",
        method="OPTIONS",
        headers={"Origin": "https://other.example", "Access-Control-Request-Method": "GET"},
    )
    assert asked.status_code == 200
    assert "GET" in asked.headers["Access-Control-Allow-Methods"]


def test_a_wrong_key_or_cookie_changes_nothing(app: Flask, ask: Ask) -> None:
    client = app.test_client()
    client.set_cookie("__Host-session", "x" * 43, secure=True)
    answer = client.get("/oruk/v3/services", headers={"Authorization": "Bearer nonsense"})
    assert answer.data == ask("/services").data
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_it_cannot_be_written(ask: Ask) -> None:
    answer = ask("/services", method="POST", json={})
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.get_json()["detail"] == "This address answers GET, HEAD, OPTIONS alone."


@pytest.mark.parametrize("table", KINDS)
def test_no_name_or_note_of_a_person_leaves(ask: Ask, contents: Contents, table: str) -> None:
    held_back = ("Somebody Named", "Audited Person", "Curator Person", "curator@example.org")
    texts = [ask(f"/{table}", {"full": "true"}).text, ask(f"/{table}", {"format": "ndjson"}).text]
    texts += [ask(f"/{table}/{one['id']}").text for one in contents(f"/{table}")]
    assert [it for it in held_back if any(it in text for text in texts)] == []
    assert not any("script:" in text or "<p>" in text for text in texts)


def test_what_is_open_of_the_guarded_service(ask: Ask) -> None:
    found = ask(f"/services/{uid('service', 'Guarded House')}").get_json()
    assert found["description"] == "Come in"
    assert found["contacts"][0]["title"] == "Warden"
    assert found["contacts"][0]["phones"][0]["number"] == "0113 496 0000"
    assert [one["taxonomy_term"]["code"] for one in found["attributes"]] == ["channels"]


@pytest.mark.parametrize("field", ["verified_by", "safe_for_private_disclosure"])
def test_what_is_held_back_cannot_be_found_out_by_a_filter(contents: Contents, field: str) -> None:
    assert contents("/services", taxonomy_term_id=uid("taxonomy_term", field)) == []


def test_every_addition_is_open_or_held_back() -> None:
    """A new field of a service is served only once somebody has thought about it."""
    assert not OPEN & HELD_BACK
    assert {field.name for field in fields(Service)} | {PHONE_HOURS} == OPEN | HELD_BACK


def test_an_answer_is_not_sent_twice(ask: Ask) -> None:
    for query in ({}, {"page": "2", "per_page": "3"}, {"format": "ndjson"}):
        first = ask("/services", query)
        again = ask("/services", query, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        since = {"If-Modified-Since": first.headers["Last-Modified"]}
        assert ask("/services", query, headers=since).status_code == 304
    others = [ask("/services", query).headers["ETag"] for query in ({}, {"page": "2"})]
    assert len(set(others)) == 2
    old = {"If-Modified-Since": "Thu, 01 Jan 2015 00:00:00 GMT"}
    assert ask("/services", headers=old).status_code == 200


def test_a_compressed_answer_keeps_its_tag(ask: Ask) -> None:
    packed = {"Accept-Encoding": "gzip"}
    first = ask("/services", headers=packed)
    assert first.headers["Content-Encoding"] == "gzip"
    again = ask("/services", headers=packed | {"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    lines = ask("/services", {"format": "ndjson"}, headers=packed)
    assert lines.headers["Content-Encoding"] == "gzip"


def test_a_postcode_stays_between_two(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        good = ask("/services", {"postcode": POSTCODE})
        bad = ask("/services", {"postcode": "LS99 9ZZ", "proximity": "x"})
        strange = ask("/services", "LS9%206AU=1&postcode=nonsense%20LS9%206AU")
    assert good.headers["Cache-Control"] == "private, no-cache"
    again = ask(
        "/services", {"postcode": POSTCODE}, headers={"If-None-Match": good.headers["ETag"]}
    )
    assert again.status_code == 304
    assert "LS9" not in bad.text + strange.text
    assert {one["parameter"] for one in bad.get_json()["errors"]} == {"postcode", "proximity"}
    logged = "".join(str(vars(record)) for record in caplog.records)
    assert "/oruk/v3/services" in logged
    assert "LS9" not in logged.replace("LS99", "LS9")


def test_an_eager_caller_is_slowed(tmp_path: Path) -> None:
    made = create_app(Settings(data=tmp_path, oruk_requests_per_minute=3))
    client = made.test_client()
    answers = [client.get("/oruk/v3/services") for _ in range(4)]
    made.extensions["template_service"].close()
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert orjson.loads(answers[-1].data)["status"] == 429


def test_what_is_published_next_is_served_next(tmp_path: Path, here: Point) -> None:
    records = city.records(here)
    city.publish(tmp_path / "directory", records)
    made = create_app(Settings(data=tmp_path))
    client = made.test_client()
    address = f"/oruk/v3/services/{uid('service', 'Far Club')}"
    before = client.get(address)
    closed = [
        one._replace(fields={**one.fields, "status": "defunct"}) if one.id == "Far Club" else one
        for one in records
    ]
    city.publish(tmp_path / "directory", closed)
    after = client.get(address, headers={"If-None-Match": before.headers["ETag"]})
    made.extensions["template_service"].close()
    assert (before.get_json()["status"], after.status_code) == ("active", 200)
    assert after.get_json()["status"] == "defunct"


def test_a_head_is_the_answer_without_its_body(ask: Ask) -> None:
    for query in ({}, {"format": "ndjson"}):
        head, whole = ask("/services", query, method="HEAD"), ask("/services", query)
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["ETag"] == whole.headers["ETag"]
