"""References and attachments, from elements of their type and from resources."""

from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.form import Item
from template_service.questionnaire.population.fitting import (
    WRONG_TYPE,
    Answer,
    Unfit,
    scalars,
)


def reference_answer(_item: Item, given: Any) -> Answer:
    """A Reference, or one to a resource (SDC: a Resource can map to a Reference). Raises Unfit."""
    if not isinstance(given, dict):
        raise Unfit("value", WRONG_TYPE)
    is_resource = given.get("resourceType") is not None
    reference = _to_resource(given) if is_resource else _as_reference(given)
    if not reference:
        raise Unfit("value", "The value refers to nothing.")
    return {"valueReference": reference}


def _to_resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    kind, name = resource["resourceType"], resource.get("id")
    if not isinstance(kind, str) or not isinstance(name, str) or not name:
        raise Unfit("value", "The resource has no id to refer to.")
    return {"reference": f"{kind}/{name}"}


def _as_reference(given: Mapping[str, Any]) -> dict[str, Any]:
    reference = scalars(given, ("reference", "type", "display"), str)
    identifier = given.get("identifier")
    if isinstance(identifier, dict):
        reference["identifier"] = scalars(identifier, ("use", "system", "value"), str)
    return {name: each for name, each in reference.items() if each}


def attachment_answer(_item: Item, given: Any) -> Answer:
    """An Attachment, or the content of a Binary or DocumentReference (SDC). Raises Unfit."""
    if not isinstance(given, dict):
        raise Unfit("value", WRONG_TYPE)
    kind = given.get("resourceType")
    if kind == "DocumentReference":
        given = _only_attachment(given)
    elif kind is not None and kind != "Binary":
        raise Unfit("value", "Only a Binary or a DocumentReference can become an attachment.")
    attachment = {
        **scalars(given, ("contentType", "language", "data", "url", "hash", "title"), str),
        **scalars(given, ("size",), int),
        **scalars(given, ("creation",), str),
    }
    if not attachment.keys() & {"data", "url"}:
        raise Unfit("value", "The attachment has neither content nor an address.")
    return {"valueAttachment": attachment}


def _only_attachment(document: Mapping[str, Any]) -> Mapping[str, Any]:
    content = document.get("content")
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict):
        attachment = content[0].get("attachment")
        if isinstance(attachment, dict):
            return attachment
    raise Unfit("multiple-matches", "The document does not have exactly one content.")
