"""What a refused form sent, carried on in the page of the refusal so that it can be sent again.

Pages are sent no-store, so a browser does not bring back what was typed on the page before. It is
kept in hidden fields of the answer and nowhere else: not on the server, in no cookie and no
address. Only what one of our own pages sent is carried, and only to one of our own forms in which
somebody types. A press is never carried: whoever sends it may not be who looked at the page.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException

SIGN_IN = "web.sign_in"
SAVE_TEMPLATE = "web.save_template"
SAVE_QUESTIONNAIRE = "web.save_questionnaire"

_FOR = "carried-for"
_PREFIX = "carried:"
_NEVER = frozenset({"csrf_token", "username", "password"})
# The forms in which something is typed; every other one is a press.
_TYPED = frozenset(
    {
        SAVE_TEMPLATE,
        SAVE_QUESTIONNAIRE,
        "web.people",
        "web.add_person",
        "web.refer",
        "web.move_referral",
        "web.directory",
        "web.flag_service",
        "web.suggest",
        "web.curate_in_charge",
        "web.curate_bulk",
        "web.curate_put_back",
        "web.curate_dates",
        "web.curate_edit",
        "web.curate_decide",
        "web.curate_proposal",
        "web.curate_import",
        "web.curate_run",
        "web.curate_publish",
        "web.curate_version",
        "web.curate_pair",
    }
)
# Not told of: nobody misses them, or a script asked for a part of a page.
_SILENT = frozenset(
    {
        SIGN_IN,
        "web.sign_out",
        "web.choose_language",
        "web.preview",
        "web.look_at_questionnaire",
    }
)
# Buttons of the pages that are saved as drafts. Without them a draft is saved, and nothing more.
_BUTTONS = frozenset({"acknowledge", "acknowledge-call", "call", "finish", "discard"})
_DRAFTS = frozenset({SAVE_TEMPLATE, SAVE_QUESTIONNAIRE})
_DO = "do"
# What changes the page alone: without it an answer that was cleared would be saved.
_ON_THE_PAGE = frozenset({"add", "remove", "clear", "go-on"})
# The field that a page of a questionnaire has, and a button about its draft alone has not.
_OF_A_PAGE = "token"
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
    def is_draft(self) -> bool:
        """Whether this is a page of answers, which is saved as a draft."""
        return self.endpoint in _DRAFTS

    @property
    def is_saved_at_once(self) -> bool:
        """Whether sending this saves a draft, and does not only change the page."""
        return self.is_draft and not {_DO, "clear"}.intersection(dict(self.fields))

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
    sent = _read()
    found = _handed_on(sent) if request.endpoint == SIGN_IN else _sent(sent)
    return found if found is not None and _fits(found) else None


def something_typed() -> bool:
    """Whether this request is a form in which somebody may have typed something."""
    endpoint = request.endpoint
    return request.method == "POST" and (endpoint is None or _may_be_typed_in(endpoint))


def pressed() -> bool:
    """Whether this request is a press that nothing was typed with."""
    if request.method != "POST" or request.endpoint in {None, *_SILENT}:
        return False
    return not something_typed() or _is_about_a_draft_alone(_read())


def _read() -> Fields:
    """The fields of this request; none where they cannot be read."""
    try:
        return tuple(request.form.items(multi=True))
    except HTTPException:
        return ()


def _is_same_origin() -> bool:
    """Whether the browser says that one of our pages sent this; `Origin` is for older browsers."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == request.host_url.rstrip("/")


def _sent(fields: Fields) -> Carried | None:
    endpoint = request.endpoint or ""
    if not fields or not _may_be_typed_in(endpoint) or _is_about_a_draft_alone(fields):
        return None
    query = request.query_string.decode(errors="replace")
    address = _with_query(url_for(endpoint, **request.view_args or {}), query)
    return Carried(address, endpoint, _own(endpoint, fields))


def _handed_on(fields: Fields) -> Carried | None:
    """What a sign-in carries. The address is worked out anew from the routes: it is ours."""
    path, _, query = dict(fields).get(_FOR, "").partition("?")
    try:
        endpoint, values = current_app.url_map.bind("").match(unquote(path), "POST")
    except HTTPException:
        return None
    if not _may_be_typed_in(endpoint):
        return None
    handed = tuple(
        (name.removeprefix(_PREFIX), text) for name, text in fields if name.startswith(_PREFIX)
    )
    address = _with_query(url_for(endpoint, **values), query)
    return Carried(address, endpoint, _own(endpoint, handed))


def _may_be_typed_in(endpoint: str) -> bool:
    return endpoint in _TYPED


def _is_about_a_draft_alone(fields: Fields) -> bool:
    """Whether a draft is to be discarded without its page: sent as typed, it would be emptied."""
    sent = dict(fields)
    is_discarded = sent.get(_DO, "").partition(":")[0] == "discard"
    return request.endpoint == SAVE_QUESTIONNAIRE and is_discarded and _OF_A_PAGE not in sent


def _with_query(address: str, query: str) -> str:
    asked = urlencode(parse_qsl(query, keep_blank_values=True))
    return f"{address}?{asked}" if asked else address


def _own(endpoint: str, fields: Fields) -> Fields:
    kept = (field for field in fields if field[0] not in _NEVER)
    if endpoint not in _DRAFTS:
        return tuple(kept)
    return tuple((name, text) for name, text in kept if not _is_button(name, text))


def _is_button(name: str, text: str) -> bool:
    return name in _BUTTONS or (name == _DO and text.partition(":")[0] not in _ON_THE_PAGE)


def _fits(found: Carried) -> bool:
    limit = request.max_content_length
    return limit is None or len(urlencode(found.through_sign_in)) + _ROOM_TO_SIGN_IN <= limit
