"""One questionnaire of one person as a page: what it starts from, and how it is shown."""

from dataclasses import dataclass
from datetime import date
from secrets import token_urlsafe
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from template_service.access.principal import Principal
from template_service.actions.questionnaire_cards import cards_of_questionnaire
from template_service.actions.questionnaires import OpenQuestionnaire
from template_service.questionnaire.form import Form
from template_service.records.people import Person
from template_service.web.blueprint import Link, service
from template_service.web.gate import YOUNG_TEXT, gate_for
from template_service.web.languages import LANGUAGES
from template_service.web.person_view import PersonView, home_area, strip
from template_service.web.questionnaire_blocks import blocks_of
from template_service.web.questionnaire_cards import page_cards
from template_service.web.questionnaire_fields import Fields, initial_response
from template_service.web.questionnaire_gate import Visit, needs_gate
from template_service.web.questionnaire_language import Spoken
from template_service.web.questionnaire_page import (
    QuestionnairePage,
    Trouble,
    asked_for,
    error_links,
    is_live,
    needs_answers,
)
from template_service.web.questionnaire_reading import Node, Sight
from template_service.web.questionnaire_styles import styles_version
from template_service.web.words import at_time

NO_TROUBLE = Trouble()

_NAMES = {"en": "English", **LANGUAGES}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One request about one questionnaire of one person; `fields` are what its page holds."""

    who: Principal
    opened: OpenQuestionnaire
    spoken: Spoken
    fields: Fields
    today: date

    @property
    def form(self) -> Form:
        """The questionnaire in the version of this response, in its own language."""
        return self.opened.form

    @property
    def stored(self) -> Node:
        """What the page starts from."""
        return initial_response(self.form) if self.opened.head is None else self.opened.response

    @property
    def visit(self) -> Visit:
        """The safety gate of this page."""
        gate = gate_for(self.who, self.opened.person, self.today)
        return Visit(service().form, gate, self.fields)

    @property
    def sight(self) -> Sight:
        """What may be shown on this page."""
        visit = self.visit
        return Sight(
            self.who.sees_safety,
            gate_open=visit.is_open,
            young=visit.gate.young,
            alone=visit.is_alone,
        )


def show_sheet(
    sheet: Sheet,
    trouble: Trouble = NO_TROUBLE,
    *,
    status: int = 200,
    start: tuple[int, str] | None = None,
    focus: str = "",
) -> Response:
    """The page with its fields; `start`: the revision and response it began with, if not now's."""
    page = page_of(sheet, trouble, start=start, focus=focus)
    html = render_template(
        "web/questionnaire.html",
        page=page,
        person=strip_of(sheet.opened.person, sheet.who, sheet.today),
        young_text=YOUNG_TEXT,
        failed=bool(trouble.title),
    )
    return make_response(html, status)


def page_of(
    sheet: Sheet, trouble: Trouble, *, start: tuple[int, str] | None, focus: str
) -> QuestionnairePage:
    """Everything on the page; `start` and `focus` as in `show_sheet`."""
    opened, form, visit = sheet.opened, sheet.form, sheet.visit
    head = opened.head
    revision, response = start or (opened.revision, head.response_id if head else "")
    asked = asked_for(
        sheet.spoken,
        form,
        sheet.fields,
        stored=sheet.stored,
        sight=sheet.sight,
        person=opened.person,
        trouble=trouble,
        focus=focus,
    )
    found = cards_of_questionnaire(service(), opened)
    cards = page_cards(form, found, sheet.who, visit.gate, sheet.today)
    carried = frozenset(card.id for card in cards)
    blocks = blocks_of(sheet.spoken.form, sheet.fields, sheet.sight, asked, carried)
    questionnaire_id = str((request.view_args or {}).get("questionnaire_id", form.id))
    return QuestionnairePage(
        blocks=blocks,
        cards=cards,
        title=sheet.spoken.form.title or "Questionnaire",
        spoken=sheet.spoken,
        back=url_for("web.questionnaires", person_id=opened.person.person_id),
        action=address_of(sheet, questionnaire_id),
        look=address_of(sheet, questionnaire_id, "web.look_at_questionnaire")
        if is_live(form)
        else "",
        styles=url_for(
            "web.questionnaire_styles",
            questionnaire_id=questionnaire_id,
            version=form.version or "",
            v=styles_version(form),
        ),
        gate=visit.gate,
        room=visit.questions() if needs_gate(form, visit.gate) else (),
        trouble=trouble,
        errors=error_links(blocks, trouble, alone=sheet.sight.alone),
        revision=revision,
        response=response,
        version=form.version or "",
        token=next(iter(sheet.fields.get("token", ())), "") or token_urlsafe(),
        saved=_saved_text(opened, sheet.today),
        unsaved=request.method == "POST",
        needed=needs_answers(form, sheet.sight),
        languages=_language_links(sheet, questionnaire_id),
        focus=focus,
    )


def address_of(
    sheet: Sheet, questionnaire_id: str, endpoint: str = "web.questionnaire", **more: str
) -> str:
    """The address of a page of this sheet, in the language it is shown in."""
    language = {"lang": request.args["lang"]} if "lang" in request.args else {}
    values: dict[str, Any] = {**language, **more}
    return url_for(
        endpoint,
        person_id=sheet.opened.person.person_id,
        questionnaire_id=questionnaire_id,
        **values,
    )


def strip_of(person: Person, who: Principal, today: date) -> PersonView:
    """The strip of a person above a questionnaire."""
    return strip(person, who, today, area=home_area(service(), person), here="web.questionnaires")


def _language_links(sheet: Sheet, questionnaire_id: str) -> tuple[Link, ...]:
    """The other languages; nothing where there is one only."""
    known = [tag for tag in sheet.spoken.languages if tag != "und"]
    if len(sheet.spoken.languages) < 2:
        return ()
    return tuple(
        Link(
            _NAMES.get(tag.partition("-")[0], tag),
            address_of(sheet, questionnaire_id, lang=tag),
            current=tag == sheet.spoken.language,
        )
        for tag in known
    )


def _saved_text(opened: OpenQuestionnaire, today: date) -> str:
    if opened.head is None:
        return "Not saved yet. You can save at any point and go on another day."
    when = at_time(opened.head.updated_at, today)
    return f"Saved {when} by {opened.head.updated_by_name}."
