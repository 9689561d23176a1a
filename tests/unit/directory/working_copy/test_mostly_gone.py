"""A file that does not hold most of its source any more is told, and taken back at once."""

import pytest

from directory.working_copy import decisions, of_a_source
from directory.working_copy.problems import Refused
from directory.working_copy.report import Counts, mostly_gone
from directory.working_copy.runs import run
from directory.working_copy.store import WorkingCopy
from tests.unit.directory.working_copy.curation import WHO, services
from tests.unit.directory.working_copy.sources import NOW, SOURCE, organization, source, take


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (Counts(withdrawn=306), (306, 306)),
        (Counts(read=5, unchanged=3, changed=2, withdrawn=6), (6, 11)),
        (Counts(read=6, unchanged=6, withdrawn=6), None),
        (Counts(read=1, unchanged=1, withdrawn=5), None),
        (Counts(read=9, new=9, withdrawn=6), (6, 6)),
        (Counts(), None),
    ],
)
def test_more_than_half_and_more_than_five_are_told(
    counts: Counts, said: tuple[int, int] | None
) -> None:
    assert mostly_gone({"services": counts}) == said


def test_a_wrong_file_is_told_and_all_of_it_taken_back(working: WorkingCopy) -> None:
    take(working, source(9))
    take(working, source(8), name="another")
    before = services(working)
    report = take(working, [organization()])
    assert report.mostly_gone == (9, 9)
    assert run(working, report.run)[0].mostly_gone == (9, 9)
    take(working, source(7), name="another")
    rejected = of_a_source.reject_all(
        working, SOURCE, action="withdraw", by=WHO, now=NOW, reason="the wrong file"
    )
    assert len(rejected) == 9
    assert [one.source for one in decisions.proposals(working)] == ["another"]
    assert services(working) == before
    take(working, [organization()])
    assert [one.source for one in decisions.proposals(working)] == ["another"]


def test_the_right_file_closes_what_the_wrong_one_proposed(working: WorkingCopy) -> None:
    take(working, source(9))
    before = services(working)
    take(working, [organization()])
    take(working, source(9))
    assert decisions.proposals(working) == ()
    assert services(working) == before


def test_nothing_to_reject_and_no_reason_are_refused(working: WorkingCopy) -> None:
    take(working, source(9))
    with pytest.raises(Refused, match=f"no change of this kind waits of {SOURCE}"):
        of_a_source.reject_all(working, SOURCE, action="withdraw", by=WHO, now=NOW, reason="x")
    take(working, [organization()])
    with pytest.raises(Refused, match="say why"):
        of_a_source.reject_all(working, SOURCE, action="withdraw", by=WHO, now=NOW, reason=" ")
    assert len(decisions.proposals(working)) == 9
