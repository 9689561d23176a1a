"""Open cards with the questionnaire that raised them: its words, its owner, its help."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from template_service.actions.evaluation import record_of
from template_service.actions.stored import answers_of, form_of
from template_service.questionnaire.form import Card, Form
from template_service.records import responses
from template_service.records.cards import RaisedCard
from template_service.records.people import Person
from template_service.records.responses import ResponseHead
from template_service.service import Service
from template_service.signposting.plan import PlanCard, every_card


@dataclass(frozen=True, slots=True)
class CardSource:
    """What raised a card: a response and its form; for a call to a clinician the template alone."""

    form: Form
    head: ResponseHead | None

    def card(self, row: RaisedCard) -> Card | None:
        """What the form says of the card; None for a call about nothing in particular."""
        return self.form.cards.get(row.card_id)


def source_of(service: Service, conn: Connection, row: RaisedCard) -> CardSource:
    """What raised a card, in the version it was raised with: two forms may use one card id."""
    head = row.response_id and responses.head(conn, row.organisation_id, row.response_id)
    return CardSource(form_of(service, head or None), head or None)


def rows_of(
    service: Service, conn: Connection, rows: Iterable[RaisedCard], url: str
) -> tuple[RaisedCard, ...]:
    """Of these cards those that any version of one questionnaire raised, and calls."""
    return tuple(
        row
        for row in rows
        if (source := source_of(service, conn, row)).head is None or source.form.url == url
    )


def raised_elsewhere(
    service: Service,
    conn: Connection,
    person: Person,
    rows: Iterable[RaisedCard],
    *,
    form: Form,
    now: datetime,
) -> Iterator[tuple[PlanCard, RaisedCard]]:
    """The open cards that this form knows nothing of, with whom to ring for this person."""
    for row in rows:
        source = source_of(service, conn, row)
        known = source.form.url == form.url and row.card_id in form.cards
        if known or not row.is_open or source.head is None:
            continue
        for item in every_card(
            form=source.form,
            answers=answers_of(conn, source.form, source.head),
            record=record_of(service, person, now),
            directory=service.directory,
            now=now,
        ):
            if item.card.id == row.card_id:
                yield item, row
