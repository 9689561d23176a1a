"""From answers to a score and a plan: what every face shows, before and after saving."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from directory.geography import Place
from template_service.access.principal import Role
from template_service.clock import LOCAL
from template_service.questionnaire.form import Answers, Domain, Form
from template_service.questionnaire.scoring import Context, Score, score
from template_service.records import organisations, users
from template_service.records.people import Person
from template_service.service import Service
from template_service.signposting.plan import Plan, build_plan
from template_service.signposting.seeking import Record, place_of


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The score of some answers and the plan that follows from it."""

    score: Score
    plan: Plan


def evaluate(
    service: Service,
    *,
    form: Form,
    person: Person,
    answers: Answers,
    now: datetime,
    not_offered: frozenset[str] = frozenset(),
    open_cards: Iterable[str] = (),
) -> Evaluation:
    """Score the answers and match the needs for one person; nothing is stored.

    `open_cards` are urgent cards raised earlier: they stay in the plan until acknowledged.
    """
    record = record_of(service, person, now)
    scored = score(form, answers, Context(age=record.age), not_offered)
    plan = build_plan(
        form=form,
        score=scored,
        answers=answers,
        record=record,
        directory=service.directory,
        now=now,
        cards=open_cards,
    )
    return Evaluation(score=scored, plan=plan)


def evaluate_to_save(
    service: Service,
    conn: Connection,
    *,
    form: Form,
    person: Person,
    answers: Answers,
    now: datetime,
    open_cards: Iterable[str] = (),
) -> Evaluation:
    """As `evaluate`, of answers that are saved or may be: with what is not offered at this time."""
    return evaluate(
        service,
        form=form,
        person=person,
        answers=answers,
        now=now,
        not_offered=domains_not_offered(service, conn, form=form, person=person, answers=answers),
        open_cards=open_cards,
    )


def record_of(service: Service, person: Person, now: datetime) -> Record:
    """What eligibility may depend on, from the record of a person."""
    return Record(
        age=person.age_on(now.astimezone(LOCAL).date()),
        sex=person.sex,
        language=person.language,
        place=_place(service, person),
    )


def _place(service: Service, person: Person) -> Place | None:
    return place_of(service.geography, postcode=person.postcode, practice=person.organisation_id)


def domains_not_offered(
    service: Service, conn: Connection, *, form: Form, person: Person, answers: Answers
) -> frozenset[str]:
    """Domains nobody answered that must not be asked: nothing could follow (rules.md, rule 7).

    Never while a link worker serves the practice, and never a domain marked `alwaysOffered`. A
    service whose review date lapsed still counts: only its absence does not.
    """
    open_to_ask = [
        domain
        for domain in form.domains
        if not domain.always_offered and domain.screen.link_id not in answers
    ]
    if not open_to_ask or _has_link_worker(conn, person.organisation_id):
        return frozenset()
    place = _place(service, person)
    return frozenset(
        domain.id for domain in open_to_ask if not service.directory.covers(needs_of(domain), place)
    )


def _has_link_worker(conn: Connection, practice: str) -> bool:
    found = organisations.get(conn, practice)
    return bool(found and found.parent and users.has_role(conn, found.parent, Role.LINK_WORKER))


def needs_of(domain: Domain) -> frozenset[str]:
    """Every need category that an answer in this domain can raise."""
    return frozenset(
        (
            *domain.default_needs,
            *(need for _, needs in domain.household_needs for need in needs),
            *(
                need
                for item in domain.follow_ups
                for option in item.options
                for need in option.needs
            ),
        )
    )
