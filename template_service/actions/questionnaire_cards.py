"""The urgent cards of any questionnaire: whom to ring for each, and what the team did."""

from dataclasses import dataclass

from template_service import clock
from template_service.access.principal import Principal
from template_service.actions.cards import acknowledge_card, call_clinician
from template_service.actions.evaluation import record_of
from template_service.actions.questionnaires import OpenQuestionnaire
from template_service.actions.raised_cards import rows_of
from template_service.questionnaire.answers import read_answers
from template_service.records import cards
from template_service.records.cards import RaisedCard
from template_service.service import Service
from template_service.signposting.plan import PlanCard, every_card


@dataclass(frozen=True, slots=True)
class QuestionnaireCards:
    """Each card of a questionnaire, raised or not, and the rows of those ever raised."""

    every: tuple[PlanCard, ...] = ()
    raised: tuple[RaisedCard, ...] = ()


def cards_of_questionnaire(service: Service, opened: OpenQuestionnaire) -> QuestionnaireCards:
    """The cards of an opened questionnaire; masked ones are among them, the face decides."""
    form, person = opened.form, opened.person
    if not form.cards:
        return QuestionnaireCards()
    now = clock.now()
    with service.store.read() as conn:
        rows = cards.cards_of(conn, person.organisation_id, person.person_id)
        raised = rows_of(service, conn, rows, form.url)
    every = every_card(
        form=form,
        answers=read_answers(form, opened.response)[0],
        record=record_of(service, person, now),
        directory=service.directory,
        now=now,
    )
    return QuestionnaireCards(every, raised)


def press_card(
    service: Service, principal: Principal, *, opened: OpenQuestionnaire, card_id: str, call: bool
) -> None:
    """Acknowledge the open card of this id, or call a clinician to it; nothing when none is open.

    Raises Forbidden when this role may not say that the card is dealt with.
    """
    person = opened.person
    with service.store.read() as conn:
        every = cards.cards_of(conn, person.organisation_id, person.person_id)
        rows = rows_of(service, conn, every, opened.form.url)
    for row in rows:
        if row.card_id != card_id or not row.is_open or (row.masked and not principal.sees_safety):
            continue
        if call:
            # A call is on the team's list: of a masked card it says only that somebody is called.
            call_clinician(
                service,
                principal,
                person_id=person.person_id,
                card_row_id=None if row.masked else row.card_row_id,
            )
            return
        acknowledge_card(
            service, principal, person_id=person.person_id, card_row_id=row.card_row_id
        )
