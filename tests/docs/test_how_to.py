"""Commands in the how-to pages are run as they are written."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from template_service.cli import main
from template_service.settings import PREFIX

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
# A page names a file and shows what is in it.
SHOWN = re.compile(r"`(\w+\.(csv|json))`:.*?```\2\n(.*?)```", re.DOTALL)
# It would run until it is stopped; the tests of the server start it.
ENDLESS = "serve"
FAULT = re.compile(r": (error|warning): ")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_works(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = re.sub(r"^ +", "", page.read_text(), flags=re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    # The pages speak from a checkout.
    (tmp_path / "fhir").symlink_to(ROOT / "fhir")
    monkeypatch.setenv(f"{PREFIX}DATA", str(tmp_path / "data"))
    for name, _, content in SHOWN.findall(text):
        (tmp_path / name).write_text(content)
    commands = [shlex.split(line) for block in SHELL.findall(text) for line in block.splitlines()]
    assert commands
    for program, *arguments in commands:
        assert program == "template-service"
        if arguments[0] != ENDLESS:
            result = CliRunner().invoke(main, arguments)
            assert result.exit_code == 0, f"{shlex.join(arguments)}: {result.output}"
            # What a page shows as right is told nothing of.
            assert FAULT.search(result.output) is None, f"{shlex.join(arguments)}: {result.output}"
