"""Raised cards with the questionnaire that raised them: its words, its owner, its help."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from template_service.actions.evaluation import record_of
from template_service.actions.stored import answers_of, usable_form
from template_service.questionnaire.form import Card, Form
from template_service.records import cards, responses
from template_service.records.cards import RaisedCard
from template_service.records.people import Person
from template_service.records.responses import ResponseHead
from template_service.service import Service
from template_service.signposting.plan import PlanCard, every_card


@dataclass(frozen=True, slots=True)
class CardSource:
    """What raised a card: a response and its form; neither for a call to a clinician.

    The form alone is None where it cannot be used any more, or is not in the library.
    """

    form: Form | None
    head: ResponseHead | None

    @property
    def is_unreadable(self) -> bool:
        """Whether something raised the card that cannot be shown."""
        return self.head is not None and self.form is None

    def card(self, row: RaisedCard) -> Card | None:
        """What the form says of the card; None for a call about nothing in particular.

        Where the form cannot be used, what the row itself says: nobody overlooks it for that.
        """
        if self.head is None:
            return None
        found = self.form.cards.get(row.card_id) if self.form is not None else None
        return found or _unreadable(row)


@dataclass(frozen=True, slots=True)
class CardElsewhere:
    """A card with the questionnaire that raised it, and whom to ring for this person."""

    item: PlanCard
    row: RaisedCard
    source: CardSource


def source_of(service: Service, conn: Connection, row: RaisedCard) -> CardSource:
    """What raised a card, in the version it was raised with: two forms may use one card id."""
    head = _head(conn, row)
    return CardSource(None if head is None else usable_form(service, head), head)


def rows_of(conn: Connection, person: Person, form: Form) -> tuple[RaisedCard, ...]:
    """The cards that any version of one questionnaire raised for a person, and calls; oldest first.

    Each is a card of this version, and masked as it is here: whatever looks at a card of the form
    and not at the row tells no more than the row may.
    """
    rows = cards.cards_of(conn, person.organisation_id, person.person_id)
    return tuple(row for row in rows if row.response_id is None or _is_of(conn, row, form))


def open_cards(conn: Connection, person: Person, form: Form) -> tuple[str, ...]:
    """The ids of the cards of one questionnaire that nobody has acknowledged."""
    return tuple(row.card_id for row in rows_of(conn, person, form) if row.is_open)


def raised_elsewhere(
    service: Service,
    conn: Connection,
    person: Person,
    *,
    form: Form | None,
    now: datetime,
    dealt_of: Container[str] = (),
) -> Iterator[CardElsewhere]:
    """The open cards that this form knows nothing of (None: every open card), oldest first.

    With them the cards of any form that were dealt with, of the responses `dealt_of`; not those
    that the same response raised once more.
    """
    every: dict[str, tuple[PlanCard, ...]] = {}
    for row in _last_of_each(cards.cards_of(conn, person.organisation_id, person.person_id)):
        known = form is not None and _is_of(conn, row, form)
        stands = not known if row.is_open else row.response_id in dealt_of
        if row.response_id is None or not stands:
            continue
        source = source_of(service, conn, row)
        if row.response_id not in every:
            every[row.response_id] = _every_card(service, conn, person, source, now)
        yield CardElsewhere(_item(row, every[row.response_id]), row, source)


def _last_of_each(rows: Iterable[RaisedCard]) -> Iterable[RaisedCard]:
    """Of the times that one response raised a card, the last one: an open one is."""
    return {(row.response_id, row.card_id, row.masked): row for row in rows}.values()


def _is_of(conn: Connection, row: RaisedCard, form: Form) -> bool:
    head, card = _head(conn, row), form.cards.get(row.card_id)
    return (
        head is not None
        and head.questionnaire_url == form.url
        and card is not None
        and card.masked == row.masked
    )


def _head(conn: Connection, row: RaisedCard) -> ResponseHead | None:
    if row.response_id is None:
        return None
    return responses.head(conn, row.organisation_id, row.response_id)


def _every_card(
    service: Service, conn: Connection, person: Person, source: CardSource, now: datetime
) -> tuple[PlanCard, ...]:
    if source.form is None:
        return ()
    return every_card(
        form=source.form,
        answers=answers_of(conn, source.form, source.head),
        record=record_of(service, person, now),
        directory=service.directory,
        now=now,
    )


def _item(row: RaisedCard, every: Iterable[PlanCard]) -> PlanCard:
    found = next((item for item in every if item.card.id == row.card_id), None)
    return found or PlanCard(_unreadable(row), (), (), masked=row.masked)


def _unreadable(row: RaisedCard) -> Card:
    """A card of which nothing is known but its row: a clinician's, as nobody knows whose it is."""
    return Card(
        id=row.card_id,
        text=f"Urgent: {row.card_id}. The questionnaire that raised it cannot be shown",
        domain=None,
        level=None,
        gate=None,
        derived=True,
        owner="clinician now",
        actions=(
            "Find out from the person what was urgent",
            "Tell whoever runs this service that a questionnaire cannot be shown",
        ),
        needs=(),
        masked=row.masked,
        for_clinician=True,
    )
