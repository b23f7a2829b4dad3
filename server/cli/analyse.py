"""``lendloom analyse``: what is wrong with decision tables, with an example for everything."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import click

from server.cli.console import SpeakingCommand, language, say
from server.cli.dmn_files import files_below, read_model
from server.cli.exact_yaml import read_yaml
from server.dmn.analysis import DEFAULT_LIMIT, analyse
from server.dmn.analysis_report import TableAnalysis, Weight
from server.dmn.table_tests import explained_findings
from server.file_kinds import DMN, ENDINGS
from server.messages import counted
from server.store.database import encode_json

_COLOURS = {Weight.ERROR: "red", Weight.WARNING: "yellow", Weight.NOTE: "cyan"}


@click.command("analyse", cls=SpeakingCommand)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--seconds", default=30.0, show_default=True, type=click.FloatRange(0), help="Time for each file.")
@click.option("--limit", default=DEFAULT_LIMIT, show_default=True, type=click.IntRange(1), help="Gaps listed a table.")
def analyse_command(paths: tuple[Path, ...], as_json: bool, seconds: float, limit: int) -> None:
    """Analyse decision tables: gaps, overlaps, idle rules, wrong types.

    Every gap and overlap comes with an example. What could not be analysed is stated as the remainder. A
    finding that the table's test file explains (``explained:``) is shown with its reason and does not count.
    Exit code 1 if there is an error.

    \b
    Examples:
      lendloom analyse dmn
      lendloom analyse dmn/machine-decision.dmn --json --seconds 5
    """
    failed = False
    files = []
    for file in files_below(paths, ENDINGS[DMN]):
        until = time.monotonic() + seconds
        model = read_model(file)
        found = analyse(model, out_of_time=lambda until=until: time.monotonic() > until, limit=limit)  # type: ignore[misc]
        explained = _explained(file)
        files.append({"resource": str(file), "tables": [table.to_json() for table in found]})
        for table in found:
            reasons = explained.get(table.element_id, {})
            failed |= any(f.weight is Weight.ERROR and f.message.code not in reasons for f in table.findings)
            if not as_json:
                _show(file, table, reasons)
    if as_json:
        click.echo(encode_json(files))
    if failed:
        raise SystemExit(1)


def _explained(file: Path) -> dict[str, dict[str, str]]:
    tests = file.with_name(f"{file.stem}.test.yaml")
    return explained_findings(read_yaml(tests)) if tests.is_file() else {}


def _show(file: Path, table: TableAnalysis, explained: dict[str, str]) -> None:
    weights = Counter(finding.weight.value for finding in table.findings)
    counts = ", ".join(f"{number} {weight}" for weight, number in weights.items()) or "ok"
    rules = counted(table.rules, "rule")
    click.echo(f"{file} {table.element_id} ({table.hit_policy}, {rules}): {counts}")
    for finding in table.findings:
        where = ":".join(str(part) for part in (file, finding.place.line) if part is not None)
        weight = click.style(finding.weight.value, fg=_COLOURS[finding.weight])
        click.echo(f"  {weight} {where} [{finding.message.code}] {finding.message.text(language())}")
        if finding.message.code in explained:
            reason = explained[finding.message.code]
            say(f"    说明：{reason}", f"    explained: {reason}")
    for message in table.remainder:
        click.echo(f"  {click.style('remainder', fg='blue')} {message.text(language())}")
