"""What followed a made-up consultation: cards dealt with, services given, referrals carried."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from template_service.access.principal import Principal, Role
from template_service.actions.cards import acknowledge_card, team_cards
from template_service.actions.plans import give_service
from template_service.actions.referrals import move_referral, refer
from template_service.actions.templates import Submitted, finish_template
from template_service.demo.synthetic import SyntheticPerson
from template_service.referral.states import Outcome, State
from template_service.service import Service
from template_service.signposting.plan import PlanNeed

Step = tuple[timedelta, Callable[[], object]]

# Shares and delays are made up for the demonstration.
DEALT_WITH_SHARE = 0.9
GIVEN_SHARE = 0.6
REFERRED_SHARE = 0.35
FINISHED_SHARE = 0.85
CARRIED_SHARE = 0.7

OUTCOMES = (Outcome.RESOLVED, Outcome.PARTLY, Outcome.NOT_RESOLVED)
REASON = "Made-up referral of the demonstration."
CONTACT = "Phone, in the morning."


@dataclass(frozen=True, slots=True)
class Consultation:
    """A made-up consultation as it was saved, and who held it."""

    service: Service
    staff: Principal
    made_up: SyntheticPerson
    person_id: str
    submitted: Submitted


def follow_up(held: Consultation, random: Random) -> Iterator[Step]:
    """Steps after a consultation, each with how long after; the caller decides which are past."""
    if held.submitted.score.urgent and random.random() < DEALT_WITH_SHARE:
        yield timedelta(minutes=5), lambda: _acknowledge_all(held)
    wanted = held.submitted.plan.without_safety().needs
    if wanted and random.random() < GIVEN_SHARE:
        yield timedelta(minutes=8), lambda: _give(held, wanted[0])
    if wanted and random.random() < REFERRED_SHARE:
        yield from _referral(held, wanted, random)
    if random.random() < FINISHED_SHARE:
        yield timedelta(minutes=12), lambda: _finish(held)


def _acknowledge_all(held: Consultation) -> None:
    for waiting in team_cards(held.service, held.staff):
        if waiting.person.person_id == held.person_id:
            acknowledge_card(
                held.service,
                held.staff,
                person_id=held.person_id,
                card_row_id=waiting.card.card_row_id,
            )


def _give(held: Consultation, need: PlanNeed) -> None:
    offered = [match.service.id for match in need.matches]
    give_service(held.service, held.staff, person_id=held.person_id, service_ids=offered[:1])


def _finish(held: Consultation) -> None:
    finish_template(
        held.service, held.staff, person_id=held.person_id, revision=held.submitted.revision
    )


def _referral(held: Consultation, wanted: tuple[PlanNeed, ...], random: Random) -> Iterator[Step]:
    made: list[str] = []
    link_worker = Principal(
        role=Role.LINK_WORKER,
        organisation_id=held.made_up.practice.pcn_code,
        name="Link Worker Example",
        user_id="demo",
    )

    def ask() -> None:
        referral = refer(
            held.service,
            held.staff,
            person_id=held.person_id,
            domains=[need.domain.id for need in wanted],
            reason=REASON,
            consent=True,
            contact=CONTACT,
        )
        made.append(referral.referral_id)

    def move(to: State, outcome: Outcome | None = None) -> None:
        move_referral(held.service, link_worker, referral_id=made[0], to=to, outcome=outcome)

    yield timedelta(minutes=10), ask
    if random.random() < CARRIED_SHARE:
        yield timedelta(days=random.randint(2, 9)), lambda: move(State.ACCEPTED)
        outcome = random.choice(OUTCOMES)
        yield timedelta(days=random.randint(20, 60)), lambda: move(State.COMPLETED, outcome)
