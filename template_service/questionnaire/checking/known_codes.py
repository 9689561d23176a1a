"""The codes whose terms are known here: the service's own, and those of SNOMED CT it works with.

`snomed_terms.csv` holds codes that were seen with the same term in a public source. SNOMED CT is
distributed by SNOMED International; its use in the UK is under the licence of the UK Edition.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from template_service.artefacts import artefact_paths
from template_service.questionnaire.elements import objects

SNOMED = "http://snomed.info/sct"
_TERMS = Path(__file__).with_name("snomed_terms.csv")

Known = Mapping[str, Mapping[str, frozenset[str]]]
"""system -> code -> its terms"""


@cache
def known_codes() -> Known:
    """The shipped CodeSystems, the targets of the shipped ConceptMaps, and `snomed_terms.csv`."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for system, code, term in (*_of_code_systems(), *_of_concept_maps(), *_of_snomed()):
        terms = found.setdefault(system, {})
        terms[code] = terms.get(code, frozenset()) | {term}
    return found


def own_systems() -> frozenset[str]:
    """The code systems that are known entirely."""
    return frozenset(resource["url"] for resource in _shipped("CodeSystem"))


def same_term(one: str, other: str) -> bool:
    """Whether two terms say the same, but for case and SNOMED CT's tag in brackets at the end."""
    return _bare(one) == _bare(other)


def _bare(term: str) -> str:
    words, bracket, tag = term.strip().casefold().rpartition(" (")
    return words if bracket and tag.endswith(")") else term.strip().casefold()


@cache
def _shipped(kind: str) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(path.read_bytes()) for path in artefact_paths(kind))


def _of_code_systems() -> Iterator[tuple[str, str, str]]:
    for resource in _shipped("CodeSystem"):
        waiting = objects(resource.get("concept"))
        while waiting:
            concept = waiting.pop()
            waiting += objects(concept.get("concept"))
            yield resource["url"], concept["code"], concept.get("display", concept["code"])


def _of_concept_maps() -> Iterator[tuple[str, str, str]]:
    for resource in _shipped("ConceptMap"):
        for group in objects(resource.get("group")):
            for element in objects(group.get("element")):
                for target in objects(element.get("target")):
                    if "display" in target:
                        yield group["target"], target["code"], target["display"]


def _of_snomed() -> Iterator[tuple[str, str, str]]:
    with _TERMS.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield SNOMED, row["code"], row["term"]
