"""A page of a questionnaire that comes back: kept as a draft, overtaken, or closed."""

from collections.abc import Mapping
from dataclasses import replace

from flask import Response, make_response, render_template, request, url_for

from template_service.actions.meanwhile import FinishedMeanwhile
from template_service.actions.questionnaire_cards import cards_of_questionnaire
from template_service.actions.questionnaire_saving import Unfinished
from template_service.actions.questionnaires import Retired, started_from
from template_service.errors import Conflict, Invalid
from template_service.records.responses import ResponseHead, RevisionConflict
from template_service.web.answers_form import posted_response, posted_revision
from template_service.web.blueprint import service
from template_service.web.meanwhile import MEANWHILE, OTHERWISE, with_span
from template_service.web.questionnaire_cards import result_cards
from template_service.web.questionnaire_conflict import both_sides
from template_service.web.questionnaire_fields import MOST_ROWS, Fields
from template_service.web.questionnaire_gate import needs_gate
from template_service.web.questionnaire_holding import (
    MORE_THAN_SHOWN,
    SAFETY_IN_ROWS,
    cannot_be_asked,
    holds,
)
from template_service.web.questionnaire_meanwhile import colleagues_said, said_at
from template_service.web.questionnaire_page import Trouble, names_of_problems
from template_service.web.questionnaire_reading import PageReading, read_page, written_page
from template_service.web.questionnaire_rows import Renumbered, is_full
from template_service.web.questionnaire_sheet import (
    Sheet,
    address_of,
    id_in_address,
    private_href,
    show_sheet,
    strip_of,
)
from template_service.web.speech import as_written, english, joined, mark
from template_service.web.speech import gettext as _
from template_service.web.words import at_time

DRAFT = Trouble(
    title=mark("Saved as a draft, not finished yet: put these right"),
    text=mark("Everything you typed is still here."),
)
NOT_ALL = Trouble(
    title=mark("Not everything is saved: put these right"),
    text=mark(
        "What could be read is saved as a draft. What is marked below is not saved yet and is only "
        "on this page: what was answered there before, if anything, is still what is stored."
    ),
)
_NOT_FROM_HERE = Trouble(
    title=mark("It cannot be finished from this page"),
    text=mark("Everything you typed is saved as a draft. Ask a clinician to finish it."),
)
_SOMEBODY_ELSE = mark("Somebody else saved this first")
_BOTH_CHANGED = mark(
    "Nothing you typed is lost, and nothing has been saved yet. What they changed and what you "
    "typed are both on this page. Look at it, then save again."
)
_BOTH_CHANGED_ROWS = mark(
    "You both changed the rows of a list: theirs stay as they are, and those you added or changed "
    "come after them. Nothing was removed. Remove what is there twice."
)

_OTHERWISE = Trouble(*OTHERWISE)
_UNREADABLE = Trouble(
    title=mark("There is a problem"), text=mark("Everything you typed is still here.")
)

_ASKED_ALONE = mark(
    "Where you both filled in a question that is asked alone, theirs stays, unless yours tells "
    "that something is wrong."
)

TOO_MANY_ROWS = mark(
    "This questionnaire has more rows than one page can hold. So that none of them is lost, "
    "nothing can be saved here, and the draft stays as it is."
)
TOO_MANY_TOGETHER = mark(
    "Their rows and yours are together more than one page can hold, so their draft stays as it is."
)
OTHER_VERSION = mark(
    "A draft was begun in another version of the questionnaire, so it cannot be on one page with "
    "what you typed."
)
_BESIDE = mark(
    "Nothing you typed is lost, and nothing has been saved yet. Save to keep what is on this page "
    "as a response of its own, beside theirs."
)


def posted_start() -> tuple[int, str]:
    """The revision and the response that the posted page started from; raises Malformed."""
    return posted_revision(request.form), posted_response(request.form) or ""


def show_going_on(sheet: Sheet, focus: str) -> Response:
    """The page with other fields, and nothing stored: what was told on it is told again.

    That is what colleagues answered otherwise, and what on it cannot be read.
    """
    theirs = colleagues_said(sheet)
    errors = read_page(sheet.form, sheet.fields, sheet.stored, sheet.sight).errors
    told = _OTHERWISE if theirs else _UNREADABLE if errors else Trouble()
    trouble = Trouble(
        title=_(told.title) if told.title else "",
        text=_(told.text) if told.text else "",
        errors=errors,
        theirs=theirs,
    )
    return show_sheet(sheet, trouble, start=posted_start(), focus=focus)


def show_unfinished(sheet: Sheet, reading: PageReading, refused: Unfinished) -> Response:
    """What is still needed, each at its question; the draft that was kept goes on from here."""
    names = names_of_problems(sheet.form, refused.found, refused.response)
    shown = {name: text for name, text in names.items() if _is_on_page(sheet, name)}
    return show_draft(sheet, reading, refused.head, shown, DRAFT if shown else _NOT_FROM_HERE)


def show_draft(
    sheet: Sheet,
    reading: PageReading,
    kept: ResponseHead,
    errors: Mapping[str, str],
    trouble: Trouble,
    *,
    status: int = Invalid.status,
) -> Response:
    """The page with everything typed still on it and what is wrong; it starts from the draft."""
    now = Renumbered(sheet.form, reading.placed)
    named = {now.name(name): text for name, text in errors.items()}
    theirs = colleagues_said(sheet)
    text = joined(" ", [_(one.text) for one in (trouble, *([_OTHERWISE] if theirs else []))])
    return show_sheet(
        replace(
            sheet,
            fields=now.fields(sheet.fields),
            opened=replace(sheet.opened, head=kept, response=reading.response),
        ),
        replace(trouble, title=_(trouble.title), text=text, errors=named, theirs=theirs),
        status=status,
    )


