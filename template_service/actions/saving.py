"""One revision kept whole: body, states, needs, cards, plan and audit, or none of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from template_service.access.principal import Principal
from template_service.actions.evaluation import Evaluation
from template_service.questionnaire.form import Form
from template_service.records import audit, cards
from template_service.records.people import Person
from template_service.records.responses import ResponseHead
from template_service.records.revisions import Content, Saved, save_revision

CONTENT_TYPE = "application/fhir+json"
NOT_ASKED = "not-asked"


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, and when: `actor` for the audit, `name` for colleagues."""

    actor: str
    name: str
    at: datetime

    @classmethod
    def of(cls, principal: Principal, at: datetime) -> "Author":
        """The author that a principal is at a moment."""
        return cls(actor=principal.actor, name=principal.name, at=at)


def note(
    conn: Connection, author: Author, action: str, person: Person, head: ResponseHead | None
) -> None:
    """Audit what was done to a person's response; None: to one that is not there yet."""
    entities = {"person": person.person_id}
    if head is not None:
        entities["response"] = head.response_id
    audit.append(
        conn,
        person.organisation_id,
        actor=author.actor,
        action=action,
        at=author.at,
        entities=entities,
    )


def save(
    conn: Connection,
    author: Author,
    *,
    form: Form,
    person: Person,
    head: ResponseHead | None,
    body: bytes,
    status: str,
    evaluation: Evaluation,
    again: Collection[str] = (),
    idempotency_key: str | None = None,
) -> Saved:
    """Write everything one submission makes, in the caller's transaction.

    Cards `again` were said anew and open once more. A known `idempotency_key` writes nothing and
    returns what it made the first time.
    """
    saved = save_revision(
        conn,
        person.organisation_id,
        _content(body, evaluation),
        person_id=person.person_id,
        response_id=None if head is None else head.response_id,
        questionnaire_url=form.url,
        questionnaire_version=form.version or "",
        base_revision=0 if head is None else head.revision,
        at=author.at,
        by=author.actor,
        by_name=author.name,
        status=status,
        idempotency_key=idempotency_key,
    )
    if saved.repeated:
        return saved
    if urgent := evaluation.score.urgent:
        _raise_cards(conn, author, saved.head, form, urgent=urgent, again=again)
    _audit(conn, author, saved)
    return saved


def _content(body: bytes, evaluation: Evaluation) -> Content:
    """The states are of what was asked or not offered; a domain that is not there was not asked."""
    domains = evaluation.score.domains.values()
    return Content(
        body=body,
        content_type=CONTENT_TYPE,
        states=[one for one in domains if one.state != NOT_ASKED],
        plan=evaluation.plan.as_json(),
        directory_version=evaluation.plan.directory_version,
    )


def _raise_cards(
    conn: Connection,
    author: Author,
    head: ResponseHead,
    form: Form,
    *,
    urgent: Collection[str],
    again: Collection[str],
) -> None:
    """Open the raised cards on the team's list; those raised before stay as they are."""
    cards.raise_cards(
        conn,
        head.organisation_id,
        person_id=head.person_id,
        response_id=head.response_id,
        card_ids=urgent,
        masked={card.id for card in form.cards.values() if card.masked},
        again=again,
        at=author.at,
        by=author.actor,
        by_name=author.name,
    )


def _audit(conn: Connection, author: Author, saved: Saved) -> None:
    audit.append(
        conn,
        saved.head.organisation_id,
        actor=author.actor,
        action="save-response",
        at=author.at,
        entities={"person": saved.head.person_id, "response": saved.head.response_id},
        detail={"revision": saved.revision, "digest": saved.digest},
    )
