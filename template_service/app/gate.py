"""The gate: who is asking (session cookie or bearer token), and whether they may use the route.

Pages know people by a session cookie; `/fhir` and `/api` know systems and people by a bearer token
and never look at a cookie, so a forged page can reach neither. `/oruk` asks nobody who they are.
"""

from flask import Flask, g, request

from template_service import clock, session_cookie
from template_service.access import policy, sessions, tokens
from template_service.access.principal import Principal
from template_service.actions.sign_in import limits_of
from template_service.service import Service

BEARER_PATHS = ("/fhir", "/api")
OPEN_PATH = "/oruk"


def register(app: Flask, service: Service) -> None:
    """Sets `g.principal` for every request and refuses what the policy does not allow."""
    limits = limits_of(service)

    @app.before_request
    def admit() -> None:
        principal = None
        endpoint = request.endpoint
        # A style sheet needs nobody signed in, so it is not worth a look into the store.
        if endpoint is not None and not (endpoint.endswith("static") or _is_open()):
            principal = _bearer(service) if _takes_tokens() else _signed_in(service, limits)
        g.principal = principal
        if endpoint is not None:
            policy.authorise(endpoint, principal)


def _is_open() -> bool:
    return request.path.startswith(OPEN_PATH)


def _takes_tokens() -> bool:
    return request.path.startswith(BEARER_PATHS)


def _bearer(service: Service) -> Principal | None:
    credentials = request.authorization
    if credentials is None or credentials.type != "bearer" or not credentials.token:
        return None
    with service.store.read() as conn:
        return tokens.resolve(conn, credentials.token, now=clock.now())


def _signed_in(service: Service, limits: sessions.Limits) -> Principal | None:
    value = session_cookie.read(request, service.settings)
    if value is None:
        return None
    return sessions.resolve(service.store, value, now=clock.now(), limits=limits)
