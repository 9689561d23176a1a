"""Signed links to organisations: which service a link is about, and until when it is good."""

from datetime import timedelta
from typing import Final

from flask import current_app
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from template_service.errors import NotFound

GOOD_FOR: Final = timedelta(days=30)
_SALT: Final = "suggest a change of an entry of the directory"


class LinkExpired(NotFound):
    """The link was good once."""

    title = "This link has expired"


def make(service_id: str) -> str:
    """The token of a link about a service (published id); it names nobody and gives nothing else.

    Signed with the key of the form cookie: another key makes all links void.
    """
    return str(_signer().dumps(service_id))


def service_of(token: str) -> str:
    """The published id of the service a token is about; raises LinkExpired, NotFound."""
    try:
        return str(_signer().loads(token, max_age=int(GOOD_FOR.total_seconds())))
    except SignatureExpired:
        raise LinkExpired from None
    except BadSignature:
        raise NotFound from None


def _signer() -> URLSafeTimedSerializer:
    key = current_app.secret_key
    if key is None:
        raise RuntimeError("the application has no key to sign with")
    return URLSafeTimedSerializer(key, salt=_SALT)
