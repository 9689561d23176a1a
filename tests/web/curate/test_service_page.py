"""The page of a service for its curator: its words, its history, and an edit put back."""

import re

import pytest

from directory.model import Service as DirectoryService
from directory.working_copy import decisions, edits
from directory.working_copy.store import WorkingCopy
from template_service import clock
from tests.web.curate.conftest import CAFE, CLUB, feed, publish, upload
from tests.web.curate.test_changes import current, form_of
from tests.web.staff import Staff, words

CURATE = "/directory/curate"
PAGE = f"{CURATE}/services/{CLUB}"


@pytest.fixture
def known(curator: Staff) -> Staff:
    """A curator with the made-up source imported and published."""
    assert upload(curator, feed()).status_code == 303
    assert publish(curator).status_code == 303
    return curator


def edit(curator: Staff, working: WorkingCopy, **changed: str) -> DirectoryService:
    """Saves the edit form with these fields typed over; gives what is then so."""
    answer = curator.post(f"{PAGE}/edit", form_of(current(working, CLUB), **changed))
    assert answer.status_code == 303, words(answer)
    return current(working, CLUB)


def field(page: str, name: str) -> str:
    """The part of a form that types a field: its label, its hint, its choices."""
    found = re.search(rf'<label[^>]* for="{name}">.*?</select>', page, re.DOTALL)
    assert found is not None
    return found.group()


def test_what_counts_as_public_funds_is_offered_as_the_form_says(
    known: Staff, working: WorkingCopy
) -> None:
    """The label once said the opposite: people were sent where they must not go."""
    form = known.get(f"{PAGE}/edit")
    typed = field(form.text, "public_funds")
    assert "Counts as public funds</label>" in typed
    hint = "People without recourse to public funds are sent here only when this says No"
    assert f'id="public_funds-hint">{hint}<' in typed
    assert 'aria-describedby="public_funds-hint"' in typed
    assert "without recourse" not in typed.partition("</label>")[0]
    search = "/directory?search=made-up+lunch+club&no_public_funds=yes"
    for answer, is_offered in (("yes", False), ("no", True), ("unknown", False)):
        assert edit(known, working, public_funds=answer).public_funds == answer
        assert publish(known).status_code == 303
        assert ("Made-up Lunch Club</a></h3>" in known.get(search).text) == is_offered
        assert "Made-up Lunch Club</a></h3>" in known.get(search.partition("&")[0]).text


def test_the_script_reads_the_weekly_hours_and_doubts_other_days(
    known: Staff, working: WorkingCopy
) -> None:
    edit(known, working, opening_hours="Saturday 10.30am to 12pm", schedules="monday 10:00-12:00")
    page = words(known.get(PAGE))
    assert "Opening hours, in words: Saturday 10.30am to 12pm. Is that right?" in page
    assert "Open every week: Monday 10:00 to 12:00. Is that right?" in page
    assert "the days differ: the words alone name Saturday, the weekly hours alone" in page
    edit(known, working, schedules="saturday 10:30-12:00")
    assert "the days differ" not in words(known.get(PAGE))


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("schedules", "saturday 12:00-10:30", "“saturday 12:00-10:30” would last until the next"),
        ("schedules", "monday 10:00-12:00\nmonday 11:00-13:00", "overlap; write one line for"),
        ("schedules", "samstag 10:00-12:00", "'samstag' is not a day; write monday, tuesday"),
        ("schedules", "saturday 10-12", "'10' is not a time; write four digits, as in monday 09"),
        ("languages", "Urdo", "Languages spoken: 'Urdo' looks like a slip of Urdu (ur)"),
        ("url", "http://192.168.0.1/admin", "Web page: is not the address of a web page"),
        ("phone", "+1 312...", "Phone numbers: '+1 312...' is not a UK number"),
        ("name", "", "Name: write a name"),
    ],
)
def test_what_cannot_be_is_told_with_an_example(
    known: Staff, working: WorkingCopy, name: str, typed: str, said: str
) -> None:
    page = known.post(f"{PAGE}/edit", form_of(current(working, CLUB), **{name: typed}))
    assert (page.status_code, said in words(page)) == (422, True)
    assert f'href="#{name}"' in page.text


