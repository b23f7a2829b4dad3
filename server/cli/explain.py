"""``lendloom explain``: why a decision came out as it did, in a sentence that a person can read."""

from __future__ import annotations

from pathlib import Path

import click

from server.cli.console import SpeakingCommand
from server.cli.console import language as reader_language
from server.cli.dmn_files import read_model
from server.cli.evaluate import CONTEXT_HELP, InstanceKey, InstanceKeyType, read_context, this_instant
from server.cli.installation import database_context, running_settings
from server.dmn.explain import Explanation, explain
from server.runtime.decision_history import explain_instance
from server.store.database import encode_json


@click.command("explain", cls=SpeakingCommand)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("decision", required=False)
@click.option("--instance", type=InstanceKeyType(), help="Explain a decision that was taken and stored.")
@click.option("--context", "context_text", default="{}", help=CONTEXT_HELP)
@click.option("--language", type=click.Choice(["zh", "en"]), help="Of the sentences; that of the terminal otherwise.")
@click.option("--json", "as_json", is_flag=True, help="Print sentences, reason codes and conditions as JSON.")
def explain_command(
    file: Path | None,
    decision: str | None,
    instance: InstanceKey | None,
    context_text: str,
    language: str | None,
    as_json: bool,
) -> None:
    """Explain a decision: which rule matched, and which inputs made it match.

    Takes a decision that is stored (--instance KEY), or evaluates the DECISION of a DMN FILE.

    \b
    Examples:
      lendloom explain --instance 2251799813685251-1 --language zh
      lendloom explain dmn/machine-decision.dmn machine-decision --context application.json
    """
    chosen = language or reader_language()
    if instance is not None and file is None:
        with database_context(running_settings(process="explain")):
            explanation = explain_instance(instance.key, chosen, number=instance.number)
    elif instance is None and file is not None and decision is not None:
        model = read_model(file)
        evaluation = model.evaluate(decision, read_context(context_text), clock=this_instant())
        explanation = explain(evaluation.trace, model, chosen)
    else:
        raise click.UsageError("Give either --instance KEY, or FILE and DECISION.")
    _print(explanation, as_json)


def _print(explanation: Explanation, as_json: bool) -> None:
    if as_json:
        click.echo(encode_json(explanation.to_json()))
        return
    for decision in explanation.decisions:
        for sentence in decision.sentences:
            click.echo("  " * decision.depth + sentence)
    if explanation.reason_codes:
        click.echo(", ".join(explanation.reason_codes))
