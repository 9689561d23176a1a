"""OperationOutcome: how every refusal and every remark of the FHIR face reads.

Written as plain JSON, not through the models of `resources`: a warning rides on the hot path of a
submission, and a refusal must never cost more than the request it refuses. The tests validate what
comes out of here as R4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from template_service.errors import Invalid, Issue, ServiceError, Unauthenticated

from .negotiation import FHIR_JSON

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# Statuses whose answers keep every header, unlike a 304.
_COMPLETE = frozenset({200, 201})

# HTTP refusals of the framework itself, as codes of the value set issue-type.
_ISSUE_TYPES = {
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
}
# The framework's own sentences quote the request now and then; ours never do.
_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not answer this HTTP method.",
    406: "The service answers in application/fhir+json (FHIR R4) only.",
}


@dataclass(frozen=True, slots=True)
class Remark:
    """One issue of an OperationOutcome that no engine found (see `errors.Issue`)."""

    code: str
    message: str
    severity: str = "error"
    expression: str = ""


class FhirResponse(Response):
    """An answer whose headers are finished: Location is written as a URI, the length is known."""

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:
        """The headers to send; Werkzeug copies them and takes Location apart where it need not."""
        if self.status_code in _COMPLETE:
            return self.headers
        return super().get_wsgi_headers(environ)


def outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """An OperationOutcome resource as JSON; `issues` must hold at least one."""
    return {"resourceType": "OperationOutcome", "issue": [_issue(issue) for issue in issues]}


def refusal(error: ServiceError | HTTPException) -> Response:
    """The answer to a refused request: status, OperationOutcome, and the headers it calls for."""
    headers: dict[str, str] = {"Cache-Control": "no-store"}
    if isinstance(error, ServiceError):
        if isinstance(error, Unauthenticated):
            headers["WWW-Authenticate"] = "Bearer"
        return fhir_response(outcome(_issues_of(error)), error.status, headers)
    status = error.code or 500
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        headers["Allow"] = ", ".join(sorted(allowed))
    code = _ISSUE_TYPES.get(status, "processing" if status < 500 else "exception")
    sentence = _SENTENCES.get(status, error.name)
    return fhir_response(outcome([Remark(code, sentence)]), status, headers)


def fhir_response(
    resource: Mapping[str, Any] | bytes, status: int, headers: Mapping[str, str]
) -> Response:
    """A resource, as JSON or as the bytes it was kept in, in answer to a request."""
    body = resource if isinstance(resource, bytes) else orjson.dumps(resource)
    response = FhirResponse(body, status, content_type=FHIR_JSON)
    response.headers.extend(headers)
    return response


def _issues_of(error: ServiceError) -> tuple[Issue, ...]:
    if isinstance(error, Invalid) and error.problems:
        return error.problems
    return (Remark(error.code, error.message),)


def _issue(issue: Issue) -> dict[str, Any]:
    as_json: dict[str, Any] = {
        "severity": issue.severity,
        "code": issue.code,
        "diagnostics": issue.message,
    }
    if issue.expression:
        as_json["expression"] = [issue.expression]
    return as_json
