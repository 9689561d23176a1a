"""Refusals as pages a person can read: what happened, what was typed, and what to do."""

from dataclasses import dataclass

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from template_service.access.scope import OutOfScope
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
from template_service.web.carried import (
    SAVE_QUESTIONNAIRE,
    SIGN_IN,
    Carried,
    carried,
    pressed,
    something_typed,
)
from template_service.web.carried_page import carried_page
from template_service.web.carried_texts import typed_texts
from template_service.web.speech import english, mark
from template_service.web.speech import gettext as _


@dataclass(frozen=True, slots=True)
class Words:
    """A heading, the lines under it, and whether a form that was refused so may be lost."""

    heading: str
    lines: tuple[str, ...]
    may_be_lost: bool = True


class _OfTheService(str):
    """A message of the service itself, which is English on every page."""

    __slots__ = ()


_NOT_PRESSED = mark(
    "What you pressed was not recorded. Open the page again, look at it, and press again there."
)
_NOT_KEPT = mark(
    "What you typed could not be kept. Write down what you still know of it before you go on."
)
_TO_COPY = mark("Copy what you still need from below: it is kept nowhere.")
_SAFETY_AGAIN = mark(
    "Nothing about safety is shown here. Ask again what was answered about safety, when the person "
    "is seen alone."
)
_WORDS: dict[int, Words] = {
    Malformed.status: Words(
        mark("The page could not be read"),
        (
            mark("The page was open too long, or part of it went missing on the way."),
            mark("Nothing was saved."),
        ),
    ),
    Unauthenticated.status: Words(
        mark("You have been signed out"),
        (mark("Nothing was saved."),),
    ),
    Forbidden.status: Words(
        mark("Your role cannot open this page"),
        (mark("If you need it for your work, ask whoever gave you your sign-in."),),
        may_be_lost=False,
    ),
    NotFound.status: Words(
        mark("Page not found"),
        (
            mark("There is no such page, or it belongs to another organisation."),
            mark("If you followed a link in a message, look the person up instead."),
        ),
        may_be_lost=False,
    ),
    405: Words(
        mark("This page cannot be opened like that"),
        (mark("Go back and use the button there."),),
        may_be_lost=False,
    ),
    TooLarge.status: Words(
        mark("That was too large to read"),
        (mark("Nothing was saved."), mark("A shorter text can be saved.")),
    ),
    TooManyRequests.status: Words(
        mark("Too many tries"),
        (mark("Wait a minute, then try again with the right password."),),
        may_be_lost=False,
    ),
    Unavailable.status: Words(
        mark("The service cannot save just now"),
        (mark("Nothing was saved."), mark("Wait a moment, then save again.")),
    ),
}
_GONE = Words(
    mark("It is not there any more"),
    (mark("What this was for is not there any more."), mark("Nothing was saved.")),
)
_FAILED = Words(
    mark("Something went wrong"),
    (mark("The fault is ours and has been noted."), mark("If it happens again, ask for help.")),
)


def refusal(error: ServiceError | HTTPException) -> Response:
    """The page for an error; what a form sent is in it, to be sent again.

    Whoever is not signed in and opens a page, or signs out, is sent to sign in.
    """
    if isinstance(error, Unauthenticated) and _has_nothing_to_lose():
        return make_response(redirect(url_for("web.sign_in"), 303))
    status = error.status if isinstance(error, ServiceError) else error.code or 500
    answer = _page(error, _WORDS.get(status) or _other(error), status)
    if isinstance(error, HTTPException) and not isinstance(error, CSRFError):
        answer.headers.extend(
            (name, value)
            for name, value in error.get_headers()
            if name.lower() in {"allow", "retry-after"}
        )
    return answer


def _has_nothing_to_lose() -> bool:
    return request.method in {"GET", "HEAD"} or request.endpoint == "web.sign_out"


def _page(error: ServiceError | HTTPException, words: Words, status: int) -> Response:
    held = carried()
    if held is not None and _is_in_vain(error):
        return _to_copy(held, words if status == Malformed.status else _GONE, status)
    heading, lines = _said(words.heading), [_said(line) for line in words.lines]
    request_id = g.get("request_id") if status >= 500 else None
    if held is not None:
        return carried_page(
            held,
            signed_in(),
            heading,
            lines,
            status=status,
            request_id=request_id,
            refused=_is_of_who(error),
        )
    if words.may_be_lost and pressed():
        lines.append(_(_NOT_PRESSED))
    elif words.may_be_lost and something_typed():
        lines.append(_(_NOT_KEPT))
    page = render_template(
        "web/problem.html",
        heading=heading,
        lines=lines,
        back=url_for("web.home" if signed_in() else "web.sign_in"),
        back_text=_back_text(),
        request_id=request_id,
    )
    return make_response(page, status)


def _is_of_who(error: ServiceError | HTTPException) -> bool:
    """Whether it is not of what was sent, but of who sent it: somebody else may.

    Whoever must not know of a questionnaire learns no more of it than that.
    """
    if isinstance(error, Forbidden | OutOfScope):
        return True
    who = signed_in()
    is_unknown = isinstance(error, NotFound) and request.endpoint == SAVE_QUESTIONNAIRE
    return is_unknown and who is not None and not who.sees_safety


def _is_in_vain(error: ServiceError | HTTPException) -> bool:
    """Whether the same form would be refused again, whoever sends it."""
    if request.endpoint == SIGN_IN or isinstance(error, CSRFError) or _is_of_who(error):
        return False
    status = error.status if isinstance(error, ServiceError) else error.code
    return status in {Malformed.status, NotFound.status}


def _to_copy(held: Carried, words: Words, status: int) -> Response:
    """What was typed, to be copied, but for what is safety: another may look on."""
    typed, has_safety = typed_texts(held)
    again = held.address if status == Malformed.status and held.is_draft else ""
    lines = (
        *map(_said, words.lines),
        *([_(_TO_COPY)] if typed else []),
        *([_(_SAFETY_AGAIN)] if has_safety else []),
    )
    page = render_template(
        "web/problem.html",
        heading=_said(words.heading),
        lines=lines,
        typed=typed,
        back=again or url_for("web.home" if signed_in() else "web.sign_in"),
        back_text=_back_text(again=bool(again)),
        request_id=None,
    )
    return make_response(page, status)


def _back_text(*, again: bool = False) -> str:
    if again:
        return _("Open the page again")
    return _("Go to the first page") if signed_in() else _("Sign in")


def _said(text: str) -> str:
    return english(text) if isinstance(text, _OfTheService) else _(text)


def _other(error: ServiceError | HTTPException) -> Words:
    """Refusals with words of their own: a rule that was broken says so in its message."""
    if isinstance(error, ServiceError) and 400 <= error.status < 500:
        return Words(_OfTheService(error.title), (_OfTheService(error.message),))
    return _FAILED