def test_what_is_said_now_is_what_the_form_shows(known: Staff, working: WorkingCopy) -> None:
    proposed = {"status": "defunct", "public_funds": "no", "urgent_today": True}
    decisions.propose(working, CLUB, proposed, by="them", now=clock.now())
    page = words(known.get(f"{CURATE}/proposals"))
    for said in ("We say now Active", "We say now Not known", "We say now no"):
        assert said in page
    assert "not stated" not in page


def test_choices_and_days_are_spelt_out(known: Staff, working: WorkingCopy) -> None:
    form = known.get(f"{PAGE}/edit").text
    for spelt in ("A child under 5", "Someone 65 or over", "No fixed home", "Rented privately"):
        assert spelt in form
    for code in ("Under5", "Over65", "Nofixed"):
        assert code not in form
    sources = "Their page | https://www.example.org/ | 2026-03-27"
    found = edit(known, working, seen_on="27/3/2026", sources=sources)
    assert str(found.seen_on) == "2026-03-27"
    form = known.get(f"{PAGE}/edit").text
    assert 'value="27/3/2026"' in form
    assert "Their page | https://www.example.org/ | 27/3/2026" in form
    page = words(known.get(PAGE))
    assert page.count("27 March 2026") >= 2
    assert "2026-03-27" not in page


def history(page: str) -> list[str]:
    """The acts of the history."""
    acts = page.partition('<ol class="events">')[2].partition("</ol>")[0].split("<li><b>")[1:]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", act)) for act in acts]


def test_one_save_is_one_entry_in_words(known: Staff, working: WorkingCopy) -> None:
    before = len(history(known.get(PAGE).text))
    edit(
        known,
        working,
        cost="Free",
        household="under5",
        schedules="monday 10:00-12:00",
        phone="0113 496 0009 | desk",
    )
    page = known.get(PAGE).text
    found = history(page)
    assert len(found) == before + 1
    assert found[0].startswith("Edited ")
    for said in (
        "Cost: nothing → Free",
        "Only for households with: nothing → A child under 5",
        "Phone numbers: 0113 496 0000 → 0113 496 0009",
    ):
        assert said in found[0]
    for filing in ("taxonomy", "link entity", "service id", "instead of"):
        assert filing not in found[0]
    assert "more</summary>" in page


def last_edit(page: str) -> str:
    """The number of the latest edit that may be put back."""
    found = re.search(r'name="edit" value="(\d+)"', page)
    assert found is not None
    return found.group(1)


def test_an_edit_is_put_back_with_a_reason(known: Staff, working: WorkingCopy) -> None:
    before = current(working, CLUB)
    edit(known, working, cost="Free", phone="0113 496 0009 | desk")
    number = last_edit(known.get(PAGE).text)
    refused = known.post(f"{PAGE}/put-back", {"edit": number, "reason": ""})
    assert refused.status_code == 422
    assert "Say why it is put back" in words(refused)
    assert f'href="#back-{number}"' in refused.text
    sent = {"edit": number, "reason": "the wrong service"}
    assert known.post(f"{PAGE}/put-back", sent).location == PAGE
    assert current(working, CLUB) == before
    page = known.get(PAGE).text
    assert "Put back what it said before. Publish to put it in use." in page
    assert history(page)[0].startswith("Put back ")
    assert "the wrong service" in history(page)[0]


def test_what_changed_since_is_not_put_back(known: Staff, working: WorkingCopy) -> None:
    edit(known, working, cost="Free")
    number = last_edit(known.get(PAGE).text)
    after = edit(known, working, cost="Pay as you feel", reason="they rang again")
    refused = known.post(f"{PAGE}/put-back", {"edit": number, "reason": "kept text"})
    assert refused.status_code == 422
    assert "Not put back: cost was changed since: edit it instead" in words(refused)
    assert 'value="kept text"' in refused.text
    assert current(working, CLUB) == after


@pytest.mark.parametrize("number", ["", "0", "x", "9" * 40, "²"])
def test_no_other_number_is_put_back(known: Staff, working: WorkingCopy, number: str) -> None:
    before = current(working, CLUB)
    edits.edit(working, [CAFE], {"cost": "1"}, by="c", now=clock.now(), reason="r")
    sent = {"edit": number, "reason": "kept"}
    assert known.post(f"{PAGE}/put-back", sent).status_code == 404
    assert current(working, CLUB) == before
