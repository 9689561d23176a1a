"""The addresses of the JSON API, and the OpenAPI document made from their schemas."""

from collections.abc import Mapping
from typing import Any, cast

import orjson
from flask import Request, g
from flask_smorest import Api, Blueprint
from marshmallow import Schema
from webargs.flaskparser import FlaskParser

from directory.matching import Matches
from template_service.access.principal import Principal
from template_service.errors import Malformed, UnsupportedMedia
from template_service.service import Service

from .match import match_services
from .problems import PROBLEM_JSON
from .schemas import MatchAnswer, MatchRequest, ProblemDetails

_REFUSALS = {
    400: "The body is not well-formed JSON.",
    401: "No valid token.",
    403: "The role of the token may not do this.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "A field breaks a rule; `errors` names each.",
}


class JSONBody(FlaskParser):
    """Reads request bodies: the library's own reader breaks on JSON that nests very deep."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body as JSON values; raises Malformed with line and column, or UnsupportedMedia."""
        del schema
        if not req.is_json:
            raise UnsupportedMedia("Send application/json.")
        try:
            return orjson.loads(req.get_data())
        except orjson.JSONDecodeError as broken:
            raise Malformed(
                f"The body is not JSON we can read (line {broken.lineno}, column {broken.colno})."
            ) from None


class JSONBlueprint(Blueprint):
    """A blueprint whose bodies are read by `JSONBody`."""

    ARGUMENTS_PARSER = JSONBody()


class JSONApi(Api):
    """The API; its refusals are the application's, written as RFC 9457 problems."""

    ERROR_SCHEMA = ProblemDetails
    DEFAULT_ERROR_RESPONSE_NAME = None


def blueprint(service: Service, api: Api) -> Blueprint:
    """The routes of the JSON API over one service; errors are answered by the application."""
    routes = JSONBlueprint("api", __name__, url_prefix="/api")

    @routes.route("/v1/match", methods=["POST"])
    @routes.arguments(MatchRequest)
    @routes.response(200, MatchAnswer)
    @routes.doc(
        summary="Ranked services for needs, with reasons",
        security=[{"bearer": []}],
    )
    def match(wanted: Mapping[str, Any]) -> Matches:
        return match_services(service, cast(Principal, g.principal), wanted)

    for status, sentence in _REFUSALS.items():
        match = routes.alt_response(
            status, schema=ProblemDetails, description=sentence, content_type=PROBLEM_JSON
        )(match)

    @routes.route("/openapi.json")
    @routes.doc(summary="This document")
    def openapi() -> dict[str, Any]:
        return cast(dict[str, Any], api.spec.to_dict())

    return routes
