"""The addresses of the FHIR face: each view reads a request, calls one thing, writes an answer."""

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import orjson
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import NotAcceptable

from template_service.access.principal import Principal
from template_service.actions.receive_response import Received, read_response, receive_response
from template_service.errors import Invalid, UnsupportedMedia
from template_service.service import Service

from .assemble_operation import assemble_questionnaire
from .capability import capability_statement
from .extract_operation import extract_response, extract_stored_response
from .measure_parameters import in_body, in_query
from .measure_reports import evaluate, report, reports_found
from .measures import measure, measures_found
from .negotiation import Preference, preference, sends_json, wants_json
from .operation_definitions import operation_definition, operation_definitions_found
from .operation_parameters import read_input, refuse_other_bodies, written
from .outcomes import Remark, fhir_response, outcome
from .parsing import parse_object
from .populate_operation import populate_questionnaire
from .questionnaire_response import presented, version_headers
from .questionnaires import questionnaire, questionnaires_found
from .repeats import repeat_key
from .score_operation import score_response
from .validate_operation import validate_response

_STORED = Remark("informational", "The response was stored.", severity="information")
_NOT_A_RESPONSE = "The resource must be a QuestionnaireResponse."


def blueprint(service: Service) -> Blueprint:
    """The routes of the FHIR face over one service; errors are answered by the application."""
    routes = Blueprint("fhir", __name__, url_prefix="/fhir")
    routes.before_request(_require_json)

    @cache
    def statement() -> bytes:
        return capability_statement()

    @routes.get("/metadata")
    def metadata() -> Response:
        return _unchanging(statement())

    @routes.post("/QuestionnaireResponse")
    def create_questionnaire_response() -> Response:
        body, resource = _read_body()
        if resource.get("resourceType") != "QuestionnaireResponse":
            raise Invalid(problems=[Remark("invalid", _NOT_A_RESPONSE, expression="resourceType")])
        received = receive_response(
            service,
            _principal(),
            body=body,
            resource=resource,
            idempotency_key=repeat_key(request.headers, resource),
        )
        return _created(service, received)

    @routes.get("/QuestionnaireResponse/<response_id>")
    @routes.get("/QuestionnaireResponse/<response_id>/_history/<int(max=999999):revision>")
    def read_questionnaire_response(response_id: str, revision: int | None = None) -> Response:
        stored = read_response(service, _principal(), response_id=response_id, revision=revision)
        shown = presented(
            service,
            _principal(),
            orjson.loads(stored.body),
            canonical=stored.canonical,
            response_id=response_id,
            revision=stored.revision,
            saved_at=stored.saved_at,
        )
        headers = version_headers(stored.revision, stored.saved_at)
        return _conditional(fhir_response(shown, 200, headers))

    @routes.post("/QuestionnaireResponse/$score")
    def score() -> Response:
        _, resource = _read_body()
        return fhir_response(score_response(service, _principal(), resource), 200, {})

    _add_questionnaires(routes, service)
    _add_operations(routes, service)
    _add_measures(routes, service)
    _add_definitions(routes)
    return routes


def _add_questionnaires(routes: Blueprint, service: Service) -> None:
    @routes.get("/Questionnaire")
    def search_questionnaires() -> Response:
        return _unchanging(written(questionnaires_found(service, _query(), _here())))

    @routes.get("/Questionnaire/<questionnaire_id>")
    def read_questionnaire(questionnaire_id: str) -> Response:
        return _unchanging(written(questionnaire(service, questionnaire_id)))

    @routes.post("/Questionnaire/$populate")
    @routes.post("/Questionnaire/<questionnaire_id>/$populate")
    def populate(questionnaire_id: str | None = None) -> Response:
        body = populate_questionnaire(service, _parameters(), questionnaire_id)
        return fhir_response(body, 200, {})

    @routes.post("/Questionnaire/$assemble")
    @routes.post("/Questionnaire/<questionnaire_id>/$assemble")
    def assemble(questionnaire_id: str | None = None) -> Response:
        body = assemble_questionnaire(service, _parameters(), questionnaire_id)
        return fhir_response(body, 200, {})


