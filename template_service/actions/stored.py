"""What is stored of a person's template, read with the version it was made with."""

import orjson
from sqlalchemy import Connection

from template_service.errors import NotFound, Unavailable
from template_service.questionnaire.answers import read_answers
from template_service.questionnaire.form import Answers, Form
from template_service.questionnaire.problems import QuestionnaireError
from template_service.records import responses, revisions
from template_service.records.people import Person
from template_service.records.responses import COMPLETED, ResponseHead
from template_service.service import Service


def form_of(service: Service, head: ResponseHead | None) -> Form:
    """The template, in the version the response was made with."""
    if head is None:
        return service.form
    return service.forms.find(f"{head.questionnaire_url}|{head.questionnaire_version}")


def usable_form(service: Service, head: ResponseHead) -> Form | None:
    """The form a response was made with; None where this software can use or find it no more."""
    try:
        return form_of(service, head)
    except (NotFound, QuestionnaireError, Unavailable):
        return None


def open_head(conn: Connection, form: Form, person: Person) -> ResponseHead | None:
    """The person's template in progress, or None."""
    return responses.open_response(conn, person.organisation_id, person.person_id, form.url)


def finished_head(conn: Connection, form: Form, person: Person) -> ResponseHead | None:
    """The person's newest finished template, or None."""
    for head in responses.responses_of(conn, person.organisation_id, person.person_id):
        if head.status == COMPLETED and head.questionnaire_url == form.url:
            return head
    return None


def answers_of(
    conn: Connection, form: Form, head: ResponseHead | None, revision: int | None = None
) -> Answers:
    """The answers of a revision (the newest unless named); none where nothing is stored."""
    if head is None:
        return {}
    kept = revisions.revision(
        conn, head.organisation_id, head.response_id, revision or head.revision
    )
    return {} if kept is None else read_answers(form, orjson.loads(kept.body))[0]
