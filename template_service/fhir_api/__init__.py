"""The FHIR R4 face (`/fhir`): JSON in, JSON out, every refusal an OperationOutcome."""

from flask import Flask

from template_service.service import Service

from .routes import blueprint


def register(app: Flask, service: Service) -> None:
    """Adds the FHIR routes to the application, over a service that is open."""
    app.register_blueprint(blueprint(service))
