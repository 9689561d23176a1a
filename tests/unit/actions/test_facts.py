"""Facts as they leave the records: who is counted, once, in which month, and what is never told."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from template_service import clock
from template_service.access.principal import Principal
from template_service.actions.fact_events import NeedDomains
from template_service.actions.fact_people import age_band
from template_service.actions.facts import FactRow, export_facts, write_facts_csv
from template_service.actions.people import add_person, record_opt_out
from template_service.actions.plans import give_service, open_plan
from template_service.actions.referrals import move_referral, refer
from template_service.actions.templates import finish_template, submit_response
from template_service.aggregates import vocabulary
from template_service.demo.folder import prepare_demo
from template_service.demo.synthetic import synthetic_nhs_number
from template_service.errors import Forbidden, Invalid, NotFound, Unavailable
from template_service.questionnaire.form import Answers
from template_service.records import audit
from template_service.records.people import Person, PersonDetails
from template_service.records.referrals import Referral
from template_service.service import Service, open_service
from template_service.settings import Settings
from tests.universe import (
    CLINICIAN,
    LINK_WORKER,
    NAVIGATOR,
    PCN,
    PRACTICE,
    STRANGER,
    answers,
)

DEMO_PEOPLE = 90
# The financial year the demonstration's six months lie in when its today is this day.
TODAY = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
MONTHS = [f"2026-{month:02d}" for month in range(4, 12)]
ASKED = frozenset(vocabulary.ASKED_STATES)
_NUMBERS = count(1)


@pytest.fixture
def year() -> int:
    """A financial year of its own for each test, and the next one: the store is shared."""
    return 1960 + 2 * next(_NUMBERS)


def at(year: int, month: int, day: int = 10) -> datetime:
    """Noon of a day in the financial year that begins in April of `year`."""
    return datetime(year if month >= 4 else year + 1, month, day, 12, tzinfo=UTC)


def named(year: int, month: int) -> str:
    return f"{at(year, month):%Y-%m}"


def look(
    service: Service, year: int, month: int, *, seal: bool = False, now: datetime = TODAY
) -> list[FactRow]:
    with clock.stopped_at(now):
        return list(export_facts(service, month=named(year, month), seal=seal).rows)


def in_domain(rows: Iterable[FactRow], domain: str) -> FactRow:
    (row,) = (row for row in rows if row.domain == domain)
    return row


def register(service: Service, **details: Any) -> Person:
    known: dict[str, Any] = {
        "given_name": "Alex",
        "family_name": "Testperson",
        "postcode": "LS9 6AU",
        "birth_date": date(1940, 5, 1),
        "sex": "female",
        "language": "en-GB",
        "ethnicity": "CL",
    }
    return add_person(service, CLINICIAN, details=PersonDetails(**known | details))


def save(
    service: Service, person: Person, moment: datetime, given: Answers, *, revision: int = 0
) -> int:
    with clock.stopped_at(moment):
        return submit_response(
            service,
            CLINICIAN,
            person_id=person.person_id,
            answers=given,
            base_revision=revision,
            base_response_id=None if not revision else _open_response(service, person),
        ).revision


def _open_response(service: Service, person: Person) -> str:
    return open_plan(service, CLINICIAN, person_id=person.person_id).head.response_id


def finish(service: Service, person: Person, moment: datetime, revision: int) -> None:
    with clock.stopped_at(moment):
        finish_template(service, CLINICIAN, person_id=person.person_id, revision=revision)


DAMP: dict[str, Any] = {
    "housing_screen": "need",
    "housing_condition": ["damp"],
    "housing_wants_help": "yes-now",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A small demonstration, whose today is `TODAY`."""
    settings = Settings(data=tmp_path_factory.mktemp("facts") / "demo")
    with clock.stopped_at(TODAY):
        prepare_demo(settings, people=DEMO_PEOPLE, progress=lambda steps: steps)
    service = open_service(settings)
    yield service
    service.close()


