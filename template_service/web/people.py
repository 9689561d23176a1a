"""The people of a practice: who needs someone now, found, and added."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask import Response, make_response, redirect, render_template, request, url_for

from directory.geography import InvalidPostcode, UnknownPostcode, normalise_postcode
from template_service import clock
from template_service.actions.cards import TeamCard, team_cards
from template_service.actions.people import add_person as register_person
from template_service.actions.people import find_people, recent_people
from template_service.actions.questionnaire_library import may_know_of
from template_service.errors import Invalid
from template_service.questionnaire.problems import Problem
from template_service.records.people import AlreadyThere, InvalidNhsNumber, Person, PersonDetails
from template_service.records.responses import COMPLETED
from template_service.web.blueprint import blueprint, may_open, principal, service
from template_service.web.card_view import is_kept_private
from template_service.web.gate import gate_for
from template_service.web.languages import LANGUAGES
from template_service.web.person_view import line
from template_service.web.words import at_time

_FIELDS = ("nhs_number", "given_name", "family_name", "postcode", "sex", "language")
_NAMES = ("nhs_number", "given_name", "family_name")
_BORN = ("born-day", "born-month", "born-year")
# Nobody living was born before; a typing slip in the year was.
_EARLIEST_YEAR = 1900
# Where each wrong field stands on the page; a date is reached at its first box.
_PLACES = {"born": "born-day"}
_BOX = re.compile(r"[0-9]{1,4}")
_SEXES = {"": "Not stated", "female": "Female", "male": "Male"}
_LONGEST = 100
_URGENT_LEVEL = 4
_PRIVATE = "Private follow-up"
_UNKNOWN_POSTCODE = (
    "We do not know this postcode. Check it, or leave it blank: services are then looked for "
    "around the practice."
)


@dataclass(frozen=True, slots=True)
class TeamCardLine:
    """An open urgent card of the team; an `urgent` one cannot wait for anything else."""

    href: str
    text: str
    owner: str
    since: str
    urgent: bool
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class TeamLine:
    """Somebody with open cards, the most urgent first."""

    person: str
    cards: tuple[TeamCardLine, ...]


@blueprint.route("/people", methods=["GET", "POST"])
def people() -> Response:
    """Open urgent cards, then the people found, or those somebody worked with last.

    A search comes by POST, so that no name or number stands in an address.
    """
    typed = request.form.get("find", "").strip()
    error, status = "", 200
    found: tuple[Person, ...] = ()
    if request.method == "POST":
        try:
            found = find_people(service(), principal(), text=typed)
        except Invalid as invalid:
            error, status = invalid.message, invalid.status
    else:
        found = recent_people(service(), principal())
    page = render_template(
        "web/people.html",
        team=_team(team_cards(service(), principal())),
        people=[line(person, clock.today()) for person in found],
        find=typed,
        failed=error,
        heading="People found" if request.method == "POST" else "Worked with last",
        empty="Nobody here matches." if typed else "Nobody is registered yet.",
    )
    return make_response(page, status)


@blueprint.route("/people/add", methods=["GET", "POST"])
def add_person() -> Response:
    """The form to register somebody, and on to their template."""
    if request.method == "GET":
        return _form({}, {})
    values = {name: request.form.get(name, "").strip() for name in (*_FIELDS, *_BORN)}
    errors = _problems(values)
    if not errors:
        try:
            person = register_person(service(), principal(), details=_details(values))
        except InvalidNhsNumber as wrong:
            errors["nhs_number"] = wrong.message
        except Invalid as invalid:
            errors |= _by_field(invalid)
        except AlreadyThere as there:
            return make_response(redirect(url_for("web.template", person_id=there.person_id), 303))
        else:
            return make_response(redirect(url_for("web.template", person_id=person.person_id), 303))
    return _form(values, errors)


def _team(items: Iterable[TeamCard]) -> tuple[TeamLine, ...]:
    """One line for each person, whoever has the most urgent card first, then the oldest card."""
    found: dict[str, list[TeamCardLine]] = {}
    names: dict[str, str] = {}
    for item in items:
        names[item.person.person_id] = item.person.display_name
        found.setdefault(item.person.person_id, []).append(_card_line(item))
    lines = [TeamLine(names[key], most_urgent_first(cards)) for key, cards in found.items()]
    return tuple(sorted(lines, key=lambda line: _urgency(line.cards[0])))


def most_urgent_first(cards: Iterable[TeamCardLine]) -> tuple[TeamCardLine, ...]:
    """The cards of a person in order; how many private ones there are is private too."""
    ordered = sorted(cards, key=_urgency)
    private = [card for card in ordered if card.text == _PRIVATE]
    return tuple(card for card in ordered if card.text != _PRIVATE or card is private[0])


def _urgency(card: TeamCardLine) -> tuple[bool, datetime]:
    return not card.urgent, card.raised_at


def _card_line(item: TeamCard) -> TeamCardLine:
    row, card = item.card, item.source.card(item.card)
    text, owner = ("Clinician called", "clinician now") if card is None else (card.text, card.owner)
    return TeamCardLine(
        href=_card_page(item),
        # A list is read over shoulders: of a masked card it says only that it is private.
        text=_PRIVATE if row.masked else text,
        owner="" if row.masked else owner,
        since=f"since {at_time(row.raised_at, clock.today()).removeprefix('at ')}",
        urgent=card is None or card.for_clinician or card.level == _URGENT_LEVEL,
        raised_at=row.raised_at,
    )


def _card_page(item: TeamCard) -> str:
    """Where the card stands with what to do about it.

    A role that must not open that page is led to the template, where it calls a clinician.
    """
    source, person_id, who = item.source, item.person.person_id, principal()
    head, form = source.head, source.form
    of_template = head is not None and head.questionnaire_url == service().form.url
    young = not of_template and gate_for(who, item.person, clock.today()).young
    if is_kept_private(item.card, source, young=young):
        endpoint = "web.private_cards" if may_open("web.private_cards", who) else "web.template"
        return url_for(endpoint, person_id=person_id)
    if of_template:
        return url_for("web.plan", person_id=person_id)
    if head is None or form is None or not may_know_of(service(), form, who):
        return url_for("web.template", person_id=person_id)
    if head.status == COMPLETED:
        return url_for(
            "web.questionnaire_result", person_id=person_id, response_id=head.response_id
        )
    return url_for("web.questionnaires", person_id=person_id)


def _form(values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    page = render_template(
        "web/add_person.html",
        values=values,
        errors=errors,
        failed=bool(errors),
        error_list=[
            {"text": text, "href": f"#{_PLACES.get(name, name)}"} for name, text in errors.items()
        ],
        sexes=[
            {"value": code, "text": name, "selected": values.get("sex", "") == code}
            for code, name in _SEXES.items()
        ],
        languages=[
            {"value": "", "text": "English, or not stated", "selected": not values.get("language")}
        ]
        + [
            {"value": code, "text": name, "selected": values.get("language") == code}
            for code, name in LANGUAGES.items()
        ],
    )
    return make_response(page, Invalid.status if errors else 200)


def _by_field(invalid: Invalid) -> dict[str, str]:
    """The problems of a refusal by the field each is about."""
    problems = [problem for problem in invalid.problems if isinstance(problem, Problem)]
    found = {problem.link_id: problem.message for problem in problems if problem.link_id}
    return found or {"nhs_number": invalid.message}


def _problems(values: Mapping[str, str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not values["nhs_number"]:
        errors["nhs_number"] = "Type the NHS number"
    if not values["family_name"]:
        errors["family_name"] = "Type the last name"
    errors |= {name: wrong for name in _NAMES if (wrong := _wrong_text(values[name]))}
    if _born(values) is None:
        errors["born"] = "Type the date of birth as day, month and year"
    if values["postcode"] and (wrong := _wrong_postcode(values["postcode"])):
        errors["postcode"] = wrong
    if values["sex"] not in _SEXES:
        errors["sex"] = "Choose one of the list"
    if values["language"] not in ("", *LANGUAGES):
        errors["language"] = "Choose one of the list"
    return errors


def _wrong_text(text: str) -> str:
    if len(text) > _LONGEST:
        return f"Type at most {_LONGEST} characters"
    return "" if text.isprintable() else "Type letters only, on one line"


def _wrong_postcode(text: str) -> str:
    try:
        service().geography.place(text)
    except InvalidPostcode:
        return "Type a whole postcode, or leave it empty"
    except UnknownPostcode:
        return _UNKNOWN_POSTCODE
    return ""


def _born(values: Mapping[str, str]) -> date | None:
    day, month, year = (values[name] for name in _BORN)
    if not all(map(_BOX.fullmatch, (day, month, year))):
        return None
    try:
        born = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return born if born.year >= _EARLIEST_YEAR and born <= clock.today() else None


def _details(values: Mapping[str, str]) -> PersonDetails:
    return PersonDetails(
        nhs_number=values["nhs_number"],
        given_name=values["given_name"],
        family_name=values["family_name"],
        birth_date=_born(values),
        postcode=normalise_postcode(values["postcode"]) if values["postcode"] else None,
        sex=values["sex"] or None,
        language=values["language"] or None,
    )
