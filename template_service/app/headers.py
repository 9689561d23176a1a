"""The headers every answer carries: security, caching and the request id."""

import re
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request

from template_service.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUEST_ID = "X-Request-Id"

_ID_BYTES = 16
# A caller's id is kept when it is plainly an id: it goes into headers and logs.
_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_ALWAYS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Addresses hold ids of people's records; no other site may learn them. Our own hears them: with
    # `no-referrer` an older browser would say of our forms that they come from nowhere.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# RFC 6797, one year. Subdomains are the deployer's to decide.
_STRICT_TRANSPORT = "max-age=31536000"
# A file whose address names its content never changes.
_IMMUTABLE = "public, max-age=31536000, immutable"
_REVALIDATE = "public, no-cache"


class SecureAnswers:
    """WSGI middleware that adds constant headers to every answer, whatever made it."""

    def __init__(
        self, application: "WSGIApplication", headers: tuple[tuple[str, str], ...]
    ) -> None:
        self._application = application
        self._headers = headers

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answers as the wrapped application does."""

        def adding(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, *self._headers], exc_info)

        return self._application(environ, adding)


def register(app: Flask, settings: Settings) -> None:
    """Adds the hooks that name each request and finish each answer."""
    always = dict(_ALWAYS)
    if settings.cookie_secure:
        always["Strict-Transport-Security"] = _STRICT_TRANSPORT
    app.wsgi_app = SecureAnswers(app.wsgi_app, tuple(always.items()))  # type: ignore[method-assign]

    @app.before_request
    def name_request() -> None:
        given = request.headers.get(REQUEST_ID, "")
        g.request_id = given if _PLAIN_ID.fullmatch(given) else secrets.token_hex(_ID_BYTES)

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers[REQUEST_ID] = g.request_id
        endpoint = request.endpoint
        if endpoint and endpoint.endswith("static") and response.status_code < 400:
            response.headers["Cache-Control"] = _IMMUTABLE if "v" in request.args else _REVALIDATE
        else:
            response.headers.setdefault("Cache-Control", "no-store")
        return response
