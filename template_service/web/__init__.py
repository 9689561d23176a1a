"""The pages for people: server-rendered, complete without JavaScript, one module per journey."""

from flask import Flask
from jinja2 import ChainableUndefined, ChoiceLoader, PackageLoader

from template_service.service import Service
from template_service.web import (  # noqa: F401 -- importing a journey adds its routes
    curate,
    directory,
    heard,
    home,
    language_choice,
    people,
    plan,
    private,
    questionnaire_list,
    questionnaires,
    referrals,
    reports,
    sign_in,
    template,
    worklist,
)
from template_service.web.blueprint import blueprint


def register(app: Flask, service: Service) -> None:
    """Adds the pages to an application whose `template_service` extension is this service."""
    app.extensions["template_service"] = service
    # Flask escapes in `.html` alone, and the NHS components are `.jinja`: what people typed goes
    # through them into values, options and error summaries.
    app.jinja_env.autoescape = True
    # The NHS components ask for chained attributes of parameters that were not given.
    app.jinja_env.undefined = ChainableUndefined
    loaders = [app.jinja_env.loader, PackageLoader("nhsuk_frontend_jinja")]
    app.jinja_env.loader = ChoiceLoader([loader for loader in loaders if loader is not None])
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    language_choice.register(app, service.settings)
    app.register_blueprint(blueprint)
