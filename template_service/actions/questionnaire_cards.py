"""The urgent cards of any questionnaire: whom to ring for each, and what was raised."""

from dataclasses import dataclass, field

from template_service import clock
from template_service.access.principal import Principal
from template_service.actions.cards import press
from template_service.actions.evaluation import record_of
from template_service.actions.questionnaires import OpenQuestionnaire
from template_service.actions.raised_cards import rows_of
from template_service.questionnaire.answers import read_answers
from template_service.questionnaire.form import Answers
from template_service.records.cards import RaisedCard
from template_service.service import Service
from template_service.signposting.plan import PlanCard, every_card


@dataclass(frozen=True, slots=True)
class QuestionnaireCards:
    """Each card of a questionnaire, raised or not, and the rows of those ever raised.

    `answers` are those of the response that is looked at, `response_id` names it where it is
    stored.
    """

    every: tuple[PlanCard, ...] = ()
    raised: tuple[RaisedCard, ...] = ()
    answers: Answers = field(default_factory=dict)
    response_id: str | None = None


def cards_of_questionnaire(service: Service, opened: OpenQuestionnaire) -> QuestionnaireCards:
    """The cards of an opened questionnaire; masked ones are among them, the face decides."""
    form, person = opened.form, opened.person
    if not form.cards:
        return QuestionnaireCards()
    now = clock.now()
    with service.store.read() as conn:
        raised = rows_of(conn, person, form)
    answers = read_answers(form, opened.response)[0]
    every = every_card(
        form=form,
        answers=answers,
        record=record_of(service, person, now),
        directory=service.directory,
        now=now,
    )
    response_id = opened.head.response_id if opened.head is not None else None
    return QuestionnaireCards(every, raised, answers, response_id)


def press_card(
    service: Service, principal: Principal, *, opened: OpenQuestionnaire, card_id: str, call: bool
) -> None:
    """As `cards.press`, of a card of an opened questionnaire."""
    person_id = opened.person.person_id
    press(service, principal, person_id=person_id, form=opened.form, card_id=card_id, call=call)
