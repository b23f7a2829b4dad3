"""``lendloom feel``: try an expression, and what it has in common with trying a decision."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from server.calendars import wall_clock
from server.cli.console import SpeakingCommand, complain, fail
from server.feel import Diagnostic, FeelSyntaxError, compile_expression, to_json
from server.messages import Message
from server.store.database import encode_json

CONTEXT_HELP = "The facts: a JSON FILE (also @FILE), or JSON text itself; '-' reads standard input."
_INSTANCE_KEY = re.compile(r"([0-9]{1,19})(?:-([0-9]{1,9}))?")


# An expression may begin with a minus.
@click.command(cls=SpeakingCommand, context_settings={"ignore_unknown_options": True})
@click.argument("expression")
@click.option("--context", "context_text", default="{}", help=CONTEXT_HELP)
def feel(expression: str, context_text: str) -> None:
    """Evaluate a FEEL expression and print its value as JSON.

    What went wrong on the way to a null is told on standard error, and the exit code is then 1.

    \b
    Examples:
      lendloom feel '1/3'
      lendloom feel 'amount * rate' --context '{"amount": 12000, "rate": 0.018}'
      lendloom feel 'date("2024-01-31") + duration("P1M")'
      lendloom feel 'amount * rate' --context facts.json
    """
    try:
        compiled = compile_expression(expression)
    except FeelSyntaxError as error:
        end_with(error.diagnostics, failed=True)
        raise SystemExit(1) from None
    evaluation = compiled.evaluate(read_context(context_text), clock=this_instant())
    click.echo(encode_json(to_json(evaluation.value)))
    end_with(evaluation.diagnostics, failed=evaluation.value is None)


@dataclass(frozen=True, slots=True)
class InstanceKey:
    """The key of an instance, and with a decision instance its number among the decisions of one evaluation."""

    key: int
    number: int | None = None


class InstanceKeyType(click.ParamType[InstanceKey]):
    """A key as the API shows it: ``2251799813685251``, of a decision instance ``2251799813685251-1``."""

    name = "KEY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> InstanceKey:
        """Reads a key."""
        found = _INSTANCE_KEY.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is not a key, such as 2251799813685251 or 2251799813685251-1.", param, ctx)
        return InstanceKey(int(found[1]), None if found[2] is None else int(found[2]))


def this_instant() -> dt.datetime:
    """What ``now()`` and ``today()`` answer on the command line."""
    return wall_clock(dt.datetime.now(dt.UTC))


def read_context(text: str) -> Mapping[str, Any]:
    """The facts that ``--context`` gives; ends the command where they are none."""
    if text == "-":
        text = sys.stdin.read()
    elif not text.lstrip().startswith(("{", "[")):
        # An object begins with a brace, so everything else names a file.
        text = Path(text.removeprefix("@")).read_text(encoding="utf-8-sig")
    try:
        context = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        fail(_bad_context(str(error)))
    if not isinstance(context, dict):
        fail(_bad_context('expected an object, such as {"amount": 1}'))
    return context


def _bad_context(reason: str) -> Message:
    return Message(
        "cli.context",
        f'--context 不是 JSON 对象：{reason}。请写成 {{"名称": 值}}，或给出文件名。',
        f'--context is no JSON object: {reason}. Write {{"name": value}}, or name a file.',
    )


def end_with(diagnostics: Iterable[Diagnostic], *, failed: bool) -> None:
    """Tells what was noticed, and ends the command with exit code 1 where that led to no value."""
    told = False
    for diagnostic in diagnostics:
        told = True
        click.echo(f"{diagnostic.line}:{diagnostic.column} {diagnostic.kind}", err=True)
        complain(diagnostic.message)
    if told and failed:
        raise SystemExit(1)
