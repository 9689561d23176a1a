"""What counts where something is typed or ticked beside answers that no page shows (ADR 10)."""

from dataclasses import dataclass
from typing import Any

from template_service.questionnaire.form import Item, Option
from template_service.questionnaire.privacy import (
    is_private_answer,
    is_private_option,
    words_beside,
)
from template_service.questionnaire.values import read_value
from template_service.web.questionnaire_fields import adds_up
from template_service.web.questionnaire_gate import discloses, is_on_offer

_BESIDE = "http://hl7.org/fhir/StructureDefinition/originalText"

_Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unseen:
    """The stored `answers` to an item that its page does not show, because they are safety.

    A disclosure gives way to another disclosure only; so does any answer of a colleague that the
    page did not know of (`is_theirs`), and with the gate shut an option of safety among others
    (not `is_safety`). What was said in words is never lost: words join words, and stand beside an
    option where there is room for one answer, and beside a text that has no room for them.
    """

    item: Item
    answers: list[_Answer]
    is_safety: bool
    is_theirs: bool
    gate_open: bool

    def beside(self, typed: list[_Answer]) -> list[_Answer]:
        """What counts when these answers are typed now."""
        return [self._fitting(each) for each in self._counting(typed)]

    def _counting(self, typed: list[_Answer]) -> list[_Answer]:
        if not typed or not self.answers:
            return typed or self.answers
        if self.item.repeats:
            return self._of_many(typed)
        return [self._of_one(self.answers[0], typed[0])]

    def _of_many(self, typed: list[_Answer]) -> list[_Answer]:
        """Both side by side; but no tick beside a disclosure that it may contradict."""
        if not self.is_safety:
            return _together(typed, self.answers)
        told = not self.is_theirs and any(discloses(self.item, each) for each in self.answers)
        if told and not any(discloses(self.item, each) for each in typed):
            return _together(self.answers, [each for each in typed if self._words(each)])
        return _together(typed, [each for each in self.answers if self._stays(each)])

    def _of_one(self, before: _Answer, typed: _Answer) -> _Answer:
        if not adds_up(self.item) and not self.item.options:
            return before if self.is_theirs else typed
        said, says = self._words(before), self._words(typed)
        if self._is_text(before) and self._is_text(typed):
            return self._text(before, self._lines(said, says), says)
        # A code that nobody offered is kept as it is while only words are added to it.
        is_bare = not said or (bool(says) and not self._is_text(before))
        if is_bare and self._stays(before) and not discloses(self.item, typed):
            return self._with(before, says)
        return self._with(typed, self._lines(words_beside(before), said))

    def _stays(self, answer: _Answer) -> bool:
        if self.is_theirs or discloses(self.item, answer) or not is_on_offer(self.item, answer):
            return True
        value, _ = read_value(self.item, answer)
        is_private = isinstance(value, Option) and is_private_option(value)
        return is_private and not self.is_safety and not self.gate_open

    def _with(self, answer: _Answer, words: str) -> _Answer:
        """An answer with these words: in front of its own, or beside what is no text."""
        if not words:
            return answer
        if self._is_text(answer):
            return self._text(answer, self._lines(words, self._words(answer)), words)
        return self._beside(answer, words)

    def _text(self, answer: _Answer, together: str, words: str) -> _Answer:
        """An answer that says both together; where that is too long, the words stand beside it."""
        if self.item.max_length is not None and len(together) > self.item.max_length:
            return self._beside(answer, words)
        return {**answer, "valueString": together}

    def _beside(self, answer: _Answer, words: str) -> _Answer:
        text = self._lines(words_beside(answer), words)
        others = [each for each in answer.get("extension", ()) if each.get("url") != _BESIDE]
        return {**answer, "extension": [*others, {"url": _BESIDE, "valueString": text}]}

    def _fitting(self, answer: _Answer) -> _Answer:
        """A text too long by itself: whole beside, as nobody sees it again to shorten it."""
        text, limit = answer.get("valueString"), self.item.max_length
        is_unseen = self.is_safety or is_private_answer(self.item, answer)
        if not is_unseen or not isinstance(text, str) or limit is None or len(text) <= limit:
            return answer
        return self._beside({**answer, "valueString": text[:limit].rstrip()}, text)

    def _lines(self, first: str, second: str) -> str:
        """Both, a line each. What the page still holds of what it saved adds nothing."""
        between = "; " if self.item.type == "string" else "\n"
        if (between + first).endswith(between + second):
            return first
        return between.join(text for text in (first, second) if text)

    def _is_text(self, answer: _Answer) -> bool:
        # A text that spells a disclosure is read as that, and would not be with a line more.
        return isinstance(read_value(self.item, answer)[0], str)

    def _words(self, answer: _Answer) -> str:
        """What an answer says that is none of the options."""
        if self.item.options and is_on_offer(self.item, answer):
            return ""
        coding = answer.get("valueCoding")
        known = coding if isinstance(coding, dict) else {}
        texts = (answer.get("valueString"), known.get("display"), known.get("code"))
        return next((text for text in texts if isinstance(text, str) and text), "")


def _together(answers: list[_Answer], others: list[_Answer]) -> list[_Answer]:
    return answers + [answer for answer in others if answer not in answers]
