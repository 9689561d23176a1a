"""A questionnaire's response kept as a draft or finished: in one transaction each."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection

from template_service import clock
from template_service.access import scope
from template_service.access.principal import Principal
from template_service.actions.evaluation import evaluate_to_save
from template_service.actions.meanwhile import FinishedMeanwhile, base_revision_of
from template_service.actions.questionnaire_library import stored_body
from template_service.actions.questionnaire_working import (
    environment_of,
    settled,
    with_masked,
    without_names,
)
from template_service.actions.questionnaires import (
    OpenQuestionnaire,
    Retired,
    is_retired,
    newest_open,
)
from template_service.actions.raised_cards import open_cards
from template_service.actions.saving import Author, note, save
from template_service.errors import Invalid
from template_service.questionnaire.answers import disclosures, read_answers
from template_service.questionnaire.form import Answers, Form
from template_service.questionnaire.problems import Problem
from template_service.questionnaire.scoring import score
from template_service.questionnaire.validation import validate
from template_service.records import revisions
from template_service.records.people import Person
from template_service.records.responses import (
    COMPLETED,
    IN_PROGRESS,
    ResponseHead,
    RevisionConflict,
)
from template_service.records.revisions import Saved
from template_service.service import Service


class Unfinished(Invalid):
    """A response that cannot be finished yet; it was kept as a draft, whole: `head`.

    `response` is what `found` names the places of.
    """

    def __init__(
        self, found: tuple[Problem, ...], response: Mapping[str, Any], head: ResponseHead
    ) -> None:
        super().__init__(problems=found)
        self.found = found
        self.response = response
        self.head = head


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished response; `dropped`: answers were left out whose questions do not apply."""

    response_id: str
    dropped: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """What one page of a questionnaire sent: the `response` whole, as it will be.

    `typed` is of it what was answered on the page this time: an urgent answer among it opens its
    card again although an earlier one was dealt with. `base` are the id of the response (None: it
    began one) and the revision that the page started from.
    """

    opened: OpenQuestionnaire
    response: Mapping[str, Any]
    typed: Mapping[str, Any]
    base: tuple[str | None, int]


def save_draft(service: Service, principal: Principal, sent: Sent) -> Saved:
    """Keep what was answered so far, whole: also what is hidden now, and without a check.

    The element ids by which a face finds items again (`web.questionnaire_reading`) are not kept.
    Raises RevisionConflict when a colleague saved since, FinishedMeanwhile when they finished it;
    nothing is stored then.
    """
    return _keep(service, principal, sent, _body(sent, IN_PROGRESS), status=IN_PROGRESS)


def finish_questionnaire(
    service: Service,
    principal: Principal,
    sent: Sent,
    *,
    not_asked: Collection[str] = (),
    token: str | None = None,
) -> Finished:
    """Close a response: worked out, without answers that do not apply, checked, then kept.

    `token` is what one page sends each time: sent twice, it is finished once.
    Raises Unfinished with every problem: it is a draft then, so that what was disclosed is acted
    on. Raises as `save_draft`; nothing is stored then.

    What is required of the items `not_asked` does not keep it open: nobody could be asked that.
    """
    key = None if token is None else _key(sent, token)
    try:
        return _finish(service, principal, sent, not_asked=not_asked, key=key)
    except (FinishedMeanwhile, RevisionConflict):
        made = None if sent.base[0] is None else _made_by(service, sent.opened, key)
        if made is None:
            raise
        return Finished(made.head.response_id, dropped=False)


def _finish(
    service: Service,
    principal: Principal,
    sent: Sent,
    *,
    not_asked: Collection[str],
    key: str | None,
) -> Finished:
    opened, whole = sent.opened, _body(sent, COMPLETED)
    done = settled(opened.form, whole, opened.person)
    checked = validate(opened.form, done.response, environment_of(opened.person))
    errors = tuple(
        each
        for each in checked.errors
        if not (each.code == "required" and each.link_id in not_asked)
    )
    if errors:
        raise Unfinished(errors, done.response, save_draft(service, principal, sent).head)
    body = with_masked(opened.form, whole, done.response)
    saved = _keep(service, principal, sent, body, status=COMPLETED, key=key)
    return Finished(saved.head.response_id, done.dropped)


