"""`make bench` prints what the interface promises."""

import json

import pytest

from tests.bench.__main__ import FIGURES, main

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
