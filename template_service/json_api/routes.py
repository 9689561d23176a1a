"""The addresses of the JSON API, each described to OpenAPI where it is defined."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import orjson
from flask import Request, g
from flask_smorest import Api, Blueprint
from marshmallow import Schema
from webargs.flaskparser import FlaskParser

from directory.matching import Matches
from template_service.access.principal import Principal
from template_service.errors import PROBLEM_JSON, Malformed, UnsupportedMedia
from template_service.service import Service

from .match import match_services
from .schemas import MatchAnswer, MatchRequest, ProblemDetails

View = Callable[..., Any]

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


def blueprint(service: Service, api: Api) -> Blueprint:
    """The routes of the JSON API over one service; errors are answered by the application."""
    routes = Blueprint("api", __name__, url_prefix="/api")
    routes.ARGUMENTS_PARSER = JSONBody()

    @_post(routes, "/v1/match", takes=MatchRequest, gives=MatchAnswer)
    def match(wanted: Mapping[str, Any]) -> Matches:
        """Ranked services for needs, with reasons."""
        return match_services(service, cast(Principal, g.principal), wanted)

    def openapi() -> dict[str, Any]:
        """This document."""
        return cast(dict[str, Any], api.spec.to_dict())

    routes.route("/openapi.json")(openapi)
    return routes


def _post(
    routes: Blueprint, rule: str, *, takes: type[Schema], gives: type[Schema]
) -> Callable[[View], View]:
    """Adds a view that takes and gives JSON, for holders of a token, with the refusals of all."""

    def add(view: View) -> View:
        described = routes.response(200, gives)(routes.arguments(takes)(view))
        for status, sentence in _REFUSALS.items():
            described = routes.alt_response(
                status, schema=ProblemDetails, description=sentence, content_type=PROBLEM_JSON
            )(described)
        described = routes.doc(security=[{"bearer": []}])(described)
        routes.route(rule, methods=["POST"])(described)
        return view

    return add
