"""``lendloom calendars``: working calendars as files, so that each year's holidays come in with one command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import yaml

from server.cli.console import SpeakingGroup, say
from server.cli.exact_yaml import UnreadableYamlError, read_yaml
from server.cli.installation import database_context, running_settings
from server.messages import Message
from server.runtime import calendars

ACTOR = "command-line"
_KNOWN = frozenset({"calendarId", "name", "timezone", "isDefault", "periods"})


@click.group("calendars", cls=SpeakingGroup)
def calendars_commands() -> None:
    """Read and write working calendars: public holidays, make-up days and working hours, year by year.

    \b
    Examples:
      lendloom calendars import docs/examples/calendar-cn.yaml
      lendloom calendars list
      lendloom calendars export CN > calendar-cn.yaml
    """


@calendars_commands.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def import_calendars(files: tuple[Path, ...]) -> None:
    """Write calendars from YAML (or JSON) files, each in place of the one with its id."""
    read = [_read(file) for file in files]
    with database_context(running_settings(process="calendars")):
        for written in read:
            record = calendars.save(
                calendar_id=written["calendarId"],
                name=written.get("name", written["calendarId"]),
                timezone=written["timezone"],
                periods=written["periods"],
                is_default=written.get("isDefault", False),
                actor=ACTOR,
            )
            say(
                f"已写入日历 {record.calendar_id}，修订 {record.revision}。",
                f"Wrote the calendar {record.calendar_id}, revision {record.revision}.",
            )


@calendars_commands.command("list")
def list_calendars() -> None:
    """List calendars: id, name, zone, the first and the last day that each knows."""
    with database_context(running_settings(process="calendars")):
        found = calendars.list_calendars()
    for record in found:
        days = sorted(period["from"] for period in record.periods), sorted(period["to"] for period in record.periods)
        default = "default" if record.is_default else "-"
        click.echo(
            "\t".join((record.calendar_id, record.name, record.timezone, default, f"{days[0][0]}..{days[1][-1]}"))
        )


@calendars_commands.command("export")
@click.argument("calendar_id")
def export(calendar_id: str) -> None:
    """Print a calendar as YAML that ``import`` reads."""
    with database_context(running_settings(process="calendars")):
        record = calendars.get(calendar_id)
    written = {
        "calendarId": record.calendar_id,
        "name": record.name,
        "timezone": record.timezone,
        "isDefault": record.is_default,
        "periods": record.periods,
    }
    click.echo(yaml.safe_dump(written, allow_unicode=True, sort_keys=False), nl=False)


def _read(file: Path) -> Mapping[str, Any]:
    written = read_yaml(file)
    if not isinstance(written, Mapping) or not {"calendarId", "timezone", "periods"} <= set(written) <= _KNOWN:
        listed = ", ".join(sorted(_KNOWN))
        raise UnreadableYamlError(
            Message(
                "calendars.file",
                f"{file} 应是日历：{listed}，其中 calendarId、timezone 与 periods 必填。",
                f"{file} should be a calendar with {listed}; calendarId, timezone and periods are required.",
            )
        )
    return written
