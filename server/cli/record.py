"""``lendloom record``: a case that really happened, as a scenario without personal data."""

from __future__ import annotations

from pathlib import Path

import click

from server.cli.console import SpeakingCommand, say
from server.cli.installation import database_context, running_settings
from server.runtime.recording import inner_parts, record_instance


@click.command("record", cls=SpeakingCommand)
@click.argument("instance_key", metavar="INSTANCE_KEY", type=click.IntRange(1))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file, else it is printed.")
@click.option("--without-files", is_flag=True, help="Do not write the deployed files of the case beside --out.")
def record_command(instance_key: int, out: Path | None, without_files: bool) -> None:
    """Record a process instance as a scenario for `lendloom test`, personal data replaced by pseudonyms.

    The scenario is played before it is written; what it does not reproduce stands in it as a comment. The versions
    of the process, decision and form files that the case ran on are written into a folder beside it, so that it
    runs as it is; --without-files names them as they were deployed, to be found where the scenario is run. Exit
    code 1 when playing it does not go as the case has gone.

    \b
    Examples:
      lendloom record 2251799813685251 --out var/case.scenario.yaml
      lendloom record 2251799813685251 --out processes/case.scenario.yaml --without-files
    """
    folder = None if out is None or without_files else out.with_name(out.name.split(".")[0])
    with database_context(running_settings(process="record")):
        recorded = record_instance(instance_key, folder="" if folder is None else folder.name)
    if folder is not None:
        for name, content in recorded.resources:
            # A deployed name is somebody else's text: it must not lead out of the folder.
            file = folder.joinpath(*inner_parts(name))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    text = recorded.recording.text
    if out is None:
        click.echo(text, nl=False)
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
        say(f"场景已写入 {out}。", f"The scenario is in {out}.")
    for remark in recorded.recording.remarks:
        say(f"注意：{remark.zh}", f"Note: {remark.en}")
    if not recorded.recording.passes:
        raise SystemExit(1)
