"""What a colleague said of a service stands wherever it is shown, until somebody looked into it."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from directory.working_copy import decisions
from directory.working_copy import heard as reading
from directory.working_copy.store import WorkingCopy
from template_service import clock
from template_service.data_folder import working_copy_file
from template_service.service import Service
from tests.web.conftest import make_person
from tests.web.curate.conftest import CAFE, CLUB, feed, publish, upload
from tests.web.staff import Staff, words
from tests.web.test_template import DAMP_COLD_HUNGRY

SAID = "that it may be closed. Not checked yet."
ON_PAPER = "that it may be closed: ask them before you go."
SECRET = "the manager said so at the door"


@pytest.fixture
def known(curator: Staff) -> Staff:
    """A curator with the made-up source imported and published."""
    assert upload(curator, feed()).status_code == 303
    assert publish(curator).status_code == 303
    return curator


@pytest.fixture
def nurse(known: Staff, sign_in: Callable[[str], Staff]) -> Staff:
    return sign_in("nurse")


def say(nurse: Staff, what: str) -> None:
    sent = {"what": what, "reason": SECRET}
    assert nurse.post(f"/directory/{CLUB}/flag", sent).status_code == 303


def pages(nurse: Staff) -> list[str]:
    """The service, and a search that finds it."""
    found = [nurse.get(f"/directory/{CLUB}"), nurse.get("/directory?search=made-up+lunch")]
    assert all("Made-up Lunch Club" in page.text for page in found)
    return [words(page) for page in found]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("wrong", "that something here may be wrong. Not checked yet."),
        ("full", "that it may be full. Not checked yet."),
        ("closed", SAID),
    ],
)
def test_a_flag_stands_with_the_service_by_its_kind_only(
    nurse: Staff, what: str, said: str
) -> None:
    assert all("A colleague said" not in page for page in pages(nurse))
    say(nurse, what)
    today = clock.today()
    for page in pages(nurse):
        assert f"A colleague said on {today.day} {today:%B} {said}" in page
        assert SECRET not in page
    # Whoever signed in stands on every page once, in its head.
    page = nurse.get(f"/directory/{CLUB}").text
    assert nurse.name not in "".join(re.findall(r'<span class="heard">.*?</span>', page))
    assert "A colleague said" not in words(nurse.get(f"/directory/{CAFE}"))


def test_a_flag_stands_with_the_help_found_for_a_person_and_on_paper(
    running: Service, nurse: Staff
) -> None:
    person_id = make_person(running)
    nurse.save(person_id, DAMP_COLD_HUNGRY)
    plan, leaflet = (f"/people/{person_id}/{page}" for page in ("plan", "leaflet"))
    offered = re.search(r'name="give" value="([^"]+)"', nurse.get(plan).text)
    assert offered is not None
    nurse.post(f"{plan}/give", {"give": offered.group(1)})
    before = [words(nurse.get(page)) for page in (plan, leaflet)]
    assert not any("A colleague said" in page or "We heard" in page for page in before)
    nurse.post(f"/directory/{offered.group(1)}/flag", {"what": "closed", "reason": SECRET})
    for page, sentence in ((plan, SAID), (leaflet, ON_PAPER)):
        said = words(nurse.get(page))
        assert sentence in said
        assert SECRET not in said


def test_a_flag_is_gone_once_somebody_looked_into_it(
    nurse: Staff, known: Staff, working: WorkingCopy
) -> None:
    say(nurse, "closed")
    assert all(SAID in page for page in pages(nurse))
    (waiting,) = decisions.proposals(working)
    path = f"/directory/curate/proposals/{waiting.id}"
    known.post(path, {"decision": "reject", "reason": "rang: they are open"})
    assert all("A colleague said" not in page for page in pages(nurse))


def test_what_was_agreed_stands_until_it_is_published(
    nurse: Staff, known: Staff, working: WorkingCopy
) -> None:
    say(nurse, "full")
    (waiting,) = decisions.proposals(working)
    with _later(seconds=2):
        known.post(f"/directory/curate/proposals/{waiting.id}", {"decision": "accept"})
    agreed = "that it may be full. A curator agreed; not published yet."
    assert all(agreed in page for page in pages(nurse))
    with _later(seconds=4):
        publish(known)
    assert all("A colleague said" not in page for page in pages(nurse))
    assert "Staff heard on" in words(nurse.get(f"/directory/{CLUB}"))
    with _later(seconds=6):
        first = known.post("/directory/curate/versions/2", {"reason": "too soon"})
    assert first.status_code == 303
    assert all(agreed in page for page in pages(nurse))


@contextmanager
def _later(seconds: int) -> Iterator[None]:
    with clock.stopped_at(datetime.now(UTC) + timedelta(seconds=seconds)):
        yield


def test_an_older_year_is_named(nurse: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    say(nurse, "closed")
    said = clock.today()
    monkeypatch.setattr(clock, "today", lambda: said.replace(year=said.year + 1, day=1))
    assert f"on {said.day} {said:%B} {said.year} {SAID}" in words(nurse.get(f"/directory/{CLUB}"))


def test_nothing_is_read_again_while_the_audit_is_as_it_was(
    nurse: Staff, running: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = working_copy_file(running.settings)
    say(nurse, "closed")
    found = reading.heard(file)
    assert [one.kind for one in found[CLUB]] == ["closed"]
    monkeypatch.setattr(reading, "_HEARD", "no SQL at all")
    assert reading.heard(file) is found
    say(nurse, "wrong")
    with pytest.raises(sqlite3.OperationalError):
        reading.heard(file)


def test_a_working_copy_that_cannot_be_read_hides_no_service(
    nurse: Staff, running: Service
) -> None:
    file = working_copy_file(running.settings)
    say(nurse, "closed")
    for part in file.parent.glob("working.sqlite*"):
        part.write_bytes(b"no database " * 400)
    assert all("A colleague said" not in page for page in pages(nurse))


def test_there_is_nothing_before_there_is_a_working_copy(tmp_path: Path) -> None:
    assert reading.heard(tmp_path / "working.sqlite") == {}
