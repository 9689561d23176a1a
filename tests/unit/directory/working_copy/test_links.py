"""What asking the web pages of services came to, kept for the curators."""

from datetime import timedelta
from functools import partial

from directory.link_checks import Link, State
from directory.working_copy import edits, links
from directory.working_copy.store import WorkingCopy
from tests.unit.directory.working_copy.curation import S1, S2, WHO, services
from tests.unit.directory.working_copy.sources import NOW, service, source, take

edit = partial(edits.edit, by=WHO, now=NOW, reason="they told us")


def ask(working: WorkingCopy, service_id: str, state: State, later: int = 0) -> None:
    found = Link(services(working)[service_id], state, f"it is {state}")
    links.keep(working, found, now=NOW + timedelta(days=later))


def test_the_last_answer_of_each_address_counts(working: WorkingCopy) -> None:
    pages = [service(number, url=f"https://{number}.example.org/") for number in (1, 2, 3)]
    take(working, [*source(3)[:1], *pages])
    assert links.checked(working) == (0, 3, "", ())
    ask(working, S1, "unclear")
    ask(working, S2, "gone")
    found = links.checked(working)
    assert (found.asked, found.never) == (2, 1)
    assert [(it.service.id, it.state) for it in found.broken] == [(S2, "gone"), (S1, "unclear")]
    assert found.broken[0].reason == "it is gone"
    ask(working, S1, "answers", later=1)
    found = links.checked(working)
    assert [it.service.id for it in found.broken] == [S2]
    assert found.last > found.broken[0].at
    edit(working, [S2], {"url": "https://new.example.org/"})
    assert links.checked(working)[:2] == (1, 2)
    assert links.checked(working).broken == ()
