"""Two colleagues answered the same questions: what the page shows so that nothing is lost."""

from datetime import date

from template_service.access.principal import Principal
from template_service.actions.templates import TemplateClash
from template_service.questionnaire.answers import Merge
from template_service.questionnaire.form import SEEN_ALONE, Answers, Form, Value
from template_service.web.answers_form import PER_VISIT, is_private, shown_again
from template_service.web.template_page import Trouble
from template_service.web.words import at_time

_TITLE = "Somebody else saved this first"
_TEXT = (
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


def clash_trouble(
    form: Form, who: Principal, typed: Answers, clash: TemplateClash, today: date
) -> Trouble:
    """The error summary: each clashing question with the colleague's answer, name and time."""
    by, when = clash.head.updated_by_name, at_time(clash.head.updated_at, today)
    theirs = {
        one.link_id: f"{by} answered {said(one.theirs)} {when}."
        for one in clash.merged.clashes
        if _may_tell(form, who, typed, one.link_id, (*one.theirs, *one.mine))
    }
    return Trouble(title=_TITLE, text=_TEXT, theirs=theirs)


def said(values: tuple[Value, ...]) -> str:
    """An answer in the words of the page, in quotation marks."""
    texts = [getattr(value, "display", None) or _plain(value) for value in values]
    return f"“{', '.join(texts)}”" if texts else "nothing"


def _may_tell(
    form: Form, who: Principal, typed: Answers, link_id: str, values: tuple[Value, ...]
) -> bool:
    """A safety answer is told only to a role that sees safety, with the person alone."""
    private = form.items[link_id].masked or any(map(is_private, values))
    return not private or (who.sees_safety and typed.get(SEEN_ALONE) == (True,))


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value)
