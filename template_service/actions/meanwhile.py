"""What a colleague did to a template meanwhile: saved other answers, or finished it."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from template_service.actions.stored import answers_of
from template_service.errors import Conflict
from template_service.questionnaire.answers import Merge, merge
from template_service.questionnaire.form import Answers, Form
from template_service.records import responses, revisions
from template_service.records.people import Person
from template_service.records.responses import ResponseHead
from template_service.service import Service


class FinishedMeanwhile(Conflict):
    """A colleague finished this template since the page was opened; `head` says who and when.

    Nothing was stored. Saving the same answers without a response starts a new template.
    """

    def __init__(self, head: ResponseHead) -> None:
        super().__init__("Somebody else finished this template meanwhile")
        self.head = head


class TemplateClash(Conflict):
    """A colleague saved other answers to the same questions; `head` says who and when.

    `merged.answers` are both sides put together; nothing was stored and nothing typed is lost.
    """

    def __init__(self, head: ResponseHead, merged: Merge) -> None:
        super().__init__("Somebody else answered the same questions meanwhile", merge=merged)
        self.head = head
        self.merged = merged


@dataclass(frozen=True, slots=True)
class Overtaken:
    """What a page started from, and what a colleague saved over it, when."""

    base: Answers = field(repr=False)
    theirs: Answers = field(repr=False)
    by_name: str
    at: datetime


def overtaken(
    service: Service, form: Form, head: ResponseHead, first: int, last: int
) -> Overtaken | None:
    """What changed from one revision (0: nothing yet) to a later one; None where that is not."""
    with service.store.read() as conn:
        kept = revisions.revision(conn, head.organisation_id, head.response_id, last)
        if kept is None:
            return None
        base = answers_of(conn, form, head, first) if first else {}
        theirs = answers_of(conn, form, head, last)
    return Overtaken(base, theirs, kept.saved_by_name, kept.saved_at)


def base_revision_of(
    conn: Connection,
    person: Person,
    head: ResponseHead | None,
    response_id: str | None,
    revision: int,
) -> int:
    """The revision of `head` that the page started from; 0 when it started from nothing of it.

    Raises `FinishedMeanwhile` when the response it started from is no longer in progress.
    """
    if head is not None:
        return revision if response_id in {None, head.response_id} else 0
    if response_id is not None:
        finished = responses.head(conn, person.organisation_id, response_id)
        if finished is not None and finished.person_id == person.person_id:
            raise FinishedMeanwhile(finished)
    return 0


def merged_with_colleagues(
    conn: Connection, form: Form, head: ResponseHead | None, base_revision: int, mine: Answers
) -> tuple[Answers, str | None]:
    """My answers with what a colleague saved since, and that colleague's name.

    Raises `TemplateClash` where both answered the same question differently.
    """
    if head is None or head.revision == base_revision:
        return mine, None
    base = answers_of(conn, form, head, base_revision) if base_revision else {}
    merged = merge(base, answers_of(conn, form, head), mine)
    if merged.clashes:
        raise TemplateClash(head, merged)
    return merged.answers, head.updated_by_name
