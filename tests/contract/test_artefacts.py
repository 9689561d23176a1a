"""FHIR artefacts and front-end files are found from a checkout and from an installed wheel."""

import hashlib
import json
import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest
import requests

from template_service.artefacts import artefact_path, artefact_paths, artefacts_root
from tests import server

TELL = (
    "from template_service.artefacts import artefact_paths, artefacts_root; import fhir.resources,"
    " json, pathlib, template_service; print(json.dumps({'root': str(artefacts_root()),"
    " 'ids': sorted(path.stem for path in artefact_paths('Questionnaire')),"
    " 'vendor': sorted(path.name for path in (pathlib.Path(template_service.__file__).parent"
    " / 'web/static/vendor').rglob('*') if path.is_file())}))"
)


def test_a_checkout_uses_its_own_folder(root: Path) -> None:
    assert artefacts_root() == root / "fhir"
    assert artefact_path("Questionnaire", "leeds-social-determinants") in artefact_paths(
        "Questionnaire"
    )


def test_an_editable_install_uses_the_checkout(root: Path, tmp_path: Path) -> None:
    """`make` installs editable; from another folder the package is found through that alone."""
    told = subprocess.run(
        [sys.executable, "-c", TELL], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert Path(json.loads(told.stdout)["root"]) == root / "fhir"


def test_artefacts_are_data_only(root: Path) -> None:
    """A Python file here would break `import fhir.resources`."""
    assert list((root / "fhir").rglob("*.py")) == []
    import fhir.resources

    assert fhir.resources.__name__ == "fhir.resources"


def vendor_hashes(root: Path) -> dict[str, str]:
    lines = (root / "deploy" / "assets" / "vendor.sha256").read_text().splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def test_front_end_files_are_the_ones_that_were_reviewed(root: Path) -> None:
    vendor = root / "template_service" / "web" / "static" / "vendor"
    found = {
        path.relative_to(vendor).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file()
    }
    assert found == vendor_hashes(root)


def test_front_end_files_ask_no_other_host(root: Path) -> None:
    vendor = root / "template_service" / "web" / "static" / "vendor"
    css = (vendor / "nhsuk-frontend.min.css").read_text()
    assert "//" not in css.replace("http://www.w3.org/", "")
    assert "@font-face" not in css
    assert "/assets/" not in css
    assert "sourceMappingURL" not in css + (vendor / "nhsuk-frontend.min.js").read_text()


def test_the_lockfile_names_hashes_and_no_host(root: Path) -> None:
    text = (root / "deploy" / "assets" / "package-lock.json").read_text()
    packages = {name: one for name, one in json.loads(text)["packages"].items() if name}
    assert all(one["integrity"].startswith("sha512-") for one in packages.values())
    assert "http" not in text
    assert "resolved" not in text


@pytest.fixture(scope="module")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an empty environment with nothing but the wheel in it."""
    work = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--outdir", str(work), str(root)]
    subprocess.run(build, check=True, capture_output=True, timeout=600)
    # Not even pip is in it: ours installs there.
    venv.create(work / "env")
    python = work / "env" / "bin" / "python"
    (wheel,) = work.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    command = [*pip, "--no-compile", str(wheel)]
    subprocess.run(command, check=True, capture_output=True, timeout=1200)
    return python


@pytest.mark.wheel
@pytest.mark.timeout(1800)
def test_a_wheel_carries_artefacts_and_front_end(
    root: Path, installed: Path, tmp_path: Path
) -> None:
    told = subprocess.run(
        [str(installed), "-c", TELL], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    found = json.loads(told.stdout)
    assert Path(found["root"]).name == "_fhir"
    assert found["ids"] == [path.stem for path in artefact_paths("Questionnaire")]
    assert len(found["vendor"]) == len(vendor_hashes(root))


@pytest.mark.wheel
@pytest.mark.timeout(1800)
def test_a_wheel_serves_the_demonstration(installed: Path, tmp_path: Path) -> None:
    command = str(installed.parent / "template-service")
    told = subprocess.run(
        [command, "demo", "--prepare-only", "--people", "20", "--data", str(tmp_path), "--json"],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    sign_ins = json.loads(told.stdout)["sign_ins"]
    assert {"clinician", "link_worker"} <= {one["role"] for one in sign_ins}

    port = server.free_port()
    serve = [command, "demo", "--people", "20", "--data", str(tmp_path), "--port", str(port)]
    with subprocess.Popen(serve, cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
        try:
            page = first_page(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
    assert "Demonstration: made-up people" in page


def first_page(base: str) -> str:
    """The sign-in page with its style sheet there too, as soon as the server answers."""
    deadline = time.monotonic() + server.START_SECONDS
    while not server.answers(base):
        assert time.monotonic() < deadline, "the demonstration does not answer"
        time.sleep(0.1)
    requests.get(f"{base}/static/vendor/nhsuk-frontend.min.css", timeout=10).raise_for_status()
    return requests.get(f"{base}/sign-in", timeout=10).text