def of_demo(demo: Service, months: Iterable[str] = tuple(MONTHS)) -> list[FactRow]:
    with clock.stopped_at(TODAY):
        return [row for month in months for row in export_facts(demo, month=month).rows]


def test_every_fact_speaks_the_words_of_the_contract(demo: Service) -> None:
    rows = of_demo(demo)
    allowed = {
        "month": MONTHS,
        "domain": vocabulary.domains(),
        "imd_decile": [int(one) for one in vocabulary.IMD_DECILES],
        "age_band": vocabulary.FIVE_YEAR_BANDS,
        "sex": vocabulary.SEXES,
        "ethnic_group": vocabulary.ETHNIC_GROUPS,
        "language_group": vocabulary.LANGUAGE_GROUPS,
        "state": vocabulary.STATES,
        "method": vocabulary.METHODS,
        "level": vocabulary.LEVELS,
        "wants_help": vocabulary.WANTS_HELP,
        "signposted": (0, 1),
        "referred": (0, 1),
        "outcome": vocabulary.OUTCOMES,
        "msoa": (),
    }
    for column, values in allowed.items():
        found = {getattr(row, column) for row in rows} - {None}
        assert found <= set(values), column
        assert found or column == "msoa", column
    practices = {each.ods_code: each.pcn_code for each in demo.geography.practices()}
    for row in rows:
        assert row.pcn == practices[row.practice]
        assert row.lsoa is not None
        assert row.ward is not None
        assert row.ward.startswith("E05")
        assert row.lsoa.startswith("E01")
    assert {row.state for row in rows} >= {"need", "no-need", "declined", None}
    assert {"safety", "fairness"} <= {row.domain for row in rows if row.state in ASKED}


def test_a_fact_holds_a_person_once_and_the_same_person_in_all_their_rows(demo: Service) -> None:
    rows = of_demo(demo)
    keys = Counter((row.month, row.person, row.domain) for row in rows)
    assert max(keys.values()) == 1
    about = defaultdict(set)
    for row in rows:
        about[row.month, row.person].add(row[2:12])
    assert {len(one) for one in about.values()} == {1}


def test_months_add_up_to_people(demo: Service) -> None:
    """Against the answers themselves, read without the export."""
    rows = of_demo(demo)
    people_asked: dict[str, set[tuple[str, str]]] = defaultdict(set)
    with demo.store.read() as conn:
        found = conn.exec_driver_sql(
            "SELECT r.organisation_id, r.person_id, json_extract(each.value, '$.id')"
            " FROM response r JOIN response_revision v USING (organisation_id, response_id),"
            " json_each(v.states) each"
            " WHERE json_extract(each.value, '$.state')"
            " IN ('need', 'no-need', 'unsure', 'declined')"
        )
        for organisation_id, person_id, domain in found:
            people_asked[domain].add((organisation_id, person_id))
    for domain in vocabulary.domains():
        asked = [row for row in rows if row.domain == domain and row.state in ASKED]
        assert len(asked) == len({row.person for row in asked}) == len(people_asked[domain])


def test_events_add_up_to_people(demo: Service) -> None:
    rows = of_demo(demo)
    with demo.store.read() as conn:
        tables = {
            "signposted": "SELECT count(DISTINCT person_id) FROM given",
            "referred": "SELECT count(DISTINCT person_id) FROM referral",
            "helped": "SELECT count(DISTINCT person_id) FROM referral"
            " WHERE outcome IN ('resolved', 'partly')",
        }
        expected = {name: conn.exec_driver_sql(sql).scalar() for name, sql in tables.items()}
    found = {
        "signposted": [row for row in rows if row.signposted],
        "referred": [row for row in rows if row.referred],
        "helped": [row for row in rows if row.outcome in vocabulary.HELPED_OUTCOMES],
    }
    assert all(expected.values())
    for name, counted in found.items():
        assert len({row.person for row in counted}) == expected[name]
        assert max(Counter((row.person, row.domain) for row in counted).values()) == 1
        assert "safety" not in {row.domain for row in counted}


