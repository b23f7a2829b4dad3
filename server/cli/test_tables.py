"""``lendloom test``: runs the tests that stand beside content, each kind of file by its own runner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from server.cli.console import SpeakingCommand, complain, language, say
from server.cli.dmn_files import files_below, read_model
from server.cli.exact_yaml import read_yaml
from server.dmn import DmnError
from server.dmn.table_tests import TableTestReport, read_cases, run_cases
from server.messages import Message
from server.store.database import encode_json


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run came to: cases, those that failed, and rules reached of rules there are."""

    cases: int = 0
    failed: int = 0
    rules: int = 0
    covered: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.cases + other.cases,
            self.failed + other.failed,
            self.rules + other.rules,
            self.covered + other.covered,
        )

    @property
    def coverage(self) -> float:
        """The part of the rules that was reached, in percent."""
        return 100.0 * self.covered / self.rules if self.rules else 100.0


Runner = Callable[[Path, bool], tuple[Tally, dict[str, Any]]]
"""Runs a test file, shows it unless the second argument says that JSON is wanted, and gives tally and data."""


@click.command("test", cls=SpeakingCommand)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.option(
    "--coverage-fail-under",
    "least",
    default=0.0,
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    help="Fail where fewer of the tables' rules are reached.",
)
def test(paths: tuple[Path, ...], as_json: bool, least: float) -> None:
    """Run the tests beside decision tables (*.test.yaml) and tell which rules they reach.

    The rows of NAME.test.yaml are put to NAME.dmn beside it. Exit code 1 if a row fails or the coverage is
    below --coverage-fail-under.

    \b
    Examples:
      lendloom test dmn
      lendloom test dmn/machine-decision.test.yaml --coverage-fail-under 100
    """
    total = Tally()
    shown = []
    for file in files_below(paths, RUNNERS):
        tally, data = _runner(file)(file, as_json)
        total += tally
        shown.append({"file": str(file), **data})
    if as_json:
        click.echo(encode_json(shown))
    say(
        f"{total.cases} 个用例，{total.failed} 个失败；"
        f"规则覆盖 {total.covered}/{total.rules}（{total.coverage:.1f}%）。",
        f"{total.cases} cases, {total.failed} failed; rules reached {total.covered}/{total.rules} "
        f"({total.coverage:.1f} %).",
    )
    if total.failed or total.coverage < least:
        raise SystemExit(1)


def _runner(file: Path) -> Runner:
    for ending, runner in RUNNERS.items():
        if file.name.endswith(ending):
            return runner
    endings = ", ".join(RUNNERS)
    raise DmnError(
        Message(
            "cli.test.kind",
            f"{file} 不是测试文件；测试文件的名称以 {endings} 结尾。",
            f"{file} is no test file; the names of test files end in {endings}.",
        )
    )


def _run_table_tests(file: Path, quiet: bool) -> tuple[Tally, dict[str, Any]]:
    model_file = file.with_name(file.name.removesuffix(_TABLE_TESTS) + ".dmn")
    if not model_file.is_file():
        raise DmnError(
            Message(
                "cli.test.model",
                f"{file} 旁边没有 {model_file.name}；测试与决策文件须同名。",
                f"There is no {model_file.name} beside {file}; a test file has the name of its decisions' file.",
            )
        )
    report = run_cases(read_model(model_file), read_cases(read_yaml(file)))
    if not quiet:
        _show(file, report)
    tally = Tally(len(report.outcomes), len(report.failures), report.rules, report.covered)
    return tally, report.to_json()


def _show(file: Path, report: TableTestReport) -> None:
    passed = len(report.outcomes) - len(report.failures)
    say(
        f"{file}：{passed}/{len(report.outcomes)} 个用例通过，规则覆盖 {report.covered}/{report.rules}",
        f"{file}: {passed}/{len(report.outcomes)} cases passed, rules reached {report.covered}/{report.rules}",
    )
    for outcome in report.failures:
        case = outcome.case
        name = f" {case.name}" if case.name else ""
        click.secho(f"  {case.decision} #{case.number}{name} {encode_json(case.given)}", fg="red", err=True)
        assert outcome.problem is not None
        complain(outcome.problem)
    for rule in report.uncovered:
        note = f" {rule.annotation}" if rule.annotation else ""
        zh, en = (
            f"未覆盖：{rule.element_id} 规则 {rule.rule_index}",
            f"not reached: {rule.element_id} rule {rule.rule_index}",
        )
        click.secho(f"  {zh if language() == 'zh' else en}{note}", fg="yellow", err=True)


_TABLE_TESTS = ".test.yaml"
RUNNERS: Mapping[str, Runner] = {_TABLE_TESTS: _run_table_tests}
"""How a test file is run, by the ending of its name."""
