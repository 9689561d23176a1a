"""The five independent FHIR validators of ../shared, asked about resources."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from template_service.artefacts import artefacts_root
from tests.once import made_once

Refusals = Callable[[Mapping[str, Any]], list[str]]
"""What the validators have against resources (by a name of each): a line for each, with its place.

Fails when they did not judge every one of them.
"""


def independent_refusals(shared: Path, factory: pytest.TempPathFactory) -> Refusals:
    """Installs the validators, which on a new machine take minutes to come, and asks them."""
    assert shutil.which("node"), "the validators need Node.js"
    run = shared / "tools" / "fhir-validate" / "run.sh"
    known = artefacts_root() / "Questionnaire" / "hark.json"

    def install(_: Path) -> None:
        # Two workers that ask at once would find them half installed.
        subprocess.run([run, known], capture_output=True, check=True)

    made_once(factory, "validators", install)

    def refusals(resources: Mapping[str, Any]) -> list[str]:
        place = factory.mktemp("judged")
        files = [place / f"{name}.json" for name in resources]
        for file, resource in zip(files, resources.values(), strict=True):
            file.write_bytes(orjson.dumps(resource))
        asked = subprocess.run(
            [run, *files], capture_output=True, text=True, check=False, cwd=place
        )
        *lines, summary = asked.stdout.splitlines() or [""]
        refused = [line.replace(f"{place}/", "") for line in lines if not line.startswith("ok ")]
        failed = sum(line.startswith("FAIL ") for line in refused)
        assert asked.stderr == ""
        assert summary == f"{len(files) - failed} ok, {failed} failed"
        return refused

    return refusals
