"""Each figure is shown to whom it may be, the same at every door."""

from collections.abc import Callable

import pytest

from template_service.access.principal import Role
from template_service.records.organisations import Kind, Organisation, import_organisations
from template_service.service import Service
from tests.fhir_api.clients import Fhir
from tests.fhir_api.measures.reading import (
    EVALUATE,
    SEPTEMBER,
    counts,
    group,
    issues,
    parameters,
    read,
)
from tests.fhir_api.measures.released_city import (
    CITY,
    NETWORK,
    OTHER_NETWORK,
    PEOPLE,
    PRACTICE,
    SISTER,
    STRANGER,
)

# A practice of Leeds that is in no month of the fixture.
UNSEEN = "B86011"
SEEING = (Role.PUBLIC_HEALTH, Role.CLINICIAN, Role.CARE_NAVIGATOR, Role.INTEGRATOR)


@pytest.mark.parametrize("role", SEEING)
def test_everybody_who_may_see_figures_sees_the_city(
    as_role: Callable[..., Fhir], role: Role
) -> None:
    subject = f"Location/{CITY}"
    report = read(as_role(role).get(f"{EVALUATE}?{SEPTEMBER}&subject={subject}"))
    assert report["reporter"]["display"] == "Leeds"


@pytest.mark.parametrize("role", sorted(set(Role) - set(SEEING)))
def test_the_other_roles_see_no_figures(as_role: Callable[..., Fhir], role: Role) -> None:
    somebody = as_role(role)
    for path in (f"{EVALUATE}?{SEPTEMBER}", "MeasureReport", f"MeasureReport/need-{CITY}-2026-09"):
        assert somebody.get(path).status_code == 403
    assert somebody.post(EVALUATE, parameters()).status_code == 403


def test_figures_need_a_token(stranger: Fhir) -> None:
    assert stranger.get(f"{EVALUATE}?{SEPTEMBER}").status_code == 401


SEEN = {
    "city": {CITY: 200, NETWORK: 200, OTHER_NETWORK: 200, PRACTICE: 403, STRANGER: 403},
    "practice": {
        CITY: 200,
        NETWORK: 200,
        PRACTICE: 200,
        OTHER_NETWORK: 404,
        STRANGER: 404,
        SISTER: 404,
    },
}


@pytest.mark.parametrize("who", SEEN)
def test_whose_figures_somebody_sees_is_the_same_at_every_door(
    request: pytest.FixtureRequest, who: str
) -> None:
    somebody: Fhir = request.getfixturevalue(who)
    for code, status in SEEN[who].items() | {("U00000", 404), ("B86999", 404)}:
        evaluated = somebody.get(f"{EVALUATE}?{SEPTEMBER}&subject=Organization/{code}")
        report = somebody.get(f"MeasureReport/need-{code}-2026-09")
        assert (evaluated.status_code, report.status_code) == (status, status), code
        assert evaluated.data == report.data
    listed = somebody.get("MeasureReport?measure=need&period=2026-09")
    areas = [each["resource"]["reporter"]["identifier"]["value"] for each in read(listed)["entry"]]
    assert set(areas) == {code for code, status in SEEN[who].items() if status == 200}


def test_another_practice_looks_like_none_at_all(practice: Fhir) -> None:
    answers = [
        practice.get(f"MeasureReport/need-{code}-2026-09").data for code in (STRANGER, "B86999")
    ]
    assert answers[0] == answers[1]


def test_a_practice_sees_its_own_numbers(practice: Fhir) -> None:
    report = read(practice.get(f"MeasureReport/helped-{PRACTICE}-2026-09"))
    assert counts(group(report, "food")) == [PEOPLE["asked"], PEOPLE["helped"]]
    assert report["reporter"]["identifier"]["value"] == PRACTICE


def test_a_practice_that_no_month_has_seen_has_no_report(
    service: Service, as_role: Callable[..., Fhir]
) -> None:
    with service.store.write() as conn:
        unseen = Organisation(ods_code=UNSEEN, name="Unseen", kind=Kind.PRACTICE, parent="15F")
        import_organisations(conn, [unseen])
    somebody = as_role(Role.INTEGRATOR, UNSEEN)
    ((code, _, sentence),) = issues(somebody.get(f"MeasureReport/need-{UNSEEN}-2026-09"), 404)
    assert (code, sentence) == ("not-found", "There are no figures of this area in this period")
    listed = read(somebody.get("MeasureReport?measure=need&period=2026-09"))
    assert {each["resource"]["reporter"]["display"] for each in listed["entry"]} >= {"Leeds"}
    assert f"need-{UNSEEN}-2026-09" not in str(listed)
