"""Which language a page speaks: the one chosen in its footer, else what the browser asks for.

Only the pages that a person or their carer looks at with staff speak languages. Every other page is
English as a whole, its header and its `lang` included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import parse_qs

from flask import Flask, Response, current_app, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from template_service.questionnaire.languages import best_language, direction
from template_service.settings import Settings
from template_service.web import speech
from template_service.web.blueprint import blueprint, service
from template_service.web.catalogues import own_name
from template_service.web.speech import ENGLISH, ENGLISH_TAG, Speech

# The pages that speak, and the forms whose outcome the next of them tells.
SPEAKING: Final = frozenset(
    {
        "web.sign_in",
        "web.template",
        "web.save_template",
        "web.preview",
        "web.plan",
        "web.finish",
        "web.give",
        "web.give_print",
        "web.acknowledge",
        "web.call_clinician",
        "web.questionnaires",
        "web.questionnaire",
        "web.save_questionnaire",
        "web.look_at_questionnaire",
        "web.questionnaire_result",
    }
)

_EXTENSION: Final = "template_service.languages"
_LANGUAGE, _PAGE = "language", "page"


@dataclass(frozen=True, slots=True)
class Offer:
    """A language of the menu, by what it calls itself."""

    tag: str
    name: str
    direction: str
    current: bool


def register(app: Flask, settings: Settings) -> None:
    """Reads the catalogues of the languages set, and gives every request its language.

    Raises `BadCatalogue` for a language without a catalogue.
    """
    offered = {tag: speech.speech_of(tag) for tag in settings.languages or (ENGLISH_TAG,)}
    app.extensions[_EXTENSION] = offered
    environment = app.jinja_env
    environment.globals["_"] = speech.in_page
    for said in (speech.english, speech.as_written, speech.figures, speech.bare):
        environment.filters[said.__name__] = said
    app.url_value_preprocessor(_choose)
    app.after_request(_describe)
    app.teardown_request(_forget)


@blueprint.app_template_global("language_menu")
def menu() -> tuple[Offer, ...]:
    """What the menu of this page offers: nothing where there is no choice."""
    offered = _offered()
    if len(offered) == 1 or request.endpoint not in SPEAKING:
        return ()
    current = speech.speech().tag
    return tuple(Offer(tag, own_name(tag), direction(tag), tag == current) for tag in offered)


@blueprint.post("/language")
def choose_language() -> AnyResponse:
    """Keeps the language that was chosen, and shows the same page in it.

    The cookie holds the language and nothing of whoever chose it; the browser forgets it when it
    closes. Where to go is worked out anew from the routes, so it is a page of this service.
    """
    answer = redirect(_page(request.form.get(_PAGE, "")), 303)
    chosen = request.form.get(_LANGUAGE, "")
    if chosen in _offered():
        settings = service().settings
        answer.set_cookie(
            _cookie(settings),
            chosen,
            secure=settings.cookie_secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )
    return answer


def _page(address: str) -> str:
    """The address of a page that speaks, or of the first page for anything else.

    The language chosen for the questions of a questionnaire stays.
    """
    path, _, query = address.partition("?")
    asked = parse_qs(query).get("lang", [None])
    try:
        endpoint, values = current_app.url_map.bind("").match(path, "GET")
    except HTTPException:
        return url_for("web.home")
    if endpoint not in SPEAKING:
        return url_for("web.home")
    return url_for(endpoint, **values, lang=asked[0])


def _offered() -> Mapping[str, Speech]:
    return cast("Mapping[str, Speech]", current_app.extensions[_EXTENSION])


def _cookie(settings: Settings) -> str:
    """The cookie's name; `__Host-` binds it to this host, over HTTPS, for the whole site."""
    return "__Host-language" if settings.cookie_secure else "language"


def _choose(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """The first thing of a request, so that a refusal speaks the language of the page too."""
    speech.speak(_wanted() if endpoint in SPEAKING else ENGLISH)


def _wanted() -> Speech:
    offered = _offered()
    chosen = offered.get(request.cookies.get(_cookie(service().settings), ""))
    if chosen is None:
        chosen = offered[best_language(request.headers.get("Accept-Language"), tuple(offered))]
    return chosen


def _describe(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = speech.speech().tag
        if len(_offered()) > 1 and request.endpoint in SPEAKING:
            response.vary.update(("Accept-Language", "Cookie"))
    return response


def _forget(_error: BaseException | None) -> None:
    # The thread goes on to the next request.
    speech.speak(ENGLISH)
