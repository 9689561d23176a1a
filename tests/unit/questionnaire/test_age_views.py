"""Views for an age: which one somebody begins with, and what a view may never fold away."""

from typing import Any

import pytest

from template_service.questionnaire.age_views import age_views
from tests.spec.reading import template

URL = "https://other-city.example/fhir/StructureDefinition/sdoh-age-view"


def view(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"url": URL, "extension": list(parts)}


def test_a_view_without_end_goes_on_for_ever() -> None:
    [older] = age_views(
        {
            "extension": [
                view(
                    {"url": "code", "valueCode": "older"},
                    {"url": "title", "valueString": "Older"},
                    {"url": "from", "valueInteger": 65},
                    {"url": "leavesOut", "valueCode": "family"},
                    {"url": "leavesOut", "valueCode": "work"},
                )
            ]
        }
    )
    assert older.leaves_out == ("family", "work")
    assert [older.is_for(age) for age in (0, 64, 65, 110)] == [False, False, True, True]


@pytest.mark.parametrize("resource", [{}, {"extension": None}, {"extension": [view()]}])
def test_what_is_no_view_is_passed_over(resource: dict[str, Any]) -> None:
    assert age_views(resource) == ()


def test_the_template_has_one_view_for_every_age() -> None:
    for age in range(120):
        assert len([view for view in age_views(template()) if view.is_for(age)]) == 1, age


def test_no_view_of_the_template_leaves_out_safety() -> None:
    assert "safety" not in {domain for view in age_views(template()) for domain in view.leaves_out}
