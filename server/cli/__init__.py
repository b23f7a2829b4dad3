"""The command line ``lendloom``: one module a family of commands, loaded only when one is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import click

# command -> (module, name there, one line for `lendloom --help`)
COMMANDS: Mapping[str, tuple[str, str, str]] = {
    "up": ("server.cli.up", "up", "Start everything on this machine and keep it running."),
    "api": ("server.cli.serve", "api", "Serve the HTTP API only."),
    "worker": ("server.cli.serve", "worker", "Run background jobs only."),
    "clock": ("server.cli.serve", "clock", "Fire due timers only."),
    "simulators": ("simulators.command", "simulators", "Serve the demo's outside world: payments, bureau."),
    "migrate": (
        "server.cli.migrate",
        "migrate",
        "Bring the database to this version's tables; plan migrations of cases.",
    ),
    "db": ("server.cli.database", "db", "Start, stop, inspect or reset the embedded PostgreSQL."),
    "deploy": ("server.cli.content", "deploy", "Check and publish process, decision and form files."),
    "lint": ("server.cli.lint", "lint", "Check process, decision and form files without publishing."),
    "feel": ("server.cli.evaluate", "feel", "Evaluate a FEEL expression."),
    "analyse": ("server.cli.analyse", "analyse_command", "Find gaps, overlaps and idle rules in decision tables."),
    "test": ("server.cli.test_command", "test", "Run scenarios of processes and tests of decision tables."),
    "record": ("server.cli.record", "record_command", "Write a process instance as a scenario, without personal data."),
    "decide": ("server.cli.decide", "decide", "Evaluate a decision of a DMN file, for one case or a file of them."),
    "explain": ("server.cli.explain", "explain_command", "Say in a sentence why a decision came out as it did."),
    "replay": ("server.cli.replay", "replay_command", "Evaluate stored decisions again and compare."),
    "call": ("server.cli.call", "call", "Send one request to a running server and print the answer."),
    "openapi": ("api.description", "openapi", "Write the OpenAPI document of this version."),
    "calendars": ("server.cli.calendars", "calendars_commands", "Read and write holidays and working hours."),
    "users": ("server.cli.users", "users_commands", "Add, list and deactivate users; set passwords."),
    "tck": ("server.cli.tck", "tck", "Run the DMN conformance cases."),
}


class LazyGroup(click.Group):
    """Knows its commands by name; imports a command's module only when it runs or shows its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command, or None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table above, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Settings are environment variables that begin with LENDLOOM_; docs/settings.md lists them.",
)
@click.version_option(package_name="lendloom", prog_name="lendloom")
def main() -> None:
    """Lendloom, the orchestration server for lenders / 信贷流程编排服务器.

    \b
    First steps:
      LENDLOOM_PROFILE=demo lendloom up      everything, with demo users and services
      lendloom lint processes/*.bpmn         check what you have drawn
      lendloom deploy processes dmn forms    publish it
      lendloom COMMAND --help                what a command does, with examples
    """
