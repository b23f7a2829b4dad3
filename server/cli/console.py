"""How the command line speaks: in the reader's language, errors in both, and never silent for long.

Progress goes to standard error, results to standard output, so that output can be piped. An error of ours
ends a command with exit code 1 and its sentence in both languages; anything else is a defect and shows its
traceback.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from server.messages import Finding, LendloomError, Message, Severity

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def language() -> str:
    """``zh`` where the terminal's locale is Chinese, else ``en``."""
    for name in ("LENDLOOM_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def say(zh: str, en: str) -> None:
    """One line of progress or advice, in the reader's language."""
    click.echo(zh if language() == "zh" else en, err=True)


def complain(message: Message) -> None:
    """One sentence about what is wrong, in both languages, the reader's first."""
    first, second = (message.zh, message.en) if language() == "zh" else (message.en, message.zh)
    click.secho(first, fg="red", err=True)
    click.echo(second, err=True)


def fail(message: Message, *, code: int = 1) -> NoReturn:
    """Complain and end the command."""
    complain(message)
    raise SystemExit(code)


@contextmanager
def step(zh: str, en: str) -> Iterator[None]:
    """Announce something that may take a while, and say how long it took when that was over two seconds."""
    say(f"{zh}…", f"{en} ...")
    started = time.monotonic()
    yield
    took = time.monotonic() - started
    if took > 2:
        say(f"  完成，用时 {took:.1f} 秒", f"  done in {took:.1f} s")


def show_findings(findings: Iterable[Finding]) -> bool:
    """Print findings as ``file:line element: sentence``, both languages; whether one of them is an error."""
    refused = False
    for finding in findings:
        refused = refused or finding.severity is Severity.ERROR
        place = f"{finding.resource}:{finding.line}" if finding.line is not None else finding.resource
        where = " ".join(part for part in (place, finding.element) if part)
        click.echo(
            f"{click.style(finding.severity.value, fg=_COLOURS[finding.severity])} {where} [{finding.message.code}]"
        )
        click.echo(f"  {finding.message.en}\n  {finding.message.zh}")
    return refused


class SpeakingCommand(click.Command):
    """A command whose own errors, and files that are not there, end in a sentence instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a :class:`LendloomError` becomes its sentence and exit code 1. So does a file that fails."""
        try:
            return super().invoke(ctx)
        except LendloomError as error:
            # A file that was refused brings every fault along, with its place.
            show_findings(getattr(error, "findings", ()))
            fail(error.message)
        except OSError as error:
            if error.filename is None:
                raise
            why = error.strerror or type(error).__name__
            fail(
                Message(
                    "cli.file",
                    f"无法读写 {error.filename}：{why}。",
                    f"{error.filename} cannot be read or written: {why}.",
                )
            )


class SpeakingGroup(click.Group):
    """A group whose commands are speaking ones."""

    command_class = SpeakingCommand
