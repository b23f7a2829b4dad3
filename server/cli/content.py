"""``lendloom deploy``: what designers draw and write, published; and the files that paths stand for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from server.cli.console import SpeakingCommand, fail, show_findings, step
from server.cli.installation import database_context, running_settings
from server.file_kinds import EVERY_ENDING, kind_of_file
from server.messages import Message, counted
from server.runtime.command import command
from server.runtime.deployments import deploy_paths, missing_references

# Who deployed, in the history of deployments: nobody has signed in here.
ACTOR = "command-line"
PATHS = click.Path(exists=True, path_type=Path)


@click.command(cls=SpeakingCommand)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=PATHS)
def deploy(paths: tuple[Path, ...]) -> None:
    """Check and publish BPMN, DMN and form files, all of them or none.

    A directory stands for every such file below it. Files that were published before, unchanged, make no
    new version. Running cases stay with the version they were started on.

    \b
    Examples:
      lendloom deploy processes dmn forms
      lendloom deploy processes/loan-approval.bpmn
    """
    files = content_files(paths)
    with (
        database_context(running_settings(process="deploy")),
        step(f"检查并发布 {len(files)} 个文件", f"Checking and publishing {counted(len(files), 'file')}"),
    ):
        deployment = deploy_paths(files, actor=ACTOR)
        missing = command(lambda connection: missing_references(connection, deployment))
    show_findings([*deployment.findings, *missing])
    for item in deployment.items:
        state = "new" if item.is_new else "unchanged"
        click.echo(f"{state:<10} {item.kind:<21} {item.definition_id} v{item.version}  {item.resource_name}")


def content_files(paths: Iterable[Path]) -> list[Path]:
    """The BPMN, DMN and form files that ``paths`` stand for, each once, directories in order of name."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = (file for file in sorted(path.rglob("*")) if kind_of_file(file.name) and file.is_file())
            found.update(dict.fromkeys(inside))
        else:
            found[path] = None
    if not found:
        fail(_nothing_there(paths))
    return list(found)


def _nothing_there(paths: Iterable[Path]) -> Message:
    listed, suffixes = ", ".join(map(str, paths)), ", ".join(EVERY_ENDING)
    return Message(
        "content.none",
        f"{listed} 中没有流程、决策或表单文件（{suffixes}）；请检查路径。",
        f"There is no process, decision or form file ({suffixes}) in {listed}; check the path.",
    )
