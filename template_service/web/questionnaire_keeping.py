"""What was sent from a questionnaire's page is kept: as a draft, for a card, or finished."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from template_service.actions.questionnaire_cards import press_card
from template_service.actions.questionnaire_saving import (
    Unfinished,
    finish_questionnaire,
    save_draft,
)
from template_service.records.revisions import Saved
from template_service.web.blueprint import notify, service
from template_service.web.questionnaire_reading import Node, read_page
from template_service.web.questionnaire_refusals import (
    colleagues_unseen,
    posted_start,
    show_draft,
    show_unfinished,
)
from template_service.web.questionnaire_sheet import Sheet, address_of
from template_service.web.speech import gettext as _
from template_service.web.speech import mark

_DROPPED = mark("Some answers were left out, because the questions they belong to do not apply.")
_SAVED = mark("Saved. You can stop here and go on another day.")


def keep_page(sheet: Sheet, pressed: str, questionnaire_id: str, what: str) -> AnyResponse:
    """Save or finish, as the button `pressed` says; `what` is the card it is about, or a place.

    Raises as `save_draft` and `finish_questionnaire`, and Malformed.
    """
    reading = read_page(
        sheet.form, sheet.fields, sheet.stored, sheet.sight, meanwhile=colleagues_unseen(sheet)
    )
    if reading.errors:
        # What could be read is kept all the same: it may disclose something urgent.
        kept = _keep_draft(sheet, reading.response).head
        return show_draft(sheet, reading, kept, reading.errors)
    if pressed in ("acknowledge", "call"):
        return _press(sheet, reading.response, questionnaire_id, what, call=pressed == "call")
    if pressed != "finish":
        return _save(sheet, reading.response, questionnaire_id, what)
    try:
        return _finish(sheet, reading.response)
    except Unfinished as refused:
        return show_unfinished(sheet, reading, refused)


def _save(sheet: Sheet, response: Node, questionnaire_id: str, what: str) -> AnyResponse:
    _keep_draft(sheet, response)
    if not what:
        notify(_(_SAVED))
    place = {"_anchor": what} if what.replace("-", "").isalnum() else {}
    return redirect(address_of(sheet, questionnaire_id, **place), 303)


def _press(
    sheet: Sheet, response: Node, questionnaire_id: str, card_id: str, *, call: bool
) -> AnyResponse:
    """Save, which raises the card, then deal with it as pressed."""
    _keep_draft(sheet, response)
    press_card(service(), sheet.who, opened=sheet.opened, card_id=card_id, call=call)
    return redirect(address_of(sheet, questionnaire_id), 303)


def _keep_draft(sheet: Sheet, response: Node) -> Saved:
    return save_draft(service(), sheet.who, opened=sheet.opened, **_sent(sheet, response))


def _finish(sheet: Sheet, response: Node) -> AnyResponse:
    finished = finish_questionnaire(
        service(),
        sheet.who,
        opened=sheet.opened,
        **_sent(sheet, response),
        not_asked=[
            link_id
            for link_id, item in sheet.form.items.items()
            if sheet.sight.shows(item) and not sheet.sight.asks_now(item)
        ],
        token=request.form.get("token"),
    )
    if finished.dropped:
        notify(_(_DROPPED))
    where = url_for(
        "web.questionnaire_result",
        person_id=sheet.opened.person.person_id,
        response_id=finished.response_id,
        lang=request.args.get("lang"),
    )
    return redirect(where, 303)


def _sent(sheet: Sheet, response: Node) -> Mapping[str, Any]:
    """The response as it will be, what of it was typed on this page, and what that began with."""
    revision, response_id = posted_start()
    return {
        "response": response,
        "typed": read_page(sheet.form, sheet.fields, {}, sheet.sight).response,
        "base_revision": revision,
        "base_response_id": response_id or None,
    }
