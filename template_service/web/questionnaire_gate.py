"""The safety gate of a questionnaire's page: asked anew each visit, in the template's own words."""

from collections.abc import Mapping
from dataclasses import dataclass

from template_service.questionnaire.form import INTERPRETER, SEEN_ALONE, Answers, Form, Value
from template_service.web.answers_form import is_private
from template_service.web.gate import SUICIDAL, WHO, Gate
from template_service.web.questionnaire_cards import raised_at_once
from template_service.web.questionnaire_fields import Fields, choice_value, chosen_option
from template_service.web.questionnaire_reading import is_safety
from template_service.web.questionnaire_styles import GATE
from template_service.web.questionnaire_view import Block, Choice

_YES_NO: Mapping[str, tuple[str, bool]] = {"true": ("Yes", True), "false": ("No", False)}


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
        offered = [(code, text) for code, (text, _) in _YES_NO.items()]
        if item.options:
            offered = [(choice_value(item, option), option.display) for option in item.options]
        choices = tuple(Choice(code, text, checked=code in sent) for code, text in offered)
        return Block(
            "pills", "gate-" + link_id, item.text, name, choices=choices, names={"q": name}
        )

    def _answers(self) -> Answers:
        found: dict[str, tuple[Value, ...]] = {}
        for link_id in (WHO, SEEN_ALONE, INTERPRETER):
            for text in self.fields.get(GATE + link_id, ()):
                option = chosen_option(self.template.items[link_id], text)
                if option is not None:
                    found[link_id] = (option,)
                elif text in _YES_NO:
                    found[link_id] = (_YES_NO[text][1],)
        return found


def needs_gate(form: Form, gate: Gate) -> bool:
    """Whether anything on the page is only for somebody seen alone: safety, under 16 suicide."""
    cards = raised_at_once(form)
    if gate.young and SUICIDAL in form.cards:
        return True
    return gate.sees_safety and (
        any(form.cards[card].masked for card in cards)
        or any(
            is_safety(item) or any(map(is_private, item.options)) for item in form.items.values()
        )
    )
