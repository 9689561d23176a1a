"""Figures are read by column, found by place, and refused when a column is missing."""

import pytest

from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.figures import Figures, shown
from template_service.errors import Invalid
from tests.unit.aggregates.report.made_up import figure, made_up_table, table


def test_a_missing_column_is_named() -> None:
    with pytest.raises(Invalid, match="no column flag"):
        Figures(made_up_table().drop_columns(["flag"]))


def test_pandas_and_arrow_read_alike(about: ReportContext) -> None:
    arrow = made_up_table()
    here = Figures(arrow.to_pandas()).one(about.here, "need")
    assert here == Figures(arrow).one(about.here, "need")


def test_a_flagged_row_has_nothing_to_show(about: ReportContext) -> None:
    found = Figures(table([figure(5, 400)])).one(about.here, "need")
    assert found is not None
    assert found.flag == "fewer_than_8"
    assert shown(found) is None
