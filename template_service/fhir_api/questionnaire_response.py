"""QuestionnaireResponse: what goes around the stored body, and what each role is shown."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from werkzeug.http import http_date

from template_service.access.principal import Principal
from template_service.errors import NotFound
from template_service.questionnaire.privacy import is_wholly_private
from template_service.questionnaire.problems import QuestionnaireError
from template_service.service import Service

from .masking import without_safety


def presented(
    service: Service,
    principal: Principal,
    resource: Mapping[str, Any],
    *,
    canonical: str,
    response_id: str,
    revision: int,
    saved_at: datetime,
) -> dict[str, Any]:
    """A stored response as this principal may see it, with our `id`, `versionId`, `lastUpdated`.

    `canonical` is the `url|version` that it was made with: what counts as safety is what counted
    there, also where the response names no version. Raises NotFound when safety content must be
    left out and its questionnaire is not in the library, or cannot be used any more: nobody could
    then say what counts as safety; and for one that asks of nothing else.
    """
    meta = {
        **(resource.get("meta") or {}),
        "versionId": str(revision),
        "lastUpdated": instant(saved_at),
    }
    whole = {**resource, "id": response_id, "meta": meta}
    if principal.sees_safety:
        return whole
    try:
        form = service.forms.find(canonical)
    except QuestionnaireError:
        raise NotFound from None
    if is_wholly_private(form):
        raise NotFound
    return without_safety(form, whole)


def version_headers(revision: int, saved_at: datetime) -> dict[str, str]:
    """ETag and Last-Modified of a revision (FHIR R4, http.html#versionaware)."""
    return {"ETag": f'W/"{revision}"', "Last-Modified": http_date(saved_at)}


def instant(moment: datetime) -> str:
    """A moment as a FHIR instant in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
