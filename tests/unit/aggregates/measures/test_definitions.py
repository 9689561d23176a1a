"""The published Measures say what is counted, with the codes that figures have."""

import re
from typing import Any

import pytest

from template_service.aggregates.measures.definitions import (
    CATEGORY_SYSTEMS,
    Published,
    category_codes,
    measure,
    published,
)
from template_service.aggregates.vocabulary import (
    ALL,
    ANY,
    BREAKDOWNS,
    CATEGORIES,
    CITY_ONLY_DOMAINS,
    INDICATORS,
    domains,
)
from template_service.artefacts import artefact_paths
from template_service.errors import NotFound

SHARES = tuple(indicator for indicator in INDICATORS if indicator != "not_offered")
MEASURES = list(published().values())


def populations(group: dict[str, Any]) -> dict[str, str]:
    return {
        each["code"]["coding"][0]["code"]: each["criteria"]["expression"]
        for each in group["population"]
    }


def test_there_is_one_for_each_share_and_every_file_is_known() -> None:
    assert tuple(each.indicator for each in MEASURES) == SHARES
    assert {path.stem for path in artefact_paths("Measure")} == set(published())
    assert all(re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", each.id) for each in MEASURES)


@pytest.mark.parametrize("each", MEASURES, ids=lambda each: each.id)
def test_groups_are_the_domains_and_stratifiers_the_breakdowns(each: Published) -> None:
    assert tuple(each.domain_codes) == (*domains(), ANY)
    for group in each.resource["group"]:
        found = [one["code"]["coding"][0]["code"] for one in group["stratifier"]]
        assert found == [name for name in BREAKDOWNS if name != ALL]
        city_only = group["code"]["coding"][0]["code"] in CITY_ONLY_DOMAINS
        assert ("whole city only" in group.get("description", "")) == city_only


@pytest.mark.parametrize("each", MEASURES, ids=lambda each: each.id)
def test_a_proportion_says_its_populations_in_plain_text(each: Published) -> None:
    assert each.resource["scoring"]["coding"][0]["code"] == "proportion"
    for group in each.resource["group"]:
        said = populations(group)
        assert list(said) == ["initial-population", "denominator", "numerator"]
        domain = group["code"]["coding"][0]["code"]
        words = "at least one domain" if domain == ANY else f"the domain {domain} "
        assert any(words in text for text in said.values())
        assert {one["criteria"]["language"] for one in group["population"]} == {"text/plain"}


def test_only_asking_more_people_is_better_in_itself() -> None:
    notations = {
        each.id: each.resource["improvementNotation"]["coding"][0]["code"]
        for each in MEASURES
        if "improvementNotation" in each.resource
    }
    assert notations == {"asked": "increase"}


@pytest.mark.parametrize("each", MEASURES, ids=lambda each: each.id)
def test_nobody_is_made_up_as_author_or_contact(each: Published) -> None:
    people = {"author", "editor", "reviewer", "endorser", "contact", "publisher"}
    assert not people & set(each.resource)


def test_every_category_of_a_figure_has_a_code() -> None:
    assert set(CATEGORY_SYSTEMS) == set(BREAKDOWNS) - {ALL}
    for breakdown in CATEGORY_SYSTEMS:
        codes = category_codes(breakdown)
        assert tuple(codes) == CATEGORIES[breakdown]
        for category, concept in codes.items():
            (coding,) = concept["coding"]
            assert coding["code"] == category
            assert coding["display"]


def test_an_unknown_measure_is_not_found() -> None:
    with pytest.raises(NotFound):
        measure("not-offered")
