"""The blueprint of the pages, and what each has at hand: who is signed in, menu, demo banner."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, current_app, g, request, session, url_for
from markupsafe import Markup

from template_service.access.policy import POLICY, Public
from template_service.access.principal import Principal
from template_service.errors import Unauthenticated
from template_service.records import organisations
from template_service.service import Service
from template_service.web import speech
from template_service.web.speech import gettext as _
from template_service.web.speech import mark

PRODUCT = mark("Social determinants template")

_STATIC = Path(__file__).parent / "static"
_MENU = (
    ("web.people", mark("People")),
    ("web.worklist", mark("Worklist")),
    ("web.directory", mark("Services")),
    ("web.curate", mark("Curate")),
    ("web.reports", mark("Reports")),
)
_NOTICES = "notices"

blueprint = Blueprint(
    "web", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a menu or a list."""

    text: str
    href: str
    current: bool = False


def service() -> Service:
    """The service this application runs."""
    return cast(Service, current_app.extensions["template_service"])


def principal() -> Principal:
    """Whoever is signed in; raises `Unauthenticated` when nobody is."""
    found = signed_in()
    if found is None:
        raise Unauthenticated
    return found


def signed_in() -> Principal | None:
    """Whoever is signed in, or None."""
    return cast("Principal | None", g.get("principal"))


def menu(who: Principal | None) -> tuple[Link, ...]:
    """The pages this role may open."""
    return tuple(
        Link(_(text), url_for(endpoint), current=request.endpoint == endpoint)
        for endpoint, text in _MENU
        if who is not None and may_open(endpoint, who)
    )


def may_open(endpoint: str, who: Principal) -> bool:
    """Whether a role may use an endpoint: what it may not use is not linked."""
    rule = POLICY.get(endpoint, frozenset())
    return isinstance(rule, Public) or who.role in rule


def organisation_name(who: Principal | None) -> str:
    """The name of the organisation whoever is signed in works at."""
    if who is None:
        return service().settings.organisation_name
    with service().store.read() as conn:
        found = organisations.get(conn, who.organisation_id)
    return found.name if found else ""


def notify(text: str) -> None:
    """Show a sentence on the next page. It travels in a cookie: never anything about a person."""
    session[_NOTICES] = [*session.get(_NOTICES, []), text]


@cache
def _version(name: str) -> str:
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a static file; it names its content, so that browsers may keep it for good."""
    return url_for("web.static", filename=name, v=_version(name))


@blueprint.app_context_processor
def at_hand() -> dict[str, Any]:
    """What base.html uses."""
    who = signed_in()
    return {
        "product": _(PRODUCT),
        "spoken": speech.speech(),
        # Beside a box in which somebody writes in a language of their own.
        "own_way": "" if speech.speech() is speech.ENGLISH else Markup(' dir="auto"'),
        "asset": asset,
        "demo": service().settings.demo,
        "principal": who,
        "menu": menu(who),
        "organisation_name": organisation_name(who),
        "notices": session.pop(_NOTICES, []) if _NOTICES in session else [],
    }
