"""What pages call things: sizes of files in units people know, and areas without a name by code."""

import pytest
from flask import Flask

from template_service.aggregates.areas import Areas
from template_service.aggregates.indicators.figures import IndicatorValue
from template_service.aggregates.indicators.registry import registry
from template_service.service import Service
from template_service.web.reports_indicator import _tables
from template_service.web.reports_release import size_in_words
from tests.web.staff import Staff, words

SIZES = {
    0: "0 bytes",
    640: "640 bytes",
    999: "999 bytes",
    1000: "1 kB",
    32_116: "32 kB",
    999_499: "999 kB",
    999_600: "1.0 MB",
    1_900_000: "1.9 MB",
    9_960_000: "10 MB",
    119_965_614: "120 MB",
    3_200_000_000: "3.2 GB",
}


@pytest.mark.parametrize(("size", "said"), SIZES.items())
def test_a_size_is_said_in_the_unit_it_has(size: int, said: str) -> None:
    assert size_in_words(size) == said


def test_every_file_of_a_release_has_its_size(health: Staff) -> None:
    page = words(health.get("/reports/releases/2026-09-002"))
    files = page.split("Files")[-1]
    for name in ("figures.csv", "figures.parquet"):
        assert f"{name} up to" in files
    assert files.count("without the figures of practices") == 2
    assert "release.json 1 kB" in files


def test_a_small_area_stands_by_its_code_and_the_page_says_so(released: Flask) -> None:
    service: Service = released.extensions["template_service"]
    indicator = registry().indicators[0]
    values = tuple(
        IndicatorValue(
            indicator=1,
            period="2020-2022",
            geography_type=kind,
            geography_code=code,
            breakdown="all",
            category="all",
            value=80.0,
            lower=None,
            upper=None,
            numerator=None,
            denominator=None,
            source="made up",
        )
        for kind, code in (("ward", "E05011384"), ("msoa", "E02002330"))
    )
    with released.test_request_context("/reports/indicators/1"):
        wards, small = _tables(indicator, values, Areas.of(service.geography))
    assert (wards.columns[0], wards.note) == ("Area", "")
    assert wards.rows[0][0] != "E05011384"
    assert (small.columns[0], small.rows[0][0]) == ("Code", "E02002330")
    assert small.note == "No names of small areas are held here, so each stands by its code."
