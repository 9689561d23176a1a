"""From closed months to a release with its reports, and back: one truth at every door."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from template_service.aggregates.areas import Areas
from template_service.aggregates.audit import AuditResult
from template_service.aggregates.figures import Wanted
from template_service.aggregates.kept_figures import KeptFigures
from template_service.aggregates.measures.release_file import FILE, write_measure_reports
from template_service.aggregates.measures.reports import measure_reports
from template_service.aggregates.release_making import Maker

NO_ATTACK = AuditResult(
    cells=1,
    exact=0,
    narrow=0,
    undecided=0,
    inconsistent=0,
    redrawn=0,
    parts=1,
    seconds=0.0,
    advantage_look=0.0,
    advantage_questions=0.0,
    passed=True,
)


def test_what_a_release_carries_is_what_the_service_shows(
    with_months: Callable[..., Path], leeds: Areas, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whether an attack succeeds is the question of other tests, and takes most of a minute.
    monkeypatch.setattr(Maker, "_audited", lambda *_: NO_ATTACK)
    folder = with_months("2026-08", "2026-09")
    made = Maker(folder, leeds).make(write_documents=write_measure_reports)
    assert FILE in made.document["files"]
    carried = {
        report["id"]: report
        for report in map(orjson.loads, (made.path / FILE).read_bytes().splitlines())
    }
    figures = KeptFigures(folder, lambda: leeds).current()
    assert figures.latest == made
    city = figures.table(made.periods[-1], [Wanted("city")])
    for shown in measure_reports(city, made_at=made.document["made_at"]):
        assert carried[shown["id"]] | {"date": shown["date"]} == shown
