"""What colleagues saved while a page was open, worked out from the revisions that it names."""

from collections.abc import Iterable, Mapping
from typing import Any

from template_service.actions.questionnaires import saved_by, started_from
from template_service.web.blueprint import service
from template_service.web.meanwhile import MEANWHILE, spans_in
from template_service.web.questionnaire_conflict import answered_by, changed_unseen, differing
from template_service.web.questionnaire_reading import written_page
from template_service.web.questionnaire_sheet import Sheet
from template_service.web.speech import as_written
from template_service.web.speech import gettext as _
from template_service.web.words import at_time


def colleagues_unseen(sheet: Sheet) -> frozenset[str]:
    """The linkIds of what colleagues answered, where no page shows it, while this one was open."""
    found: frozenset[str] = frozenset()
    for span in spans_in(sheet.fields.get(MEANWHILE, ())):
        found |= changed_unseen(sheet.form, *(_revision(sheet, each) for each in span))
    return found


def colleagues_said(sheet: Sheet) -> dict[str, str]:
    """What colleagues changed and this page says otherwise, by the names of its questions.

    An empty answer is otherwise too: whoever clears a question must see what the next save takes
    away. Nothing where the page goes on with another response than the one it started from.
    """
    head, found = sheet.opened.head, dict[str, str]()
    if head is None or sheet.fields.get("response") != (head.response_id,):
        return found
    for span in spans_in(sheet.fields.get(MEANWHILE, ())):
        before, after = (_revision(sheet, each) for each in span)
        base, theirs = (written_page(sheet.form, one, sheet.sight) for one in (before, after))
        changed = differing(sheet.form, base, theirs)
        still = changed & differing(sheet.form, theirs, sheet.fields)
        # What a later save changed again is told of that one.
        found = {name: text for name, text in found.items() if name not in changed}
        found |= said_at(sheet, span[1], after, still)
    return found


def said_at(
    sheet: Sheet, revision: int, response: Mapping[str, Any], names: Iterable[str]
) -> dict[str, str]:
    """What a revision answers to the questions of these `names`, with who saved it and when."""
    saved = saved_by(service(), sheet.opened, revision)
    if saved is None:
        return {}
    by, when = as_written(saved.saved_by_name), at_time(saved.saved_at, sheet.today)
    theirs = written_page(sheet.form, response, sheet.sight)
    said = answered_by(sheet.spoken, theirs, response, frozenset(names), sheet.sight)
    return {
        name: _("%(name)s answered %(answer)s %(when)s.", name=by, answer=text, when=when)
        for name, text in said.items()
    }


def _revision(sheet: Sheet, revision: int) -> Mapping[str, Any]:
    return started_from(service(), sheet.who, sheet.opened, revision)
