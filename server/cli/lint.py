"""``lendloom lint``: the gate of a deployment, and the rules of drawing, for files on disk."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import click

from server.bpmn.style_rules import rule_of
from server.cli.console import SpeakingCommand, language, say, show_findings
from server.cli.content import PATHS, content_files
from server.cli.exact_yaml import read_yaml
from server.messages import Finding, Severity
from server.runtime.lint import LintRules, is_at_least, lint_files
from server.store.database import encode_json

RULES_FILE = ".lendloomlint.yaml"
_SEVERITIES = click.Choice([str(severity) for severity in Severity])


@click.command(cls=SpeakingCommand)
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=PATHS)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--severity", default="warning", show_default=True, type=_SEVERITIES, help="The least that is told.")
@click.option("--fail-on", default="error", show_default=True, type=_SEVERITIES, help="The least that fails.")
@click.option(
    "--rules",
    "rules_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"Which rules to tell, and how; {RULES_FILE} here if there is one.",
)
def lint(paths: tuple[Path, ...], as_json: bool, severity: str, fail_on: str, rules_file: Path | None) -> None:
    """Check BPMN, DMN and form files as a deployment would, without publishing anything.

    A directory stands for every such file below it. Files that belong together are best checked together. The
    rules of drawing (those of bpmnlint) tell with --severity info. Every code is explained in docs/lint.md.
    Exit code 1 if the files would be refused, or something weighs as much as --fail-on.

    \b
    Examples:
      lendloom lint processes/loan-approval.bpmn
      lendloom lint processes dmn forms --severity info
      lendloom lint processes dmn forms --json --fail-on warning
    """
    files = content_files(paths)
    rules = _rules(rules_file)
    now = dt.datetime.now(dt.UTC)
    findings = lint_files([(str(file), file.read_bytes()) for file in files], rules, now=now)
    told = [finding for finding in findings if is_at_least(finding, Severity(severity))]
    if as_json:
        click.echo(encode_json([_as_json(finding) for finding in told]))
    else:
        show_findings(told)
    if any(finding.severity is Severity.ERROR for finding in findings):
        refused = "The file" if len(files) == 1 else "These files"
        say("不能发布；请改正上面的错误。", f"{refused} would be refused; correct the errors above.")
    else:
        deployable = "The file" if len(files) == 1 else f"All {len(files)} files"
        say(f"{len(files)} 个文件均可发布。", f"{deployable} can be deployed.")
    _say_untold(findings, told)
    if any(is_at_least(finding, Severity(fail_on)) for finding in findings):
        raise SystemExit(1)


def _rules(file: Path | None) -> LintRules:
    here = Path(RULES_FILE)
    chosen = file or (here if here.is_file() else None)
    return LintRules({}) if chosen is None else LintRules.read(read_yaml(chosen) or {})


def _say_untold(findings: list[Finding], told: list[Finding]) -> None:
    counts = Counter(str(f.severity) for f in findings) - Counter(str(f.severity) for f in told)
    if counts:
        listed = ", ".join(f"{number} {severity}" for severity, number in counts.items())
        say(f"另有未列出的：{listed}（用 --severity info 查看）。", f"Not listed: {listed} (see --severity info).")


def _as_json(finding: Finding) -> dict[str, object]:
    return {
        "file": finding.resource,
        "element": finding.element or None,
        "line": finding.line,
        "column": finding.column,
        "severity": str(finding.severity),
        "code": finding.message.code,
        "rule": rule_of(finding.message.code),
        "message": finding.message.text(language()),
        "zh": finding.message.zh,
        "en": finding.message.en,
    }
