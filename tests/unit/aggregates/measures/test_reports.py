"""A MeasureReport holds the numbers of its figures, all of them, and no others."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest

from template_service.aggregates.figures import FIGURES_SCHEMA, Sources, Wanted, figure_table
from template_service.aggregates.measures.definitions import published
from template_service.aggregates.measures.release_file import FILE, write_measure_reports
from template_service.aggregates.measures.reports import DATA_ABSENT, measure_reports
from template_service.aggregates.reporting_period import Period
from template_service.aggregates.vocabulary import ALL, ANY, CITY_ONLY_DOMAINS, UNKNOWN, domains
from tests.unit.aggregates.closed_city import AREAS, CITY, NETWORKS, cell, random_rows, write_cube
from tests.unit.aggregates.measures.made_up import MADE_AT

MONTHS = ("2026-03", "2026-04", "2026-05")
Resource = dict[str, Any]
Place = tuple[str, str, str]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    folder = tmp_path_factory.mktemp("closed")
    for seed, month in enumerate(MONTHS):
        write_cube(folder, month, [*random_rows(month, seed), _nowhere(month)])
    return Sources.open(folder, AREAS, MONTHS)


def _nowhere(month: str) -> Resource:
    """People whose practice nobody knows: they count in the city only."""
    place = {"practice": UNKNOWN, "pcn": UNKNOWN}
    return cell(month, "food", (ALL, ALL), asked=100, need=50, **place)


def table_of(sources: Sources, text: str, *wanted: Wanted) -> pa.Table:
    return figure_table(sources, Period.parse(text), wanted)


def coded(concept: Resource) -> str:
    (coding,) = concept["coding"]
    return str(coding["code"])


def measured(report: Resource) -> Iterator[tuple[Place, Resource]]:
    """Each (domain, breakdown, category) of a report with what holds its numbers."""
    for group in report["group"]:
        yield (coded(group["code"]), ALL, ALL), group
        for stratifier in group["stratifier"]:
            (breakdown,) = stratifier["code"]
            for stratum in stratifier["stratum"]:
                yield (coded(group["code"]), coded(breakdown), coded(stratum["value"])), stratum


def numbers(holder: Resource) -> dict[str, Any]:
    """Counts by population, and the reasons of those that are absent."""
    found: dict[str, Any] = {}
    for population in holder["population"]:
        if "count" in population:
            assert "_count" not in population
            found[coded(population["code"])] = population["count"]
        else:
            (extension,) = population["_count"]["extension"]
            assert extension["url"] == DATA_ABSENT
            found[coded(population["code"])] = extension["valueCode"]
    return found


def expected(row: Resource) -> tuple[dict[str, Any], Resource | None]:
    """What a row of figures should read as, from its own columns."""
    reason = {"fewer_than_8": "masked", "group": "masked", "noise": "unsupported", "": "unknown"}
    absent = reason[row["flag"]]
    under = absent if row["denominator"] is None else row["denominator"]
    over = absent if row["numerator"] is None else row["numerator"]
    populations = {"initial-population": under, "denominator": under, "numerator": over}
    return populations, None if row["value"] is None else {"value": row["value"]}


@pytest.mark.parametrize(
    "wanted",
    [Wanted("city"), Wanted("pcn"), Wanted("practice", ("B86001",))],
    ids=lambda wanted: wanted.geography_type,
)
@pytest.mark.parametrize("period", ["2026-04", "2026-03/2026-05"])
def test_every_figure_is_in_its_report_and_nothing_else(
    sources: Sources, wanted: Wanted, period: str
) -> None:
    table = table_of(sources, period, wanted)
    shown: dict[tuple[str, str, Place], tuple[dict[str, Any], Resource | None]] = {}
    for report in measure_reports(table, made_at=MADE_AT):
        indicator = report["measure"].split("|")[0].rsplit("/", 1)[-1].replace("-", "_")
        area = report["reporter"]["identifier"]["value"]
        for place, holder in measured(report):
            shown[area, indicator, place] = (numbers(holder), holder.get("measureScore"))
    rows = {
        (
            row["geography_code"],
            row["indicator"],
            (row["domain"], row["breakdown"], row["category"]),
        ): expected(row)
        for row in table.to_pylist()
        if row["indicator"] != "not_offered"
    }
    assert shown == rows
    assert {"fewer_than_8", ""} <= set(table["flag"].to_pylist())


def test_a_figure_that_is_flagged_has_no_number_anywhere() -> None:
    places = {
        "1": ("fewer_than_8", "masked"),
        "2": ("group", "masked"),
        "3": ("noise", "unsupported"),
    }
    rows = [
        figure(category=category, breakdown="imd_decile", flag=flag)
        for category, (flag, _) in places.items()
    ]
    (report,) = measure_reports(table_from([figure(), *rows]), made_at=MADE_AT)
    found = dict(measured(report))
    for category, (_, reason) in places.items():
        stratum = found["food", "imd_decile", category]
        assert set(numbers(stratum).values()) == {reason}
        assert "measureScore" not in stratum
    assert numbers(found["food", ALL, ALL]) == {
        "initial-population": 200,
        "denominator": 200,
        "numerator": 50,
    }
    assert found["food", ALL, ALL]["measureScore"] == {"value": 0.25}


def test_people_asked_without_registered_lists_are_a_count_without_a_score() -> None:
    row = figure(indicator="asked") | {"denominator": None, "value": None}
    (report,) = measure_reports(table_from([row]), made_at=MADE_AT)
    ((_, group),) = measured(report)
    assert numbers(group) == {
        "initial-population": "unknown",
        "denominator": "unknown",
        "numerator": 50,
    }
    assert "measureScore" not in group
    assert report["improvementNotation"]["coding"][0]["code"] == "increase"


def test_a_report_says_what_it_is_of() -> None:
    (report,) = measure_reports(table_from([figure()]), made_at=MADE_AT)
    assert report["id"] == "need-U10001-2026-04"
    assert (report["status"], report["type"], report["date"]) == ("complete", "summary", MADE_AT)
    assert report["measure"] == published()["need"].canonical
    assert report["period"] == {"start": "2026-04-01", "end": "2026-04-30"}
    assert report["reporter"] == {
        "type": "Organization",
        "identifier": {
            "system": "https://fhir.nhs.uk/Id/ods-organization-code",
            "value": "U10001",
        },
        "display": "A & B <PCN>",
    }
    assert "subject" not in report
    assert "A &amp; B &lt;PCN&gt;, 2026-04." in report["text"]["div"]


@pytest.mark.parametrize(
    ("period", "person_years"), [("2026-04/2026-05", False), ("2026-03/2026-04", True)]
)
def test_across_financial_years_a_report_says_person_years(period: str, person_years: bool) -> None:
    (report,) = measure_reports(table_from([figure(period=period)]), made_at=MADE_AT)
    assert ("person-years" in report["text"]["div"]) == person_years


def test_safety_and_fairness_are_of_the_city_only(sources: Sources) -> None:
    for wanted, whole in ((Wanted("city"), True), (Wanted("pcn", ("U10001",)), False)):
        table = table_of(sources, "2026-04", wanted)
        for report in measure_reports(table, made_at=MADE_AT):
            shown = [coded(group["code"]) for group in report["group"]]
            named = (*domains(), ANY)
            assert shown == [each for each in named if whole or each not in CITY_ONLY_DOMAINS]


def test_only_the_measures_that_are_wanted_are_given(sources: Sources) -> None:
    table = table_of(sources, "2026-04", Wanted("city"))
    reports = measure_reports(table, made_at=MADE_AT, measures=["need", "helped"])
    assert [report["id"] for report in reports] == [
        f"{measure}-{CITY}-2026-04" for measure in ("need", "helped")
    ]


def test_reports_are_valid_by_the_models(sources: Sources) -> None:
    model = import_module("fhir.resources.R4B.measurereport").MeasureReport
    table = table_of(sources, "2026-03/2026-04", Wanted("city"), Wanted("pcn", ("U10002",)))
    for report in measure_reports(table, made_at=MADE_AT):
        model.model_validate(report)


def test_a_release_has_the_city_and_its_networks_line_by_line(
    sources: Sources, tmp_path: Path
) -> None:
    written = write_measure_reports(sources, Period.parse("2026-03/2026-05"), tmp_path)
    lines = (tmp_path / FILE).read_bytes().splitlines()
    reports = [orjson.loads(line) for line in lines]
    assert written == len(reports) == len(published()) * (1 + len(NETWORKS))
    of = [report["reporter"]["identifier"]["value"] for report in reports]
    assert list(dict.fromkeys(of)) == [CITY, *NETWORKS]
    assert len({report["id"] for report in reports}) == len(reports)
    table = table_of(sources, "2026-03/2026-05", Wanted("city"), Wanted("pcn", tuple(NETWORKS)))
    made_at = reports[0]["date"]
    assert list(measure_reports(table, made_at=made_at)) == reports


def figure(**known: Any) -> Resource:
    """One row of figures; without numbers where it has a flag."""
    row = {
        "period": "2026-04",
        "geography_type": "pcn",
        "geography_code": "U10001",
        "geography_name": "A & B <PCN>",
        "indicator": "need",
        "domain": "food",
        "breakdown": ALL,
        "category": ALL,
        "flag": "",
    } | known
    held = {} if row["flag"] else {"numerator": 50, "denominator": 200, "value": 0.25}
    return row | held


def table_from(rows: list[Resource]) -> pa.Table:
    return pa.Table.from_pylist(rows, FIGURES_SCHEMA)
