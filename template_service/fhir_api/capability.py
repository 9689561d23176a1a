"""CapabilityStatement: what the FHIR face really does (`GET /fhir/metadata`)."""

import orjson

from template_service import __version__
from template_service.artefacts import artefact_path

from . import resources

STATEMENT_ID = "template-service"


def capability_statement() -> bytes:
    """The published statement with the version of the running software, as JSON.

    What it promises is data (`fhir/CapabilityStatement/`); the tests hold it to the routes.
    """
    published = orjson.loads(artefact_path("CapabilityStatement", STATEMENT_ID).read_bytes())
    published["software"]["version"] = __version__
    statement = resources.CapabilityStatement.model_validate(published)
    return bytes(statement.model_dump_json(), "utf-8")
