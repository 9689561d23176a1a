"""What SDC asks of an assembled whole: its expectation, what it was made from, unique linkIds."""

from collections.abc import Iterable, Iterator
from typing import Any

from template_service.questionnaire.assembly.module import EXPECTATION
from template_service.questionnaire.elements import items, listed
from template_service.questionnaire.extensions import value, values
from template_service.questionnaire.problems import Problem, shown

_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
_ASSEMBLED_FROM = "sdc-questionnaire-assembledFrom"
_CONTEXT = "sdc-questionnaire-assembleContext"


def finished(whole: dict[str, Any], used: Iterable[str]) -> Iterator[Problem]:
    """Say on the whole what it was made from, in place; what is wrong with it as a whole.

    `used` are the canonicals of its modules.
    """
    if values(whole, _CONTEXT, "valueString"):
        message = "It declares assembleContext: it is meant to be used inside another only."
        yield Problem("warning", "business-rule", "Questionnaire", None, message)
    kept = [each for each in listed(whole.get("extension")) if not _is_expectation(each)]
    kept += [*_expected(whole), *_made_from(whole, used)]
    whole.pop("extension", None)
    if kept:
        whole["extension"] = kept
    yield from _duplicates(whole)
    if any("definition" in item and "text" not in item for _, item in items(whole)):
        message = "Items are not completed from their definition: texts and options may lack."
        yield Problem("information", "not-supported", "Questionnaire", None, message)


def _expected(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Its expectation now that it needs no more assembly; none for one that was a root only."""
    code = value(whole, EXPECTATION, "valueCode")
    if code and code != "assemble-root":
        code = code.replace("assemble-", "independent-", 1) if code[:9] == "assemble-" else code
        yield {"url": _SDC + EXPECTATION, "valueCode": code}


def _made_from(whole: dict[str, Any], used: Iterable[str]) -> Iterator[dict[str, Any]]:
    known = set(values(whole, _ASSEMBLED_FROM, "valueCanonical"))
    for canonical in used:
        if canonical not in known:
            yield {"url": _SDC + _ASSEMBLED_FROM, "valueCanonical": canonical}


def _duplicates(whole: dict[str, Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, item in items(whole):
        link_id = item.get("linkId")
        if isinstance(link_id, str):
            if link_id in seen:
                message = f"{shown(link_id)}: the assembled questionnaire has this linkId twice"
                message += "; a linkIdPrefix around one of the modules tells them apart."
                yield Problem("error", "duplicate", place, link_id, message)
            seen.add(link_id)


def _is_expectation(extension: Any) -> bool:
    url = extension.get("url") if isinstance(extension, dict) else None
    return isinstance(url, str) and url.rsplit("/", 1)[-1] == EXPECTATION
