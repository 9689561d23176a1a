"""The page that holds what was typed: to sign in and send it, or to send it again at once."""

from collections.abc import Iterable

from flask import Response, make_response, render_template, url_for

from template_service.access.policy import POLICY, Public
from template_service.access.principal import Principal
from template_service.web.blueprint import may_open
from template_service.web.carried import SIGN_IN, Carried
from template_service.web.speech import as_written
from template_service.web.speech import gettext as _


def carried_page(
    held: Carried,
    who: Principal | None,
    heading: str,
    lines: Iterable[str],
    *,
    status: int = 200,
    username: str = "",
    failed: str = "",
    request_id: str | None = None,
    refused: bool = False,
) -> Response:
    """What happened, and one form with all that was typed.

    It goes where it was meant to go when `who` may send it, and else through signing in. `username`
    and `failed` are of a try to sign in, `request_id` of a fault; `refused`: `who` may not send it.
    """
    may = not refused and _may_send(held, who)
    html = render_template(
        "web/carried.html",
        heading=heading,
        lines=(*lines, *_told(who, may=may), *_of_drafts(held)),
        may=may,
        action=held.address if may else url_for(SIGN_IN),
        held=held.fields if may else held.through_sign_in,
        username=username,
        failed=failed,
        request_id=request_id,
        # No menu: what is typed would be lost behind any of its links.
        principal=None,
    )
    return make_response(html, status)


def _may_send(held: Carried, who: Principal | None) -> bool:
    """Whether the route is open to them; what they may do there, it decides when it is sent."""
    if who is None:
        return isinstance(POLICY.get(held.endpoint), Public)
    return may_open(held.endpoint, who)


def _of_drafts(held: Carried) -> tuple[str, ...]:
    if not held.is_saved_at_once:
        return ()
    return (
        _("When you send it, what you typed is saved as a draft; then look at it and finish it."),
        _("Nothing else happens then: nobody is called, and no card is dealt with."),
    )


def _told(who: Principal | None, *, may: bool) -> tuple[str, ...]:
    kept = _("What you typed is kept in this page, but not shown. Leave the page open.")
    if who is None:
        return (kept, _("Send it from here.") if may else _("Sign in here, then you can send it."))
    name = as_written(who.name)
    if not may:
        return (
            kept,
            _(
                "You are signed in as %(name)s, who cannot send this. "
                "Somebody who can may sign in here and send it.",
                name=name,
            ),
        )
    return (
        kept,
        _("You are signed in as %(name)s. What is sent is recorded under this name.", name=name),
    )