def _body(sent: Sent, status: str) -> dict[str, Any]:
    """The response whole; what another system wrote about it before stays."""
    opened, items = sent.opened, sent.response.get("item")
    return {
        **{key: value for key, value in opened.response.items() if key not in ("item", "meta")},
        "resourceType": "QuestionnaireResponse",
        "questionnaire": opened.form.canonical,
        "status": status,
        "subject": {"reference": f"Patient/{opened.person.person_id}"},
        "authored": clock.now().isoformat(),
        **({"item": items} if items else {}),
    }


def _keep(
    service: Service,
    principal: Principal,
    sent: Sent,
    body: Mapping[str, Any],
    *,
    status: str,
    key: str | None = None,
) -> Saved:
    """One transaction: the revision with its states, cards, plan and audit, or none of it."""
    now, opened = clock.now(), sent.opened
    form = opened.form
    answers, _ = read_answers(form, body)
    with service.store.write() as conn:
        person = scope.person(conn, principal, opened.person.person_id)
        head = newest_open(conn, person, form.url, opened.aside)
        started_from = base_revision_of(conn, person, head, *sent.base)
        if head is None and key is not None:
            made = _made_before(conn, person, key, body)
            if made is not None:
                return made
        if head is None and is_retired(conn, form) and not discloses(answers):
            raise Retired
        if head is not None and head.revision != started_from:
            raise RevisionConflict(head)
        author = Author.of(principal, now)
        saved = save(
            conn,
            author,
            form=form,
            person=person,
            head=head,
            body=orjson.dumps(without_names(body)),
            status=status,
            evaluation=evaluate_to_save(
                service,
                conn,
                form=form,
                person=person,
                answers=answers,
                now=now,
                open_cards=open_cards(conn, person, form),
            ),
            again=_said_again(conn, form, head, sent.typed),
            idempotency_key=key,
        )
        if status == COMPLETED and not saved.repeated:
            note(conn, author, "finish-questionnaire", person, saved.head)
    return saved


def _said_again(
    conn: Connection, form: Form, head: ResponseHead | None, typed: Mapping[str, Any]
) -> frozenset[str]:
    """Cards that open once more: said now, and not already said by the revision before.

    A page never shows a stored safety answer, so one that was typed was said anew in any case.
    """
    if head is None:
        return frozenset()
    before, now = (
        score(form, read_answers(form, each)[0]).urgent for each in (stored_body(conn, head), typed)
    )
    return frozenset(card for card in now if card not in before or form.cards[card].masked)


def _key(sent: Sent, token: str) -> str:
    """The idempotency key of one page: of this person and questionnaire only.

    One that goes on with a response is the same page only while the same is typed on it. What one
    that begins a response says is compared with what it made (`_made_before`).
    """
    named = f"finish\n{sent.opened.person.person_id}\n{sent.opened.form.url}\n{token}"
    if sent.base[0] is not None:
        said = orjson.dumps(
            [*sent.base, sent.typed.get("item")], option=orjson.OPT_SORT_KEYS
        ).decode()
        named = f"{named}\n{said}"
    return sha256(named.encode()).hexdigest()


def _made_by(service: Service, opened: OpenQuestionnaire, key: str | None) -> Saved | None:
    """What a page that went on with a response finished before."""
    if key is None:
        return None
    with service.store.read() as conn:
        return revisions.by_idempotency_key(conn, opened.person.organisation_id, key)


def _made_before(
    conn: Connection, person: Person, key: str, body: Mapping[str, Any]
) -> Saved | None:
    """What this page finished before; raises FinishedMeanwhile when it says something else now."""
    made = revisions.by_idempotency_key(conn, person.organisation_id, key)
    if made is None:
        return None
    if stored_body(conn, made.head, made.revision).get("item") != without_names(body).get("item"):
        raise FinishedMeanwhile(made.head)
    return made


def discloses(answers: Answers) -> bool:
    """Whether any of these answers is never refused, stripped or left uncounted."""
    return any(disclosures(given) for given in answers.values())
