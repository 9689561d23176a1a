"""Needs without a service: which wards lack what, and what a report is told of it."""

from collections.abc import Iterable
from typing import cast

import pytest

from directory.geography import Place
from directory.matching import Directory
from directory.model import NEEDS
from template_service.aggregates.areas import Areas
from template_service.aggregates.provision import Unmet, family_needs, gaps, unmet_needs
from template_service.service import Service
from template_service.web import reports_gaps
from tests.unit.aggregates.closed_city import AREAS, CITY
from tests.web.staff import Staff, words

FIRST, SECOND = "E05000001", "E05000002"


class Covering:
    """A directory that covers every need in every ward but these."""

    def __init__(self, lacking: dict[str, set[str]]) -> None:
        self._lacking = lacking

    def covers(self, needs: Iterable[str], place: Place) -> bool:
        """As `Directory.covers`."""
        assert place.lad_code == CITY
        return not any(place.ward_code in self._lacking.get(need, ()) for need in needs)


def directory(lacking: dict[str, set[str]]) -> Directory:
    return cast(Directory, Covering(lacking))


@pytest.fixture
def areas() -> Areas:
    return AREAS


def test_a_ward_without_a_service_is_named_and_so_is_a_city_without(areas: Areas) -> None:
    found = unmet_needs(directory({"esol": {SECOND}, "transport": {FIRST, SECOND}}), areas)
    assert found == (
        Unmet("esol", NEEDS["esol"], ("Second Ward",), everywhere=False),
        Unmet("transport", NEEDS["transport"], ("First Ward", "Second Ward"), everywhere=True),
    )
    assert unmet_needs(directory({}), areas) == ()


def test_a_report_is_told_of_its_own_wards_and_of_what_families_need(service: Service) -> None:
    families = family_needs(service.form)
    assert "childcare" in families
    unmet = [
        Unmet("childcare", "childcare", ("First Ward",), everywhere=False),
        Unmet("esol", "English classes", ("Second Ward",), everywhere=False),
    ]
    (gap,) = gaps(unmet, {"First Ward"}, families)
    assert (gap.need, gap.wards, gap.families) == ("childcare", ("First Ward",), True)
    (other,) = gaps(unmet, {"Second Ward"}, families)
    assert not other.families


def test_the_page_says_where_nothing_is(health: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Every ward has at least one running service" in words(health.get("/reports/gaps"))
    unmet = (
        Unmet("esol", "English classes", ("Armley", "Wetherby"), everywhere=False),
        Unmet("transport", "getting to appointments", ("Armley",), everywhere=True),
    )
    monkeypatch.setattr(reports_gaps, "unmet_needs", lambda *_: unmet)
    page = words(health.get("/reports/gaps"))
    assert "English classes Armley, Wetherby" in page
    assert "Getting to appointments Everywhere in the city" in page
