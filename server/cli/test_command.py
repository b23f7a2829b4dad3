"""``lendloom test``: runs the tests that stand beside content, each kind of file by its own runner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from server.cli import coverage_report, junit, watching
from server.cli.console import SpeakingCommand, complain, fail, say
from server.cli.dmn_files import files_below, present_files
from server.cli.scenario_files import holds_scenarios
from server.cli.test_scenarios import SCENARIOS, run_scenarios
from server.cli.test_tables import TABLE_TESTS, run_table_tests
from server.cli.testing import CaseResult, FileResult, Runner, Session, Tally
from server.dmn import DmnError
from server.messages import LendloomError, Message, counted
from server.store.database import encode_json

_FILE: Final = click.Path(dir_okay=False, path_type=Path)


def _run_yaml(file: Path, session: Session) -> FileResult:
    """A ``.test.yaml`` holds scenarios where it names a process, else the rows of a table."""
    return run_scenarios(file, session) if holds_scenarios(file) else run_table_tests(file, session)


RUNNERS: Final[Mapping[str, Runner]] = {TABLE_TESTS: _run_yaml, SCENARIOS: run_scenarios}
"""How a test file is run, by the ending of its name."""


@click.command("test", cls=SpeakingCommand)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("-k", "pattern", metavar="TEXT", help="Run only what has TEXT in its file's name or its own.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.option("--junit", "junit_file", type=_FILE, help="Write the outcome as JUnit XML.")
@click.option("--coverage", "show_coverage", is_flag=True, help="Tell which elements, flows and rules were reached.")
@click.option("--coverage-json", "json_file", type=_FILE, help="Write the coverage as JSON.")
@click.option("--coverage-html", "html_file", type=_FILE, help="Write the coverage as a page with coloured diagrams.")
@click.option(
    "--minimum",
    "minimum",
    metavar="PERCENT",
    help="Fail where less is reached: one number for all, or elements=100,flows=95,rules=90.",
)
@click.option(
    "--coverage-fail-under",
    "least",
    default=0.0,
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    help="Fail where fewer of the rules of tested tables are reached.",
)
@click.option("--watch", "watch", is_flag=True, help="Stay, and run again what a changed file affects.")
def test(
    paths: tuple[Path, ...],
    pattern: str | None,
    as_json: bool,
    junit_file: Path | None,
    show_coverage: bool,
    json_file: Path | None,
    html_file: Path | None,
    minimum: str | None,
    least: float,
    watch: bool,
) -> None:
    """Run scenarios of processes (*.scenario.yaml) and the rows beside decision tables (*.test.yaml).

    Scenarios run in memory with a virtual clock; docs/scenarios.md describes them. The rows of NAME.test.yaml are
    put to NAME.dmn beside it. Exit code 1 if something fails or less is reached than asked for.

    \b
    Examples:
      lendloom test processes dmn
      lendloom test processes -k "ninety days" --watch
      lendloom test processes dmn --coverage --coverage-html var/coverage.html --minimum elements=100
      lendloom test dmn/machine-decision.test.yaml --coverage-fail-under 100
    """
    asked = coverage_report.read_minimum(minimum)
    session = Session(quiet=as_json, pattern=pattern)
    if watch:
        files_below(paths, RUNNERS)
        watching.watch(paths, lambda file: run_file(file, session), lambda: present_files(paths, RUNNERS))
        return
    results = [run_file(file, session) for file in files_below(paths, RUNNERS)]
    counted_all = True
    if show_coverage or json_file is not None or html_file is not None or asked:
        counted_all = coverage_report.add_untested(session.coverage, paths)
    if as_json:
        shown: Any = [{"file": str(result.file), **result.data} for result in results]
        click.echo(encode_json({"files": shown, "coverage": session.coverage.to_json()} if show_coverage else shown))
    elif show_coverage:
        coverage_report.show(session.coverage)
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(encode_json(session.coverage.to_json()) + "\n", encoding="utf-8")
    if html_file is not None:
        coverage_report.write_page(session.coverage, html_file)
    if junit_file is not None:
        junit_file.parent.mkdir(parents=True, exist_ok=True)
        junit_file.write_text(junit.document(results), encoding="utf-8")
    total = sum_up(results)
    if pattern and not total.cases:
        fail(
            Message(
                "cli.test.nothing",
                f"没有名称含“{pattern}”的测试；请核对 -k 之后的文字。",
                f"No test has '{pattern}' in its name; check what stands behind -k.",
            )
        )
    short = coverage_report.shortfalls(session.coverage, asked)
    if total.failed or total.coverage < least or short or not counted_all:
        raise SystemExit(1)


def run_file(file: Path, session: Session) -> FileResult:
    """Run one test file. One that cannot be read, or is of no known kind, is a case that fails."""
    for ending, runner in RUNNERS.items():
        if file.name.endswith(ending):
            try:
                return runner(file, session)
            except LendloomError as error:
                return _unreadable(file, error)
    endings = ", ".join(RUNNERS)
    return _unreadable(
        file,
        DmnError(
            Message(
                "cli.test.kind",
                f"{file} 不是测试文件；测试文件的名称以 {endings} 结尾。",
                f"{file} is no test file; the names of test files end in {endings}.",
            )
        ),
    )


def _unreadable(file: Path, error: LendloomError) -> FileResult:
    """The outcome of a file that tells nothing but what is wrong with it; the other files are run all the same."""
    message, line = error.message, getattr(error, "line", None) or 0
    complain(message)
    failure: dict[str, Any] = {
        "scenario": "",
        "step": 0,
        "line": line,
        "action": "read",
        "code": message.code,
        "zh": message.zh,
        "en": message.en,
        "story": [],
    }
    case = CaseResult(file.name, f"{file}:{line}" if line else str(file), problem=message)
    data = {"cases": 1, "failures": [failure]}
    return FileResult(file, Tally(1, 1), data, (case,), frozenset({file.resolve()}))


def sum_up(results: Iterable[FileResult]) -> Tally:
    """Say what all files came to together."""
    total = sum((result.tally for result in results), Tally())
    zh, en = f"{total.cases} 个用例，{total.failed} 个失败", f"{counted(total.cases, 'case')}, {total.failed} failed"
    if total.rules:
        zh += f"；规则覆盖 {total.covered}/{total.rules}（{total.coverage:.1f}%）"
        en += f"; rules reached {total.covered}/{total.rules} ({total.coverage:.1f} %)"
    say(f"{zh}。", f"{en}.")
    return total
