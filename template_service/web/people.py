"""The people of a practice: who needs someone now, found, and added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Response, make_response, redirect, render_template, request, url_for

from directory.geography import InvalidPostcode, normalise_postcode
from directory.languages import language_name
from template_service import clock
from template_service.actions.cards import TeamCard, team_cards
from template_service.actions.people import add_person as register_person
from template_service.actions.people import find_people, recent_people
from template_service.errors import Invalid
from template_service.records.people import AlreadyThere, InvalidNhsNumber, Person, PersonDetails
from template_service.records.tables import CALL_A_CLINICIAN
from template_service.web.blueprint import blueprint, principal, service
from template_service.web.person_view import line
from template_service.web.words import at_time

_FIELDS = ("nhs_number", "given_name", "family_name", "postcode", "sex", "language")
_BORN = ("born-day", "born-month", "born-year")
# BCP 47 codes offered beside English; a practice sees the names.
_LANGUAGES = (
    "ar",
    "bfi",
    "bn",
    "cs",
    "es",
    "fa",
    "fr",
    "it",
    "ku",
    "pa",
    "pl",
    "pt",
    "ro",
    "ru",
    "sk",
    "so",
    "ti",
    "tr",
    "uk",
    "ur",
    "vi",
    "yue",
    "zh",
)
# Nobody living was born before; a typing slip in the year was.
_EARLIEST_YEAR = 1900
# Where each wrong field stands on the page; a date is reached at its first box.
_PLACES = {"birth_date": "born-day"}


@dataclass(frozen=True, slots=True)
class TeamCardLine:
    """An open urgent card of the team."""

    href: str
    person: str
    text: str
    owner: str
    since: str


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
        cards=[_card_line(item) for item in team_cards(service(), principal())],
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
        except AlreadyThere as there:
            return make_response(redirect(url_for("web.template", person_id=there.person_id), 303))
        else:
            return make_response(redirect(url_for("web.template", person_id=person.person_id), 303))
    return _form(values, errors)


def _card_line(item: TeamCard) -> TeamCardLine:
    card = service().form.cards.get(item.card.card_id)
    masked = item.card.masked
    text = "Clinician called" if item.card.card_id == CALL_A_CLINICIAN else "Private follow-up"
    page = (
        "web.private_cards" if masked else "web.plan" if item.card.response_id else "web.template"
    )
    return TeamCardLine(
        href=url_for(page, person_id=item.person.person_id),
        person=item.person.display_name,
        # A list is read over shoulders: of a masked card it says only that it is private.
        text=card.text if card and not masked else text,
        owner=card.owner if card and not masked else "clinician now",
        since=f"since {at_time(item.card.raised_at, clock.today())[3:]}",
    )


def _form(values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    page = render_template(
        "web/add_person.html",
        values=values,
        errors=errors,
        failed=bool(errors),
        error_list=[
            {"text": text, "href": f"#{_PLACES.get(name, name)}"} for name, text in errors.items()
        ],
        languages=[
            {"value": "", "text": "English, or not stated", "selected": not values.get("language")}
        ]
        + [
            {"value": code, "text": name, "selected": values.get("language") == code}
            for name, code in sorted((language_name(code), code) for code in _LANGUAGES)
        ],
    )
    return make_response(page, Invalid.status if errors else 200)


def _problems(values: Mapping[str, str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not values["nhs_number"]:
        errors["nhs_number"] = "Type the NHS number"
    if not values["family_name"]:
        errors["family_name"] = "Type the last name"
    if _born(values) is None:
        errors["birth_date"] = "Type the date of birth as day, month and year"
    if values["postcode"]:
        try:
            normalise_postcode(values["postcode"])
        except InvalidPostcode:
            errors["postcode"] = "Type a whole postcode, or leave it empty"
    return errors


def _born(values: Mapping[str, str]) -> date | None:
    day, month, year = (values[name] for name in _BORN)
    if not (day.isdecimal() and month.isdecimal() and year.isdecimal()):
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
