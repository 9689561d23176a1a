"""A page of a questionnaire that comes back: kept as a draft, or overtaken by a colleague."""

from collections.abc import Mapping
from dataclasses import replace

from flask import Response, make_response, render_template, request, url_for

from template_service.actions.meanwhile import FinishedMeanwhile
from template_service.actions.questionnaires import Retired, Unfinished, stored_revision
from template_service.errors import Invalid
from template_service.records.responses import ResponseHead, RevisionConflict
from template_service.web.answers_form import posted_response, posted_revision
from template_service.web.blueprint import service
from template_service.web.questionnaire_conflict import answered_by, both_sides
from template_service.web.questionnaire_fields import initial_response
from template_service.web.questionnaire_holding import (
    MORE_THAN_SHOWN,
    SAFETY_IN_ROWS,
    cannot_be_asked,
    holds,
)
from template_service.web.questionnaire_numbers import Renumbered
from template_service.web.questionnaire_page import Trouble, names_of_problems
from template_service.web.questionnaire_reading import PageReading, written_page
from template_service.web.questionnaire_rows import is_full
from template_service.web.questionnaire_sheet import Sheet, show_sheet, strip_of
from template_service.web.words import at_time

_DRAFT = Trouble(
    title="Saved as a draft, not finished yet: put these right",
    text="Everything you typed is still here.",
)
_NOT_FROM_HERE = Trouble(
    title="It cannot be finished from this page",
    text="Everything you typed is saved as a draft. Ask a clinician to finish it.",
)
_BOTH_CHANGED_ROWS = (
    " You both changed the rows of a list: theirs stay as they are, and those you added or changed "
    "come after them. Nothing was removed. Remove what is there twice."
)

TOO_MANY_ROWS = (
    "This questionnaire has more rows than one page can hold. So that none of them is lost, "
    "nothing can be saved here, and the draft stays as it is."
)


def posted_start() -> tuple[int, str]:
    """The revision and the response that the posted page started from; raises Malformed."""
    return posted_revision(request.form), posted_response(request.form) or ""


def show_unfinished(sheet: Sheet, reading: PageReading, refused: Unfinished) -> Response:
    """What is still needed, each at its question; the draft that was kept goes on from here."""
    names = names_of_problems(sheet.form, refused.found, refused.response)
    shown = {name: text for name, text in names.items() if _is_on_page(sheet, name)}
    return show_draft(sheet, reading, refused.head, shown, _DRAFT if shown else _NOT_FROM_HERE)


def show_draft(
    sheet: Sheet,
    reading: PageReading,
    kept: ResponseHead,
    errors: Mapping[str, str],
    trouble: Trouble = _DRAFT,
) -> Response:
    """The page with everything typed still on it and what is wrong; it starts from the draft."""
    now = Renumbered(sheet.form, reading.placed)
    named = {now.name(name): text for name, text in errors.items()}
    return show_sheet(
        replace(
            sheet,
            fields=now.fields(sheet.fields),
            opened=replace(sheet.opened, head=kept, response=reading.response),
        ),
        replace(trouble, errors=named),
        status=Invalid.status,
    )


def show_conflict(sheet: Sheet, now: Sheet, conflict: RevisionConflict) -> Response:
    """Both sides on the page `now`, ready to be saved again; theirs beside each clash."""
    sight = sheet.sight
    revision, _ = posted_start()
    started = stored_revision(service(), now.opened, revision) or initial_response(now.form)
    base, saved = (written_page(now.form, one, sight) for one in (started, now.stored))
    fields, clashes, several = both_sides(now.form, base, saved, sheet.fields)
    by, when = conflict.head.updated_by_name, at_time(conflict.head.updated_at, sheet.today)
    theirs = answered_by(now.form, saved, now.stored, clashes, sight)
    trouble = Trouble(
        title="Somebody else saved this first",
        text=(
            "Nothing you typed is lost, and nothing has been saved yet. What they changed and what "
            "you typed are both on this page. Look at it, then save again."
            + (_BOTH_CHANGED_ROWS if several else "")
        ),
        theirs={name: f"{by} answered {said} {when}." for name, said in theirs.items()},
    )
    return show_sheet(replace(now, fields=fields), trouble, status=RevisionConflict.status)


def show_closed(sheet: Sheet, refused: Retired | FinishedMeanwhile) -> Response:
    """What was typed still on the page of a response that is closed, or never may be begun."""
    if isinstance(refused, Retired):
        return _show_retired(sheet, refused)
    return _show_finished(sheet, refused)


def _show_finished(sheet: Sheet, finished: FinishedMeanwhile) -> Response:
    """What was typed still on the page, to begin a new response with."""
    head = finished.head
    trouble = Trouble(
        title="This questionnaire was finished meanwhile",
        text=(
            f"{head.updated_by_name} finished it {at_time(head.updated_at, sheet.today)}. Nothing "
            "you typed is lost. Save again to start a new one with what is on this page."
        ),
    )
    # What begins another response is another page: it must not be taken for the first one again.
    fields = {name: texts for name, texts in sheet.fields.items() if name != "token"}
    begun = replace(sheet, fields=fields)
    return show_sheet(begun, trouble, status=FinishedMeanwhile.status, start=(0, ""))


def _show_retired(sheet: Sheet, refused: Retired) -> Response:
    """What was typed still on the page, which cannot be begun any more."""
    trouble = Trouble(
        title=refused.message,
        text="Nothing has been saved. Everything you typed is still here.",
    )
    return show_sheet(sheet, trouble, status=Retired.status, start=posted_start())


def why_stopped(sheet: Sheet) -> str:
    """Why nothing can be filled in on this page; an empty text when it can."""
    if cannot_be_asked(sheet.form):
        return SAFETY_IN_ROWS
    if is_full(sheet.fields or written_page(sheet.form, sheet.stored, sheet.sight), room=0):
        return TOO_MANY_ROWS
    held = sheet.opened.head is None or holds(sheet.form, sheet.stored, sheet.sight)
    return "" if held else MORE_THAN_SHOWN


def show_stopped(sheet: Sheet, why: str, status: int = 200) -> Response:
    """A page that only says why, with nothing to save."""
    html = render_template(
        "web/questionnaire_stopped.html",
        title=sheet.spoken.form.title or "Questionnaire",
        why=why,
        back=url_for("web.questionnaires", person_id=sheet.opened.person.person_id),
        person=strip_of(sheet.opened.person, sheet.who, sheet.today),
    )
    return make_response(html, status)


def _is_on_page(sheet: Sheet, name: str) -> bool:
    """Whether the question of a field is on this page; what is not must not be told of either."""
    item = sheet.form.items.get(name.partition(":")[2])
    return item is None or sheet.sight.shows(item)
