"""``lendloom migrate plan``: how running instances of one file's process can go over to another's."""

from __future__ import annotations

from pathlib import Path

import click

from server.bpmn import MigrationPlan, PlannedMapping, ProcessModel, plan_migration, read_processes
from server.cli.console import SpeakingCommand, language, say
from server.messages import LendloomError, Message, counted
from server.store.database import encode_json


@click.command("plan", cls=SpeakingCommand)
@click.argument("old", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--process", "process_id", metavar="ID", help="Which process, where the files have several.")
@click.option(
    "--accept",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Take suggestions with at least this score into the mapping.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the body of a migration request, for @FILE of lendloom call."
)
def plan(old: Path, new: Path, process_id: str | None, accept: float, as_json: bool) -> None:
    """Plan the migration of running instances from the process in OLD to the one in NEW.

    Elements with equal ids are mapped to each other; for the rest there are suggestions by name and neighbours,
    with a score and its reasons, and a reason for what cannot go over. Nothing is changed; a server plans for what
    is deployed with POST /v2/process-definitions/KEY/migration/plan. Exit code 1 where an element cannot go over.

    \b
    Examples:
      lendloom migrate plan loan-v1.bpmn loan-v2.bpmn
      lendloom migrate plan loan-v1.bpmn loan-v2.bpmn --accept 0.8 --json > plan.json
    """
    found = plan_migration(_model(old, process_id), _model(new, process_id))
    mapping = found.mapping(accept)
    if as_json:
        instructions = [{"sourceElementId": one, "targetElementId": other} for one, other in mapping.items()]
        click.echo(encode_json({"mappingInstructions": instructions}))
    else:
        _show(found, accept)
    if found.unmapped or any(planned.source_id not in mapping for planned in found.suggestions):
        raise SystemExit(1)


def _model(file: Path, process_id: str | None) -> ProcessModel:
    models = read_processes(file.read_bytes(), resource=str(file))
    chosen = [model for model in models if process_id in (None, model.process_id)]
    if len(chosen) != 1:
        listed = ", ".join(model.process_id for model in models)
        raise LendloomError(
            Message(
                "cli.which-process",
                f"{file} 中的流程有：{listed}；请用 --process 指明其中之一。",
                f"{file} has the processes {listed}; name one of them with --process.",
            )
        )
    return chosen[0]


def _show(found: MigrationPlan, accept: float) -> None:
    say(f"标识相同：{len(found.mappings)} 个元素", f"equal ids: {counted(len(found.mappings), 'element')}")
    for planned in found.suggestions:
        taken = "=>" if planned.score >= accept else "?>"
        click.echo(f"{taken} {planned.source_id} -> {planned.target_id}  {planned.score:.2f}  {_why(planned)}")
    for finding in found.unmapped:
        click.echo(f"{click.style('--', fg='red')} {finding.element} [{finding.message.code}]")
        click.echo(f"   {finding.message.text(language())}")
    for element_id in found.added:
        click.echo(f"{click.style('++', fg='green')} {element_id}")


def _why(planned: PlannedMapping) -> str:
    return "; ".join(message.text(language()) for message in planned.reasons)
