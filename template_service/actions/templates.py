"""A person's template: opened, previewed, saved as often as wanted, and finished."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection

from template_service import clock
from template_service.access import scope
from template_service.access.principal import Principal
from template_service.actions.cards import acknowledge_cards
from template_service.actions.evaluation import (
    Evaluation,
    domains_not_offered,
    evaluate_to_save,
    record_of,
)
from template_service.actions.meanwhile import base_revision_of, merged_with_colleagues
from template_service.actions.raised_cards import open_cards, rows_of
from template_service.actions.saving import Author, note, save
from template_service.actions.stored import answers_of, finished_head, form_of, open_head
from template_service.errors import Conflict, Invalid
from template_service.questionnaire.answers import to_response
from template_service.questionnaire.conditions import drop_disabled
from template_service.questionnaire.form import Answers, Form
from template_service.questionnaire.problems import Problem
from template_service.questionnaire.scoring import Score, score
from template_service.questionnaire.validation import validate
from template_service.records import responses
from template_service.records.cards import RaisedCard
from template_service.records.people import Person
from template_service.records.responses import IN_PROGRESS, ResponseHead
from template_service.records.revisions import Saved
from template_service.service import Service
from template_service.signposting.plan import Plan, PlanCard, every_card


@dataclass(frozen=True, slots=True)
class OpenTemplate:
    """A template as it stands. `revision` is 0 and `head` None before the first save.

    `every_card` holds each urgent card with whom to ring, raised or not; `raised` the rows of those
    that a template of this person ever raised, and calls to a clinician. `last_time` is the newest
    finished response. Safety answers are in `answers`: the face decides what may be shown.
    """

    person: Person
    form: Form
    answers: Answers
    head: ResponseHead | None
    last_time: ResponseHead | None
    raised: tuple[RaisedCard, ...]
    every_card: tuple[PlanCard, ...]
    not_offered: frozenset[str]

    @property
    def revision(self) -> int:
        """The revision the page starts from."""
        return 0 if self.head is None else self.head.revision


@dataclass(frozen=True, slots=True)
class Preview:
    """What saving some answers would give, and the cards that the template raised before."""

    person: Person
    score: Score
    plan: Plan
    raised: tuple[RaisedCard, ...]


@dataclass(frozen=True, slots=True)
class Submitted:
    """A saved template. `dropped` are answers set aside because their question no longer applies.

    `together_with` names the colleague whose changes were saved in between and merged without a
    clash.
    """

    response_id: str
    revision: int
    score: Score
    plan: Plan
    warnings: tuple[Problem, ...]
    dropped: Answers
    together_with: str | None


def open_template(service: Service, principal: Principal, *, person_id: str) -> OpenTemplate:
    """The person's template in progress, or an empty one; the look is audited.

    Raises NotFound and Forbidden (`access.scope`).
    """
    now = clock.now()
    with service.store.write() as conn:
        person = scope.person(conn, principal, person_id)
        head = open_head(conn, service.form, person)
        form = form_of(service, head)
        answers = answers_of(conn, form, head)
        note(conn, Author.of(principal, now), "open-template", person, head)
        return OpenTemplate(
            person=person,
            form=form,
            answers=answers,
            head=head,
            last_time=finished_head(conn, form, person),
            raised=rows_of(conn, person, form),
            every_card=every_card(
                form=form,
                answers=answers,
                record=record_of(service, person, now),
                directory=service.directory,
                now=now,
            ),
            not_offered=domains_not_offered(
                service, conn, form=form, person=person, answers=answers
            ),
        )


def preview(service: Service, principal: Principal, *, person_id: str, answers: Answers) -> Preview:
    """The score and plan that saving these answers would give; nothing is stored or audited."""
    with service.store.read() as conn:
        person = scope.person(conn, principal, person_id)
        form = form_of(service, open_head(conn, service.form, person))
        evaluation = evaluate_to_save(
            service,
            conn,
            form=form,
            person=person,
            answers=answers,
            now=clock.now(),
            open_cards=open_cards(conn, person, form),
        )
        raised = rows_of(conn, person, form)
    return Preview(person, evaluation.score, evaluation.plan, raised)


def submit_response(
    service: Service,
    principal: Principal,
    *,
    person_id: str,
    answers: Answers,
    base_revision: int,
    base_response_id: str | None = None,
    typed: Answers | None = None,
    acknowledge: Collection[str] = (),
) -> Submitted:
    """Save a person's answers, complete or not, and make the plan; one transaction.

    `base_response_id` and `base_revision` say what the page started from (None and 0: nothing).
    When a colleague saved since, both sides are merged; questions answered differently raise
    `TemplateClash`, a template finished since `FinishedMeanwhile`, and nothing is stored. `typed`
    are the answers given on the page this time (all, unless named): an urgent one among them opens
    its card again although an earlier one was dealt with. `acknowledge` are ids of cards of the
    template that this person is dealing with. Raises Invalid with every problem, NotFound and
    Forbidden.
    """
    author = Author.of(principal, clock.now())
    with service.store.write() as conn:
        person = scope.person(conn, principal, person_id)
        head = open_head(conn, service.form, person)
        form = form_of(service, head)
        base = base_revision_of(conn, person, head, base_response_id, base_revision)
        merged, colleague = merged_with_colleagues(conn, form, head, base, answers)
        kept, dropped = drop_disabled(form, merged)
        saved, evaluation, warnings = _save(
            service,
            conn,
            author,
            form=form,
            person=person,
            head=head,
            answers=kept,
            again=_said_again(conn, form, head, merged if typed is None else typed),
        )
        acknowledge_cards(service, conn, principal, person=person, form=form, card_ids=acknowledge)
    return Submitted(
        response_id=saved.head.response_id,
        revision=saved.revision,
        score=evaluation.score,
        plan=evaluation.plan,
        warnings=warnings,
        dropped=dropped,
        together_with=colleague,
    )


def _save(
    service: Service,
    conn: Connection,
    author: Author,
    *,
    form: Form,
    person: Person,
    head: ResponseHead | None,
    answers: Answers,
    again: Collection[str],
) -> tuple[Saved, Evaluation, tuple[Problem, ...]]:
    """Answers checked, evaluated and kept as the next revision; raises Invalid."""
    body, warnings = _written(form, answers, person.person_id, author.at)
    evaluation = evaluate_to_save(
        service,
        conn,
        form=form,
        person=person,
        answers=answers,
        now=author.at,
        open_cards=open_cards(conn, person, form),
    )
    saved = save(
        conn,
        author,
        form=form,
        person=person,
        head=head,
        body=body,
        status=IN_PROGRESS,
        evaluation=evaluation,
        again=again,
    )
    return saved, evaluation, warnings


def finish_template(
    service: Service, principal: Principal, *, person_id: str, revision: int
) -> None:
    """Close the person's template as it stands; the next one starts empty.

    Raises Conflict when a colleague saved after `revision`, or nothing is in progress. Open urgent
    cards stay on the team's list.
    """
    now = clock.now()
    with service.store.write() as conn:
        person = scope.person(conn, principal, person_id)
        head = open_head(conn, service.form, person)
        if head is None:
            raise Conflict("There is no template in progress to finish")
        responses.finish(
            conn,
            person.organisation_id,
            head.response_id,
            base_revision=revision,
            at=now,
            by=principal.actor,
            by_name=principal.name,
        )
        note(conn, Author.of(principal, now), "finish-template", person, head)


def _written(
    form: Form, answers: Answers, person_id: str, now: datetime
) -> tuple[bytes, tuple[Problem, ...]]:
    """The answers as a QuestionnaireResponse, and what is remarkable; raises Invalid."""
    resource = to_response(
        form, answers, status=IN_PROGRESS, subject=f"Patient/{person_id}", authored=now
    )
    checked = validate(form, resource)
    if checked.errors:
        raise Invalid(problems=checked.errors)
    return orjson.dumps(resource), checked.problems


def _said_again(
    conn: Connection, form: Form, head: ResponseHead | None, typed: Answers
) -> frozenset[str]:
    """Cards that open once more: said now, and not already said by the revision before.

    A page never shows a stored safety answer, so one that was typed was said anew in any case.
    """
    if head is None:
        return frozenset()
    before = score(form, answers_of(conn, form, head)).urgent
    return frozenset(
        card for card in score(form, typed).urgent if card not in before or form.cards[card].masked
    )
