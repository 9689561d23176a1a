"""The draft of a questionnaire discarded: asked first, and refused where it must be kept."""

from flask import Response, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from template_service.actions.questionnaire_discarding import (
    MustBeKept,
    discard_draft,
    must_be_kept,
)
from template_service.errors import Conflict, NotFound
from template_service.records.responses import RevisionConflict
from template_service.web.blueprint import notify, service
from template_service.web.questionnaire_fields import Fields
from template_service.web.questionnaire_keeping import keep_draft, read_sheet
from template_service.web.questionnaire_page import Trouble
from template_service.web.questionnaire_refusals import draft_of, posted_start, show_draft
from template_service.web.questionnaire_sheet import Sheet, saved_text, strip_of
from template_service.web.speech import english, mark
from template_service.web.speech import gettext as _

_DISCARDED = mark("The draft was discarded.")
_KEPT = Trouble(
    title=mark("This draft cannot be discarded"),
    text=mark("What is in it must be kept, so it was saved instead. Everything you typed is here."),
)
_NOT_CARRIED = frozenset({"csrf_token", "do", "revision", "response", "version"})


def is_page(sheet: Sheet) -> bool:
    """Whether a page with its questions was sent, and not only which draft is meant."""
    return "token" in sheet.fields


def discard_page(sheet: Sheet, *, sure: bool) -> AnyResponse:
    """Discard a draft with what is typed on its page, once that was asked; or keep both.

    What must be kept is saved first, so that its cards are raised. Raises as `save_draft`.
    """
    reading = read_sheet(sheet)
    if must_be_kept(service(), sheet.opened, reading.response):
        kept = keep_draft(sheet, reading.response).head
        return show_draft(sheet, reading, kept, reading.errors, _KEPT, status=Conflict.status)
    head = sheet.opened.head
    if head is not None and posted_start() != (head.revision, head.response_id):
        raise RevisionConflict(head)
    return discard(sheet, sure=sure)


def discard(sheet: Sheet, *, sure: bool) -> AnyResponse:
    """Discard a draft, once that was asked. Raises RevisionConflict."""
    listed = redirect(url_for("web.questionnaires", person_id=sheet.opened.person.person_id), 303)
    if sheet.opened.head is None:
        # Finished or discarded meanwhile, which the list tells.
        return listed
    if not sure:
        return show_discarding(sheet)
    revision, response_id = posted_start()
    try:
        discard_draft(
            service(),
            sheet.who,
            opened=sheet.opened,
            base_revision=revision,
            base_response_id=response_id or None,
        )
    except MustBeKept as refused:
        return show_discarding(sheet, refused)
    notify(_(_DISCARDED))
    return listed


def show_discarding(sheet: Sheet, refused: Conflict | None = None) -> Response:
    """A page that asks whether the draft shall be discarded; `refused`: why it was not.

    What was typed goes with it, unsaved, to the draft or into the judgement of a second press.
    """
    if sheet.opened.head is None:
        raise NotFound("There is no draft to discard")
    text = english(refused.message) if refused is not None else ""
    if isinstance(refused, RevisionConflict):
        text = _("Somebody else saved this draft meanwhile, so it was not discarded.")
    html = render_template(
        "web/questionnaire_discard.html",
        title=sheet.spoken.title,
        draft=draft_of(sheet),
        carried=_carried(sheet),
        saved=saved_text(sheet.opened, sheet.today),
        trouble=text,
        may=not isinstance(refused, MustBeKept),
        back=url_for("web.questionnaires", person_id=sheet.opened.person.person_id),
        person=strip_of(sheet.opened.person, sheet.who, sheet.today),
    )
    return make_response(html, 200 if refused is None else Conflict.status)


def _carried(sheet: Sheet) -> Fields:
    """Everything on the page that was sent; nothing where only the draft was named."""
    if not is_page(sheet):
        return {}
    return {name: texts for name, texts in sheet.fields.items() if name not in _NOT_CARRIED}
