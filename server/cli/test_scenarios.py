"""Running scenarios of processes, for ``lendloom test``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from server.cli.console import complain, language, say
from server.cli.scenario_files import Played, play_file
from server.cli.testing import CaseResult, FileResult, Session, Tally
from server.scenarios.step_shapes import FINAL

SCENARIOS = ".scenario.yaml"


def run_scenarios(file: Path, session: Session) -> FileResult:
    """Play the scenarios of a file."""
    played = play_file(file, session.wants)
    for each in played:
        if each.definitions is not None:
            session.coverage.add(each.definitions, each.outcome.story)
    failed = [each for each in played if not each.outcome.passed]
    if not session.quiet and played:
        _show(file, played, failed)
    return FileResult(
        file,
        Tally(len(played), len(failed)),
        {"cases": len(played), "failures": [_failure(each) for each in failed]},
        tuple(_result(each) for each in played),
        frozenset({file.resolve(), *(path for each in played for path in each.files)}),
    )


def _place(each: Played) -> str:
    return f"{each.file}:{each.outcome.line or each.outcome.scenario.line}"


def _failure(each: Played) -> dict[str, Any]:
    outcome = each.outcome
    assert outcome.problem is not None
    return {
        "scenario": outcome.scenario.name,
        "step": outcome.step,
        "line": outcome.line,
        "action": outcome.kind,
        "code": outcome.problem.code,
        "zh": outcome.problem.zh,
        "en": outcome.problem.en,
        "story": list(outcome.story.lines(language())),
    }


def _result(each: Played) -> CaseResult:
    outcome = each.outcome
    detail = "\n".join(outcome.story.lines(language()))
    name = outcome.scenario.name or each.file.name
    return CaseResult(name, _place(each), outcome.seconds, outcome.problem, detail)


def _show(file: Path, played: list[Played], failed: list[Played]) -> None:
    passed, took = len(played) - len(failed), sum(each.outcome.seconds for each in played)
    say(
        f"{file}：{passed}/{len(played)} 个场景通过，用时 {took:.2f} 秒",
        f"{file}: {passed}/{len(played)} scenarios passed in {took:.2f} s",
    )
    for each in failed:
        outcome = each.outcome
        assert outcome.problem is not None
        name = outcome.scenario.name or each.file.name
        kind = outcome.kind.replace(FINAL, "（结尾的 expect）")
        zh = f"  {_place(each)} “{name}”第 {outcome.step} 步 {kind}"
        en = f"  {_place(each)} '{name}', step {outcome.step} {outcome.kind}"
        click.secho(zh if language() == "zh" else en, fg="red", err=True)
        complain(outcome.problem)
        for line in outcome.story.lines(language()):
            click.echo(f"    {line}", err=True)
