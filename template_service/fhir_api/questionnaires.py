"""Questionnaire: what is in the library, read and searched (FHIR R4)."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

from template_service.questionnaire.catalogue import Listed
from template_service.service import Forms, Service

from .searching import Query, Resource, bundle, criteria, page_of, token

_STATUS: Final = "http://hl7.org/fhir/publication-status"
_RETIRED: Final = "retired"


def questionnaire(service: Service, questionnaire_id: str) -> Resource:
    """The Questionnaire with an id, in every language it has; raises `NotFound`."""
    return _presented(service.forms, service.forms.listed_by_id(questionnaire_id))


def questionnaires_found(service: Service, query: Query, base: str) -> Resource:
    """The Bundle of what a search finds in the library, by url and of each url the newest last.

    Raises `Invalid` for other parameters.
    """
    wanted = criteria(query, tuple(_TESTS))
    page = page_of(query)
    found = [
        each
        for each in service.forms.listed()
        if all(any(_TESTS[name](each, value) for value in values) for name, values in wanted)
    ]
    shown = (_presented(service.forms, each) for each in page.of(found))
    return bundle(shown, total=len(found), page=page, base=base, query=query)


def _presented(forms: Forms, listed: Listed) -> dict[str, Any]:
    """As it was added, but for its id and the status of one that was retired here.

    No response may be begun with that one, and its status is where a client looks.
    """
    resource = forms.resource(listed)
    return {**resource, "status": _RETIRED} if listed.retired else resource


def _status(listed: Listed) -> str:
    return _RETIRED if listed.retired else listed.status


def _starts(text: str, value: str) -> bool:
    """As FHIR R4 compares strings (search.html#string): from the start, in any case, no accents."""
    return _plain(text).startswith(_plain(value))


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))


_TESTS: Final[Mapping[str, Callable[[Listed, str], bool]]] = {
    "_id": lambda each, value: value == each.id,
    "status": lambda each, value: token(value, _STATUS) == _status(each),
    "title": lambda each, value: _starts(each.title, value),
    "url": lambda each, value: value == each.url,
    "version": lambda each, value: token(value, "") == each.version != "",
}
