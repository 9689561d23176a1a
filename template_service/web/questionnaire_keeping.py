"""What was sent from a questionnaire's page is kept: as a draft, for a card, or finished."""

from dataclasses import replace

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from template_service.actions.questionnaire_cards import cards_of_questionnaire, press_card
from template_service.actions.questionnaire_saving import (
    Sent,
    Unfinished,
    finish_questionnaire,
    save_draft,
)
from template_service.records.revisions import Saved
from template_service.web.blueprint import notify, service
from template_service.web.card_view import CALLED, DEALING
from template_service.web.questionnaire_meanwhile import colleagues_unseen
from template_service.web.questionnaire_reading import Node, PageReading, read_page
from template_service.web.questionnaire_refusals import (
    NOT_ALL,
    posted_start,
    show_draft,
    show_unfinished,
)
from template_service.web.questionnaire_sheet import Sheet, address_of
from template_service.web.speech import gettext as _
from template_service.web.speech import mark

_DROPPED = mark("Some answers were left out, because the questions they belong to do not apply.")
_SAVED = mark("Saved. You can stop here and go on another day.")
_DEALT = replace(
    NOT_ALL,
    text=mark(
        "What you pressed on the card is recorded. What could be read is saved as a draft. What is "
        "marked below is not saved yet and is only on this page: what was answered there before, "
        "if anything, is still what is stored."
    ),
)
_PRESSES = ("acknowledge", "call")


def keep_page(sheet: Sheet, pressed: str, questionnaire_id: str, what: str) -> AnyResponse:
    """Save or finish, as the button `pressed` says; `what` is the card it is about, or a place.

    Raises as `save_draft` and `finish_questionnaire`, and Malformed.
    """
    reading = read_sheet(sheet)
    if reading.errors:
        # What could be read is kept all the same: it may disclose something urgent.
        kept = keep_draft(sheet, reading.response).head
        recorded = pressed in _PRESSES and _press(sheet, what, call=pressed == "call")
        return show_draft(sheet, reading, kept, reading.errors, _DEALT if recorded else NOT_ALL)
    if pressed in _PRESSES:
        # Saving raises the card.
        keep_draft(sheet, reading.response)
        is_call = pressed == "call"
        if _press(sheet, what, call=is_call) or is_call:
            notify(_(CALLED if is_call else DEALING))
        return redirect(address_of(sheet, questionnaire_id), 303)
    if pressed != "finish":
        return _save(sheet, reading.response, questionnaire_id, what)
    try:
        return _finish(sheet, reading.response)
    except Unfinished as refused:
        return show_unfinished(sheet, reading, refused)


def read_sheet(sheet: Sheet) -> PageReading:
    """What was sent, with what is stored wherever the page showed nothing."""
    return read_page(
        sheet.form, sheet.fields, sheet.stored, sheet.sight, meanwhile=colleagues_unseen(sheet)
    )


def keep_draft(sheet: Sheet, response: Node) -> Saved:
    """Save what was sent as a draft; `response` is what it was read as. Raises as `save_draft`."""
    return save_draft(service(), sheet.who, _sent(sheet, response))


def _save(sheet: Sheet, response: Node, questionnaire_id: str, what: str) -> AnyResponse:
    keep_draft(sheet, response)
    if not what:
        notify(_(_SAVED))
    place = {"_anchor": what} if what.replace("-", "").isalnum() else {}
    return redirect(address_of(sheet, questionnaire_id, **place), 303)


def _press(sheet: Sheet, card_id: str, *, call: bool) -> bool:
    """Deal with an open card as pressed; whether there was one that this role may know of."""
    raised = cards_of_questionnaire(service(), sheet.opened).raised
    press_card(service(), sheet.who, opened=sheet.opened, card_id=card_id, call=call)
    return any(
        row.card_id == card_id and row.is_open and (sheet.who.sees_safety or not row.masked)
        for row in raised
    )


def _finish(sheet: Sheet, response: Node) -> AnyResponse:
    finished = finish_questionnaire(
        service(),
        sheet.who,
        _sent(sheet, response),
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


def _sent(sheet: Sheet, response: Node) -> Sent:
    revision, response_id = posted_start()
    typed = read_page(sheet.form, sheet.fields, {}, sheet.sight).response
    return Sent(sheet.opened, response, typed, (response_id or None, revision))
