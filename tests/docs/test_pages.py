"""Documentation tells no untruth a machine can catch: links, hazards, machine paths."""

import csv
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {".venv", "node_modules", "vendor", "build", "dist"} & set(path.parts)
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HAZARDS = ROOT / "docs" / "clinical-safety" / "hazard-log.csv"
COLUMNS = ["id", "hazard", "cause", "effect", "severity", "likelihood", "control", "test"]
# DCB0129 leaves the scales to the manufacturer; these are the ones of its guidance.
SEVERITIES = {"minor", "significant", "considerable", "major", "catastrophic"}
LIKELIHOODS = {"very low", "low", "medium", "high", "very high"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_between_files_lead_somewhere(page: Path) -> None:
    targets = (link.partition("#")[0] for link in LINK.findall(page.read_text()))
    files = [target for target in targets if target and "://" not in target]
    assert [target for target in files if not (page.parent / target).exists()] == []


@pytest.fixture(scope="module")
def hazards() -> list[dict[str, str]]:
    with HAZARDS.open(newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        assert reader.fieldnames == COLUMNS
        return list(reader)


def test_hazards_are_numbered_and_complete(hazards: list[dict[str, str]]) -> None:
    assert [row["id"] for row in hazards] == [
        f"H{number:02}" for number in range(1, len(hazards) + 1)
    ]
    assert all(all(row.values()) for row in hazards)
    assert {row["severity"] for row in hazards} <= SEVERITIES
    assert {row["likelihood"] for row in hazards} <= LIKELIHOODS


def test_every_test_a_hazard_names_exists(hazards: list[dict[str, str]]) -> None:
    missing = []
    for row in hazards:
        for named in row["test"].split("; "):
            file, _, test = named.partition("::")
            path = ROOT / file
            if not path.is_file() or not re.search(
                rf"^def {test}\(", path.read_text(), re.MULTILINE
            ):
                missing.append(f"{row['id']}: {named}")
    assert missing == []


def test_every_make_command_is_in_the_readme() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    readme = (ROOT / "README.md").read_text()
    wanted = {"run", "test", "check", "bench"}
    names = {line.split()[1] for line in listed.stdout.splitlines()}
    assert wanted <= names
    assert [name for name in sorted(wanted) if f"`make {name}`" not in readme] == []
