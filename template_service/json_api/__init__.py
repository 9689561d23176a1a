"""The JSON API (`/api`): routes over marshmallow schemas, and their OpenAPI document."""

from flask import Flask

from template_service import __version__
from template_service.service import Service

from .routes import JSONApi, blueprint


def register(app: Flask, service: Service) -> None:
    """Adds the JSON routes to the application, over a service that is open."""
    api = JSONApi(
        app,
        spec_kwargs={
            "title": "Template service",
            "version": __version__,
            "openapi_version": "3.1.0",
            "info": {"description": "Finds local services that fit a person's needs."},
        },
    )
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.register_blueprint(blueprint(service, api))
