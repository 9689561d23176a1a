"""The addresses of the open directory: read only, for anybody, from any site."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import orjson
from flask import Blueprint, Request, Response, request

from template_service.errors import NotFound
from template_service.service import Service

from .catalogue import KINDS, Catalogue, Shelf
from .conditional import POSTCODE, answered
from .limit import Limit
from .pages import lines, page
from .problems import WrongParameters, refusal
from .query import read_query
from .selecting import selected

PREFIX: Final = "/oruk/v3"
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"

# As the Open Referral UK documentation and its validator write them.
_ABOUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "version": "HSDS-UK-3.0",
        "profile": "https://github.com/OpenReferralUK/uk-profile/blob/main/docs/index.md",
        "openapi_url": "https://docs.openreferraluk.org/en/latest/openapi30.json",
    }
)
# Fetch standard: any site may read, without credentials, and see these headers.
_CROSS_ORIGIN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
        "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match, If-Modified-Since, "
        "X-Request-Id",
        "Access-Control-Expose-Headers": "ETag, Last-Modified, Retry-After, X-Request-Id",
        "Access-Control-Max-Age": "86400",
    }
)
_RETRY_SECONDS: Final = "60"


def blueprint(service: Service) -> Blueprint:
    """The routes of the open directory over one service."""
    routes = Blueprint("oruk", __name__, url_prefix=PREFIX)
    _protect(routes, Limit(service.settings.oruk_requests_per_minute))
    shelf = Shelf(service)
    _add_start(routes, shelf)
    for table, kind in KINDS.items():
        _add_list(routes, service, shelf, table)
        _add_document(routes, shelf, table, kind)
    return routes


def _add_start(routes: Blueprint, shelf: Shelf) -> None:

    @routes.get("/", strict_slashes=False)
    def about() -> Response:
        """What this API is."""
        catalogue = shelf.catalogue()
        return _conditional(catalogue, lambda: _json(dict(_ABOUT)))

    @routes.get("/<path:elsewhere>")
    def nothing(elsewhere: str) -> Response:
        """Every other address below the prefix, so that a browser may read the refusal too."""
        del elsewhere
        raise NotFound("The open directory has no such address.")


def _add_list(routes: Blueprint, service: Service, shelf: Shelf, table: str) -> None:
    @routes.get(f"/{table}", endpoint=table, strict_slashes=False)
    def documents() -> Response:
        """A page of a list, or all of it as lines."""
        query = read_query(
            request.args, table, service.geography.place, ndjson=_prefers_lines(request)
        )
        catalogue = shelf.catalogue()

        def make() -> Response:
            ids = selected(catalogue, table, query)
            if query.ndjson:
                return Response(lines(catalogue, table, query, ids), content_type=NDJSON)
            return _json(page(catalogue, table, query, ids))

        return _conditional(catalogue, make)


def _add_document(routes: Blueprint, shelf: Shelf, table: str, kind: str) -> None:
    @routes.get(f"/{table}/<document_id>", endpoint=kind, strict_slashes=False)
    def document(document_id: str) -> Response:
        """One document, whole."""
        catalogue = shelf.catalogue()
        found = catalogue.document(table, document_id.lower())
        if found is None:
            raise NotFound("There is no such document in the published directory.")
        return _conditional(catalogue, lambda: _json(found))


def _protect(routes: Blueprint, limit: Limit) -> None:
    routes.before_request(limit.count)
    routes.register_error_handler(WrongParameters, refusal)

    @routes.after_request
    def cross_origin(answer: Response) -> Response:
        answer.headers.extend(_CROSS_ORIGIN)
        if answer.status_code == 429:
            answer.headers["Retry-After"] = _RETRY_SECONDS
        return answer


def _conditional(catalogue: Catalogue, make: Callable[[], Response]) -> Response:
    # Which places a postcode means is not of the directory: a new table of them is another answer.
    places = catalogue.places if POSTCODE in request.args else ""
    return answered(request, f"{catalogue.version} {places}", catalogue.in_use_since, make)


def _prefers_lines(asked: Request) -> bool:
    """Whether the caller asks for lines of JSON by name, and not less than for JSON."""
    lines_wanted = asked.accept_mimetypes[NDJSON]
    named = any(name.lower() == NDJSON for name, _ in asked.accept_mimetypes)
    return named and lines_wanted > 0 and lines_wanted >= asked.accept_mimetypes[JSON]


def _json(content: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(content), content_type=JSON)
