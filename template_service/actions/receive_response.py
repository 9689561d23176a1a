"""A QuestionnaireResponse from another system: checked, attached to a person, scored and kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from template_service import clock
from template_service.access import scope
from template_service.access.principal import Principal
from template_service.actions.evaluation import evaluate_to_save
from template_service.actions.saving import Author, save
from template_service.actions.subject import find_subject, read_subject
from template_service.errors import Conflict, Invalid, NotFound
from template_service.questionnaire.conditions import disclosures
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import Problem
from template_service.questionnaire.validation import Checked, validate
from template_service.records import audit, questionnaires, revisions
from template_service.records.questionnaires import Key
from template_service.records.responses import COMPLETED, IN_PROGRESS
from template_service.records.revisions import Saved
from template_service.service import Service

# The states a response may arrive in (FHIR R4 questionnaire-answers-status), and how they are kept.
ACCEPTED_STATUSES = {"completed": COMPLETED, "amended": COMPLETED, "in-progress": IN_PROGRESS}
STOPPED_STATUSES = frozenset({"stopped", "entered-in-error"})


@dataclass(frozen=True, slots=True)
class Received:
    """A stored response with its warnings (`problems`); `repeated` when it was known already.

    `canonical` is the questionnaire and version it was read with, as `url|version`.
    """

    response_id: str
    canonical: str
    revision: int
    resource: Mapping[str, Any] = field(repr=False)
    problems: tuple[Problem, ...]
    saved_at: datetime
    repeated: bool


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response as it was received; `canonical` is the `url|version` it was read with then."""

    response_id: str
    canonical: str
    body: bytes = field(repr=False)
    revision: int
    saved_at: datetime


def receive_response(
    service: Service,
    principal: Principal,
    *,
    body: bytes,
    resource: Mapping[str, Any],
    idempotency_key: str | None = None,
) -> Received:
    """Keep a response that another system made, with its needs, plan and audit: one transaction.

    `resource` is `body`, parsed. Raises Invalid with every problem (nothing is then stored), and
    Conflict when the idempotency key was used for another body. A disclosure in a disabled item is
    kept, with a warning (rules.md, rule 4a). A response to a retired questionnaire is refused, for
    receiving it is beginning it, unless it discloses something: then it is kept, with a warning.
    """
    form = _form(service, resource)
    checked = validate(form, resource)
    subject, remarks = read_subject(resource)
    problems = (*checked.problems, *_status_problems(resource), *remarks)
    if any(problem.severity == "error" for problem in problems):
        raise Invalid(problems=problems)
    now = clock.now()
    with service.store.write() as conn:
        saved = _known(conn, principal, idempotency_key, body)
        if saved is None:
            problems += _retirement(conn, form, checked, problems)
            person = find_subject(conn, principal, subject, at=now)
            evaluation = evaluate_to_save(
                service, conn, form=form, person=person, answers=checked.answers, now=now
            )
            saved = save(
                conn,
                Author.of(principal, now),
                form=form,
                person=person,
                head=None,
                body=body,
                status=ACCEPTED_STATUSES[resource["status"]],
                evaluation=evaluation,
                idempotency_key=idempotency_key,
            )
    return Received(
        response_id=saved.head.response_id,
        canonical=f"{form.url}|{form.version or ''}",
        revision=saved.revision,
        resource=resource,
        problems=problems,
        saved_at=saved.head.updated_at,
        repeated=saved.repeated,
    )


def read_response(
    service: Service, principal: Principal, *, response_id: str, revision: int | None = None
) -> StoredResponse:
    """A response with the body of a revision (the newest unless named) as received; audited.

    Raises NotFound and Forbidden (`access.scope`). Safety content is inside: the face leaves it out
    for a role that must not see it.
    """
    now = clock.now()
    with service.store.write() as conn:
        head = scope.response(conn, principal, response_id)
        kept = revisions.revision(
            conn, head.organisation_id, response_id, revision or head.revision
        )
        if kept is None:
            raise NotFound
        audit.append(
            conn,
            head.organisation_id,
            actor=principal.actor,
            action="read-response",
            at=now,
            entities={"person": head.person_id, "response": response_id},
        )
    return StoredResponse(
        response_id=response_id,
        canonical=f"{head.questionnaire_url}|{kept.questionnaire_version}",
        body=kept.body,
        revision=kept.revision,
        saved_at=kept.saved_at,
    )


def _form(service: Service, resource: Mapping[str, Any]) -> Form:
    """The questionnaire the response names; raises Invalid when it names none or an unknown one."""
    canonical = resource.get("questionnaire")
    if not isinstance(canonical, str) or not canonical:
        raise Invalid(problems=[_problem("questionnaire", "required", _NO_QUESTIONNAIRE)])
    try:
        return service.forms.find(canonical)
    except NotFound:
        problem = _problem("questionnaire", "not-found", _UNKNOWN_QUESTIONNAIRE)
        raise Invalid(problems=[problem]) from None


def _retirement(
    conn: Connection, form: Form, checked: Checked, problems: Sequence[Problem]
) -> tuple[Problem, ...]:
    """What there is to say of a retired questionnaire; raises Invalid unless something urgent is.

    In the transaction that keeps the response, so that no retirement can come in between.
    """
    if not questionnaires.is_retired(conn, Key(form.url, form.version or "")):
        return ()
    if any(disclosures(given) for given in checked.answers.values()):
        place = "QuestionnaireResponse.questionnaire"
        return (Problem("warning", "business-rule", place, None, _RETIRED_BUT_KEPT),)
    raise Invalid(problems=(*problems, _problem("questionnaire", "business-rule", _RETIRED)))


def _status_problems(resource: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Nothing for a status to act on; validation names those that FHIR does not have."""
    if str(resource.get("status")) in STOPPED_STATUSES:
        return (_problem("status", "business-rule", _NOT_TO_ACT_ON),)
    return ()


def _known(
    conn: Connection, principal: Principal, idempotency_key: str | None, body: bytes
) -> Saved | None:
    """What this key made before; raises Conflict when it came with another body."""
    if idempotency_key is None:
        return None
    saved = revisions.by_idempotency_key(conn, principal.organisation_id, idempotency_key)
    if saved is not None and saved.digest != sha256(body).hexdigest():
        raise Conflict("This key was used before, for another body; use a new one")
    return saved


def _problem(element: str, code: str, message: str) -> Problem:
    return Problem("error", code, f"QuestionnaireResponse.{element}", None, message)


_NO_QUESTIONNAIRE = "Name the questionnaire this response answers, as url|version."
_UNKNOWN_QUESTIONNAIRE = "This questionnaire, or this version of it, is not in the library."
_RETIRED = "This version of the questionnaire is retired: no new response is taken."
_RETIRED_BUT_KEPT = (
    "This version of the questionnaire is retired; the response is kept because it may be urgent."
)
_NOT_TO_ACT_ON = "A response that was stopped or entered in error is not kept here."
