"""References of a transaction that is made: those between its entries resolve, or are told.

FHIR R4, Bundle, "Resolving references": what is in the Bundle is referred to by its fullUrl;
`#id` is for what is contained in the same resource.
"""

import re
from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.elements import elements, objects
from template_service.questionnaire.extraction.bundle import URN, Entries
from template_service.questionnaire.extraction.work import Work
from template_service.questionnaire.problems import Severity

# A template that writes `'Patient/' + %NewPatientId`, as for engines that allocate the bare uuid.
_TYPED_URN = re.compile(r"[A-Z][A-Za-z]+/(urn:uuid:\S+)")

_NO_ENTRY = "The reference is to a resource that was not extracted."
_TEMPLATE = (
    "The reference is to a template by its id, which no extracted resource has;"
    " extractAllocateId gives an id to refer to."
)
_NOT_CONTAINED = "The reference is to something contained that is not there."


def resolve(entries: Entries, templates: frozenset[str], work: Work) -> None:
    """Makes references to entries plain fullUrls, in place, and tells those that lead nowhere.

    `templates` are the ids of the Questionnaire's contained resources. References to what is
    neither in the Bundle nor contained (`Patient/1`) are the server's and stay as they are.
    """
    urls = {entry["fullUrl"] for entry in entries.made}
    pairs = zip(entries.made, entries.link_ids, strict=True)
    for index, (entry, link_id) in enumerate(pairs):
        contained = frozenset(
            str(each.get("id")) for each in objects(entry["resource"].get("contained"))
        )
        for place, element in elements(entry["resource"], f"Bundle.entry[{index}].resource"):
            _mend(element, urls)
            problem = _problem(element.get("reference"), urls, contained, templates)
            if problem is not None:
                # Published templates do it, and a server keeps it: the author is told.
                severity: Severity = "warning" if problem == _TEMPLATE else "error"
                work.tell(severity, "not-found", f"{place}.reference", link_id, problem)


def _mend(element: dict[str, Any], urls: set[str]) -> None:
    reference = element.get("reference")
    match = _TYPED_URN.fullmatch(reference) if isinstance(reference, str) else None
    if match is not None and match.group(1) in urls:
        element["reference"] = match.group(1)


def _problem(
    reference: Any, urls: set[str], contained: frozenset[str], templates: frozenset[str]
) -> str | None:
    """Why a reference leads nowhere; None when it does lead somewhere, or is none."""
    if not isinstance(reference, str):
        return None
    if URN in reference and reference not in urls:
        return _NO_ENTRY
    name = reference.removeprefix("#")
    if name == reference or not name or name in contained:
        return None
    return _TEMPLATE if name in templates else _NOT_CONTAINED


def template_ids(questionnaire: Mapping[str, Any]) -> frozenset[str]:
    """The ids of what a Questionnaire contains."""
    ids = (each.get("id") for each in objects(questionnaire.get("contained")))
    return frozenset(each for each in ids if isinstance(each, str))
