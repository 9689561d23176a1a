"""What the shipped StructureDefinitions say of the service's own extensions (`sdoh-…`)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from template_service.artefacts import artefact_paths
from template_service.questionnaire.checking.known_codes import known_codes
from template_service.questionnaire.marks import GATES
from template_service.questionnaire.options import CLINICIAN

_ROOT = "Extension"
_NEEDS = "/need-categories"
# Codes that no value set lists: the service reads these and takes no notice of any other.
_READ: Mapping[str, frozenset[str]] = {
    "sdoh-display-gate": GATES,
    "sdoh-urgent-card.gate": GATES,
    "sdoh-urgent-card.ownerRole": frozenset({CLINICIAN}),
    "sdoh-seeker": frozenset({"no-public-funds"}),
}


@dataclass(frozen=True, slots=True)
class Own:
    """One of the extensions, or a part of one: what it holds, and how often it may be there.

    `kind` is its value[x] property, empty for one that has `parts` instead. `codes` are those
    that are known, None when any is. `contexts` are the elements it may stand on.
    """

    kind: str
    least: int
    most: int | None
    codes: frozenset[str] | None
    parts: Mapping[str, "Own"]
    contexts: frozenset[str] = frozenset()


@cache
def own_extensions() -> Mapping[str, Own]:
    """Every one of them, by its name."""
    shipped = [json.loads(path.read_bytes()) for path in artefact_paths("StructureDefinition")]
    return {resource["url"].rsplit("/", 1)[-1]: _read(resource) for resource in shipped}


@cache
def own_bases() -> frozenset[str]:
    """What the urls of the shipped ones begin with; a deployer may publish them elsewhere too."""
    shipped = [json.loads(path.read_bytes()) for path in artefact_paths("StructureDefinition")]
    return frozenset(resource["url"].rpartition("/")[0] for resource in shipped)


def _read(resource: Mapping[str, Any]) -> Own:
    elements = {each["id"]: each for each in resource["differential"]["element"]}
    contexts = frozenset(each["expression"] for each in resource["context"])
    return _own(elements, _ROOT, resource["url"].rsplit("/", 1)[-1], contexts)


def _own(
    elements: Mapping[str, Any], at: str, name: str, contexts: frozenset[str] = frozenset()
) -> Own:
    around, value = elements[at], elements.get(f"{at}.value[x]", {})
    [kind] = [each["code"] for each in value.get("type", ())] or [""]
    most = around.get("max", "1")
    return Own(
        kind=f"value{kind[:1].upper()}{kind[1:]}" if kind else "",
        least=around.get("min", 0),
        most=None if most == "*" else int(most),
        codes=_READ.get(name, _bound(value)),
        parts={
            part: _own(elements, f"{at}.extension:{part}", f"{name}.{part}")
            for part in _parts(elements, f"{at}.extension:")
        },
        contexts=contexts,
    )


def _parts(elements: Mapping[str, Any], before: str) -> Iterator[str]:
    for element_id in elements:
        rest = element_id.removeprefix(before)
        if rest != element_id and "." not in rest:
            yield rest


def _bound(value: Mapping[str, Any]) -> frozenset[str] | None:
    """The codes of the need categories; cards and domains are each questionnaire's own."""
    value_set = value.get("binding", {}).get("valueSet", "")
    if not value_set.endswith(_NEEDS):
        return None
    return frozenset(
        code for system, codes in known_codes().items() if system.endswith(_NEEDS) for code in codes
    )
