"""What a refused form sent, carried on in the page of the refusal so that it can be sent again.

Pages are sent no-store, so a browser does not bring back what was typed on the page before. It is
kept in hidden fields of the answer and nowhere else: not on the server, in no cookie and no
address. Only what one of our own pages sent is carried, and only to one of our own forms.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException

SIGN_IN = "web.sign_in"

_FOR = "carried-for"
_PREFIX = "carried:"
_NEVER = frozenset({"csrf_token", "username", "password"})
# Nothing is typed there, or the answer is a part of a page that a script asked for.
_NOTHING_TYPED = frozenset(
    {
        SIGN_IN,
        "web.sign_out",
        "web.choose_language",
        "web.preview",
        "web.look_at_questionnaire",
    }
)
_FORM = "application/x-www-form-urlencoded"
# A user name, a password and a token, which are sent along through signing in.
_ROOM_TO_SIGN_IN = 1024

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """The fields of a form, and the address of the route of ours that they are for."""

    address: str
    endpoint: str
    fields: Fields

    @property
    def through_sign_in(self) -> Fields:
        """The fields as the sign-in form holds them, apart from its own."""
        return ((_FOR, self.address), *((_PREFIX + name, text) for name, text in self.fields))


def carried() -> Carried | None:
    """What the form of this request sent, or what a sign-in carries; None when nothing may be.

    What another site sent is not carried, nor a form with a file, nor what is too long to return.
    """
    if request.method != "POST" or request.mimetype != _FORM or not _is_same_origin():
        return None
    try:
        sent = tuple(request.form.items(multi=True))
    except HTTPException:
        return None
    found = _handed_on(sent) if request.endpoint == SIGN_IN else _sent(sent)
    return found if found is not None and _fits(found) else None


def something_typed() -> bool:
    """Whether this request is a form in which somebody may have typed something."""
    return request.method == "POST" and request.endpoint not in _NOTHING_TYPED


def _is_same_origin() -> bool:
    """Whether the browser says that one of our pages sent this; `Origin` is for older browsers."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == request.host_url.rstrip("/")


def _sent(fields: Fields) -> Carried | None:
    endpoint = request.endpoint or ""
    if not _is_carried_to(endpoint):
        return None
    query = request.query_string.decode(errors="replace")
    address = _with_query(url_for(endpoint, **request.view_args or {}), query)
    return Carried(address, endpoint, _own(fields))


def _handed_on(fields: Fields) -> Carried | None:
    """What a sign-in carries. The address is worked out anew from the routes: it is ours."""
    path, _, query = dict(fields).get(_FOR, "").partition("?")
    try:
        endpoint, values = current_app.url_map.bind("").match(unquote(path), "POST")
    except HTTPException:
        return None
    if not _is_carried_to(endpoint):
        return None
    handed = tuple(
        (name.removeprefix(_PREFIX), text) for name, text in fields if name.startswith(_PREFIX)
    )
    return Carried(_with_query(url_for(endpoint, **values), query), endpoint, _own(handed))


def _is_carried_to(endpoint: str) -> bool:
    return endpoint.startswith("web.") and endpoint not in _NOTHING_TYPED


def _with_query(address: str, query: str) -> str:
    asked = urlencode(parse_qsl(query, keep_blank_values=True))
    return f"{address}?{asked}" if asked else address


def _own(fields: Fields) -> Fields:
    return tuple((name, text) for name, text in fields if name not in _NEVER)


def _fits(found: Carried) -> bool:
    limit = request.max_content_length
    return limit is None or len(urlencode(found.through_sign_in)) + _ROOM_TO_SIGN_IN <= limit