def _add_operations(routes: Blueprint, service: Service) -> None:
    @routes.post("/QuestionnaireResponse/$validate")
    def validate() -> Response:
        return fhir_response(validate_response(service, _parameters()), 200, {})

    @routes.post("/QuestionnaireResponse/$extract")
    def extract() -> Response:
        return fhir_response(extract_response(service, _parameters()), 200, {})

    @routes.post("/QuestionnaireResponse/<response_id>/$extract")
    def extract_stored(response_id: str) -> Response:
        # Everything is in the address; what else came would be passed over in silence.
        if (sent := _parameters()) is not None:
            refuse_other_bodies(sent)
        read_input(sent, operation="extract", once=(), bare="", root="")
        return fhir_response(extract_stored_response(service, _principal(), response_id), 200, {})


def _add_measures(routes: Blueprint, service: Service) -> None:
    @routes.get("/Measure")
    def search_measures() -> Response:
        return _unchanging(orjson.dumps(measures_found(_query(), _here())))

    @routes.get("/Measure/<measure_id>")
    def read_measure(measure_id: str) -> Response:
        return _unchanging(measure(measure_id))

    @routes.get("/Measure/<measure_id>/$evaluate-measure")
    @routes.post("/Measure/<measure_id>/$evaluate-measure")
    def evaluate_measure(measure_id: str) -> Response:
        parameters = [*in_query(_query())]
        if request.method == "POST" and request.get_data():
            parameters += in_body(_read_body()[1])
        return _unchanging(orjson.dumps(evaluate(service, _principal(), measure_id, parameters)))

    @routes.get("/MeasureReport")
    def search_measure_reports() -> Response:
        found = reports_found(service, _principal(), _query(), _here())
        return _unchanging(orjson.dumps(found))

    @routes.get("/MeasureReport/<report_id>")
    def read_measure_report(report_id: str) -> Response:
        return _unchanging(orjson.dumps(report(service, _principal(), report_id)))


def _add_definitions(routes: Blueprint) -> None:
    @routes.get("/OperationDefinition")
    def search_operation_definitions() -> Response:
        return _unchanging(orjson.dumps(operation_definitions_found(_query(), _here())))

    @routes.get("/OperationDefinition/<definition_id>")
    def read_operation_definition(definition_id: str) -> Response:
        return _unchanging(operation_definition(definition_id))


def _query() -> list[tuple[str, str]]:
    return list(request.args.items(multi=True))


def _principal() -> Principal:
    return cast(Principal, g.principal)


def _require_json() -> None:
    # Hardly any request has a query, and looking for one in it costs as much as a header.
    asked = request.args.get("_format") if request.query_string else None
    if not wants_json(request.headers.get("Accept"), asked):
        raise NotAcceptable


def _read_body() -> tuple[bytes, dict[str, Any]]:
    if not sends_json(request.content_type):
        raise UnsupportedMedia("Send application/fhir+json or application/json, in UTF-8.")
    body = request.get_data(cache=False)
    return body, parse_object(body)


def _parameters() -> dict[str, Any] | None:
    """What an operation was sent; None for a request without a body."""
    return _read_body()[1] if request.get_data() else None


def _unchanging(body: bytes) -> Response:
    """A resource that changes with a release only: clients keep it and ask whether it changed."""
    headers = {
        "ETag": f'W/"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Cache-Control": "private, no-cache",
    }
    return _conditional(fhir_response(body, 200, headers))


def _conditional(response: Response) -> Response:
    """The answer, or 304 for a client that has it (If-None-Match, If-Modified-Since)."""
    response.make_conditional(request)
    return response


def _created(service: Service, received: Received) -> Response:
    """The answer to a create (FHIR R4, http.html#create).

    What was remarked on is never hidden by default: with remarks and no Prefer header, the body is
    their OperationOutcome.
    """
    headers = {
        "Location": f"{_here()}/{received.response_id}/_history/{received.revision}",
        **version_headers(received.revision, received.saved_at),
    }
    status = 200 if received.repeated else 201
    wanted = preference(request.headers.get("Prefer"))
    if wanted is Preference.MINIMAL:
        return fhir_response(b"", status, headers)
    if wanted is Preference.OUTCOME or (wanted is None and received.problems):
        return fhir_response(outcome(received.problems or [_STORED]), status, headers)
    return fhir_response(_representation(service, received), status, headers)


def _here() -> str:
    """The address of the request: `request.base_url` without its detour through an IRI and back.

    Host and root are the deployer's, the path is one of ours: plain ASCII.
    """
    return f"{request.scheme}://{request.host}{request.root_path}{request.path}"


def _representation(service: Service, received: Received) -> Mapping[str, Any]:
    return presented(
        service,
        _principal(),
        received.resource,
        canonical=received.canonical,
        response_id=received.response_id,
        revision=received.revision,
        saved_at=received.saved_at,
    )
