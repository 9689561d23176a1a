"""The plan of a person: opened, and services given from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from directory.matching import Match
from directory.model import Service as DirectoryService
from template_service import clock
from template_service.access import scope
from template_service.access.principal import Principal
from template_service.actions.evaluation import evaluate
from template_service.actions.questionnaire_library import is_discarded, stored_body
from template_service.actions.raised_cards import CardElsewhere, raised_elsewhere, rows_of
from template_service.actions.stored import answers_of, form_of, usable_form
from template_service.errors import NotFound
from template_service.questionnaire.answers import read_answers
from template_service.questionnaire.form import Answers, Form
from template_service.questionnaire.scoring import Score
from template_service.records import audit, given, referrals, responses
from template_service.records.cards import RaisedCard
from template_service.records.given import Given
from template_service.records.people import Person
from template_service.records.referrals import Referral
from template_service.records.responses import COMPLETED, ResponseHead
from template_service.service import Service
from template_service.signposting.plan import Plan

# The services are on the paper that is printed.
_CHANNEL = "print"


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """A person's plan, matched afresh against the directory as published now.

    `head` is the newest response, in progress or finished; `raised`, `given` and `referrals` hold
    what was done so far, cards oldest first, the others newest first. `elsewhere` are open cards
    that other questionnaires raised, and those dealt with of the newest responses to each
    questionnaire, this one too.
    """

    person: Person
    form: Form
    head: ResponseHead
    answers: Answers
    score: Score
    plan: Plan
    raised: tuple[RaisedCard, ...]
    elsewhere: tuple[CardElsewhere, ...]
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
    template, the newest response to another questionnaire that can be used will do, which may have
    raised cards.
    Raises NotFound when the person has no response yet, or is not this principal's to see;
    Forbidden.
    """
    now = clock.now()
    with service.store.write() as conn:
        person = scope.person(conn, principal, person_id)
        head = responses.latest_for(conn, person.organisation_id, person_id, service.form.url)
        if of_any and (head is None or usable_form(service, head) is None):
            head = _newest_usable(service, conn, person)
        if head is None:
            raise NotFound("There is no plan yet: the template has not been saved")
        form = form_of(service, head)
        answers = answers_of(conn, form, head)
        raised = rows_of(conn, person, form)
        newest = _newest_of_each(conn, person)
        elsewhere = tuple(
            raised_elsewhere(service, conn, person, form=form, now=now, dealt_of=newest)
        )
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


def open_without_plan(
    service: Service, principal: Principal, *, person_id: str, private: bool
) -> Person:
    """Somebody for whom nothing was answered that can be used; the look is audited as a plan's.

    So that a link to the private page can stand everywhere, and tells nothing. Raises NotFound and
    Forbidden.
    """
    with service.store.write() as conn:
        person = scope.person(conn, principal, person_id)
        _audit_look(conn, principal, person, clock.now(), private=private)
    return person


@dataclass(frozen=True, slots=True)
class Said:
    """What one response of a person says in its newest revision.

    `form` is None, and nothing is read, where its questionnaire cannot be used any more. `response`
    is the response itself, of which `answers` are what can be scored. `cards` are those that it
    raised, open or dealt with.
    """

    head: ResponseHead
    form: Form | None
    answers: Answers
    response: Mapping[str, Any]
    cards: tuple[CardElsewhere, ...]

    @property
    def is_finished(self) -> bool:
        """Whether it was finished, and not discarded as a draft."""
        return self.head.status == COMPLETED and not is_discarded(self.response)


def everything_said(service: Service, principal: Principal, *, person_id: str) -> tuple[Said, ...]:
    """Every response of a person, newest first, so that a finished one hides no disclosure.

    For the private page, which audits its look by `open_plan`. Raises NotFound and Forbidden.
    """
    now = clock.now()
    with service.store.read() as conn:
        person = scope.person(conn, principal, person_id)
        heads = responses.responses_of(conn, person.organisation_id, person_id)
        every = {head.response_id for head in heads}
        raised = tuple(raised_elsewhere(service, conn, person, form=None, now=now, dealt_of=every))
        return tuple(_said(service, conn, head, raised) for head in heads)


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


def _said(
    service: Service, conn: Connection, head: ResponseHead, raised: tuple[CardElsewhere, ...]
) -> Said:
    form, response = usable_form(service, head), stored_body(conn, head)
    answers = {} if form is None else read_answers(form, response)[0]
    cards = tuple(card for card in raised if card.row.response_id == head.response_id)
    return Said(head, form, answers, response, cards)


def _newest_of_each(conn: Connection, person: Person) -> frozenset[str]:
    """The ids of the newest finished response to each questionnaire, and of the newest draft."""
    heads = responses.responses_of(conn, person.organisation_id, person.person_id)
    newest: dict[tuple[str, str], str] = {}
    for head in heads:
        key = (head.questionnaire_url, head.status)
        # A discarded draft is kept as finished, and stands for nothing.
        if key not in newest and not is_discarded(stored_body(conn, head)):
            newest[key] = head.response_id
    return frozenset(newest.values())


def _newest_usable(service: Service, conn: Connection, person: Person) -> ResponseHead | None:
    heads = responses.responses_of(conn, person.organisation_id, person.person_id)
    return next((head for head in heads if usable_form(service, head) is not None), None)


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
