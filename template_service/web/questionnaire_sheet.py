"""One questionnaire of one person as a page: what it starts from, and how it is shown."""

from dataclasses import dataclass
from datetime import date
from secrets import token_urlsafe
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from template_service.access.principal import Principal
from template_service.actions.questionnaire_beginning import filled_in
from template_service.actions.questionnaire_cards import cards_of_questionnaire
from template_service.actions.questionnaires import OpenQuestionnaire
from template_service.questionnaire.form import Form
from template_service.questionnaire.privacy import private_items
from template_service.records.people import Person
from template_service.web.blueprint import Link, may_open, service
from template_service.web.gate import YOUNG_TEXT, gate_for
from template_service.web.languages import LANGUAGES
from template_service.web.meanwhile import MEANWHILE
from template_service.web.person_view import PersonView, home_area, strip
from template_service.web.questionnaire_blocks import blocks_of
from template_service.web.questionnaire_cards import page_cards
from template_service.web.questionnaire_fields import Fields
from template_service.web.questionnaire_gate import Sight, Visit, needs_gate
from template_service.web.questionnaire_language import Spoken
from template_service.web.questionnaire_notes import label_text
from template_service.web.questionnaire_page import (
    QuestionnairePage,
    Trouble,
    asked_for,
    error_links,
    is_live,
)
from template_service.web.questionnaire_reading import Node, written_page
from template_service.web.questionnaire_styles import styles_version
from template_service.web.questionnaire_view import Block, marks_in
from template_service.web.speech import as_written, english
from template_service.web.speech import gettext as _
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
        return self.opened.stored

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
            private_items(self.form),
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
        young_text=_(YOUNG_TEXT),
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
    found = cards_of_questionnaire(service(), opened)
    cards = page_cards(form, found, sheet.who, visit.gate, sheet.today)
    blocks = _blocks(sheet, trouble, focus, frozenset(card.id for card in cards))
    questionnaire_id = id_in_address(form)
    return QuestionnairePage(
        blocks=blocks,
        cards=cards,
        title=sheet.spoken.title,
        spoken=sheet.spoken,
        back=url_for("web.questionnaires", person_id=opened.person.person_id),
        action=address_of(sheet, questionnaire_id),
        look=address_of(sheet, questionnaire_id, "web.look_at_questionnaire")
        if is_live(form)
        else "",
        styles=_styles_href(form, questionnaire_id),
        gate=visit.gate,
        room=visit.questions() if needs_gate(form, visit.gate) else (),
        trouble=trouble,
        errors=error_links(blocks, trouble, sheet.spoken.said, alone=sheet.sight.alone),
        revision=revision,
        response=response,
        version=form.version or "",
        token=next(iter(sheet.fields.get("token", ())), "") or token_urlsafe(),
        meanwhile=sheet.fields.get(MEANWHILE, ()),
        aside=tuple(sorted(opened.aside)),
        filled=_filled(sheet),
        private_href=private_href(opened.person.person_id, sheet.who),
        draft=head is not None,
        saved=saved_text(opened, sheet.today),
        unsaved=request.method == "POST",
        needed=marks_in(blocks),
        languages=_language_links(sheet, questionnaire_id),
        focus=focus,
    )


def _blocks(sheet: Sheet, trouble: Trouble, focus: str, cards: frozenset[str]) -> tuple[Block, ...]:
    """The questions as they are asked now; `cards` are those the page carries."""
    asked = asked_for(
        sheet.spoken,
        sheet.form,
        sheet.fields,
        stored=sheet.stored,
        sight=sheet.sight,
        person=sheet.opened.person,
        trouble=trouble,
        focus=focus,
    )
    return blocks_of(sheet.spoken.form, sheet.fields, sheet.sight, asked, cards)


def _styles_href(form: Form, questionnaire_id: str) -> str:
    return url_for(
        "web.questionnaire_styles",
        questionnaire_id=questionnaire_id,
        version=form.version or "",
        v=styles_version(form),
    )


def private_href(person_id: str, who: Principal) -> str:
    """The way to the private notes: on every page of a kind, so that it tells nothing (ADR 3)."""
    if not may_open("web.private_cards", who):
        return ""
    return url_for("web.private_cards", person_id=person_id)


def id_in_address(form: Form) -> str:
    """The id by which this request names the questionnaire."""
    return str((request.view_args or {}).get("questionnaire_id", form.id))


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
    """Where the page is sent to be shown in each language; nothing where there is one only."""
    known = [tag for tag in sheet.spoken.languages if tag != "und"]
    if len(sheet.spoken.languages) < 2:
        return ()
    return tuple(
        Link(
            english(_NAMES.get(tag.partition("-")[0], tag)),
            address_of(sheet, questionnaire_id, lang=tag),
            current=tag == sheet.spoken.language,
        )
        for tag in known
    )


def _filled(sheet: Sheet) -> tuple[str, ...]:
    """The questions filled in from the record whose values are on the page and were never saved.

    In the page's language; one stays while anything of it stands there as it was filled in.
    """
    if sheet.opened.head is not None:
        return ()
    begun = written_page(sheet.form, sheet.stored, sheet.sight)
    still = {
        name.partition(":")[2]
        for name, texts in begun.items()
        if any(texts) and sheet.fields.get(name) == texts
    }
    spoken = sheet.spoken.form.items
    return tuple(
        label_text(spoken[item.link_id])
        for item in filled_in(sheet.form, sheet.stored)
        if item.link_id in still and sheet.sight.shows(item) and not sheet.sight.gates(item)
    )


def saved_text(opened: OpenQuestionnaire, today: date) -> str:
    """Whether and when the draft was saved, and by whom."""
    if opened.head is None:
        return _("Not saved yet. You can save at any point and go on another day.")
    when = at_time(opened.head.updated_at, today)
    name = as_written(opened.head.updated_by_name)
    return _("Saved %(when)s by %(name)s.", when=when, name=name)
