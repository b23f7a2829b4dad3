"""``lendloom replay``: the same model and inputs give the same trace - checked over what is stored."""

from __future__ import annotations

import datetime as dt
import time

import click

from server.cli.console import SpeakingCommand, complain, say
from server.cli.evaluate import InstanceKey, InstanceKeyType
from server.cli.installation import database_context, running_settings
from server.runtime.decision_history import Chosen, Replay, count, replay
from server.runtime.errors import no_such
from server.store.database import encode_json

_EVERY_SECONDS = 2.0


@click.command("replay", cls=SpeakingCommand)
@click.option("--instance", type=InstanceKeyType(), help="One decision instance, or all of a process instance.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"]), help="Those evaluated from then on.")
@click.option("--all", "everything", is_flag=True, help="Every decision instance that is stored.")
@click.option("--json", "as_json", is_flag=True, help="Print each difference as a line of JSON.")
def replay_command(instance: InstanceKey | None, since: dt.datetime | None, everything: bool, as_json: bool) -> None:
    """Evaluate stored decisions again and compare the traces.

    Every decision is put to the version of its model that took it, with the inputs and the instant of then;
    nothing is stored. Exit code 1 if one of them comes out differently.

    \b
    Examples:
      lendloom replay --instance 2251799813685251
      lendloom replay --since 2026-01-01
      lendloom replay --all
    """
    key = None if instance is None else instance.key
    if sum((key is not None, since is not None, everything)) != 1:
        raise click.UsageError("Give one of --instance, --since and --all.")
    chosen = Chosen(key, None if since is None else _with_zone(since))
    with database_context(running_settings(process="replay")):
        total = count(chosen)
        done = different = 0
        told = time.monotonic()
        for replayed in replay(chosen):
            done += 1
            if not replayed.same:
                different += 1
                _show(replayed, as_json)
            if time.monotonic() - told > _EVERY_SECONDS:
                told = time.monotonic()
                say(f"  已重放 {done}/{total}", f"  {done}/{total} replayed")
    if key is not None and not done:
        raise no_such("决策实例，或有决策的流程实例", "decision instance or process instance with decisions", key)
    say(
        f"重放了 {done} 个决策实例，{different} 个与存档不同。",
        f"{done} decision instances replayed, {different} came out differently.",
    )
    if different:
        raise SystemExit(1)


def _with_zone(instant: dt.datetime) -> dt.datetime:
    """A date without an offset is meant in this machine's time zone."""
    return instant if instant.tzinfo is not None else instant.astimezone()


def _show(replayed: Replay, as_json: bool) -> None:
    if as_json:
        failure = replayed.failure
        data = {
            "decisionInstanceKey": str(replayed.key),
            "decisionId": replayed.decision_id,
            "version": replayed.version,
            "failure": None if failure is None else {"code": failure.code, "zh": failure.zh, "en": failure.en},
            "differences": [
                {"path": each.path, "stored": str(each.expected), "replayed": str(each.actual)}
                for each in replayed.differences
            ],
        }
        click.echo(encode_json(data))
        return
    click.echo(f"{replayed.key} {replayed.decision_id} v{replayed.version} {replayed.evaluated_at.isoformat()}")
    if replayed.failure is not None:
        complain(replayed.failure)
    for difference in replayed.differences:
        click.echo(f"  {difference}")
