"""The urgent cards on the pages of any questionnaire, as the template's own page shows them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from template_service.access.principal import Principal
from template_service.actions.questionnaire_cards import QuestionnaireCards
from template_service.questionnaire.form import Form, Item, Option
from template_service.records.cards import RaisedCard
from template_service.web.card_view import CardView, card_view, newest_rows
from template_service.web.gate import SUICIDAL, Gate
from template_service.web.questionnaire_fields import Fields, chosen_option
from template_service.web.questionnaire_kept import KeptByForm

_NEED = "need"
_KEPT: KeptByForm[frozenset[str]] = KeptByForm()


def cards_raised(form: Form, item: Item, option: Option) -> tuple[str, ...]:
    """The cards an option raises at once: its own, the one it is a tick of, that of a need."""
    domain = form.by_domain.get(item.domain or "")
    is_need = domain is not None and domain.screen.link_id == item.link_id
    found = (
        option.urgent,
        option.card.id if option.card is not None else None,
        domain.floor_card if domain is not None and is_need and option.code == _NEED else None,
    )
    return tuple(dict.fromkeys(card for card in found if card in form.cards and card))


def raised_at_once(form: Form) -> frozenset[str]:
    """The cards of a form that a single answer on its page opens."""
    return _KEPT.get(form, "", lambda: frozenset(_raised_at_once(form)))


def page_cards(
    form: Form, found: QuestionnaireCards, who: Principal, gate: Gate, today: date
) -> tuple[CardView, ...]:
    """A card for each that an answer may open, hidden until then; one that is still open stands.

    So does one of this response that was dealt with: beside the hidden one, unless its answer is
    still there. Of a masked card nothing that is recorded is told, and a role without safety has
    none.
    """
    newest, told = _standing(found), frozenset(_told_by(form, found))
    made: list[CardView] = []
    for item in found.every:
        card = item.card
        if card.masked and not who.sees_safety:
            continue
        row = None if card.masked else newest.get(card.id)
        views = [card_view(item, row, who, today, raised=True)] if row is not None else []
        stands = row is not None and (row.is_open or card.id in told)
        if card.id in raised_at_once(form) and not stands:
            views.append(card_view(item, None, who, today))
        young = gate.young and card.id == SUICIDAL
        made += [replace(view, alone=True) if young else view for view in views]
    return tuple(made)


def result_cards(
    found: QuestionnaireCards, who: Principal, gate: Gate, today: date
) -> tuple[CardView, ...]:
    """The open cards, then those of this response that were dealt with.

    A result has no safety gate: none that needs it.
    """
    newest = _standing(found)
    views = [
        card_view(item, row, who, today, raised=True)
        for item in found.every
        if (row := newest.get(item.card.id)) is not None
        and not item.card.masked
        and not (gate.young and item.card.id == SUICIDAL)
    ]
    return tuple(sorted(views, key=lambda view: bool(view.dealt)))


def told_now(form: Form, fields: Fields) -> frozenset[str]:
    """The items with an urgent answer on the page and those around them: never hidden."""
    found: set[str] = set()
    for name, texts in fields.items():
        item = form.items.get(name.partition(":")[2])
        chosen = (item and chosen_option(item, text) for text in texts)
        if any(option and (option.urgent or option.card) for option in chosen):
            while item is not None:
                found.add(item.link_id)
                item = form.items.get(item.parent or "")
    return frozenset(found)


def marks_of(form: Form, item: Item, cards: frozenset[str]) -> Mapping[Option, str]:
    """What the style sheet reads of each option: the cards it raises, of those on the page."""
    if not cards:
        return {}
    return {
        option: " ".join(
            card_mark(form, card) for card in cards_raised(form, item, option) if card in cards
        )
        for option in item.options
    }


def card_mark(form: Form, card_id: str) -> str:
    """A card in the markup of an option: by its number, as the id of a stranger may be any text."""
    return f"c{list(form.cards).index(card_id)}"


def _standing(found: QuestionnaireCards) -> Mapping[str, RaisedCard]:
    """What stands of each card: an open one, whichever response raised it, or this one's."""
    return newest_rows(
        row
        for row in found.raised
        if row.is_open or (row.response_id is not None and row.response_id == found.response_id)
    )


def _told_by(form: Form, found: QuestionnaireCards) -> Iterator[str]:
    """The cards that the answers of the response raise at once."""
    for link_id, values in found.answers.items():
        for value in values:
            if isinstance(value, Option):
                yield from cards_raised(form, form.items[link_id], value)


def _raised_at_once(form: Form) -> Iterator[str]:
    for item in form.items.values():
        for option in item.options:
            yield from cards_raised(form, item, option)
