"""Finds the FHIR artefacts (data only) in a checkout, an editable install and a wheel."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def artefacts_root() -> Path:
    """The folder that holds `Questionnaire/`, `CodeSystem/` and their siblings.

    A wheel carries it inside the package as `_fhir`; a checkout has it beside the package. The
    order matters: beside an installed package, `fhir` belongs to the library fhir.resources.
    """
    shipped = _PACKAGE / "_fhir"
    return shipped if shipped.is_dir() else _PACKAGE.parent / "fhir"


def artefact_path(resource_type: str, resource_id: str) -> Path:
    """The file of one artefact; its name equals its resource id."""
    return artefacts_root() / resource_type / f"{resource_id}.json"


def artefact_paths(resource_type: str) -> tuple[Path, ...]:
    """The files of every artefact of a type, in order of id."""
    return tuple(sorted((artefacts_root() / resource_type).glob("*.json")))
