"""Questionnaires that a deployer adds beside a running service, read, searched and answered."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from werkzeug.test import TestResponse

from template_service import clock
from template_service.access.principal import Role
from template_service.questionnaire.form import Form
from template_service.records import questionnaires
from template_service.records.questionnaires import AddedQuestionnaire
from template_service.service import Service
from tests.fhir_api.clients import Fhir
from tests.fhir_api.library import (
    Command,
    answered,
    commands,
    fresh_url,
    hurt,
    questionnaire,
)


@pytest.fixture
def run(service: Service, tmp_path: Path) -> Command:
    """Commands beside the service that the tests speak to."""
    return commands(service.settings.data, tmp_path)


@pytest.fixture
def url(run: Command) -> str:
    """A questionnaire that was added while the service runs."""
    added = fresh_url()
    assert run("add", questionnaire(added)).exit_code == 0
    return added


def body(answer: TestResponse) -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads(answer.data)
    return read


def found(fhir: Fhir, query: str) -> list[dict[str, Any]]:
    """The resources of a search."""
    answer = fhir.get(f"Questionnaire?{query}")
    assert answer.status_code == 200, answer.text
    return [entry["resource"] for entry in body(answer).get("entry", ())]


def address(fhir: Fhir, url: str) -> str:
    (only,) = found(fhir, f"url={quote(url)}")
    return f"Questionnaire/{only['id']}"


def issue(answer: TestResponse) -> dict[str, Any]:
    """The one error of a refusal."""
    (only,) = [each for each in body(answer)["issue"] if each["severity"] == "error"]
    return dict(only)


def test_what_is_added_is_there_without_a_restart(fhir: Fhir, url: str) -> None:
    read = fhir.get(address(fhir, url))
    sent = questionnaire(url)
    assert {name: value for name, value in body(read).items() if name != "id"} == sent
    assert fhir.create(answered(f"{url}|1.0", warm=False)).status_code == 201


def test_reading_gives_every_language(fhir: Fhir, run: Command) -> None:
    """What is translated stays inside: the resource is the same for everybody."""
    added = fresh_url()
    translation = {
        "url": "http://hl7.org/fhir/StructureDefinition/translation",
        "extension": [
            {"url": "lang", "valueCode": "ar"},
            {"url": "content", "valueString": "دفء"},
        ],
    }
    sent = questionnaire(added, _title={"extension": [translation]}, language="en")
    assert run("add", sent).exit_code == 0
    plain = fhir.get(address(fhir, added))
    assert fhir.get(address(fhir, added), Accept_Language="ar").data == plain.data
    assert body(plain)["title"] == "Warmth"


def test_the_newest_version_is_meant_by_the_url_alone(fhir: Fhir, run: Command, url: str) -> None:
    assert run("add", questionnaire(url, "1.1", item=[hurt(masked=True)])).exit_code == 0
    to_newest = answered(url, warm=True)
    refused = fhir.create(to_newest)
    assert refused.status_code == 422
    assert "warm" in refused.text
    assert fhir.create(to_newest | {"questionnaire": f"{url}|1.0"}).status_code == 201


def test_a_response_is_masked_as_the_version_it_was_made_with(
    fhir: Fhir, as_role: Callable[..., Fhir], run: Command, url: str
) -> None:
    """It named no version, and the newest one by now masks nothing."""
    made = fhir.create(answered(url, warm=True, hurt="yes"))
    place = made.headers["Location"].split("/fhir/")[1]
    assert run("add", questionnaire(url, "2.0", item=[hurt(masked=False)])).exit_code == 0
    seen = body(as_role(Role.CARE_NAVIGATOR).get(place))
    assert [each["linkId"] for each in seen["item"]] == ["warm"]
    assert [each["linkId"] for each in body(fhir.get(place))["item"]] == ["warm", "hurt"]


def test_no_response_begins_with_a_retired_one(fhir: Fhir, run: Command, url: str) -> None:
    before = fhir.create(answered(f"{url}|1.0", warm=True))
    assert run("retire", f"{url}|1.0").exit_code == 0
    refused = issue(fhir.create(answered(f"{url}|1.0", warm=True)))
    assert refused["expression"] == ["QuestionnaireResponse.questionnaire"]
    assert "retired" in refused["diagnostics"]
    assert fhir.create(answered(url, warm=True)).status_code == 422
    place = before.headers["Location"].split("/fhir/")[1]
    assert fhir.get(place).status_code == 200
    assert run("retire", url, "--undo").exit_code == 0
    assert fhir.create(answered(f"{url}|1.0", warm=True)).status_code == 201


def test_a_disclosure_is_kept_although_the_questionnaire_is_retired(
    fhir: Fhir, run: Command, url: str
) -> None:
    assert run("retire", url).exit_code == 0
    assert fhir.create(answered(f"{url}|1.0", hurt="no")).status_code == 422
    made = fhir.create(answered(f"{url}|1.0", hurt="yes"))
    assert made.status_code == 201
    remarks = [each["diagnostics"] for each in body(made)["issue"] if each["severity"] == "warning"]
    assert [each for each in remarks if "retired" in each]


def test_a_repeated_create_is_known_also_after_a_retirement(
    fhir: Fhir, run: Command, url: str
) -> None:
    sent = answered(f"{url}|1.0", warm=True)
    first = fhir.create(sent, Idempotency_Key=url)
    assert run("retire", url).exit_code == 0
    again = fhir.create(sent, Idempotency_Key=url)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["Location"] == first.headers["Location"]


def test_one_that_only_an_older_version_could_use_is_still_read(
    fhir: Fhir, as_role: Callable[..., Fhir], service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = fresh_url()
    own_id = url.rpartition("/")[2]
    broken = questionnaire(url, item=[{"linkId": "a", "type": "none"}])
    described = AddedQuestionnaire(
        url=url, version="1.0", resource_id=own_id, title="", status="active", date=""
    )
    with service.store.write() as conn:
        questionnaires.add(conn, described, orjson.dumps(broken), at=clock.now(), by="tests")
    assert body(fhir.get(f"Questionnaire/{own_id}"))["item"] == broken["item"]
    refused = fhir.post(f"Questionnaire/{own_id}/$populate", b'{"resourceType": "Parameters"}')
    assert issue(refused)["expression"] == ["Questionnaire.item[0]"]
    made = fhir.create(answered(service.form.canonical))
    monkeypatch.setattr(service.forms, "find", lambda _: service.forms.by_id(own_id))
    place = made.headers["Location"].split("/fhir/")[1]
    assert fhir.get(place).status_code == 200
    assert as_role(Role.CARE_NAVIGATOR).get(place).status_code == 404


def test_a_retired_one_says_so_where_a_client_looks(fhir: Fhir, run: Command, url: str) -> None:
    place = address(fhir, url)
    etag = fhir.get(place).headers["ETag"]
    assert run("retire", url).exit_code == 0
    changed = fhir.get(place, If_None_Match=etag)
    assert (changed.status_code, body(changed)["status"]) == (200, "retired")
    assert found(fhir, f"url={quote(url)}&status=active") == []
    assert len(found(fhir, f"url={quote(url)}&status=retired")) == 1


def test_everything_in_the_library_is_found(fhir: Fhir, form: Form, service: Service) -> None:
    answer = body(fhir.get("Questionnaire"))
    assert answer["type"] == "searchset"
    assert answer["total"] == len(service.forms.listed())
    pages, following = [answer], answer
    while links := [each["url"] for each in following["link"] if each["relation"] == "next"]:
        following = body(fhir.get(links[0].split("/fhir/")[1]))
        pages.append(following)
    ids = [entry["resource"]["id"] for page in pages for entry in page["entry"]]
    assert sorted(ids) == sorted(each.id for each in service.forms.listed())
    assert form.id in ids


@pytest.mark.parametrize(
    "query",
    [
        "_id={id}",
        "url={url}&version=1.0",
        "url={url}&version=0.9,1.0",
        "url={url}&title=WÁRM",
        "url={url}&status=active",
        "url={url}&status=http://hl7.org/fhir/publication-status|active",
    ],
)
def test_a_search_finds_it(fhir: Fhir, url: str, query: str) -> None:
    one = address(fhir, url).rpartition("/")[2]
    (only,) = found(fhir, query.format(id=one, url=quote(url)))
    assert only["url"] == url


@pytest.mark.parametrize("query", ["version=1", "title=armth", "status=draft", "status=x|active"])
def test_a_search_finds_nothing_else(fhir: Fhir, url: str, query: str) -> None:
    assert found(fhir, f"url={quote(url)}&{query}") == []


@pytest.mark.parametrize("query", ["name=x", "title:exact=x", "_count=0", "_count=x", "_offset=-1"])
def test_a_search_that_would_be_misread_is_refused(fhir: Fhir, query: str) -> None:
    answer = fhir.get(f"Questionnaire?{query}")
    assert (answer.status_code, issue(answer)["severity"]) == (422, "error")


def test_the_commands_tell_what_they_did(run: Command) -> None:
    url = fresh_url()
    added = orjson.loads(run("add", questionnaire(url), "--json").stdout)
    assert (added["url"], added["version"], added["new"]) == (url, "1.0", True)
    again = run("add", questionnaire(url))
    assert (again.exit_code, "nothing to do" in again.stdout) == (0, True)
    listed = orjson.loads(run("list", "--json").stdout)
    assert {
        "url": url,
        "version": "1.0",
        "title": "Warmth",
        "status": "active",
        "id": added["id"],
        "source": "added",
        "retired": False,
    } in listed
    assert [each for each in listed if each["source"] == "shipped"]
    assert orjson.loads(run("retire", url, "--json").stdout) == {"retired": [f"{url}|1.0"]}
    assert f"{url}|1.0  Warmth  (active, added, retired" in run("list").stdout
    assert "nothing to do" in run("retire", url).stdout
    undone = run("retire", f"{url}|1.0", "--undo", "--json")
    assert orjson.loads(undone.stdout) == {"undone": [f"{url}|1.0"]}


def test_a_refused_one_is_named_with_file_and_place(run: Command) -> None:
    url = fresh_url()
    assert run("add", questionnaire(url)).exit_code == 0
    changed = run("add", questionnaire(url, title="Other"))
    assert (changed.exit_code, "never changes" in changed.stderr) == (1, True)
    twice = questionnaire(fresh_url())["item"][:1] * 2
    broken = run("add", questionnaire("no url", item=twice))
    assert broken.exit_code == 1
    lines = broken.stderr.splitlines()
    assert [line for line in lines if ".json: error: Questionnaire.item[1]: " in line]
    assert [line for line in lines if ".json: error: Questionnaire.url: " in line]
    unknown = run("retire", fresh_url())
    assert (unknown.exit_code, "not in the library" in unknown.stderr) == (1, True)


def test_what_is_no_questionnaire_is_named(run: Command, tmp_path: Path) -> None:
    for content, told in (("{", "not valid JSON (line 1, column 2)"), ("[]", "no Questionnaire")):
        path = tmp_path / "file.json"
        path.write_text(content)
        refused = run("add", str(path))
        assert refused.exit_code == 1
        assert str(path) in refused.stderr
        assert told in refused.stderr
