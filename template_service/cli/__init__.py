"""The command `template-service`. Commands are the only place that prints.

Every command is a module of its own, imported when it is used: `serve` starts without the engine of
`questionnaire`, and `--help` starts without either.
"""

import importlib
from typing import Any

import click

from template_service import __version__
from template_service.errors import ServiceError

# Command -> the module that has it under its own name, and what `--help` says without importing it.
_COMMANDS = {
    "aggregates": ("aggregates", "Import facts and close months for public health."),
    "audit": ("running", "Verify the audit trail."),
    "check": ("running", "Look for damage in the store."),
    "demo": ("demo", "Serve a demonstration with made-up people."),
    "directory": ("directory", "Publish and search the directory of services."),
    "geography": ("geography", "Import the official files of postcodes and deprivation."),
    "migrate": ("running", "Bring the store to this version."),
    "organisation": ("organisation", "Import practices, networks and the city."),
    "questionnaire": ("questionnaire", "Check, keep and use questionnaires."),
    "serve": ("serve", "Run the service."),
    "token": ("access", "Create tokens for systems."),
    "translation": ("translation", "Make a catalogue for translating the pages."),
    "user": ("access", "Add people who sign in."),
}


class Commands(click.Group):
    """The top-level commands, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in alphabetical order."""
        del ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, or None if there is none."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"{__name__}.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(_COMMANDS.items())])

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command; what the service refuses ends with exit code 1 and its message."""
        try:
            return super().invoke(ctx)
        except ServiceError as refusal:
            raise click.ClickException(refusal.message) from None


@click.command(cls=Commands)
@click.version_option(__version__, prog_name="template-service")
def main() -> None:
    """Asks about what shapes a person's health, and signposts to local services that fit."""
