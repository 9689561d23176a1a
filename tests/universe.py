"""One small real world for tests below the faces: two practices, their network, staff, people."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from template_service.access.principal import Principal, Role
from template_service.actions.people import add_person
from template_service.demo.building import CITY, import_leeds
from template_service.questionnaire.form import Answers, Form, Value
from template_service.records.people import Person, PersonDetails
from template_service.service import Service, open_service
from template_service.settings import Settings

PRACTICE, NEIGHBOUR, PCN = "B86002", "B86003", "U16878"

CLINICIAN = Principal(Role.CLINICIAN, PRACTICE, "Nurse Example", user_id="1")
COLLEAGUE = Principal(Role.CLINICIAN, PRACTICE, "Dr Other", user_id="2")
NAVIGATOR = Principal(Role.CARE_NAVIGATOR, PRACTICE, "Reception Example", user_id="3")
STRANGER = Principal(Role.CLINICIAN, NEIGHBOUR, "Nurse Elsewhere", user_id="4")
LINK_WORKER = Principal(Role.LINK_WORKER, PCN, "Link Worker Example", user_id="5")
PUBLIC_HEALTH = Principal(Role.PUBLIC_HEALTH, CITY.ods_code, "Public Health Example", user_id="6")
SYSTEM = Principal(Role.INTEGRATOR, PRACTICE, "System", token_id="7")


@contextmanager
def opened(data: Path) -> Iterator[Service]:
    """A real service over a new folder, with the practices and networks of Leeds."""
    service = open_service(Settings(data=data), durable=False)
    try:
        import_leeds(service)
        yield service
    finally:
        service.close()


def register(service: Service) -> Person:
    """Somebody made up of LS9, at the first practice."""
    details = PersonDetails(given_name="Alex", family_name="Testperson", postcode="LS9 6AU")
    return add_person(service, CLINICIAN, details=details)


def answers(form: Form, **given: str | bool | Sequence[str]) -> Answers:
    """Answers by linkId with `_` for `.` and `-`: a code, several codes, a boolean or a text."""
    found: dict[str, tuple[Value, ...]] = {}
    by_name = {link_id.replace(".", "_").replace("-", "_"): link_id for link_id in form.items}
    for name, value in given.items():
        item = form.items[by_name[name]]
        codes = [value] if isinstance(value, str | bool) else value
        found[item.link_id] = tuple(
            item.by_code[code] if item.options and isinstance(code, str) else code for code in codes
        )
    return {link_id: found[link_id] for link_id in form.items if link_id in found}
