"""The demonstration: the same people for the same seed, a gradient, and nobody real."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nhs_number.validate import is_valid

from template_service.access.principal import Role
from template_service.demo.answering import need_rate
from template_service.demo.building import NAMES
from template_service.demo.folder import NotADemo, prepare_demo
from template_service.demo.synthetic import (
    FAMILY_NAMES,
    SyntheticPerson,
    synthetic_nhs_number,
    synthetic_people,
)
from template_service.records import audit, organisations, people
from template_service.records.organisations import Kind
from template_service.service import Service, open_service
from template_service.settings import Settings
from tests.universe import opened

PEOPLE = 60
MOST_PEOPLE = 50_000


def _quietly(steps: Iterable[int]) -> Iterable[int]:
    return steps


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(data=tmp_path_factory.mktemp("demo") / "demo-data")
    prepare_demo(settings, people=PEOPLE, progress=_quietly)
    return settings


@given(serial=st.integers(1, MOST_PEOPLE))
def test_nhs_numbers_are_valid_distinct_and_never_issued(serial: int) -> None:
    number, neighbour = synthetic_nhs_number(serial), synthetic_nhs_number(serial + 1)
    assert is_valid(number)
    assert number.startswith("999")
    assert number != neighbour


@pytest.mark.parametrize("domain", ["money", "housing", "work"])
def test_need_falls_with_every_decile(domain: str) -> None:
    rates = [need_rate(domain, decile) for decile in range(1, 11)]
    assert rates == sorted(rates, reverse=True)
    assert 0 < rates[-1] < rates[0] < 1


def _some(service: Service, seed: int) -> list[SyntheticPerson]:
    practices = service.geography.practices()[:5]
    return list(
        synthetic_people(
            geography=service.geography,
            practices=practices,
            today=date(2026, 11, 22),
            random=Random(seed),
        )
    )


def test_one_seed_makes_one_crowd(tmp_path: Path) -> None:
    with opened(tmp_path) as service:
        assert _some(service, 1) == _some(service, 1)
        assert _some(service, 1) != _some(service, 2)


def test_the_86_practices_and_19_networks_are_there(prepared: Settings) -> None:
    service = open_service(prepared)
    with service.store.read() as conn:
        counts = {kind: len(organisations.organisations(conn, kind)) for kind in Kind}
        assert counts == {Kind.PRACTICE: 86, Kind.PCN: 19, Kind.CITY: 1}
        assert audit.verify(conn) is None
    service.close()


def test_nobody_could_be_taken_for_real(prepared: Settings) -> None:
    service = open_service(prepared)
    made_up = re.compile(rf"({'|'.join(FAMILY_NAMES)})-\d{{4}}")
    with service.store.read() as conn:
        practices = organisations.organisations(conn, Kind.PRACTICE)
        crowd = [each for one in practices for each in people.people_of(conn, one.ods_code)]
    service.close()
    assert len(crowd) == PEOPLE
    for person in crowd:
        assert made_up.fullmatch(person.family_name)
        assert (person.nhs_number or "").startswith("999")


def test_every_role_that_signs_in_has_an_account_and_it_is_kept(prepared: Settings) -> None:
    again = prepare_demo(prepared, people=PEOPLE, progress=_quietly)
    assert {each.role for each in again.sign_ins} == {role.value for role in NAMES}
    assert set(NAMES) == set(Role) - {Role.INTEGRATOR}


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "letter.txt"
    kept.write_text("not a demonstration")
    with pytest.raises(NotADemo):
        prepare_demo(Settings(data=tmp_path), people=1, progress=_quietly)
    assert kept.read_text() == "not a demonstration"


def test_a_demonstration_somebody_worked_in_is_used_again_and_never_replaced(
    prepared: Settings,
) -> None:
    work = prepared.data / "directory" / "what-a-curator-did"
    work.write_text("hours of it")

    again = prepare_demo(prepared, people=None, progress=_quietly)
    with pytest.raises(NotADemo, match=f"of {PEOPLE} people: name another folder with --data"):
        prepare_demo(prepared, people=PEOPLE + 1, progress=_quietly)

    assert again.data == prepared.data
    assert work.read_text() == "hours of it"
    work.unlink()


def test_an_interrupted_preparation_leaves_nothing_half_made(prepared: Settings) -> None:
    settings = replace(prepared, data=prepared.data.with_name("interrupted"))

    def interrupt(steps: Iterable[int]) -> Iterable[int]:
        for step in steps:
            if step == 3:
                raise KeyboardInterrupt
            yield step

    with pytest.raises(KeyboardInterrupt):
        prepare_demo(settings, people=5, progress=interrupt)
    assert not settings.data.exists()
    assert prepare_demo(settings, people=2, progress=_quietly).data == settings.data
