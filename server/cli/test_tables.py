"""Running the rows beside decision tables, for ``lendloom test``."""

from __future__ import annotations

from pathlib import Path

import click

from server.cli.console import complain, language, say
from server.cli.dmn_files import models_beside, read_model
from server.cli.exact_yaml import read_yaml
from server.cli.scenario_files import file_name
from server.cli.testing import CaseResult, FileResult, Session, Tally
from server.dmn import DmnError
from server.dmn.table_tests import CaseOutcome, TableTestReport, read_cases, run_cases
from server.file_kinds import DMN, ENDINGS
from server.messages import Message
from server.store.database import encode_json

TABLE_TESTS = ".test.yaml"


def run_table_tests(file: Path, session: Session) -> FileResult:
    """Put the rows of NAME.test.yaml to NAME.dmn beside it."""
    named = [file.with_name(file.name.removesuffix(TABLE_TESTS) + ending) for ending in ENDINGS[DMN]]
    model_file = next((each for each in named if each.is_file()), named[0])
    if not model_file.is_file():
        raise DmnError(
            Message(
                "cli.test.model",
                f"{file} 旁边没有 {model_file.name}；测试与决策文件须同名。",
                f"There is no {model_file.name} beside {file}; a test file has the name of its decisions' file.",
            )
        )
    model = read_model(model_file)
    cases = [case for case in read_cases(read_yaml(file)) if session.wants(file, f"{case.decision} {case.name}")]
    report = run_cases(model, cases)
    session.coverage.add_rules(file_name(model_file), model, report.reached)
    if not session.quiet and cases:
        _show(file, report)
    return FileResult(
        file,
        Tally(len(report.outcomes), len(report.failures), report.rules, report.covered),
        report.to_json(),
        tuple(_result(file, outcome) for outcome in report.outcomes),
        frozenset({file.resolve(), model_file.resolve(), *(path.resolve() for path in models_beside(model_file))}),
    )


def _result(file: Path, outcome: CaseOutcome) -> CaseResult:
    case = outcome.case
    name = f"{case.decision} #{case.number} {case.name}".rstrip()
    return CaseResult(name, str(file), problem=outcome.problem, detail=encode_json(case.given))


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
