"""``lendloom decide``: ask a decision of a file, for one case or for a file of them, without publishing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from server.cli.batch import run_batch
from server.cli.console import SpeakingCommand
from server.cli.dmn_files import read_model
from server.cli.evaluate import CONTEXT_HELP, end_with, read_context, this_instant
from server.dmn import DecisionModel
from server.feel import to_json
from server.store.database import encode_json

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("decide", cls=SpeakingCommand)
@click.argument("file", type=_FILE)
@click.argument("decision", required=False)
@click.option("--all", "everything", is_flag=True, help="Evaluate all decisions of the file instead of one.")
@click.option("--context", "context_text", default="{}", help=CONTEXT_HELP)
@click.option("--trace", is_flag=True, help="Also say which rules matched, for every decision on the way.")
@click.option("--input", "input_file", type=_FILE, help="A .csv or .xlsx file with a case in every row.")
@click.option("--output", "output_file", type=click.Path(dir_okay=False, path_type=Path), help="Where the rows go.")
def decide(
    file: Path,
    decision: str | None,
    everything: bool,
    context_text: str,
    trace: bool,
    input_file: Path | None,
    output_file: Path | None,
) -> None:
    """Evaluate the DECISION (id or name) of a DMN FILE and print its value as JSON.

    Other DMN files beside it serve as its imports. With --input every row of a CSV or Excel file is a case: the
    headings name the facts (a.b is the member b of a), and --output gets the rows with results, matched rules
    and problems. Exit code 1 if there is no result, or no result for some row.

    \b
    Examples:
      lendloom decide dmn/machine-decision.dmn machine-decision --context application.json
      lendloom decide dmn/machine-decision.dmn machine-decision --context '{"score": 380}' --trace
      lendloom decide dmn/machine-decision.dmn --all --context application.json
      lendloom decide dmn/loan-pricing.dmn loan-pricing --input cases.xlsx --output priced.xlsx
    """
    if (decision is None) != everything:
        raise click.UsageError("Give a DECISION, or --all.")
    if (input_file is None) != (output_file is None):
        raise click.UsageError("--input and --output go together.")
    model = read_model(file)
    chosen = [decision] if decision is not None else list(model.decisions)
    if input_file is not None and output_file is not None:
        run_batch(model, chosen, input_file, output_file, this_instant())
        return
    _decide_one(model, chosen, context_text, trace, together=everything)


def _decide_one(model: DecisionModel, chosen: list[str], context_text: str, trace: bool, *, together: bool) -> None:
    context = read_context(context_text)
    instant = this_instant()
    evaluations = {name: model.evaluate(name, context, clock=instant) for name in chosen}
    shown: dict[str, Any] = {
        name: evaluation.trace.to_json() if trace else to_json(evaluation.value)
        for name, evaluation in evaluations.items()
    }
    click.echo(encode_json(shown if together else shown[chosen[0]]))
    noticed = dict.fromkeys(d for evaluation in evaluations.values() for d in evaluation.diagnostics)
    end_with(noticed, failed=any(evaluation.failed for evaluation in evaluations.values()))
