"""Everything the routes return is valid FHIR R4."""

import subprocess
from importlib import import_module
from pathlib import Path

import orjson
import pytest

from tests.fhir_api.clients import Fhir
from tests.fhir_api.measures.reading import EVALUATE, SEPTEMBER, Resource, read
from tests.fhir_api.measures.released_city import (
    CITY,
    OTHER_NETWORK,
    PRACTICE,
)

ROOT = Path(__file__).resolve().parents[3]
VALIDATOR = ROOT.parent / "shared" / "tools" / "fhir-validate" / "run.sh"


@pytest.fixture(scope="module")
def returned(city: Fhir, practice: Fhir) -> list[Resource]:
    """One of everything the routes return."""
    return [
        read(city.get("Measure?_count=2")),
        read(city.get("MeasureReport?_count=2")),
        read(city.get("MeasureReport?period=1999")),
        read(city.get(f"{EVALUATE}?{SEPTEMBER}")),
        read(city.get(f"MeasureReport/asked-{OTHER_NETWORK}-2026-08.2026-09")),
        read(practice.get(f"MeasureReport/need-{PRACTICE}-2026-09")),
        read(city.get(EVALUATE), 422),
        read(city.get(f"MeasureReport/need-{CITY}-2026-10"), 404),
    ]


def test_what_is_returned_is_valid(returned: list[Resource]) -> None:
    for resource in returned:
        kind = resource["resourceType"]
        getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind).model_validate(resource)


@pytest.mark.skipif(not (ROOT.parent / "shared").is_dir(), reason="../shared is absent")
def test_independent_engines_agree(returned: list[Resource], tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.json" for number in range(len(returned))]
    for file, resource in zip(files, returned, strict=True):
        file.write_bytes(orjson.dumps(resource))
    run = subprocess.run(
        [VALIDATOR, *files], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{len(files)} ok, 0 failed" in run.stdout
