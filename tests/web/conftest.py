"""One real service over a temporary folder: two practices of one network, staff of every role."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import count

import pytest
from flask import Flask

from template_service import clock
from template_service.access.passwords import add_user
from template_service.access.principal import Role
from template_service.app import create_app
from template_service.records.organisations import Kind, Organisation, import_organisations
from template_service.records.people import PersonDetails, add_person
from template_service.service import Service
from template_service.settings import Settings
from tests.web.staff import Staff

PRACTICE, OTHER_PRACTICE, PCN, OTHER_PCN, CITY = "B86002", "B86003", "U16878", "U12345", "15F"
PASSWORD = "correct horse battery"

STAFF = {
    "nurse": (Role.CLINICIAN, PRACTICE, "Nurse Example"),
    "doctor": (Role.CLINICIAN, PRACTICE, "Dr Other"),
    "navigator": (Role.CARE_NAVIGATOR, PRACTICE, "Reception Example"),
    "elsewhere": (Role.CLINICIAN, OTHER_PRACTICE, "Nurse Elsewhere"),
    "link": (Role.LINK_WORKER, PCN, "Link Worker Example"),
    "other-link": (Role.LINK_WORKER, OTHER_PCN, "Link Worker Elsewhere"),
    "curator": (Role.CURATOR, CITY, "Curator Example"),
    "health": (Role.PUBLIC_HEALTH, CITY, "Public Health Example"),
    "admin": (Role.ADMIN, CITY, "Administrator Example"),
}


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The whole application; each test makes the people it needs."""
    settings = Settings(
        data=tmp_path_factory.mktemp("data"),
        demo=True,
        cookie_secure=False,
        sign_ins_per_minute=10_000,
        max_body_bytes=200_000,
    )
    made = create_app(settings)
    service: Service = made.extensions["template_service"]
    fill(service)
    yield made
    service.close()


@pytest.fixture(scope="session")
def service(app: Flask) -> Service:
    opened: Service = app.extensions["template_service"]
    return opened


@pytest.fixture(scope="session")
def staff(app: Flask) -> Callable[[str], Staff]:
    """Somebody of `STAFF`, signed in; each asks once and keeps the session."""
    present: dict[str, Staff] = {}

    def signed_in(username: str) -> Staff:
        if username not in present:
            somebody = Staff(app.test_client(), STAFF[username][2])
            assert somebody.sign_in(username, PASSWORD).status_code == 303
            present[username] = somebody
        return present[username]

    return signed_in


@pytest.fixture
def nurse(staff: Callable[[str], Staff]) -> Staff:
    return staff("nurse")


@pytest.fixture
def doctor(staff: Callable[[str], Staff]) -> Staff:
    return staff("doctor")


@pytest.fixture
def navigator(staff: Callable[[str], Staff]) -> Staff:
    return staff("navigator")


@pytest.fixture
def link_worker(staff: Callable[[str], Staff]) -> Staff:
    return staff("link")


@pytest.fixture
def stranger(app: Flask) -> Staff:
    """A browser nobody signed in with."""
    return Staff(app.test_client())


_NUMBERS = count(1)


def nhs_number(index: int) -> str:
    """A made-up NHS number of the range that is never issued (999), with its check digit."""
    for body in range(9990000 * 100 + index * 7, 9990000 * 100 + index * 7 + 7):
        digits = f"{body:09d}"
        check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
        if check != 10:
            return digits + str(check % 11)
    raise AssertionError("one of seven has a check digit")


@pytest.fixture
def person_id(service: Service) -> str:
    """Somebody made up, registered at the first practice and living in LS9."""
    return make_person(service)


def make_person(service: Service, *, born: date | None = date(1991, 5, 4)) -> str:
    """Registers somebody made up at the first practice; gives their id."""
    with service.store.write() as conn:
        made = add_person(
            conn,
            PRACTICE,
            PersonDetails(
                nhs_number=nhs_number(next(_NUMBERS)),
                given_name="Alex",
                family_name="Testperson",
                birth_date=born,
                postcode="LS9 6AU",
            ),
            at=clock.now(),
        )
    return made.person_id


def fill(service: Service) -> None:
    with service.store.write() as conn:
        import_organisations(
            conn,
            [
                Organisation(ods_code=CITY, name="City", kind=Kind.CITY),
                *(
                    Organisation(ods_code=code, name=f"Network {code}", kind=Kind.PCN, parent=CITY)
                    for code in (PCN, OTHER_PCN)
                ),
                *(
                    Organisation(
                        ods_code=code, name=f"Surgery {code}", kind=Kind.PRACTICE, parent=PCN
                    )
                    for code in (PRACTICE, OTHER_PRACTICE)
                ),
            ],
        )
        for username, (role, organisation_id, name) in STAFF.items():
            add_user(
                conn,
                organisation_id,
                username=username,
                name=name,
                role=role,
                password=PASSWORD,
                at=clock.now(),
            )
