"""The JSON API (`/api`): routes over marshmallow schemas, and their OpenAPI document."""

from flask import Flask
from flask_smorest import Api

from template_service import __version__
from template_service.service import Service

from .routes import blueprint
from .schemas import ProblemDetails

_SPEC = {
    "title": "Template service",
    "version": __version__,
    "openapi_version": "3.1.0",
    "info": {"description": "Finds local services that fit a person's needs."},
}


def register(app: Flask, service: Service) -> None:
    """Adds the JSON routes to the application, over a service that is open."""
    api = Api()
    # Refusals are the application's own, RFC 9457 problems; each route says which it has.
    api.ERROR_SCHEMA = ProblemDetails
    api.DEFAULT_ERROR_RESPONSE_NAME = None
    api.init_app(app, spec_kwargs=_SPEC)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.register_blueprint(blueprint(service, api))
