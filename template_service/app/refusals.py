"""Every error becomes an answer of the face it happened at: HTML, OperationOutcome or RFC 9457."""

from flask import Flask, Response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from template_service.app import logs
from template_service.app.gate import OPEN_PATH
from template_service.errors import ServiceError, TooLarge, Unavailable
from template_service.fhir_api.outcomes import refusal as fhir_refusal
from template_service.json_api.problems import refusal as problem_refusal
from template_service.web.refusals import refusal as page_refusal


def register(app: Flask) -> None:
    """Adds the handlers; an error nobody foresaw is logged and answered without its message."""

    @app.errorhandler(ServiceError)
    def refused(error: ServiceError) -> Response:
        return _answer(error)

    @app.errorhandler(HTTPException)
    def refused_by_framework(error: HTTPException) -> Response:
        return _answer(TooLarge() if error.code == TooLarge.status else error)

    @app.errorhandler(OperationalError)
    def store_failed(error: OperationalError) -> Response:
        logs.unexpected(error)
        return _answer(Unavailable())

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        logs.unexpected(error)
        return _answer(ServiceError())


def _answer(error: ServiceError | HTTPException) -> Response:
    if request.path.startswith("/fhir"):
        return fhir_refusal(error)
    if request.path.startswith(("/api", OPEN_PATH, "/healthz", "/readyz")):
        return problem_refusal(error)
    return page_refusal(error)
