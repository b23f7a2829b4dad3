"""``lendloom feel`` and ``lendloom decide``: try an expression or a decision without publishing anything."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from server.cli.console import SpeakingCommand, complain, fail
from server.dmn import read_dmn
from server.feel import Diagnostic, compile_expression, to_json
from server.messages import Message
from server.store.database import encode_json

_CONTEXT_HELP = "The facts, as JSON text or @FILE; '-' reads standard input."


@click.command(cls=SpeakingCommand)
@click.argument("expression")
@click.option("--context", "context_text", default="{}", help=_CONTEXT_HELP)
def feel(expression: str, context_text: str) -> None:
    """Evaluate a FEEL expression and print its value as JSON.

    What went wrong on the way to a null is told on standard error, and the exit code is then 1.

    \b
    Examples:
      lendloom feel '1/3'
      lendloom feel 'amount * rate' --context '{"amount": 12000, "rate": 0.018}'
      lendloom feel 'date("2024-01-31") + duration("P1M")'
    """
    compiled = compile_expression(expression)
    evaluation = compiled.evaluate(_context(context_text), clock=_now())
    click.echo(encode_json(to_json(evaluation.value)))
    _end_with(evaluation.diagnostics, failed=evaluation.value is None)


@click.command(cls=SpeakingCommand)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("decision")
@click.option("--context", "context_text", default="{}", help=_CONTEXT_HELP)
@click.option("--trace", is_flag=True, help="Also say which rules matched, for every decision on the way.")
def decide(file: Path, decision: str, context_text: str, trace: bool) -> None:
    """Evaluate the DECISION (id or name) of a DMN FILE and print its value as JSON.

    Other DMN files beside it serve as its imports.

    \b
    Examples:
      lendloom decide dmn/machine-decision.dmn machine-decision --context @application.json
      lendloom decide dmn/machine-decision.dmn machine-decision --context '{"score": 380}' --trace
    """
    beside = {path.name: path.read_bytes() for path in file.parent.glob("*.dmn") if path != file}
    model = read_dmn(file.read_bytes(), resource=file.name, imports=beside)
    evaluation = model.evaluate(decision, _context(context_text), clock=_now())
    shown = evaluation.trace.to_json() if trace else to_json(evaluation.value)
    click.echo(encode_json(shown))
    _end_with(evaluation.diagnostics, failed=evaluation.failed)


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()


def _context(text: str) -> Mapping[str, Any]:
    if text == "-":
        text = sys.stdin.read()
    elif text.startswith("@"):
        text = Path(text[1:]).read_text(encoding="utf-8")
    try:
        context = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        fail(_bad_context(str(error)))
    if not isinstance(context, dict):
        fail(_bad_context("expected an object, such as {\"amount\": 1}"))
    return context


def _bad_context(reason: str) -> Message:
    return Message(
        "cli.context",
        f"--context 不是 JSON 对象：{reason}。请写成 {{\"名称\": 值}}，或用 @文件 指定。",
        f"--context is no JSON object: {reason}. Write {{\"name\": value}}, or name a file with @FILE.",
    )


def _end_with(diagnostics: Iterable[Diagnostic], *, failed: bool) -> None:
    told = False
    for diagnostic in diagnostics:
        told = True
        click.echo(f"{diagnostic.line}:{diagnostic.column} {diagnostic.kind}", err=True)
        complain(diagnostic.message)
    if told and failed:
        raise SystemExit(1)
