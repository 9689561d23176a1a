"""The reference is complete: every setting and every command, with every option."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from template_service.cli import main
from template_service.settings import PREFIX, Settings

COMMON = {"--data", "--json", "--help"}


def every_command(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from every_command(found, f"{path} {name}")
    else:
        yield path, command


COMMANDS = dict(every_command(main, "template-service"))


def sections(text: str) -> dict[str, str]:
    parts = text.split("\n## `")[1:]
    return {part.partition("`")[0]: part for part in parts}


@pytest.fixture(scope="module")
def commands_page(root: Path) -> dict[str, str]:
    page = (root / "docs" / "reference" / "commands.md").read_text()
    return sections(page)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_described_with_its_options(
    name: str, commands_page: dict[str, str]
) -> None:
    found = [text for title, text in commands_page.items() if f"{title} ".startswith(f"{name} ")]
    assert len(found) == 1, f"{name} needs a section of its own"
    options = {
        option
        for parameter in COMMANDS[name].params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }
    assert [option for option in sorted(options - COMMON) if option not in found[0]] == []


def test_no_section_describes_a_command_that_is_not_there(commands_page: dict[str, str]) -> None:
    gone = [
        title
        for title in commands_page
        if not any(f"{title} ".startswith(f"{name} ") for name in COMMANDS)
    ]
    assert gone == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_takes_data_and_json(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert {"--data", "--json"} <= options


def test_every_setting_is_described_with_its_default(root: Path) -> None:
    rows: dict[str, str] = {}
    for line in (root / "docs" / "reference" / "settings.md").read_text().splitlines():
        if line.startswith(f"| `{PREFIX}"):
            _, variable, default, *_ = (cell.strip() for cell in line.split("|"))
            rows[variable.strip("`")] = default.strip("`")
    defaults = {PREFIX + field.name.upper(): field.default for field in fields(Settings)}
    assert set(rows) == set(defaults)
    # Empty defaults stand for something made or found at the first start, described in words.
    differing = {
        name: rows[name]
        for name, default in defaults.items()
        if default not in {"", (), None}
        and rows[name] != str(default).removesuffix("()")
        and rows[name] != str(default).lower()
    }
    assert differing == {}
