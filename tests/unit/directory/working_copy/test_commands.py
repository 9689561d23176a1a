"""`template-service directory`: a source in, reviewed, published, compared, back, and out again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from directory.open_referral import tabular_writing
from directory.open_referral.records import Item, Record, uuid_of
from template_service.cli import main
from tests.unit.directory.working_copy.curation import WHO
from tests.unit.directory.working_copy.sources import changed, source, without

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("TEMPLATE_SERVICE_TODAY", "2026-11-23")

    def call(*arguments: str | Path) -> Result:
        words = ["directory", *map(str, arguments), "--data", str(tmp_path / "data")]
        return CliRunner().invoke(main, words)

    return call


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """A folder of tables with two services."""
    folder = tmp_path / "made-up-feed"
    tabular_writing.write(_records(source()), folder)
    return folder


def _records(items: list[Item]) -> list[Record]:
    return [item for item in items if isinstance(item, Record)]


def _json(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_an_import_reports_counts_for_each_table(run: Run, feed: Path) -> None:
    report = _json(run("import", feed, "--json"))
    counts = {"read": 2, "new": 2, "changed": 0, "unchanged": 0, "withdrawn": 0, "quarantined": 0}
    assert report["services"] == counts
    assert report["quarantine"] == []
    again = _json(run("import", feed, "--json"))
    assert again["services"] == counts | {"new": 0, "unchanged": 2}
    assert "services: 2 read, 0 new" in run("import", feed).stdout


def test_the_way_from_a_source_to_a_version_and_back(run: Run, feed: Path) -> None:
    first = _json(run("publish", "--json"))
    assert first["services"] > 60
    run("import", feed)
    second = _json(run("publish", "--json", "--note", "with the feed", "--by", WHO))
    assert (second["services"], second["number"]) == (first["services"] + 2, 2)
    listed = _json(run("versions", "--json"))
    assert [(it["number"], it["by"], it["note"], it["current"]) for it in listed] == [
        (1, "", "published without a working copy", False),
        (2, WHO, "with the feed", True),
    ]
    compared = _json(run("compare", "1", "2", "--json"))
    assert [it["name"] for it in compared["added"]] == ["Service 1", "Service 2"]
    assert "+ Service 1" in run("compare", "1", "2").stdout
    assert run("rollback", "1", "--reason", "a mistake").exit_code == 0
    assert _json(run("versions", "--json"))[-1]["action"] == "rollback"


def test_a_change_is_reviewed_decided_and_taken_back(run: Run, feed: Path) -> None:
    run("import", feed)
    run("publish")
    tabular_writing.write(_records(changed(source(), "s1", name="Other")), feed)
    run("import", feed)
    (proposal,) = _json(run("review", "--json"))["proposals"]
    assert (proposal["field"], proposal["was"], proposal["wanted"]) == (
        "name",
        "Service 1",
        "Other",
    )
    assert "'Service 1' -> 'Other'" in run("review").stdout
    number = str(proposal["id"])
    assert run("review", "accept", number, "--reason", "rang").exit_code == 0
    assert run("review", "undo", number, "--reason", "wrong one").exit_code == 0
    assert run("review", "reject", number, "--reason", "they said no").exit_code == 0
    again = run("review", "reject", number, "--reason", "they said no")
    assert (again.exit_code, again.stderr) == (1, f"Error: proposal {number} is rejected already\n")
    done = [it["action"] for it in _json(run("changes", "--json", "--limit", "20"))]
    assert {"accept", "undo", "reject", "propose", "publish", "import"} <= set(done)


def test_services_are_edited_rung_flagged_and_dated(run: Run, feed: Path) -> None:
    run("import", feed)
    listed = _json(run("review", "--json"))["services"]
    assert listed[0]["risk"] == "urgent"
    service = next(it["service_id"] for it in listed if it["name"] == "Service 1")
    edit = ("review", "edit", service, "--reason", "rang")
    assert run(*edit, "--set", "name=Ours", "--set", "minimum_age=16").exit_code == 0
    refused = run(*edit, "--set", "minimum_age=old")
    assert (refused.exit_code, "minimum_age: 'old'" in refused.stderr) == (1, True)
    assert run(*edit, "--set", "minimum_age").exit_code == 2
    assert _json(run("review", "rang", service, "--json"))["review_by"] == "2027-03-23"
    assert run("review", "dates", service, "--funding-ends", "2026-12-01").exit_code == 0
    assert len(_json(run("review", "flag", service, "full", "--json"))["proposals"]) == 1
    assert "deputy: Two" in run("review", "curators", "--lead", "One", "--deputy", "Two").stdout
    listed = _json(run("review", "--json"))
    mine = next(it for it in listed["services"] if it["service_id"] == service)
    assert mine["reasons"] == ["funding ends on 1 December 2026", "staff said: full"]
    assert listed["curators"] == {"lead": "One", "deputy": "Two"}
    unknown = run("review", "rang", "no-such-service")
    assert (unknown.exit_code, "no service no-such-service" in unknown.stderr) == (1, True)


@pytest.mark.parametrize("form", ["oruk-v3", "hsds-csv", "fhir", "csv"])
def test_an_export_is_the_same_bytes_each_time(
    run: Run, feed: Path, tmp_path: Path, form: str
) -> None:
    run("import", feed, "--source-name", "made-up")
    one, two = tmp_path / "one", tmp_path / "two"
    told = _json(run("export", "--format", form, one, "--source", "made-up", "--json"))
    assert told["records"] == {"made-up": 5}
    run("export", "--format", form, two, "--source", "made-up")
    written = {path.name: path.read_bytes() for path in one.iterdir()}
    assert written
    assert written == {path.name: path.read_bytes() for path in two.iterdir()}
    both = run("export", "--format", form, tmp_path / "both")
    assert both.exit_code == 0
    assert {path.name for path in (tmp_path / "both").iterdir()} == {"made-up", "starter"}
    assert run("export", "--format", form, one, "--source", "none").exit_code == 1


def test_a_source_that_cannot_be_read_changes_nothing(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for source_path in (empty, tmp_path / "not-there"):
        refused = run("import", source_path)
        assert refused.exit_code == 1
        assert source_path.name in refused.stderr
    assert run("import", empty, "--format", "csv").exit_code == 2
    taken = run("import", empty, "--source-name", "starter")
    assert (taken.exit_code, "starter" in taken.stderr) == (1, True)


def test_a_folder_does_not_take_the_name_of_our_own_services(run: Run, feed: Path) -> None:
    refused = run("import", feed.rename(feed.parent / "starter"))
    assert (refused.exit_code, "choose another" in refused.stderr) == (1, True)


def test_a_feed_at_a_private_address_is_refused(run: Run) -> None:
    refused = run("import", "http://127.0.0.1:9/")
    assert refused.exit_code == 1
    assert "127.0.0.1" in refused.stderr


def test_what_is_gone_is_told_and_waits(run: Run, feed: Path) -> None:
    run("import", feed)
    tabular_writing.write(_records(without(source(), "s1", "p1")), feed)
    told = run("import", feed).stdout
    assert "1 withdrawn" in told
    assert "New proposals for a curator: 1" in told


def test_the_wrong_file_under_a_name_is_told_and_taken_back(run: Run, feed: Path) -> None:
    tabular_writing.write(_records(list(source(9))), feed)
    run("import", feed, "--source-name", "made-up")
    tabular_writing.write(_records([*without(source(9), *(f"s{it}" for it in range(1, 9)))]), feed)

    told = run("import", feed, "--source-name", "made-up").stderr
    assert "8 of 9 services of made-up are not in it any more" in told
    rejected = _json(
        run(
            *("review", "reject", "--source", "made-up", "--action", "withdraw"),
            *("--reason", "the wrong file", "--json"),
        )
    )

    assert len(rejected["proposals"]) == 8
    assert _json(run("review", "--json"))["proposals"] == []


_PLACES = {
    "services.csv": "id,name,status\n1,One,active\n2,Two,active\n3,Three,active\n",
    "locations.csv": (
        "id,location_type,latitude,longitude\n1,physical,100,101\n2,physical,-1.5,53.8\n"
        "3,physical,54.5,2.5\n"
    ),
    "service_at_locations.csv": "id,service_id,location_id\n1,1,1\n2,2,2\n3,3,3\n",
    "addresses.csv": (
        "id,location_id,address_1,city,postal_code,country,address_type\n"
        "1,1,1 Example Street,Leeds,LS9 6AU,GB,physical\n"
    ),
}


def test_coordinates_that_cannot_be_right_are_told_kept_and_never_published(
    run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "places"
    folder.mkdir()
    for name, text in _PLACES.items():
        (folder / name).write_text(text, encoding="utf-8")
    imported = run("import", folder, "--json")
    report = _json(imported)
    assert (report["quarantine"], report["locations"]["new"], report["addresses"]["new"]) == (
        [],
        3,
        1,
    )
    reasons = (
        "latitude 100 is not between -90 and 90",
        "latitude -1.5, longitude 53.8 look swapped",
        "latitude 54.5, longitude 2.5 is not in the United Kingdom",
    )
    for number, reason in enumerate(reasons, start=1):
        assert f"locations.csv:{number + 1}: {number}: {reason}" in imported.stderr
    published = _json(run("publish", "--json"))
    told = [note for one in published["notes"] for note in one["notes"]]
    for reason in reasons:
        assert f"lat, lon: {reason}; the place is kept without them" in told
    content = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("directory-*"))
    assert b"1 Example Street" in content
    out = tmp_path / "out"
    assert run("export", "--format", "hsds-csv", out, "--source", "places").exit_code == 0
    for line in ("100,101", "-1.5,53.8", "54.5,2.5"):
        assert line in (out / "locations.csv").read_text(encoding="utf-8")
    assert run("export", "--format", "fhir", out / "fhir", "--source", "places").exit_code == 0
    assert '"position"' not in (out / "fhir" / "Location.ndjson").read_text(encoding="utf-8")


def test_an_organisation_that_is_missing_is_told_once(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "missing"
    folder.mkdir()
    (folder / "services.csv").write_text(
        "id,name,status,organization_id\n1,One,active,9\n2,Two,active,9\n3,Three,active,\n"
    )
    (folder / "phones.csv").write_text(
        "id,service_id,number\n1,1,0113 496 0000\n2,1,0113 496 0001\n3,2,0113 496 0002\n"
    )
    told = run("import", folder)
    assert told.exit_code == 0
    (line,) = told.stdout.splitlines()[2:]
    assert line == (
        "2 services: organization_id: organization 9 is not in the source;"
        " with them 3 parts (3 phones)"
    )
    assert len(_json(run("import", folder, "--json"))["quarantine"]) == 5


def test_a_mapping_of_the_directory_goes_by_its_name(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "services.csv"
    path.write_text("Service,Service id\nOne,1\n")
    taken = run("import", path, "--format", "csv", "--mapping", "plain-csv", "--json")
    assert _json(taken)["services"]["new"] == 1
    unknown = run("import", path, "--format", "csv", "--mapping", "none")
    assert (unknown.exit_code, "'none' does not exist" in unknown.stderr) == (2, True)
    ours = "Those that come with the directory: ilao, plain-csv, uk-foodbanks."
    assert ours in " ".join(unknown.stderr.split())


@pytest.mark.parametrize(
    ("header", "row", "advice"),
    [
        (
            "id,name,status,organization_id",
            "1,One,active,9",
            "the table organizations is missing: import all tables together, as a folder or a zip",
        ),
        (
            "id,name,status",
            ",One,active",
            "if it is another kind of table, say which column is what (--mapping NAME or FILE)",
        ),
    ],
)
def test_a_table_without_the_one_it_needs_names_it(
    run: Run, tmp_path: Path, header: str, row: str, advice: str
) -> None:
    path = tmp_path / "services.csv"
    path.write_text(f"{header}\n{row}\n")
    told = run("import", path)
    assert told.exit_code == 1
    assert told.stderr.endswith(f"all of it (1) is in quarantine; {advice}\n")


@pytest.mark.parametrize(
    "wrong", ["url=javascript:alert(1)", "postcode=BANANA", "email=notanemail", "phone=[{}]"]
)
def test_a_wrong_value_is_refused_with_its_field(run: Run, feed: Path, wrong: str) -> None:
    run("import", feed)
    edit = ("review", "edit", uuid_of(feed.name, "service", "s1"), "--reason", "rang", "--set")
    refused = run(*edit, wrong)
    field = wrong.partition("=")[0]
    assert (refused.exit_code, f"Service 1: {field}: " in refused.stderr) == (1, True)
    assert isinstance(refused.exception, SystemExit)


def test_every_withdrawal_of_a_source_is_rejected_at_once(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "made-up-feed"
    tabular_writing.write(_records(source(9)), folder)
    run("import", folder)
    tabular_writing.write(_records(source(1)), folder)
    run("import", folder)
    assert len(_json(run("review", "--json"))["proposals"]) == 8
    reject = ("review", "reject", "--reason", "the wrong file")
    for wrong in ((), ("--source", "made-up-feed"), ("1", "--source", "x", "--action", "add")):
        assert run(*reject, *wrong).exit_code == 2
    bulk = (*reject, "--action", "withdraw", "--source")
    none = run(*bulk, "no-such-source")
    assert (none.exit_code, "no change of this kind waits" in none.stderr) == (1, True)
    assert len(_json(run(*bulk, "made-up-feed", "--json"))["proposals"]) == 8
    assert _json(run("review", "--json"))["proposals"] == []


def test_the_version_in_use_is_not_gone_back_to(run: Run, feed: Path) -> None:
    run("import", feed)
    run("publish")
    refused = run("rollback", "1")
    assert (refused.exit_code, refused.stderr) == (1, "Error: version 1 is in use already\n")
    assert len(_json(run("versions", "--json"))) == 1
