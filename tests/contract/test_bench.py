"""`make bench` prints what the interface promises."""

import json

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.expressions.calculation import calculate
from tests.bench.__main__ import FIGURES, main
from tests.bench.expressions import (
    answered_response,
    calculating_questionnaire,
    large_questionnaire,
)

KEYS = {"figure", "value", "unit", "goal", "met", "peers", "floors", "runs", "machine"}


def test_one_figure_is_one_json_line_of_the_agreed_shape(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["postcode_lookup_us"])
    (line,) = capsys.readouterr().out.splitlines()
    figure = json.loads(line)
    assert set(figure) == KEYS
    assert figure["figure"] == "postcode_lookup_us"
    assert figure["value"] > 0


def test_an_unknown_figure_is_answered_with_the_known_ones() -> None:
    with pytest.raises(SystemExit, match="postcode_lookup_us"):
        main(["nothing"])


def test_figures_are_named_as_they_are_printed() -> None:
    assert all(name == function.__name__ for name, function in FIGURES.items())


def test_the_form_of_the_recalculation_is_as_large_as_its_figure_says() -> None:
    form = compile_questionnaire(calculating_questionnaire())
    asked = [item for item in form.items.values() if item.type != "group"]
    expressions = [item.calculated for item in asked if item.calculated is not None]
    assert (len(asked), len(expressions)) == (1000, 500)
    assert len(calculate(form, answered_response()).values) > 400


def test_the_form_that_is_compiled_is_as_large_as_its_figure_says() -> None:
    items = compile_questionnaire(large_questionnaire()).items.values()
    conditional = [item for item in items if item.enabled_by >= 0]
    weighted = [item for item in items if any(option.weight for option in item.options)]
    expressions = [item for item in items if item.calculated is not None]
    assert len(items) == 500
    assert len(conditional) > 200
    assert len(weighted) >= 300
    assert len(expressions) == 100
