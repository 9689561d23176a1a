"""The open directory (`/oruk/v3`): what is published, as Open Referral UK v3, for anybody."""

from flask import Flask

from template_service.service import Service

from .routes import blueprint


def register(app: Flask, service: Service) -> None:
    """Adds the open directory to the application, over a service that is open."""
    app.register_blueprint(blueprint(service))
