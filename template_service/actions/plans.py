"""The plan of a person: opened, and services given from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from directory.matching import Match
from directory.model import Service as DirectoryService
from template_service import clock
from template_service.access import scope
from template_service.access.principal import Principal
from template_service.actions.evaluation import evaluate
from template_service.actions.raised_cards import raised_elsewhere, rows_of
from template_service.actions.stored import answers_of, form_of
from template_service.errors import NotFound
from template_service.questionnaire.form import Answers, Form
from template_service.questionnaire.scoring import Score
from template_service.records import audit, cards, given, referrals, responses
from template_service.records.cards import RaisedCard
from template_service.records.given import Given
from template_service.records.people import Person
from template_service.records.referrals import Referral
from template_service.records.responses import ResponseHead
from template_service.service import Service
from template_service.signposting.plan import Plan, PlanCard

# The services are on the paper that is printed.
_CHANNEL = "print"


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """A person's plan, matched afresh against the directory as published now.

    `head` is the newest response, in progress or finished; `raised`, `given` and `referrals` hold
    what was done so far, cards oldest first, the others newest first. `elsewhere` are open cards
    that other questionnaires raised.
    """

    person: Person
    form: Form
    head: ResponseHead
    answers: Answers
    score: Score
    plan: Plan
    raised: tuple[RaisedCard, ...]
    elsewhere: tuple[tuple[PlanCard, RaisedCard], ...]
    given: tuple[Given, ...]
    referrals: tuple[Referral, ...]


def open_plan(
    service: Service,
    principal: Principal,
    *,
    person_id: str,
    private: bool = False,
    of_any: bool = False,
) -> OpenPlan:
    """The plan that follows from the person's newest response; the look is audited.

    Safety content is inside; `Plan.without_safety` gives what may be printed or shown to others.
    `private`: it is about to be shown on purpose, which the audit tells apart. `of_any`: without a
    template, the newest response to another questionnaire will do, which may have raised cards.
    Raises NotFound when the person has no response yet, or is not this principal's to see;
    Forbidden.
    """
    now = clock.now()
    with service.store.write() as conn:
        person = scope.person(conn, principal, person_id)
        head = responses.latest_for(conn, person.organisation_id, person_id, service.form.url)
        if head is None and of_any:
            head = next(iter(responses.responses_of(conn, person.organisation_id, person_id)), None)
        if head is None:
            raise NotFound("There is no plan yet: the template has not been saved")
        form = form_of(service, head)
        answers = answers_of(conn, form, head)
        every_row = cards.cards_of(conn, person.organisation_id, person_id)
        raised = rows_of(service, conn, every_row, form.url)
        elsewhere = tuple(raised_elsewhere(service, conn, person, every_row, form=form, now=now))
        handed = given.given_to(conn, person.organisation_id, person_id)
        referred = referrals.referrals_of(conn, person.organisation_id, person_id)
        _audit_look(conn, principal, person, now, private=private, response=head.response_id)
    evaluation = evaluate(
        service,
        form=form,
        person=person,
        answers=answers,
        now=now,
        open_cards=[row.card_id for row in raised if row.is_open],
    )
    return OpenPlan(
        person=person,
        form=form,
        head=head,
        answers=answers,
        score=evaluation.score,
        plan=evaluation.plan,
        raised=raised,
        elsewhere=elsewhere,
        given=handed,
        referrals=referred,
    )


def open_without_answers(
    service: Service, principal: Principal, *, person_id: str, private: bool
) -> Person:
    """Somebody for whom nothing was answered yet; the look is audited as that of `open_plan`.

    So that a link to the private page can stand everywhere, and tells nothing. Raises NotFound and
    Forbidden.
    """
    with service.store.write() as conn:
        person = scope.person(conn, principal, person_id)
        _audit_look(conn, principal, person, clock.now(), private=private)
    return person


@dataclass(frozen=True, slots=True)
class Said:
    """What one response of a person says in its newest revision."""

    head: ResponseHead
    form: Form
    answers: Answers


def everything_said(service: Service, principal: Principal, *, person_id: str) -> tuple[Said, ...]:
    """Every response of a person, newest first, so that a finished one hides no disclosure.

    For the private page, which audits its look by `open_plan`. Raises NotFound and Forbidden.
    """
    with service.store.read() as conn:
        person = scope.person(conn, principal, person_id)
        heads = responses.responses_of(conn, person.organisation_id, person_id)
        return tuple(
            Said(head, form, answers_of(conn, form, head))
            for head in heads
            for form in (form_of(service, head),)
        )


def give_service(
    service: Service,
    principal: Principal,
    *,
    person_id: str,
    service_ids: Iterable[str],
) -> tuple[DirectoryService, ...]:
    """Record that services of the plan were given to the person; returns them in the plan's order.

    Only services that the plan offers this person now can be given, and none that only safety
    content brought: those are never put on paper (rules.md, rule 6). Raises NotFound for any
    other.
    """
    opened = open_plan(service, principal, person_id=person_id)
    wanted = tuple(dict.fromkeys(service_ids))
    found = offered(opened.plan.without_safety())
    if any(service_id not in found for service_id in wanted):
        raise NotFound("A service of the list is no longer offered in this plan")
    now = clock.now()
    with service.store.write() as conn:
        for service_id in wanted:
            match = found[service_id]
            given.add_given(
                conn,
                opened.person.organisation_id,
                person_id=person_id,
                response_id=opened.head.response_id,
                service_id=service_id,
                service_name=match.service.name,
                need=match.need,
                channel=_CHANNEL,
                directory_version=opened.plan.directory_version,
                at=now,
                by=principal.actor,
                by_name=principal.name,
            )
        audit.append(
            conn,
            opened.person.organisation_id,
            actor=principal.actor,
            action="give-services",
            at=now,
            entities={"person": person_id, "response": opened.head.response_id},
            detail={"services": list(wanted), "channel": _CHANNEL},
        )
    return tuple(match.service for key, match in found.items() if key in wanted)


def offered(plan: Plan) -> dict[str, Match]:
    """Every service of the plan by id: urgent cards first, then needs in order."""
    found: dict[str, Match] = {}
    for match in (
        *(contact for card in plan.urgent for contact in card.contacts),
        *(match for need in (*plan.needs, *plan.folded) for match in need.matches),
    ):
        found.setdefault(match.service.id, match)
    return found


def _audit_look(
    conn: Connection,
    principal: Principal,
    person: Person,
    at: datetime,
    *,
    private: bool,
    **more: str,
) -> None:
    audit.append(
        conn,
        person.organisation_id,
        actor=principal.actor,
        action="open-private-notes" if private else "open-plan",
        at=at,
        entities={"person": person.person_id, **more},
    )
