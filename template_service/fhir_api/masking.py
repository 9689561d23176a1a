"""A QuestionnaireResponse without its safety content, for roles that must not see it.

What is left out is decided by the questionnaire (`sdoh-masked` on items, options and cards), and
what is kept by a list of elements: a narrative, an extension or a contained resource of the sender
may repeat a disclosure in words, so none of them passes.
"""

from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.form import Answers, Form, Value
from template_service.questionnaire.privacy import (
    is_private_answer,
    is_private_value,
    private_items,
)

# FHIR R4 search.html#summary: a resource that was cut down carries this tag. It is there on every
# masked answer, whether or not something was left out, so that it tells nothing.
SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}
_KEPT = (
    "resourceType",
    "id",
    "meta",
    "language",
    "identifier",
    "questionnaire",
    "status",
    "subject",
    "authored",
    "author",
    "source",
)
_KEPT_OF_META = ("versionId", "lastUpdated", "profile")


def without_safety(form: Form, resource: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a QuestionnaireResponse of `form` with every masked item and option left out.

    An item that is left with neither an answer nor an item goes too, so that no gap shows where
    something was. Rule 6 of the content: safety content never reaches care navigators.
    """
    kept = {key: resource[key] for key in _KEPT if key in resource}
    meta = resource.get("meta", {})
    kept["meta"] = {key: meta[key] for key in _KEPT_OF_META if key in meta}
    kept["meta"]["tag"] = [SUBSETTED]
    items = _visible_items(form, resource.get("item", ()))
    if items:
        kept["item"] = items
    return kept


def answers_without_safety(form: Form, answers: Answers) -> Answers:
    """The answers that may be scored for a role which must not see safety content.

    Those that `without_safety` leaves of the same response.
    """
    visible: dict[str, tuple[Value, ...]] = {}
    for link_id, values in answers.items():
        item = form.items[link_id]
        kept = tuple(value for value in values if not is_private_value(item, value))
        if kept and link_id not in private_items(form):
            visible[link_id] = kept
    return visible


def _visible_items(form: Form, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    visible = (_visible_item(form, item) for item in items)
    return [item for item in visible if item is not None]


def _visible_item(form: Form, item: dict[str, Any]) -> dict[str, Any] | None:
    definition = form.items.get(item["linkId"])
    # What the questionnaire does not know cannot be shown to be harmless.
    if definition is None or definition.link_id in private_items(form):
        return None
    kept: dict[str, Any] = {"linkId": item["linkId"]}
    if "text" in item:
        kept["text"] = item["text"]
    answers = [
        _visible_answer(form, answer)
        for answer in item.get("answer", ())
        if not is_private_answer(definition, answer)
    ]
    below = _visible_items(form, item.get("item", []))
    if answers:
        kept["answer"] = answers
    if below:
        kept["item"] = below
    return kept if answers or below else None


def _visible_answer(form: Form, answer: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in answer.items() if key.startswith("value")}
    below = _visible_items(form, answer.get("item", []))
    if below:
        kept["item"] = below
    return kept
