"""The template page put together: questions, urgent cards, what is so far, errors and conflicts."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from template_service.access.principal import Principal
from template_service.actions.templates import OpenTemplate
from template_service.questionnaire.age_views import age_views
from template_service.questionnaire.form import Answers, Form
from template_service.records.cards import RaisedCard
from template_service.signposting.plan import Plan, PlanCard
from template_service.web.card_view import CallView, CardView, card_view, newest_rows
from template_service.web.form_stylesheet import raised_by
from template_service.web.form_view import Choice, FormView, Question, Questions, Row
from template_service.web.form_words import form_words
from template_service.web.gate import SUICIDAL, Gate
from template_service.web.plan_view import SoFar
from template_service.web.speech import as_written, joined
from template_service.web.speech import gettext as _
from template_service.web.words import at_time


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a page comes back instead of being saved: errors by linkId, and colleagues' answers."""

    title: str = ""
    text: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    theirs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ErrorLink:
    """One line of the error summary, leading to its question."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """Everything template.html shows."""

    questions: Questions
    views: tuple[Choice, ...]
    cards: tuple[CardView, ...]
    later_cards: tuple[CardView, ...]
    so_far: SoFar
    revision: int
    response: str
    gate: Gate
    notices: tuple[str, ...]
    saved: str
    may_call: bool
    call: CallView | None
    trouble: Trouble
    errors: tuple[ErrorLink, ...]


def page_cards(
    form: Form,
    every: Iterable[PlanCard],
    rows: Iterable[RaisedCard],
    who: Principal,
    today: date,
    *,
    young: bool = False,
) -> tuple[CardView, ...]:
    """A card for each that an answer on the page raises at once, ready to be shown by style sheet.

    One raised earlier and still open is in sight from the start; a masked one never is, nor one
    about suicide while somebody `young` is not seen alone.
    """
    newest = newest_rows(rows)
    found: list[CardView] = []
    for item in every:
        masked = item.card.masked
        if not raised_by(form, item.card) or (masked and not who.sees_safety):
            continue
        # What is recorded of a masked card is safety content: only the private page tells it.
        row = None if masked else newest.get(item.card.id)
        view = card_view(item, row, who, today, raised=row is not None and row.is_open)
        found.append(replace(view, alone=True) if young and item.card.id == SUICIDAL else view)
    return tuple(found)


def later_cards(
    form: Form, plan: Plan, rows: Iterable[RaisedCard], who: Principal, today: date
) -> tuple[CardView, ...]:
    """The raised cards that no single answer raises: they follow from several answers together."""
    newest = newest_rows(rows)
    return tuple(
        card_view(
            item, None if item.card.masked else newest.get(item.card.id), who, today, raised=True
        )
        for item in plan.urgent
        if not raised_by(form, item.card)
        and (not item.card.masked or (who.sees_safety and not item.masked))
    )


EVERY_VIEW = "every"


def page_views(form: Form, age: int | None, chosen: str | None) -> tuple[Choice, ...]:
    """The views of the template for an age, and one with every question, as tabs of the page.

    `chosen` is the one that was sent with the page; without it, the view of the person's age, or
    every question where the age is not known.
    """
    views = age_views(form.resource)
    own = next((view.code for view in views if age is not None and view.is_for(age)), EVERY_VIEW)
    code = chosen if chosen in {view.code for view in views} | {EVERY_VIEW} else own
    words = form_words(form)
    named = [(view.code, words(view.title)) for view in views]
    named.append((EVERY_VIEW, _("Every question")))
    return tuple(Choice(each, title, each == code) for each, title in named) if views else ()


def error_links(questions: Questions, trouble: Trouble) -> tuple[ErrorLink, ...]:
    """The error summary, in the order of the page."""
    links = []
    for question in _all(questions):
        text = trouble.errors.get(question.link_id) or trouble.theirs.get(question.link_id)
        if text:
            links.append(ErrorLink(joined(" ", (question.text, text)), f"#{question.id}"))
    placed = {question.link_id for question in _all(questions)}
    elsewhere = {text for link_id, text in trouble.errors.items() if link_id not in placed}
    return (*links, *(ErrorLink(text, f"#{questions.urgent.id}") for text in sorted(elsewhere)))


def form_view(
    form: Form, answers: Answers, gate: Gate, not_offered: frozenset[str], trouble: Trouble
) -> FormView:
    """The form with these answers for this person signed in."""
    return FormView(
        form=form,
        answers=answers,
        gate=gate,
        not_offered=not_offered,
        errors=trouble.errors,
        theirs=trouble.theirs,
        words=form_words(form),
    )


def saved_text(opened: OpenTemplate, today: date) -> str:
    """Whether and when the template was saved, and by whom."""
    if opened.head is None:
        return _("Not saved yet. You can save at any point and go on another day.")
    return _(
        "Saved %(when)s by %(name)s. You can stop here and go on another day.",
        when=at_time(opened.head.updated_at, today),
        name=as_written(opened.head.updated_by_name),
    )


def _all(questions: Questions) -> Iterable[Question]:
    yield from questions.visit
    yield questions.urgent
    yield questions.matters
    yield from questions.home
    for row in questions.rows:
        yield from _of_row(row)
    yield questions.rest
    yield questions.priority


def _of_row(row: Row) -> Iterable[Question]:
    yield row.screen
    yield from row.follow_ups
    yield row.wants_help
