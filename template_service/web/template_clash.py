"""Two colleagues answered the same questions: what the page shows so that nothing is lost."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from flask import request

from template_service.actions.meanwhile import (
    FinishedMeanwhile,
    Overtaken,
    TemplateClash,
    overtaken,
)
from template_service.questionnaire.answers import Merge, merge
from template_service.questionnaire.form import Answers, Form, Option, Value
from template_service.web.answers_form import PER_VISIT, is_private, posted_response, shown_again
from template_service.web.blueprint import service
from template_service.web.form_words import Words, as_it_is, form_words
from template_service.web.meanwhile import OTHERWISE, Span
from template_service.web.speech import as_written, joined, mark
from template_service.web.speech import gettext as _
from template_service.web.template_page import Trouble
from template_service.web.template_visit import Visit
from template_service.web.words import at_time

_TITLE = mark("Somebody else saved this first")
_TEXT = mark(
    "Nothing you typed is lost, and nothing has been saved yet. "
    "Look at these answers, then save again."
)


def both_sides(form: Form, typed: Answers, merged: Merge) -> Answers:
    """What the page shows: both sides, where they clash what was typed, and of safety only that.

    A colleague's stored safety answer is never brought to the page.
    """
    shown = dict(shown_again(form, merged.answers))
    for clash in merged.clashes:
        shown[clash.link_id] = typed.get(clash.link_id, ())
    for link_id, values in typed.items():
        if form.items[link_id].masked or link_id in PER_VISIT or any(map(is_private, values)):
            shown[link_id] = tuple(dict.fromkeys((*shown.get(link_id, ()), *values)))
    return shown


def clash_trouble(form: Form, clash: TemplateClash, today: date, *, gate_open: bool) -> Trouble:
    """The error summary: each clashing question with the colleague's answer, name and time.

    A safety answer is told only on a page whose safety gate is open.
    """
    theirs = {
        one.link_id: one.theirs
        for one in clash.merged.clashes
        if gate_open or not _is_safety(form, one.link_id, (*one.theirs, *one.mine))
    }
    by_name, at = clash.head.updated_by_name, clash.head.updated_at
    return Trouble(
        title=_(_TITLE), text=_(_TEXT), theirs=_told(form, theirs, by_name, at, today=today)
    )


def beside_colleagues(
    visit: Visit, typed: Answers, trouble: Trouble, spans: Iterable[Span]
) -> Trouble:
    """A trouble with what colleagues answered otherwise in these spans, until the page is saved.

    Nothing where the posted page started from another response than the one that is open.
    """
    head = visit.opened.head
    if head is None or posted_response(request.form) != head.response_id:
        return trouble
    saved = [overtaken(service(), visit.form, head, first, last) for first, last in spans]
    theirs = _still_otherwise(
        visit.form,
        [one for one in saved if one is not None],
        typed,
        visit.today,
        gate_open=visit.gate.is_open(typed),
    )
    if not theirs:
        return trouble
    title, text = map(_, OTHERWISE)
    return replace(
        trouble,
        title=trouble.title or title,
        text=joined(" ", [each for each in (trouble.text, text) if each]),
        theirs=theirs,
    )


def _still_otherwise(
    form: Form, saved: Iterable[Overtaken], typed: Answers, today: date, *, gate_open: bool
) -> dict[str, str]:
    """What colleagues changed and this page says otherwise, by linkId; of each the newest.

    An empty answer is otherwise too: whoever clears a question must see what the next save takes
    away. Safety answers, which no save takes away by a blank, are told as `clash_trouble` does.
    """
    found: dict[str, str] = {}
    for one in saved:
        changed = _changed(one)
        theirs = {
            link_id: one.theirs.get(link_id, ())
            for link_id in changed
            if _is_otherwise(form, link_id, one, typed)
            and (gate_open or not _was_safety(form, link_id, one, typed))
        }
        found = {link_id: text for link_id, text in found.items() if link_id not in changed}
        found |= _told(form, theirs, one.by_name, one.at, today=today)
    return found


def _changed(saved: Overtaken) -> tuple[str, ...]:
    both = dict.fromkeys((*saved.base, *saved.theirs))
    return tuple(each for each in both if saved.base.get(each) != saved.theirs.get(each))


def _is_otherwise(form: Form, link_id: str, saved: Overtaken, typed: Answers) -> bool:
    """Whether the next save would take away what was changed, or must be decided."""
    theirs, mine = saved.theirs.get(link_id, ()), typed.get(link_id, ())
    if link_id in PER_VISIT or _was_safety(form, link_id, saved, typed):
        return link_id in {each.link_id for each in merge(saved.base, saved.theirs, typed).clashes}
    if any(isinstance(each, Option) and each.card for each in (*theirs, *mine)):
        # Urgent ticks are put together, and clash with nothing.
        return not set(theirs) <= set(mine)
    return theirs != mine


def _was_safety(form: Form, link_id: str, saved: Overtaken, typed: Answers) -> bool:
    given = (side.get(link_id, ()) for side in (saved.base, saved.theirs, typed))
    return _is_safety(form, link_id, tuple(value for values in given for value in values))


def _told(
    form: Form, theirs: Answers, by_name: str, at: datetime, *, today: date
) -> dict[str, str]:
    words, by, when = form_words(form), as_written(by_name), at_time(at, today)
    return {
        link_id: _(
            "%(name)s answered %(answer)s %(when)s.", name=by, answer=said(values, words), when=when
        )
        for link_id, values in theirs.items()
    }


def said(values: tuple[Value, ...], words: Words = as_it_is) -> str:
    """An answer in the words of the page, in quotation marks."""
    texts = [_said(value, words) for value in values]
    return _("“%(text)s”", text=joined(", ", texts)) if texts else _("nothing")


def finished_trouble(finished: FinishedMeanwhile, today: date) -> Trouble:
    """The error summary when a colleague finished the template this page started from."""
    head = finished.head
    return Trouble(
        title=_("This template was finished meanwhile"),
        text=_(
            "%(name)s finished this template %(when)s. "
            "Save again to start a new one with what is on this page.",
            name=as_written(head.updated_by_name),
            when=at_time(head.updated_at, today),
        ),
    )


def _is_safety(form: Form, link_id: str, values: tuple[Value, ...]) -> bool:
    return form.items[link_id].masked or any(map(is_private, values))


def _said(value: Value, words: Words) -> str:
    if isinstance(value, Option):
        return words(value.display)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return as_written(str(value))
