"""Signing in and out."""

from flask import Response, make_response, redirect, render_template, request, url_for

from template_service import clock, session_cookie
from template_service.access.sessions import resolve
from template_service.actions.sign_in import WrongSignIn, limits_of
from template_service.actions.sign_in import sign_in as start_session
from template_service.actions.sign_in import sign_out as end_session
from template_service.web.blueprint import blueprint, service, signed_in
from template_service.web.carried import carried
from template_service.web.carried_page import carried_page
from template_service.web.speech import gettext as _
from template_service.web.speech import mark

_WRONG = mark("The username or password is not right")


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response:
    """The form, and what comes of it; whoever is signed in already goes to their first page."""
    if request.method == "POST":
        return _start()
    if signed_in() is not None:
        return make_response(redirect(url_for("web.home"), 303))
    return make_response(render_template("web/sign_in.html", username=""))


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """Ends the session on the server, then forgets it in the browser."""
    settings = service().settings
    value = session_cookie.read(request, settings)
    if value is not None:
        end_session(service(), sid=value)
    answer = make_response(redirect(url_for("web.sign_in"), 303))
    session_cookie.take_back(answer, settings)
    return answer


def _start() -> Response:
    """Signs in, ending the session this browser had; a wrong try never says what was wrong."""
    settings = service().settings
    username = request.form.get("username", "")
    try:
        value = start_session(
            service(),
            username=username,
            password=request.form.get("password", ""),
            previous=session_cookie.read(request, settings),
        )
    except WrongSignIn as wrong:
        return _again(username, wrong)
    answer = _onwards(value)
    session_cookie.give(answer, value, settings)
    return answer


def _again(username: str, wrong: WrongSignIn) -> Response:
    """The form once more, with what it carries."""
    held = carried()
    if held is not None:
        lines = (_("Nothing was saved."),)
        return carried_page(
            held,
            None,
            _("Sign in"),
            lines,
            status=wrong.status,
            username=username,
            failed=_(_WRONG),
        )
    page = render_template("web/sign_in.html", username=username, failed=_(_WRONG))
    return make_response(page, wrong.status)


def _onwards(value: str) -> Response:
    """To the first page, or to sending what was typed before somebody had to sign in."""
    held = carried()
    if held is None:
        return make_response(redirect(url_for("web.home"), 303))
    who = resolve(service().store, value, now=clock.now(), limits=limits_of(service()))
    return carried_page(held, who, _("Send what you typed"), (_("Nothing was saved."),))
