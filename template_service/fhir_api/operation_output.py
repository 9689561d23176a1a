"""What the operations on questionnaires answer: an OperationOutcome, or Parameters."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from template_service.errors import Issue

from .operation_input import refuse
from .outcomes import Remark, outcome

_WELL: Final = Remark("informational", "No problem found.", severity="information")
_TOO_DEEP: Final = "What comes of it nests deeper than 254 levels."


def told(issues: Iterable[Issue]) -> dict[str, Any]:
    """An OperationOutcome; FHIR R4 wants at least one issue in it, also when all is well."""
    return outcome(list(issues) or [_WELL])


def written(resource: Mapping[str, Any]) -> bytes:
    """A resource as JSON; raises `Invalid` where it became too deep to be written."""
    try:
        return orjson.dumps(resource)
    except orjson.JSONEncodeError:
        raise refuse("too-costly", _TOO_DEEP) from None


def parameters(**parts: Mapping[str, Any] | None) -> bytes:
    """Parameters with a resource for each name that has one, in order, as JSON."""
    given = [{"name": name, "resource": part} for name, part in parts.items() if part is not None]
    return written({"resourceType": "Parameters", "parameter": given})
