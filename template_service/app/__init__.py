"""The application: `create_app` wires the faces to the service, and holds no logic of its own."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_compress import Compress
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from template_service import fhir_api, json_api, oruk_api, web
from template_service.app import bodies, gate, headers, health, logs, refusals, sign_in_limit
from template_service.data_folder import cookie_key
from template_service.service import Service, open_service
from template_service.settings import Settings

EXTENSION = "template_service"

_COMPRESSED = [
    "application/fhir+json",
    "application/json",
    "application/problem+json",
    "application/x-ndjson",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
]


def create_app(settings: Settings) -> Flask:
    """The WSGI application of one service, its store open as `app.extensions["template_service"]`.

    Raises what `open_service` raises; nothing is served until everything could be opened.
    """
    service = open_service(settings)
    # No static folder of its own: the pages bring theirs.
    app = Application("template_service", static_folder=None)
    app.config.update(_configuration(settings))
    app.session_interface = PageSessions()
    app.extensions[EXTENSION] = service
    logs.register(app)
    headers.register(app, settings)
    _protect(app, service)
    _bound(app, settings)
    refusals.register(app)
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": cookie_key(settings),
        "MAX_CONTENT_LENGTH": settings.max_body_bytes,
        "MAX_FORM_MEMORY_SIZE": settings.max_body_bytes,
        "COMPRESS_MIMETYPES": _COMPRESSED,
        # Files of the pages are streamed; without gzip here, older browsers would get them plain.
        "COMPRESS_ALGORITHM_STREAMING": ["zstd", "br", "gzip"],
        # Holds nothing but the seed of the form tokens; who is signed in is kept in the store.
        "SESSION_COOKIE_NAME": "__Host-form" if settings.cookie_secure else "form",
        "SESSION_COOKIE_SECURE": settings.cookie_secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # A form may stay open through a long consultation; the session bounds it, not the clock.
        "WTF_CSRF_TIME_LIMIT": None,
        # A browser or a proxy may leave out the Referer; the token decides.
        "WTF_CSRF_SSL_STRICT": False,
    }


class Application(Flask):
    """Flask without coroutines."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: none here is a coroutine, and Flask asks a dozen times a request."""
        return func


class PageSessions(SecureCookieSessionInterface):
    """The form cookie, for pages only: a system's request carries none and gets none."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a page's request, None for `/fhir`, `/api` and `/oruk`."""
        if request.path.startswith((*gate.BEARER_PATHS, gate.OPEN_PATH)):
            return None
        return super().open_session(app, request)


def _protect(app: Flask, service: Service) -> None:
    # The gate comes first: who may not use a route learns nothing of its forms.
    gate.register(app, service)
    csrf = CSRFProtect(app)
    for face in (web, fhir_api, json_api, oruk_api):
        face.register(app, service)
    health.register(app, service)
    # Bearer tokens are never sent by a browser on its own, so these cannot be forged from a page.
    for name in ("fhir", "api"):
        csrf.exempt(app.blueprints[name])


def _bound(app: Flask, settings: Settings) -> None:
    Compress(app)
    sign_in_limit.register(app, settings)
    # Flask's documented way to wrap an application, which mypy cannot see as one.
    app.wsgi_app = bodies.BoundedBodies(app.wsgi_app, settings.max_body_bytes)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
