"""RFC 9457 problem details: how every refusal of the JSON API reads."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import orjson
from flask import Response
from werkzeug.exceptions import HTTPException

from template_service.errors import (
    PROBLEM_JSON,
    PROBLEM_TYPES,
    Invalid,
    ServiceError,
    Unauthenticated,
)


def refusal(error: ServiceError | HTTPException) -> Response:
    """The answer to a refused request: its status, its problem, the headers it calls for.

    `errors` names each thing wrong with the body: a JSON Pointer (RFC 6901) as a URI fragment, and
    a sentence.
    """
    if isinstance(error, ServiceError):
        headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthenticated) else {}
        return _response(_described(error), headers)
    if error.code == Invalid.status:
        return _response(_described(Invalid()) | {"errors": list(_field_errors(error))}, {})
    allowed = getattr(error, "valid_methods", None)
    slug = error.name.lower().replace(" ", "-")
    problem = _problem(error.code or 500, slug, error.name)
    if not allowed:
        return _response(problem, {})
    methods = ", ".join(sorted(allowed))
    detail = f"This address answers {methods} alone."
    return _response(problem | {"detail": detail}, {"Allow": methods})


def _described(error: ServiceError) -> dict[str, Any]:
    problem = _problem(error.status, error.slug, error.title)
    if error.message != error.title:
        problem["detail"] = error.message
    if isinstance(error, Invalid) and error.problems:
        problem["errors"] = [
            {"pointer": issue.expression, "detail": issue.message} for issue in error.problems
        ]
    return problem


def _problem(status: int, slug: str, title: str) -> dict[str, Any]:
    return {"type": f"{PROBLEM_TYPES}/{slug}", "title": title, "status": status}


def _field_errors(error: HTTPException) -> Iterator[dict[str, str]]:
    messages = getattr(error, "data", {}).get("messages", {})
    yield from _flatten(messages.get("json", {}), "#")


def _flatten(messages: Any, pointer: str) -> Iterator[dict[str, str]]:
    if isinstance(messages, Mapping):
        for key, below in messages.items():
            # marshmallow files what is wrong with the whole object under this name.
            yield from _flatten(below, pointer if key == "_schema" else f"{pointer}/{_token(key)}")
    else:
        for sentence in messages:
            yield {"pointer": pointer, "detail": sentence}


def _token(key: object) -> str:
    return quote(str(key).replace("~", "~0").replace("/", "~1"), safe="~")


def _response(problem: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    response = Response(orjson.dumps(problem), problem["status"], content_type=PROBLEM_JSON)
    response.headers.extend(headers)
    return response
