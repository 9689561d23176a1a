"""Refusals as pages a person can read: what happened, that nothing was lost, and what to do."""

from dataclasses import dataclass

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from template_service.errors import (
    Forbidden,
    Malformed,
    NotFound,
    ServiceError,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from template_service.web.blueprint import signed_in
from template_service.web.speech import english, mark
from template_service.web.speech import gettext as _


@dataclass(frozen=True, slots=True)
class Words:
    """A heading and the lines under it."""

    heading: str
    lines: tuple[str, ...]


class _OfTheService(str):
    """A message of the service itself, which is English on every page."""

    __slots__ = ()


_KEPT = mark(
    "What you typed is still in the page before this one: go back to it with your browser."
)
_WORDS: dict[int, Words] = {
    Malformed.status: Words(
        mark("The page could not be read"),
        (mark("The page was open too long, or part of it went missing on the way."), _KEPT),
    ),
    Unauthenticated.status: Words(
        mark("You have been signed out"),
        (
            mark("Nothing was saved."),
            _KEPT,
            mark("Sign in again in a new tab first, then save once more."),
        ),
    ),
    Forbidden.status: Words(
        mark("Your role cannot open this page"),
        (mark("If you need it for your work, ask whoever gave you your sign-in."),),
    ),
    NotFound.status: Words(
        mark("Page not found"),
        (
            mark("There is no such page, or it belongs to another organisation."),
            mark("If you followed a link in a message, look the person up instead."),
        ),
    ),
    405: Words(
        mark("This page cannot be opened like that"), (mark("Go back and use the button there."),)
    ),
    TooLarge.status: Words(
        mark("That was too large to read"),
        (mark("Nothing was saved."), _KEPT, mark("Make the text shorter and save again.")),
    ),
    TooManyRequests.status: Words(
        mark("Too many tries"), (mark("Wait a minute, then try again with the right password."),)
    ),
    Unavailable.status: Words(
        mark("The service cannot save just now"),
        (mark("Nothing was saved."), _KEPT, mark("Wait a moment, then save again.")),
    ),
}
_FAILED = Words(
    mark("Something went wrong"),
    (
        mark("The fault is ours and has been noted."),
        _KEPT,
        mark("If it happens again, ask for help."),
    ),
)


def refusal(error: ServiceError | HTTPException) -> Response:
    """The page for an error. Whoever is not signed in and opens a page is sent to sign in first."""
    if isinstance(error, Unauthenticated) and request.method in {"GET", "HEAD"}:
        return make_response(redirect(url_for("web.sign_in"), 303))
    status = error.status if isinstance(error, ServiceError) else error.code or 500
    words = _WORDS.get(status) or _other(error)
    page = render_template(
        "web/problem.html",
        heading=_said(words.heading),
        lines=[_said(line) for line in words.lines],
        back=url_for("web.home" if signed_in() else "web.sign_in"),
        back_text=_("Go to the first page") if signed_in() else _("Sign in"),
        request_id=g.get("request_id") if status >= 500 else None,
    )
    answer = make_response(page, status)
    if isinstance(error, HTTPException) and not isinstance(error, CSRFError):
        answer.headers.extend(
            (name, value)
            for name, value in error.get_headers()
            if name.lower() in {"allow", "retry-after"}
        )
    return answer


def _said(text: str) -> str:
    return english(text) if isinstance(text, _OfTheService) else _(text)


def _other(error: ServiceError | HTTPException) -> Words:
    """Refusals with words of their own: a rule that was broken says so in its message."""
    if isinstance(error, ServiceError) and 400 <= error.status < 500:
        return Words(_OfTheService(error.title), (_OfTheService(error.message), _KEPT))
    return _FAILED