def show_conflict(sheet: Sheet, now: Sheet, conflict: RevisionConflict) -> Response | None:
    """Both sides on the page `now`, ready to be saved again; theirs beside each clash.

    None when both have more rows together than a page holds.
    """
    sight = sheet.sight
    revision, response = posted_start()
    is_same = response == conflict.head.response_id
    revision = revision if is_same else 0
    started = started_from(service(), sheet.who, now.opened, revision)
    base, saved = (written_page(now.form, one, sight) for one in (started, now.stored))
    fields, clashes, several = both_sides(now.form, base, saved, sheet.fields)
    if not _fits(fields):
        return None
    before = sheet.fields.get(MEANWHILE, ()) if is_same else ()
    spans = with_span(before, revision, now.opened.revision)
    together = {**fields, MEANWHILE: spans}
    shown = replace(now, fields=together)
    trouble = Trouble(
        title=_(_SOMEBODY_ELSE),
        text=" ".join(
            _(text)
            for text, applies in (
                (_BOTH_CHANGED, True),
                (_BOTH_CHANGED_ROWS, several),
                (_ASKED_ALONE, needs_gate(now.form, now.visit.gate)),
            )
            if applies
        ),
        # Where they told something urgent, that may be on the page already, in place of mine.
        theirs=colleagues_said(shown) | said_at(shown, now.opened.revision, now.stored, clashes),
    )
    return show_sheet(shown, trouble, status=RevisionConflict.status)


def _fits(fields: Fields) -> bool:
    lists = (texts for name, texts in fields.items() if name.startswith("row"))
    return all(len(texts) <= MOST_ROWS for texts in lists) and not is_full(fields, room=0)


def show_beside(sheet: Sheet, why: str) -> Response:
    """What was typed, to be kept beside a draft that cannot be shown with it: `sheet` is without.

    It goes on with the response it started from, unless that is the draft.
    """
    start, head = posted_start(), sheet.opened.head
    is_same = head is not None and head.response_id == start[1]
    return show_sheet(
        sheet if is_same else replace(sheet, fields=_begun_anew(sheet.fields)),
        Trouble(title=_(_SOMEBODY_ELSE), text=f"{why} {_(_BESIDE)}"),
        status=Conflict.status,
        start=start if is_same else (0, ""),
    )


def show_closed(sheet: Sheet, refused: Retired | FinishedMeanwhile) -> Response:
    """What was typed still on the page of a response that is closed, or never may be begun."""
    if isinstance(refused, Retired):
        return _show_retired(sheet, refused)
    return _show_finished(sheet, refused)


def _show_finished(sheet: Sheet, finished: FinishedMeanwhile) -> Response:
    """What was typed still on the page, to begin a new response with."""
    head = finished.head
    trouble = Trouble(
        title=_("This questionnaire was finished or discarded meanwhile"),
        text=_(
            "%(name)s did so %(when)s. Nothing you typed is lost. "
            "Save again to start a new one with what is on this page.",
            name=as_written(head.updated_by_name),
            when=at_time(head.updated_at, sheet.today),
        ),
    )
    begun = replace(sheet, fields=_begun_anew(sheet.fields))
    return show_sheet(begun, trouble, status=FinishedMeanwhile.status, start=(0, ""))


def _begun_anew(fields: Fields) -> Fields:
    """What begins another response is another page: it is not taken for the first one again."""
    return {name: texts for name, texts in fields.items() if name not in ("token", MEANWHILE)}


def _show_retired(sheet: Sheet, refused: Retired) -> Response:
    """What was typed still on the page, which cannot be begun any more."""
    trouble = Trouble(
        title=english(refused.message),
        text=_("Nothing has been saved. Everything you typed is still here."),
    )
    return show_sheet(sheet, trouble, status=Retired.status, start=posted_start())


def why_stopped(sheet: Sheet) -> str:
    """Why nothing can be filled in on this page; an empty text when it can."""
    if cannot_be_asked(sheet.form):
        return _(SAFETY_IN_ROWS)
    if is_full(sheet.fields or written_page(sheet.form, sheet.stored, sheet.sight), room=0):
        return _(TOO_MANY_ROWS)
    held = sheet.opened.head is None or holds(sheet.form, sheet.stored, sheet.sight)
    return "" if held else _(MORE_THAN_SHOWN)


def show_stopped(sheet: Sheet, why: str, status: int = 200) -> Response:
    """A page that says why, with nothing to save: only its open cards are dealt with here."""
    opened, person_id = sheet.opened, sheet.opened.person.person_id
    found = cards_of_questionnaire(service(), opened)
    html = render_template(
        "web/questionnaire_stopped.html",
        title=sheet.spoken.title,
        why=why,
        cards=result_cards(found, sheet.who, sheet.visit.gate, sheet.today),
        draft=draft_of(sheet),
        back=url_for("web.questionnaires", person_id=person_id),
        private_href=private_href(person_id, sheet.who),
        person=strip_of(sheet.opened.person, sheet.who, sheet.today),
    )
    return make_response(html, status)


def draft_of(sheet: Sheet) -> dict[str, str]:
    """What a button that discards the draft sends with it; nothing when there is no draft."""
    head = sheet.opened.head
    if head is None:
        return {}
    return {
        "action": address_of(sheet, id_in_address(sheet.form)),
        "revision": str(head.revision),
        "response": head.response_id,
        "version": sheet.form.version or "",
    }


def _is_on_page(sheet: Sheet, name: str) -> bool:
    """Whether the question of a field is on this page; what is not must not be told of either."""
    item = sheet.form.items.get(name.partition(":")[2])
    return item is None or sheet.sight.shows(item)
