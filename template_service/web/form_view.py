"""The template page as small values: questions, rows of the quick screen, urgent cards.

A page gets these and never a store row; every question, option and card text comes from the
compiled form, so a new version of the template needs no new code.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from template_service.questionnaire.form import (
    ASKED_REST,
    HOUSEHOLD,
    INTERPRETER,
    PRIORITY,
    SEEN_ALONE,
    Answers,
    Domain,
    Form,
    Item,
    Option,
)
from template_service.web.answers_form import is_private
from template_service.web.form_words import Words, as_it_is
from template_service.web.gate import SUICIDAL, WHO, Gate
from template_service.web.speech import gettext as _
from template_service.web.speech import joined, mark

# linkIds that decide where a question stands on the page; what they ask is data.
VISIT = (WHO, SEEN_ALONE, INTERPRETER)
HOME = (HOUSEHOLD, "tenure", "health")
URGENT, MATTERS, OPENING = "urgent", "matters", "opening"
WHO_TAB, DOMAINS_TAB = "tab.who", "tab.domains"

_YES_NO = (("true", mark("Yes")), ("false", mark("No")))


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer on offer. `alone`: shown only when the person is seen alone."""

    code: str
    text: str
    checked: bool
    exclusive: bool = False
    alone: bool = False
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its answers. `id` is an HTML id, `value` the text of a free-text answer.

    `conditional`: shown or hidden by the style sheet of the form. `theirs` tells, after a conflict,
    what a colleague answered.
    """

    link_id: str
    id: str
    text: str
    many: bool
    choices: tuple[Choice, ...]
    value: str = ""
    conditional: bool = False
    alone: bool = False
    error: str | None = None
    theirs: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the quick screen with what unfolds under it."""

    id: str
    title: str
    why: str
    ages: str | None
    screen: Question
    follow_up_id: str
    limits: tuple[str, ...]
    follow_ups: tuple[Question, ...]
    wants_help: Question
    not_offered: bool
    alone: bool


@dataclass(frozen=True, slots=True)
class Questions:
    """Everything that is asked, in the places of the page."""

    opening: str
    who_title: str
    visit: tuple[Question, ...]
    urgent: Question
    matters: Question
    home: tuple[Question, ...]
    home_summary: str
    rows_title: str
    rows: tuple[Row, ...]
    rest: Question
    priority: Question


@dataclass(frozen=True, slots=True)
class FormView:
    """What to show of a form: these answers, behind the gate of whoever is at the page."""

    form: Form
    answers: Answers
    gate: Gate
    not_offered: frozenset[str] = frozenset()
    errors: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)
    words: Words = as_it_is

    def questions(self) -> Questions:
        """Every question of the page. Safety is not among them for a role that may not see it."""
        items = self.form.items
        home = tuple(self.question(items[link_id]) for link_id in HOME)
        return Questions(
            opening=self._text(items[OPENING]),
            who_title=self._text(items[WHO_TAB]),
            visit=tuple(self.question(items[link_id]) for link_id in VISIT),
            urgent=self.question(items[URGENT]),
            matters=self.question(items[MATTERS]),
            home=home,
            home_summary=_chosen_texts(home),
            rows_title=self._text(items[DOMAINS_TAB]),
            rows=tuple(
                self.row(domain)
                for domain in self.form.domains
                if self.gate.sees_safety or not domain.masked
            ),
            rest=self.question(items[ASKED_REST]),
            priority=self.question(items[PRIORITY]),
        )

    def row(self, domain: Domain) -> Row:
        """One domain as a row. A domain not offered keeps its title and says so."""
        not_offered = domain.id in self.not_offered
        group = self.form.items[domain.follow_ups[0].parent or ""] if domain.follow_ups else None
        inside = () if group is None or not_offered else group.children
        return Row(
            id=domain.id,
            title=self.words(domain.title),
            why=self.words(domain.why_we_ask),
            ages=domain.ages and self.words(domain.ages),
            screen=self.question(domain.screen),
            follow_up_id=group.link_id if group else "",
            limits=tuple(self._text(item) for item in inside if item.type == "display"),
            follow_ups=tuple(
                self.question(item, conditional=group is not None and _has_own_rule(item, group))
                for item in inside
                if item.type != "display"
            ),
            wants_help=self.question(domain.wants_help),
            not_offered=not_offered,
            alone=domain.masked,
        )

    def question(self, item: Item, *, conditional: bool = False) -> Question:
        """One item as a question, with the answers chosen so far."""
        given = self.answers.get(item.link_id, ())
        value = given[0] if given and isinstance(given[0], str) else ""
        if item.type == "boolean":
            value = "true" if given == (True,) else ""
        return Question(
            link_id=item.link_id,
            id="ask-" + item.link_id.replace(".", "-"),
            text=self._text(item),
            many=item.repeats,
            choices=tuple(self._choices(item)),
            value=value,
            conditional=conditional,
            error=self.errors.get(item.link_id),
            theirs=self.theirs.get(item.link_id),
        )

    def _choices(self, item: Item) -> Iterable[Choice]:
        given = self.answers.get(item.link_id, ())
        if item.type == "boolean":
            for code, text in _YES_NO:
                yield Choice(code=code, text=_(text), checked=given == (code == "true",))
        for option in item.options:
            # Inside the safety row the whole row is gated; elsewhere the masked option is.
            if self.gate.sees_safety or not (option.masked or item.masked):
                yield Choice(
                    code=option.code,
                    text=self.words(option.display, item.link_id),
                    checked=option in given,
                    exclusive=option.exclusive,
                    alone=self._is_gated(option) and not item.masked,
                    hint=option.hint and self.words(option.hint, item.link_id),
                )

    def _text(self, item: Item) -> str:
        return self.words(item.text, item.link_id)

    def _is_gated(self, option: Option) -> bool:
        young = self.gate.young and option.card is not None and option.card.id == SUICIDAL
        return young or is_private(option)


def _has_own_rule(item: Item, group: Item) -> bool:
    return item.enabled_by != group.enabled_by


def _chosen_texts(questions: Iterable[Question]) -> str:
    chosen = (choice.text for asked in questions for choice in asked.choices if choice.checked)
    return joined(", ", chosen)
