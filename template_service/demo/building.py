"""Builds a demonstration: organisations, accounts, people, and months of work with them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from secrets import token_urlsafe

from directory.geography import Geography, Practice
from template_service import clock
from template_service.access.passwords import add_user
from template_service.access.principal import Principal, Role
from template_service.actions.people import add_person
from template_service.actions.templates import submit_response
from template_service.demo.answering import synthetic_answers
from template_service.demo.following_up import Consultation, follow_up
from template_service.demo.synthetic import SyntheticPerson, synthetic_people
from template_service.records.organisations import Kind, Organisation, import_organisations
from template_service.service import Service

# The Leeds sub-location of NHS West Yorkshire ICB, as the ODS files of 2023 name it.
CITY = Organisation(ods_code="15F", name="NHS West Yorkshire ICB - 15F", kind=Kind.CITY)

# Whoever signs in sees a practice in Burmantofts and Harehills, where much of the city's need is.
DEMO_DISTRICT = "LS9 "
DEMO_PRACTICE_PEOPLE = 40
MONTHS_OF_WORK = 6

_PASSWORD_BYTES = 9

NAMES = {
    Role.CLINICIAN: "Dr Example",
    Role.CARE_NAVIGATOR: "Navigator Example",
    Role.LINK_WORKER: "Link Worker Example",
    Role.CURATOR: "Curator Example",
    Role.PUBLIC_HEALTH: "Public Health Example",
    Role.ADMIN: "Admin Example",
}


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to sign in to the demonstration in one role."""

    role: str
    username: str
    password: str = field(repr=False)


def build_demo(
    service: Service, *, people: int, seed: int, progress: Callable[[Iterable[int]], Iterable[int]]
) -> tuple[SignIn, ...]:
    """Fill an empty store; the same `seed` and day make the same people, only passwords are random.

    `progress` wraps the loop over people (0 to `people` - 1) to show how far it is.
    """
    import_leeds(service)
    demo_practice = _demo_practice(service.geography)
    sign_ins = tuple(_account(service, role, demo_practice) for role in NAMES)
    random = Random(seed)  # noqa: S311 -- made-up people, not secrets
    crowd = synthetic_people(
        geography=service.geography,
        practices=_spread(service.geography, demo_practice, people),
        today=clock.today(),
        random=random,
    )
    end = clock.now()
    for _ in progress(range(people)):
        person = next(crowd)
        moment = end - timedelta(minutes=random.randrange(60, MONTHS_OF_WORK * 30 * 24 * 60))
        _work(service, person, moment, random)
    return sign_ins


def import_leeds(service: Service) -> None:
    """Add the city, its networks and its practices as organisations."""
    geography = service.geography
    pcns = (
        Organisation(ods_code=pcn.code, name=pcn.name, kind=Kind.PCN, parent=CITY.ods_code)
        for pcn in geography.pcns()
    )
    practices = (
        Organisation(
            ods_code=practice.ods_code,
            name=practice.name,
            kind=Kind.PRACTICE,
            parent=practice.pcn_code,
            postcode=practice.postcode,
        )
        for practice in geography.practices()
    )
    with service.store.write() as conn:
        import_organisations(conn, (CITY, *pcns, *practices))


def _demo_practice(geography: Geography) -> Practice:
    return next(each for each in geography.practices() if each.postcode.startswith(DEMO_DISTRICT))


def _account(service: Service, role: Role, practice: Practice) -> SignIn:
    """One account in the role, at the demonstration's practice, its network or the city."""
    places = {
        Role.CLINICIAN: practice.ods_code,
        Role.CARE_NAVIGATOR: practice.ods_code,
        Role.LINK_WORKER: practice.pcn_code,
    }
    username = f"demo-{role.replace('_', '-')}"
    password = token_urlsafe(_PASSWORD_BYTES)
    with service.store.write() as conn:
        add_user(
            conn,
            places.get(role, CITY.ods_code),
            username=username,
            name=NAMES[role],
            role=role,
            password=password,
            at=clock.now(),
        )
    return SignIn(role=role.value, username=username, password=password)


def _spread(geography: Geography, demo: Practice, people: int) -> list[Practice]:
    """Where each person is registered: first the practice people sign in to, then all in turn."""
    others = geography.practices()
    first = min(DEMO_PRACTICE_PEOPLE, people)
    return [demo] * first + [others[number % len(others)] for number in range(people - first)]


def _work(service: Service, made_up: SyntheticPerson, moment: datetime, random: Random) -> None:
    """One consultation: register, ask, save, and whatever followed until today."""
    ods_code = made_up.practice.ods_code
    staff = Principal(
        role=Role.CLINICIAN, organisation_id=ods_code, name="Nurse Example", user_id="demo"
    )
    with clock.stopped_at(moment):
        person = add_person(service, staff, details=made_up.details)
        submitted = submit_response(
            service,
            staff,
            person_id=person.person_id,
            answers=synthetic_answers(
                service.form, decile=made_up.place.imd_decile, age=made_up.age, random=random
            ),
            base_revision=0,
        )
    consultation = Consultation(service, staff, made_up, person.person_id, submitted)
    for later, act in follow_up(consultation, random):
        if moment + later < clock.now():
            with clock.stopped_at(moment + later):
                act()