def test_nothing_of_identity_leaves(demo: Service, tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    assert write_facts_csv(of_demo(demo), path) > 0
    text = path.read_text()
    with demo.store.read() as conn:
        ids = [str(row[0]) for row in conn.exec_driver_sql("SELECT person_id FROM person")]
        hashes = conn.exec_driver_sql("SELECT hex(nhs_number_hash) FROM person").scalars()
        assert not [each for each in hashes if str(each).lower()[:32] in text]
    assert not [each for each in ids if each in text]
    for word in ("Demo", "Example", "999000", "LS"):
        assert word not in text


def test_sealing_changes_no_fact_and_no_later_month_counts_again(demo: Service) -> None:
    before = {month: of_demo(demo, [month]) for month in MONTHS}
    with clock.stopped_at(TODAY):
        # Out of order: what counts in a month does not depend on when others were sealed.
        for month in ("2026-09", "2026-07", "2026-10"):
            export = export_facts(demo, month=month, seal=True)
            assert export.sealed
            assert list(export.rows) == before[month]
            assert export.tally.facts == len(before[month])
            assert export.tally.people == len({row.person for row in before[month]})
            assert list(export_facts(demo, month=month, seal=True).rows) == before[month]
    assert {month: of_demo(demo, [month]) for month in MONTHS} == before
    with demo.store.read() as conn:
        assert audit.verify(conn) is None


def test_looking_writes_nothing(service: Service, year: int) -> None:
    save(service, register(service), at(year, 5), answers(service.form, **DAMP))
    with service.store.read() as conn:
        before = conn.exec_driver_sql("SELECT count(*) FROM fact_ledger").scalar()
    assert look(service, year, 5)
    with service.store.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM fact_ledger").scalar() == before
        sealed = conn.exec_driver_sql("SELECT month FROM fact_month").scalars().all()
    assert named(year, 5) not in sealed


def test_a_fact_has_the_groups_of_the_person(service: Service, year: int) -> None:
    person = register(service)
    save(service, person, at(year, 6), answers(service.form, **DAMP))
    row = in_domain(look(service, year, 6), "housing")
    place = service.geography.place("LS9 6AU")
    age = person.age_on(at(year, 6).date())
    assert row == FactRow(
        month=named(year, 6),
        person=row.person,
        practice=PRACTICE,
        pcn=PCN,
        lsoa=place.lsoa11,
        ward=place.ward_code,
        msoa=None,
        imd_decile=place.imd_decile,
        age_band=age_band(age),
        sex="female",
        ethnic_group="gypsy_roma_traveller",
        language_group="english",
        domain="housing",
        state="need",
        method="asked",
        level=row.level,
        wants_help="yes-now",
        signposted=0,
        referred=0,
        outcome=None,
    )
    assert row.level in (2, 3)


@pytest.mark.parametrize(
    ("details", "unknown"),
    [
        ({"postcode": None}, ("lsoa", "ward", "imd_decile")),
        ({"postcode": "ZZ99 3VZ"}, ("lsoa", "ward", "imd_decile")),
        ({"postcode": "SW1A 1AA"}, ("lsoa", "ward", "imd_decile")),
        ({"postcode": "nonsense"}, ("lsoa", "ward", "imd_decile")),
        ({"birth_date": None}, ("age_band",)),
        ({"birth_date": date(2099, 1, 1)}, ("age_band",)),
        ({"sex": "unknown"}, ("sex",)),
        ({"sex": None}, ("sex",)),
        ({"ethnicity": "Z"}, ("ethnic_group",)),
        ({"language": None}, ("language_group",)),
    ],
)
def test_what_is_not_known_is_blank(
    service: Service, year: int, details: dict[str, object], unknown: tuple[str, ...]
) -> None:
    save(service, register(service, **details), at(year, 6), answers(service.form, **DAMP))
    row = in_domain(look(service, year, 6), "housing")
    groups = ("lsoa", "ward", "imd_decile", "age_band", "sex", "ethnic_group", "language_group")
    assert tuple(name for name in groups if getattr(row, name) is None) == unknown


@pytest.mark.parametrize("interpreter", ["professional", "informal", "no-interpreter"])
def test_an_interpreter_shows_in_the_language_group(
    service: Service, year: int, interpreter: str
) -> None:
    given = answers(service.form, interpreter=interpreter, **DAMP)
    save(service, register(service, language="ur"), at(year, 6), given)
    group = in_domain(look(service, year, 6), "housing").language_group
    assert group == ("other" if interpreter == "no-interpreter" else "interpreter")


def test_the_last_answer_of_the_first_month_counts(service: Service, year: int) -> None:
    person, form = register(service), service.form
    first = save(service, person, at(year, 5, 1), answers(form, housing_screen="no-need"))
    second = save(service, person, at(year, 5, 9), answers(form, **DAMP), revision=first)
    settled = answers(form, housing_screen="no-need", food_screen="declined")
    save(service, person, at(year, 6), settled, revision=second)
    may, june = look(service, year, 5), look(service, year, 6)
    assert in_domain(may, "housing").state == "need"
    assert in_domain(june, "food").state == "declined"
    assert "housing" not in {row.domain for row in june}
    # Looked at while May was going on, it said what was known then.
    early = look(service, year, 5, now=at(year, 5, 2))
    assert in_domain(early, "housing").state == "need"


def test_a_second_template_of_the_year_is_not_a_second_asking(service: Service, year: int) -> None:
    person, form = register(service), service.form
    revision = save(service, person, at(year, 5), answers(form, **DAMP))
    finish(service, person, at(year, 5, 11), revision)
    save(service, person, at(year, 9), answers(form, housing_screen="no-need"))
    assert [row for row in look(service, year, 9) if row.state in ASKED] == []
    # Another year asks again, under another id.
    revision = open_plan(service, CLINICIAN, person_id=person.person_id).head.revision
    finish(service, person, at(year, 9, 11), revision)
    save(service, person, at(year + 1, 4), answers(form, housing_screen="no-need"))
    again = in_domain(look(service, year + 1, 4), "housing")
    assert again.state == "no-need"
    assert again.person != in_domain(look(service, year, 5), "housing").person


def test_a_template_left_open_over_the_new_year_counts_only_what_is_new(
    service: Service, year: int
) -> None:
    person, form = register(service), service.form
    first = save(service, person, at(year, 3), answers(form, **DAMP, food_screen="no-need"))
    later = answers(form, **DAMP, food_screen="need", work_screen="no-need")
    save(service, person, at(year + 1, 4), later, revision=first)
    april = {row.domain for row in look(service, year + 1, 4) if row.state in ASKED}
    assert april == {"food", "work"}


def test_events_count_in_the_month_they_happen_with_or_without_an_answer(
    service: Service, year: int
) -> None:
    person = register(service)
    save(service, person, at(year, 4), answers(service.form, **DAMP))
    with clock.stopped_at(at(year, 5)):
        plan = open_plan(service, CLINICIAN, person_id=person.person_id).plan.without_safety()
        housing = next(need for need in plan.needs if need.domain.id == "housing")
        chosen = [housing.matches[0].service.id]
        give_service(service, CLINICIAN, person_id=person.person_id, service_ids=chosen)
    with clock.stopped_at(at(year, 6)):
        give_service(service, CLINICIAN, person_id=person.person_id, service_ids=chosen)
    made = ask_link_worker(service, person, at(year, 6), "housing")
    for month, to, outcome in ((7, "accepted", None), (8, "completed", "partly")):
        with clock.stopped_at(at(year, month)):
            move_referral(
                service, LINK_WORKER, referral_id=made.referral_id, to=to, outcome=outcome
            )
    found = {month: look(service, year, month) for month in range(4, 10)}
    told = {
        month: [(row.state, row.signposted, row.referred, row.outcome) for row in rows]
        for month, rows in found.items()
        if rows and month > 4
    }
    assert told == {
        5: [(None, 1, 0, None)],
        6: [(None, 0, 1, None)],
        8: [(None, 0, 0, "partly")],
    }
    assert {row.domain for month in (5, 6, 8) for row in found[month]} == {"housing"}
    assert {row.person for rows in found.values() for row in rows} == {found[5][0].person}
    alone = found[5][0]
    assert (alone.level, alone.method, alone.wants_help) == (None, None, None)


def test_somebody_who_changed_practice_is_one_person(service: Service, year: int) -> None:
    number = synthetic_nhs_number(year)
    person = register(service, nhs_number=number)
    save(service, person, at(year, 5), answers(service.form, **DAMP))
    details = PersonDetails(nhs_number=number)
    moved = add_person(service, STRANGER, details=details)
    given = answers(service.form, housing_screen="no-need", food_screen="need")
    for month in (5, 6):
        with clock.stopped_at(at(year, month, 20)):
            submit_response(
                service,
                STRANGER,
                person_id=moved.person_id,
                answers=given,
                base_revision=month - 5,
                base_response_id=None if month == 5 else _their_response(service, moved),
            )
    rows = look(service, year, 5)
    # In one month they are of the practice that asked first, in all their rows.
    assert {(row.person, row.practice) for row in rows} == {(rows[0].person, PRACTICE)}
    assert in_domain(rows, "housing").state == "need"
    assert in_domain(rows, "food").state == "need"
    assert [row for row in look(service, year, 6) if row.state in ASKED] == []


def _their_response(service: Service, person: Person) -> str:
    return open_plan(service, STRANGER, person_id=person.person_id).head.response_id


def ask_link_worker(service: Service, person: Person, moment: datetime, domain: str) -> Referral:
    with clock.stopped_at(moment):
        return refer(
            service,
            CLINICIAN,
            person_id=person.person_id,
            domains=[domain],
            reason="",
            consent=True,
            contact="Phone",
        )


def test_help_belongs_to_the_domain_that_raised_the_need(service: Service, year: int) -> None:
    """`benefits-advice` may come from money, and did come from work, in what was just saved."""
    person = register(service)
    given = answers(
        service.form,
        work_screen="need",
        work_status="unable",
        work_wants_help="yes-now",
        money_screen="no-need",
    )
    save(service, person, at(year, 5), given)
    assert "benefits-advice" in ask_link_worker(service, person, at(year, 5), "work").needs
    rows = look(service, year, 5)
    assert {row.domain for row in rows if row.referred} == {"work"}


def test_needs_without_a_response_go_to_their_usual_domain_and_never_to_safety(
    service: Service,
) -> None:
    known = NeedDomains.of(service.form)
    safety = {"id": "safety", "state": "need", "needs": ["hate-crime", "domestic-abuse"]}
    fairness = {"id": "fairness", "state": "need", "needs": ["hate-crime"]}
    assert known.raised_by({"hate-crime"}, [safety, fairness]) == {"fairness"}
    assert known.raised_by({"hate-crime"}, [safety]) == {"housing"}
    assert known.raised_by({"benefits-advice", "fuel-voucher-urgent"}, []) == {"money", "energy"}
    assert known.raised_by({"domestic-abuse-urgent", "unheard-of"}, []) == set()


def test_a_referral_of_last_year_hides_none_of_this_year(service: Service, year: int) -> None:
    person = register(service)
    save(service, person, at(year, 2), answers(service.form, **DAMP))
    old = ask_link_worker(service, person, at(year, 3), "housing")
    ask_link_worker(service, person, at(year + 1, 6), "housing")
    with clock.stopped_at(at(year + 1, 5)):
        move_referral(service, LINK_WORKER, referral_id=old.referral_id, to="declined", reason="-")
    (may,) = look(service, year + 1, 5)
    (june,) = look(service, year + 1, 6)
    assert (may.referred, may.outcome) == (0, "left")
    assert (june.referred, june.outcome) == (1, None)


def test_a_referral_that_was_withdrawn_was_left(service: Service, year: int) -> None:
    person = register(service)
    save(service, person, at(year, 5), answers(service.form, **DAMP))
    made = ask_link_worker(service, person, at(year, 5), "housing")
    with clock.stopped_at(at(year, 5)):
        move_referral(
            service, CLINICIAN, referral_id=made.referral_id, to="cancelled", reason="Not wanted"
        )
    row = in_domain(look(service, year, 5), "housing")
    assert (row.state, row.referred, row.outcome) == ("need", 1, "left")


def opt_out(
    service: Service, person: Person, *, objects: bool, who: Principal = NAVIGATOR
) -> Person:
    return record_opt_out(
        service, who, person_id=person.person_id, opted_out=objects, confirmed=True
    )


def test_whoever_objects_is_in_no_fact_and_counted_apart(service: Service, year: int) -> None:
    person, other = register(service), register(service)
    for one in (person, other):
        save(service, one, at(year, 5), answers(service.form, **DAMP))
        save(service, one, at(year, 6), answers(service.form, food_screen="need"), revision=1)
    both = look(service, year, 5, seal=True)
    opt_out(service, person, objects=True)
    with clock.stopped_at(TODAY):
        export = export_facts(service, month=named(year, 6), seal=True)
    assert export.opted_out == 1
    # In the sealed month too: nothing about them leaves from now on.
    (left,) = {row.person for row in look(service, year, 5)}
    assert {row.person for row in export.rows} == {left}
    opt_out(service, person, objects=False)
    assert look(service, year, 5) == both
    # June was sealed without them, and stays so.
    assert {row.person for row in look(service, year, 6)} == {left}


def test_an_opt_out_needs_the_practice_and_a_confirmation_and_is_audited(
    service: Service,
) -> None:
    person = register(service)
    with pytest.raises(Forbidden):
        opt_out(service, person, objects=True, who=LINK_WORKER)
    with pytest.raises(NotFound):
        opt_out(service, person, objects=True, who=STRANGER)
    with pytest.raises(Invalid, match="Confirm"):
        record_opt_out(
            service, CLINICIAN, person_id=person.person_id, opted_out=True, confirmed=False
        )
    first = opt_out(service, person, objects=True, who=CLINICIAN)
    assert first.opted_out_at is not None
    assert opt_out(service, person, objects=True) == first
    opt_out(service, person, objects=False)
    with service.store.read() as conn:
        told = [
            (entry.action, entry.actor)
            for entry in audit.entries(conn, PRACTICE, limit=5)
            if entry.entities == {"person": person.person_id}
        ]
    assert told == [
        ("take-back-opt-out", NAVIGATOR.actor),
        ("opt-out-of-statistics", CLINICIAN.actor),
        ("add-person", CLINICIAN.actor),
    ]


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-00", "26-01", "2026-1", "٢٠٢٦-٠١"])
def test_what_is_no_month_is_refused(service: Service, text: str) -> None:
    with pytest.raises(Invalid, match="YYYY-MM"):
        export_facts(service, month=text)


def test_a_month_to_come_is_refused_and_the_present_one_is_not_sealed(service: Service) -> None:
    with clock.stopped_at(TODAY):
        with pytest.raises(Invalid, match="2026-12 has not begun"):
            export_facts(service, month="2026-12")
        with pytest.raises(Invalid, match="2026-11 is not over"):
            export_facts(service, month="2026-11", seal=True)
        assert not export_facts(service, month="2026-11").sealed


def test_the_file_is_whole_or_not_there(demo: Service, tmp_path: Path) -> None:
    rows = of_demo(demo, ["2026-08"])
    path = tmp_path / "facts.csv"
    assert write_facts_csv(rows, path) == len(rows)
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(newline="") as stream:
        read = list(csv.reader(stream))
    assert read[0] == list(FactRow._fields)
    assert read[1:] == [["" if cell is None else str(cell) for cell in row] for row in rows]

    def broken() -> Iterator[FactRow]:
        yield rows[0]
        raise ZeroDivisionError

    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError):
        write_facts_csv(broken(), path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["facts.csv"]
    with pytest.raises(Unavailable, match="nowhere"):
        write_facts_csv(rows, tmp_path / "nowhere" / "facts.csv")
