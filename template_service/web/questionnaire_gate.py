"""What of a questionnaire is safety, who may see it, and the gate that is asked anew each visit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from template_service.questionnaire.form import (
    INTERPRETER,
    SEEN_ALONE,
    Answers,
    Form,
    Item,
    Option,
    Value,
)
from template_service.questionnaire.privacy import is_private, is_private_answer
from template_service.questionnaire.values import read_value
from template_service.web.form_words import form_words
from template_service.web.gate import SUICIDAL, WHO, Gate
from template_service.web.questionnaire_cards import raised_at_once
from template_service.web.questionnaire_fields import (
    Fields,
    choice_value,
    chosen_option,
    is_calculated,
)
from template_service.web.questionnaire_styles import GATE
from template_service.web.questionnaire_view import Block, Choice
from template_service.web.speech import gettext as _

_YES_NO: Mapping[str, bool] = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Sight:
    """What a page may show: safety to a role that `sees_safety`, and only answers given on it.

    `private` are the linkIds that count as safety (`questionnaire.privacy.private_items`).
    `young`: of somebody under 16; `alone`: this page says that the person is seen alone.
    """

    private: frozenset[str]
    sees_safety: bool
    gate_open: bool = False
    young: bool = False
    alone: bool = False

    def shows(self, item: Item) -> bool:
        """Whether an item is on the page at all; what is worked out of safety answers never is."""
        if self.is_safety(item) and (is_calculated(item) or not self.sees_safety):
            return False
        return not item.hidden

    def is_safety(self, item: Item) -> bool:
        """Whether an item is asked only of somebody seen alone, and its answers never shown."""
        return item.link_id in self.private

    def gates(self, item: Item) -> bool:
        """Whether an item is asked only of somebody seen alone: safety; under 16 also suicide."""
        return self.is_safety(item) or (self.young and is_about_suicide(item))

    def asks_now(self, item: Item) -> bool:
        """Whether the gate lets this item be on the screen now."""
        return self.alone or not self.gates(item)


def tells_of_suicide(option: Option) -> bool:
    """Whether an answer opens the card about suicide, or is its tick."""
    return option.urgent == SUICIDAL or (option.card is not None and option.card.id == SUICIDAL)


def is_about_suicide(item: Item) -> bool:
    """Whether a question as a whole asks about suicide; of a list to tick only some answers do."""
    return not item.repeats and any(map(tells_of_suicide, item.options))


def discloses(item: Item, answer: Mapping[str, Any]) -> bool:
    """Whether a stored answer tells of something that is never refused, stripped or dropped."""
    value = _value(item, answer)
    return isinstance(value, Option) and value.discloses


def is_shown(item: Item, answer: Mapping[str, Any]) -> bool:
    """Whether a stored answer may stand in its field again: nothing that counts as safety may."""
    if is_private_answer(item, answer):
        return False
    # Of several, one that has no field stays beside them; a single one, until another is chosen.
    return not item.repeats or is_on_offer(item, answer) or isinstance(_value(item, answer), str)


def is_on_offer(item: Item, answer: Mapping[str, Any]) -> bool:
    """Whether an answer is one of the options of its item, where that has any."""
    return not item.options or _value(item, answer) in item.options


def is_told(item: Item, answer: Mapping[str, Any], sight: Sight) -> bool:
    """Whether whoever looks on may read an answer: no safety, nor suicide under 16.

    Every other answer stands in the private notes, and on no other page.
    """
    if sight.gates(item) or is_private_answer(item, answer):
        return False
    value = _value(item, answer)
    return not (sight.young and isinstance(value, Option) and tells_of_suicide(value))


def _value(item: Item, answer: Mapping[str, Any]) -> Value | None:
    return read_value(item, answer)[0]


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is in the room, as it was ticked on this page."""

    template: Form
    gate: Gate
    fields: Fields

    @property
    def is_alone(self) -> bool:
        """Whether the person is seen alone; of somebody under 16 also: answers themselves."""
        return self.gate.is_alone(self._answers())

    @property
    def is_open(self) -> bool:
        """Whether the page with these ticks shows what is asked of somebody alone."""
        return self.gate.is_open(self._answers())

    def questions(self) -> tuple[Block, ...]:
        """What the page asks about the room; of somebody under 16 also who answers."""
        asked = (*((WHO,) if self.gate.young else ()), SEEN_ALONE, INTERPRETER)
        return tuple(self._question(link_id) for link_id in asked)

    def _question(self, link_id: str) -> Block:
        item = self.template.items[link_id]
        name = GATE + link_id
        sent = self.fields.get(name, ())
        words = form_words(self.template)
        offered = [("true", _("Yes")), ("false", _("No"))]
        if item.options:
            offered = [
                (choice_value(item, option), words(option.display, link_id))
                for option in item.options
            ]
        choices = tuple(Choice(code, text, checked=code in sent) for code, text in offered)
        return Block(
            "pills",
            "gate-" + link_id,
            words(item.text, link_id),
            name,
            choices=choices,
            names={"q": name},
        )

    def _answers(self) -> Answers:
        found: dict[str, tuple[Value, ...]] = {}
        for link_id in (WHO, SEEN_ALONE, INTERPRETER):
            for text in self.fields.get(GATE + link_id, ()):
                option = chosen_option(self.template.items[link_id], text)
                if option is not None:
                    found[link_id] = (option,)
                elif text in _YES_NO:
                    found[link_id] = (_YES_NO[text],)
        return found


def needs_gate(form: Form, gate: Gate) -> bool:
    """Whether anything on the page is only for somebody seen alone: safety, under 16 suicide."""
    cards = raised_at_once(form)
    if gate.young and SUICIDAL in form.cards:
        return True
    return gate.sees_safety and (any(form.cards[card].masked for card in cards) or is_private(form))
