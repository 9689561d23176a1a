"""Two colleagues answered the same questions: what the page shows so that nothing is lost."""

from datetime import date

from template_service.actions.meanwhile import FinishedMeanwhile, TemplateClash
from template_service.questionnaire.answers import Merge
from template_service.questionnaire.form import Answers, Form, Option, Value
from template_service.web.answers_form import PER_VISIT, is_private, shown_again
from template_service.web.form_words import Words, as_it_is, form_words
from template_service.web.speech import as_written, joined, mark
from template_service.web.speech import gettext as _
from template_service.web.template_page import Trouble
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
    by, when = as_written(clash.head.updated_by_name), at_time(clash.head.updated_at, today)
    words = form_words(form)
    theirs = {
        one.link_id: _(
            "%(name)s answered %(answer)s %(when)s.",
            name=by,
            answer=said(one.theirs, words),
            when=when,
        )
        for one in clash.merged.clashes
        if gate_open or not _is_safety(form, one.link_id, (*one.theirs, *one.mine))
    }
    return Trouble(title=_(_TITLE), text=_(_TEXT), theirs=theirs)


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
