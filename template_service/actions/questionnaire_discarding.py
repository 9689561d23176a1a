"""A draft of a questionnaire discarded on purpose; never one that somebody must act on."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection

from template_service import clock
from template_service.access import scope
from template_service.access.principal import Principal
from template_service.actions.evaluation import evaluate_to_save
from template_service.actions.meanwhile import base_revision_of
from template_service.actions.questionnaire_library import (
    DISCARDED,
    asks_about_safety,
    stored_body,
)
from template_service.actions.questionnaire_saving import discloses
from template_service.actions.questionnaires import OpenQuestionnaire, newest_open
from template_service.actions.saving import Author, note, save
from template_service.errors import Conflict, NotFound
from template_service.questionnaire.answers import read_answers
from template_service.questionnaire.scoring import Context, score
from template_service.records import cards
from template_service.records.responses import COMPLETED, ResponseHead, RevisionConflict
from template_service.service import Service


class MustBeKept(Conflict):
    """A draft that is not discarded; the reason is the same whatever is in it."""

    slug = "must-be-kept"
    title = (
        "This draft cannot be discarded: what is in it must be kept. Deal with what is urgent in "
        "it, and finish it where its page allows that; otherwise it stays a draft."
    )


def must_be_kept(service: Service, opened: OpenQuestionnaire, response: Mapping[str, Any]) -> bool:
    """Whether a draft, or what a page makes of it now (`response`), is never discarded.

    So where the questionnaire asks about safety at all, and where either discloses something,
    raised a card or would raise one.
    """
    if asks_about_safety(service, opened.form) or _tells(opened, response):
        return True
    with service.store.read() as conn:
        return opened.head is not None and _must_stay(conn, opened, opened.head, opened.response)


def discard_draft(
    service: Service,
    principal: Principal,
    *,
    opened: OpenQuestionnaire,
    base_revision: int,
    base_response_id: str | None,
) -> None:
    """Close a draft unfinished (FHIR: `stopped`); what was answered stays in its revisions.

    Raises MustBeKept where the questionnaire asks about safety at all, so that the refusal tells
    nothing, and where the draft discloses something or raised a card. Raises NotFound when there is
    no draft, RevisionConflict when a colleague saved since, FinishedMeanwhile.
    """
    now = clock.now()
    form = opened.form
    private = asks_about_safety(service, form)
    with service.store.write() as conn:
        person = scope.person(conn, principal, opened.person.person_id)
        head = newest_open(conn, person, form.url, opened.aside)
        base = base_revision_of(conn, person, head, base_response_id, base_revision)
        if head is None:
            raise NotFound("There is no draft to discard")
        if head.revision != base:
            raise RevisionConflict(head)
        stored = stored_body(conn, head)
        if private or _must_stay(conn, opened, head, stored):
            raise MustBeKept
        author = Author.of(principal, now)
        save(
            conn,
            author,
            form=form,
            person=person,
            head=head,
            body=orjson.dumps({**stored, "status": DISCARDED}),
            status=COMPLETED,
            # Nothing follows from what was discarded.
            evaluation=evaluate_to_save(
                service, conn, form=form, person=person, answers={}, now=now
            ),
        )
        note(conn, author, "discard-draft", person, head)


def _must_stay(
    conn: Connection, opened: OpenQuestionnaire, head: ResponseHead, stored: Mapping[str, Any]
) -> bool:
    """Whether a draft tells of something that somebody must act on, now or before."""
    rows = cards.cards_of(conn, head.organisation_id, head.person_id)
    raised = any(row.response_id == head.response_id for row in rows)
    return raised or _tells(opened, stored)


def _tells(opened: OpenQuestionnaire, response: Mapping[str, Any]) -> bool:
    """Whether a response discloses something, or raises a card when it is saved."""
    answers, _ = read_answers(opened.form, response)
    age = opened.person.age_on(clock.today())
    return discloses(answers) or bool(score(opened.form, answers, Context(age=age)).urgent)
