"""The application: `create_app` wires the faces to the service, and holds no logic of its own."""

from typing import TYPE_CHECKING, cast

from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from template_service import fhir_api, json_api, web
from template_service.app import bodies, gate, headers, health, logs, refusals
from template_service.data_folder import cookie_key
from template_service.service import Service, open_service
from template_service.settings import Settings

if TYPE_CHECKING:
    from flask.typing import RouteCallable

EXTENSION = "template_service"
SIGN_IN = "web.sign_in"

_COMPRESSED = [
    "application/fhir+json",
    "application/json",
    "application/problem+json",
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
    app = Flask("template_service", static_folder=None)
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
        # Referrer-Policy is no-referrer, so there is no Referer to compare; the token decides.
        "WTF_CSRF_SSL_STRICT": False,
    }


class PageSessions(SecureCookieSessionInterface):
    """The form cookie, for pages only: a system's request carries none and gets none."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a page's request, None for `/fhir` and `/api`."""
        if request.path.startswith(gate.BEARER_PATHS):
            return None
        return super().open_session(app, request)


def _protect(app: Flask, service: Service) -> None:
    # The gate comes first: who may not use a route learns nothing of its forms.
    gate.register(app, service)
    csrf = CSRFProtect(app)
    for face in (web, fhir_api, json_api):
        face.register(app, service)
    health.register(app, service)
    # Bearer tokens are never sent by a browser on its own, so these cannot be forged from a page.
    for name in ("fhir", "api"):
        csrf.exempt(app.blueprints[name])


def _bound(app: Flask, settings: Settings) -> None:
    Compress(app)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    # Every other request is let through before the limiter looks for limits it has not got.
    limiter.request_filter(lambda: request.endpoint != SIGN_IN)
    # Only failures count: a practice of ten behind one address may all sign in at eight o'clock.
    limit = limiter.limit(
        f"{settings.sign_ins_per_minute}/minute",
        methods=["POST"],
        deduct_when=lambda response: response.status_code != 303,
    )
    # The limiter may wrap coroutines too; ours is none.
    limited = cast("RouteCallable", limit(app.view_functions[SIGN_IN]))
    app.view_functions[SIGN_IN] = limited
    # Flask's documented way to wrap an application, which mypy cannot see as one.
    app.wsgi_app = bodies.BoundedBodies(app.wsgi_app, settings.max_body_bytes)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
