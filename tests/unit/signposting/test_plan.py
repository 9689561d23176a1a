"""The plan on the starter directory: what is matched, folded, missing and forbidden."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from template_service.questionnaire.form import Answers
from template_service.questionnaire.scoring import Context, score
from template_service.service import Service
from template_service.signposting.plan import Plan, build_plan, every_card
from template_service.signposting.seeking import Record, place_of
from tests.universe import PRACTICE, answers, opened

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with opened(tmp_path_factory.mktemp("data")) as one:
        yield one


def _record(service: Service) -> Record:
    place = place_of(service.geography, postcode="LS9 6AU", practice=PRACTICE)
    return Record(age=34, place=place)


def _plan(service: Service, given: Answers, cards: tuple[str, ...] = ()) -> Plan:
    return build_plan(
        form=service.form,
        score=score(service.form, given, Context(age=34)),
        answers=given,
        record=_record(service),
        directory=service.directory,
        now=NOW,
        cards=cards,
    )


def test_the_first_journey_has_a_real_service_for_every_wanted_need(service: Service) -> None:
    """Damp, a cold home and no food today in LS9 (the first line of the issue's Shows)."""
    plan = _plan(
        service,
        answers(
            service.form,
            urgent=["no_food"],
            housing_screen="need",
            housing_condition=["damp"],
            housing_wants_help="yes-now",
            energy_screen="need",
            energy_warm="both",
            energy_wants_help="yes-now",
            food_wants_help="yes-now",
        ),
    )
    assert plan.unmet == ()
    assert [need.domain.id for need in plan.needs] == ["food", "housing", "energy"]
    for need in plan.needs:
        served = {match.need for match in need.matches}
        assert served == set(need.needs)
        assert all(match.reasons and match.contact for match in need.matches)
    assert plan.urgent[0].contacts


def test_help_not_wanted_is_folded_and_not_matched(service: Service) -> None:
    plan = _plan(
        service,
        answers(
            service.form,
            housing_screen="need",
            housing_condition=["damp"],
            housing_wants_help="no",
            energy_screen="need",
            energy_wants_help="later",
            food_screen="need",
        ),
    )
    assert plan.needs == ()
    folded = {need.domain.id: bool(need.matches) for need in plan.folded}
    assert folded == {"housing": False, "energy": True, "food": True}


def test_public_funds_are_never_offered_to_who_has_no_recourse(service: Service) -> None:
    wanted = {
        "money_screen": "need",
        "money_manage": "cannot-pay",
        "money_wants_help": "yes-now",
        "urgent": ["no_food"],
    }
    with_recourse = _plan(service, answers(service.form, **wanted))
    without = _plan(
        service,
        answers(service.form, fairness_screen="need", fairness_kind=["nrpf"], **wanted),
    )

    def funds(plan: Plan) -> set[str]:
        matches = (
            *(match for need in (*plan.needs, *plan.folded) for match in need.matches),
            *(match for card in plan.urgent for match in card.contacts),
        )
        return {match.service.public_funds for match in matches}

    assert "yes" in funds(with_recourse)
    assert funds(without) == {"no"}


def test_a_card_raised_before_stays_until_it_is_dealt_with(service: Service) -> None:
    plan = _plan(service, answers(service.form, food_screen="no-need"), cards=("no_food",))
    assert [item.card.id for item in plan.urgent] == ["no_food"]
    assert plan.urgent[0].contacts


def test_a_masked_card_of_an_earlier_visit_stays_masked(service: Service) -> None:
    plan = _plan(service, answers(service.form, seen_alone=True), cards=("unsafe_home",))
    assert [item.masked for item in plan.urgent] == [True]


def test_every_card_can_be_shown_before_anything_is_saved(service: Service) -> None:
    every = every_card(
        form=service.form,
        answers={},
        record=_record(service),
        directory=service.directory,
        now=NOW,
    )
    assert [item.card.id for item in every] == list(service.form.cards)
    for item in every:
        assert item.contacts or item.national, item.card.id


@pytest.mark.parametrize("postcode", [None, "ZZ99 3VZ", "LS99 9ZZ", "not a postcode"])
def test_without_a_postcode_help_is_looked_for_around_the_practice(
    service: Service, postcode: str | None
) -> None:
    place = place_of(service.geography, postcode=postcode, practice=PRACTICE)
    assert place is not None
    assert (place.lad_code, place.imd_decile, place.postcode) == ("E08000035", None, None)


def test_the_kept_plan_holds_identifiers_only(service: Service, tmp_path: Path) -> None:
    plan = _plan(
        service,
        answers(service.form, urgent=["no_food"], money_screen="need", money_wants_help="yes-now"),
    )
    kept = plan.as_json()
    assert kept["directory_version"] == service.directory.version
    assert [each["card"] for each in kept["urgent"]] == ["no_food"]
    assert {each["domain"] for each in kept["needs"]} == {"food", "money"}
