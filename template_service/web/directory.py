"""The directory for every role: search it, narrow it, see where services are, read one of them."""

from dataclasses import replace
from typing import Final

from flask import Response, make_response, redirect, render_template, request

from directory.model import NEEDS
from template_service import clock
from template_service.errors import Invalid, NotFound
from template_service.web.blueprint import blueprint, may_open, principal, service
from template_service.web.directory_choice import (
    ACCESS,
    CHANNELS,
    WHEN,
    Choice,
    problems,
)
from template_service.web.directory_found import EACH_PAGE, LAST_PAGE, href, shown, tries
from template_service.web.directory_places import NotPlaced, city_of, postcodes_in, ward_of
from template_service.web.directory_wishes import wishes
from template_service.web.languages import LANGUAGES
from template_service.web.service_view import present

# Of a page number; longer ones are nobody's.
_DIGITS: Final = 3


@blueprint.route("/directory", methods=["GET", "POST"])
def directory() -> Response:
    """The services that suit the wishes of the address, page by page.

    What is typed comes by POST, and leads to its address: a postcode among the words becomes its
    ward, so that it stands in no address and no log.
    """
    is_sent = request.method == "POST"
    choice, postcode = _postcode(Choice.of(request.form if is_sent else request.args))
    if postcode is None:
        return make_response(redirect(href(choice), 303)) if is_sent else _page(choice)
    try:
        ward = ward_of(service().geography, postcode)
    except NotPlaced as wrong:
        return _page(choice, {"postcode": str(wrong)}, postcode)
    return make_response(redirect(href(replace(choice, near=ward)), 303))


def _postcode(choice: Choice) -> tuple[Choice, str | None]:
    """A choice without the postcode among its words, and the postcode sent or typed, if any."""
    if "postcode" in request.form:
        return choice, request.form["postcode"]
    words, found = postcodes_in(choice.search)
    return (replace(choice, search=words), found[0]) if found else (choice, None)


@blueprint.get("/directory/<service_id>", endpoint="service")
def one_service(service_id: str) -> str:
    """One service with everything known about it and where it was read."""
    try:
        found = service().directory.service(service_id)
    except KeyError:
        raise NotFound from None
    return render_template(
        "web/service.html", service=present(found, clock.today()), may_curate=may_curate()
    )


def may_curate() -> bool:
    """Whether whoever is signed in opens the curators' pages."""
    return may_open("web.curate", principal())


def _page(choice: Choice, wrong: dict[str, str] | None = None, postcode: str = "") -> Response:
    """The page of a choice. What cannot be understood is told, and nothing is searched for."""
    running = service()
    errors = wrong or problems(choice, running.geography)
    values: dict[str, object] = {"wishes": (), "found": None, "tries": ()}
    if not errors:
        now = clock.now()
        number = _page_number()
        search = choice.as_search(running.geography, now)
        found = running.directory.look(search, number * EACH_PAGE)
        asked = wishes(choice, running.geography, now)
        values = {
            "wishes": [(wish.text, href(wish.without), wish.undo) for wish in asked],
            "found": shown(running, choice, found, number),
            "tries": () if found.total else tries(running, choice, asked),
        }
    page = render_template(
        "web/directory.html",
        choice=choice,
        options=_options(),
        city=city_of(running.geography),
        errors=errors,
        failed=bool(errors),
        error_list=[{"text": text, "href": f"#{place}"} for place, text in errors.items()],
        postcode=postcode,
        **values,
    )
    return make_response(page, Invalid.status if errors else 200)


def _page_number() -> int:
    asked = request.args.get("page", "")
    is_number = asked.isascii() and asked.isdecimal() and len(asked) <= _DIGITS
    return min(max(int(asked), 1), LAST_PAGE) if is_number else 1


def _options() -> dict[str, dict[str, str]]:
    """What there is to choose from, code to words."""
    needs = sorted(NEEDS.items(), key=lambda item: item[1].casefold())
    return {
        "need": {code: phrase[:1].upper() + phrase[1:] for code, phrase in needs},
        "when": dict(WHEN),
        "language": dict(LANGUAGES),
        "access": dict(ACCESS),
        "channel": dict(CHANNELS),
    }
