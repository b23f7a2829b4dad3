"""``lendloom lint`` and ``lendloom deploy``: what designers draw and write, checked and published."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import click

from server.bpmn import lint as lint_processes
from server.cli.console import SpeakingCommand, fail, say, show_findings, step
from server.cli.installation import database_context, running_settings
from server.dmn import DmnError, read_dmn
from server.forms import FormError, read_form
from server.messages import Finding, Message

_PATHS = click.Path(exists=True, path_type=Path)


@click.command(cls=SpeakingCommand)
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=_PATHS)
def lint(paths: tuple[Path, ...]) -> None:
    """Check BPMN, DMN and form files as a deployment would, without publishing anything.

    A directory stands for every such file below it. Exit code 1 if one of them would be refused.

    \b
    Examples:
      lendloom lint processes/loan-approval.bpmn
      lendloom lint processes dmn forms
    """
    files = content_files(paths)
    refused = 0
    for file in files:
        refused += show_findings(_CHECKS[file.suffix](file.read_bytes(), str(file)))
    if refused:
        say(f"{len(files)} 个文件中有 {refused} 个不能发布。", f"{refused} of {len(files)} files would be refused.")
        raise SystemExit(1)
    say(f"{len(files)} 个文件均可发布。", f"All {len(files)} files can be deployed.")


@click.command(cls=SpeakingCommand)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=_PATHS)
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
    deployments = importlib.import_module("server.runtime.deployments")
    settings = running_settings(process="deploy")
    with (
        database_context(settings),
        step(f"检查并发布 {len(files)} 个文件", f"Checking and publishing {len(files)} files"),
    ):
        deployment = deployments.deploy_paths(files)
    click.echo(str(deployment))


def content_files(paths: Iterable[Path]) -> list[Path]:
    """The BPMN, DMN and form files that ``paths`` stand for, each once, directories in order of name."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = (file for file in sorted(path.rglob("*")) if file.suffix in _CHECKS and file.is_file())
            found.update(dict.fromkeys(inside))
        elif path.suffix in _CHECKS:
            found[path] = None
        else:
            fail(_foreign_file(path))
    if not found:
        fail(_nothing_there(paths))
    return list(found)


def _check_decisions(content: bytes, resource: str) -> Iterable[Finding]:
    try:
        return read_dmn(content, resource=resource).findings
    except DmnError as error:
        return error.findings


def _check_form(content: bytes, resource: str) -> Iterable[Finding]:
    try:
        return read_form(content, resource=resource).findings
    except FormError as error:
        return error.findings


def _check_processes(content: bytes, resource: str) -> Iterable[Finding]:
    return lint_processes(content, resource=resource)


_CHECKS: Mapping[str, Callable[[bytes, str], Iterable[Finding]]] = {
    ".bpmn": _check_processes,
    ".dmn": _check_decisions,
    ".form": _check_form,
}


def _foreign_file(path: Path) -> Message:
    return Message(
        "content.foreign-file",
        f"{path} 不是流程、决策或表单文件；文件名应以 {'、'.join(_CHECKS)} 结尾。",
        f"{path} is no process, decision or form file; its name should end in {', '.join(_CHECKS)}.",
    )


def _nothing_there(paths: Iterable[Path]) -> Message:
    listed = ", ".join(map(str, paths))
    return Message(
        "content.none",
        f"{listed} 中没有流程、决策或表单文件（{'、'.join(_CHECKS)}）；请检查路径。",
        f"There is no process, decision or form file ({', '.join(_CHECKS)}) in {listed}; check the path.",
    )
