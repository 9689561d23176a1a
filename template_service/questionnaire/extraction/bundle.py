"""The transaction: one entry for each resource extracted, with the request that sends it.

HL7 SDC 4, pages of templateExtract and definitionExtract, "Populating the transaction bundle
entry": a resource with an id is a PUT to `Type/id`, one without is a POST to `Type`; fullUrl is
what its expression gives, else a new uuid. The template of a Bundle says by its method which it is.
R4, http.html: `ifNoneExist` is for a POST alone; what a transaction changes is in it only once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from template_service.questionnaire.elements import value_of
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.extensions import extensions
from template_service.questionnaire.extraction.places import Place
from template_service.questionnaire.extraction.work import Work
from template_service.questionnaire.problems import QuestionnaireError, Severity
from template_service.questionnaire.r4_elements import required

CONDITIONS = ("ifNoneMatch", "ifModifiedSince", "ifMatch", "ifNoneExist")
URN = "urn:uuid:"

_HEAD = frozenset(("resourceType", "id", "meta", "implicitRules", "language"))

# R4 datatypes, "id" and "uri"; Bundle.entry.fullUrl must be absolute.
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")

_BAD_ID = "The expression for resourceId gives no FHIR id."
_BAD_URL = "The expression for fullUrl gives no absolute URI; a new uuid is used."
_TWICE = "Two resources have the same fullUrl; the later one gets a new uuid."
_NOT_TEXT = "It gives no single text."
_NO_TYPE = "What was extracted has no resourceType; it is not extracted."
_EMPTY = "Nothing in it has a value; no {} is extracted."
_LACKING = "The {} has no {}, which FHIR requires."
_LEFT = "{}: {} The resource is not extracted."
_NO_ID = "A PUT needs the id of the resource it replaces; it is not extracted."
_ONLY_POST = "It goes with a POST only, and this is a PUT, which would replace what is there."
_SAME_PLACE = (
    "It changes the same resource as {}, which no transaction may do; the later one is not "
    "extracted."
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Who asks for a resource: the place to name in problems, and what its expressions see."""

    place: str
    link_id: str | None
    scope: Scope

    @classmethod
    def of(cls, place: Place) -> "Cause":
        """The cause that an occurrence of an item is."""
        return cls(place.written, place.link_id, place.scope)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an extract extension asks for of the entry; `type` is what a patch is for.

    `method` is the POST or PUT that the template of a Bundle says; without, the id decides.
    """

    url: str | None = None
    id: str | None = None
    type: str | None = None
    method: str | None = None
    conditions: Mapping[str, str] = field(default_factory=dict)


class Entries:
    """The entries of one Bundle as they are made; `link_ids` are the items that asked for them."""

    def __init__(self, work: Work) -> None:
        self.made: list[dict[str, Any]] = []
        self.link_ids: list[str | None] = []
        self._work = work
        self._urls: set[str] = set()
        # By what is changed, the place that asks for it.
        self._changed: dict[str, str] = {}

    def bundle(self, now: datetime) -> dict[str, Any]:
        """The Bundle; R4 allows no empty list, so without entries it has none."""
        head = {"resourceType": "Bundle", "type": "transaction", "timestamp": now.isoformat()}
        return {**head, "entry": self.made} if self.made else head

    def add(self, resource: dict[str, Any], asked: Asked, cause: Cause) -> dict[str, Any] | None:
        """Adds a resource and gives its entry; None when it is no resource, or empty (told).

        It keeps the id it has unless another is asked for. What R4 requires and it lacks is told.
        """
        type_ = resource.get("resourceType")
        if not isinstance(type_, str) or not _TYPE.fullmatch(type_):
            told(self._work, "error", "structure", cause, _NO_TYPE)
            return None
        if resource.keys() <= _HEAD:
            told(self._work, "error", "required", cause, _EMPTY.format(type_))
            return None
        for name in required(type_):
            if not _has(resource, name):
                message = _LACKING.format(type_, name)
                told(self._work, "warning", "required", cause, message)
        request, why = _request(resource, asked)
        if request is None:
            told(self._work, "error", "value", cause, why)
            return None
        return self.append(asked.url, _identified(resource, request), request, cause)

    def append(
        self, url: str | None, resource: dict[str, Any], request: dict[str, Any], cause: Cause
    ) -> dict[str, Any] | None:
        """Adds an entry whose request is known; without a fullUrl it gets a new one.

        None when an entry before it changes the same resource (told).
        """
        self._work.entry()
        if request["method"] != "POST":
            first = self._changed.get(request["url"])
            if first is not None:
                # Which resource is not told: its id may be somebody's number.
                told(self._work, "error", "duplicate", cause, _SAME_PLACE.format(first))
                return None
            self._changed[request["url"]] = cause.place
        if url in self._urls:
            told(self._work, "error", "duplicate", cause, _TWICE)
            url = None
        url = url or f"{URN}{uuid4()}"
        self._urls.add(url)
        entry = {"fullUrl": url, "resource": resource, "request": request}
        self.made.append(entry)
        self.link_ids.append(cause.link_id)
        return entry


def _request(resource: Mapping[str, Any], asked: Asked) -> tuple[dict[str, Any] | None, str]:
    """The request that sends a resource, or None and why there is none."""
    type_, own = resource["resourceType"], asked.id or resource.get("id")
    if asked.method == "POST" or (own is None and asked.method is None):
        return {"method": "POST", "url": type_, **asked.conditions}, ""
    if own is None:
        return None, _NO_ID
    if not isinstance(own, str) or not _ID.fullmatch(own):
        return None, _LEFT.format("id", _BAD_ID)
    if "ifNoneExist" in asked.conditions:
        return None, _LEFT.format("ifNoneExist", _ONLY_POST)
    return {"method": "PUT", "url": f"{type_}/{own}", **asked.conditions}, ""


def _identified(resource: dict[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """The resource with the id that its request names; a POST makes a new one, which has none."""
    rest = {name: each for name, each in resource.items() if name not in ("resourceType", "id")}
    kept = {} if request["method"] == "POST" else {"id": request["url"].rpartition("/")[2]}
    return {"resourceType": resource["resourceType"], **kept, **rest}


def _has(resource: Mapping[str, Any], name: str) -> bool:
    stem = name.removesuffix("[x]")
    if stem == name:
        return name in resource or f"_{name}" in resource
    return bool(value_of(resource, stem)[0])


class _Failed(Exception):
    """An expression that the request depends on gives nothing usable."""


def asked(work: Work, parts: Mapping[str, Any], cause: Cause) -> Asked | None:
    """What the parts of an extract extension ask for of the entry.

    An expression that finds nothing asks for nothing. One that fails, or gives no text, is told;
    for an id or a condition it means None: without them a resource could be made twice or
    overwritten.
    """
    try:
        identity = _text(work, parts, "resourceId", cause)
        # An allocated id is a urn (SDC 4, extractAllocateId); the id of the resource is its end.
        identity = identity and identity.removeprefix(URN)
        if identity and not _ID.fullmatch(identity):
            raise _Failed("resourceId", _BAD_ID)
        found = {name: _text(work, parts, name, cause) for name in CONDITIONS}
    except _Failed as failed:
        told(work, "error", "value", cause, _LEFT.format(*failed.args))
        return None
    conditions = {name: text for name, text in found.items() if text}
    return Asked(_full_url(work, parts, cause), identity, _patched(parts), conditions=conditions)


def _full_url(work: Work, parts: Mapping[str, Any], cause: Cause) -> str | None:
    try:
        text = _text(work, parts, "fullUrl", cause)
    except _Failed:
        text = ""
    # Templates written for engines that allocate the bare uuid put the urn before it.
    text = text.removeprefix(URN) if text and text.startswith(URN + URN) else text
    if text is None or _ABSOLUTE.fullmatch(text):
        return text
    told(work, "warning", "value", cause, _BAD_URL)
    return None


def _patched(parts: Mapping[str, Any]) -> str | None:
    code = next(extensions(parts, "type"), {}).get("valueCode")
    return code if isinstance(code, str) and _TYPE.fullmatch(code) else None


def _text(work: Work, parts: Mapping[str, Any], name: str, cause: Cause) -> str | None:
    expression = next(extensions(parts, name), {}).get("valueString")
    if not isinstance(expression, str):
        return None
    try:
        found = work.values(expression, cause.scope)
    except QuestionnaireError as error:
        raise _Failed(name, str(error)) from error
    if not found:
        return None
    if len(found) == 1 and isinstance(found[0], str) and found[0]:
        return str(found[0])
    raise _Failed(name, _NOT_TEXT)


def told(work: Work, severity: Severity, code: str, cause: Cause, message: str) -> None:
    """Adds a problem about what a cause asked for."""
    work.tell(severity, code, cause.place, cause.link_id, message)
