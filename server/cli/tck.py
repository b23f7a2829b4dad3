"""``lendloom tck DIR``: runs a directory in the layout of the DMN TCK and says how much of it passes.

The directory holds ``compliance-level-*/<folder>/*.dmn`` with their ``*-test-*.xml`` cases. Because an engine
that answers null to everything already passes many cases, two figures are given per level: passed of all
cases, and passed of the cases that expect something other than null.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from lxml import etree

from server.cli.console import SpeakingCommand, fail
from server.dmn import DecisionModel, DmnError, read_draft
from server.feel import Kind, adopt, compile_expression, kind_of
from server.messages import Message

_TEST_NAMESPACE = "{http://www.omg.org/spec/DMN/20160719/testcase}"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_TOLERANCE = Decimal("1e-8")
_FEEL_CONSTRUCTORS = {
    "date": "date",
    "dateTime": "date and time",
    "time": "time",
    "duration": "duration",
    "dayTimeDuration": "duration",
    "yearMonthDuration": "duration",
}


@dataclass(frozen=True, slots=True)
class TckResult:
    """The outcome of one test case."""

    level: str
    folder: str
    file: str
    case: str
    passed: bool
    expects_value: bool
    remark: str = ""


@dataclass(frozen=True, slots=True)
class TckScore:
    """Passed of all, and passed of those cases that expect a value."""

    passed: int
    total: int
    passed_with_value: int
    total_with_value: int

    @classmethod
    def of(cls, results: list[TckResult]) -> TckScore:
        """Counts ``results``."""
        valued = [result for result in results if result.expects_value]
        return cls(sum(result.passed for result in results), len(results), sum(r.passed for r in valued), len(valued))

    def __str__(self) -> str:
        return (
            f"{self.passed}/{self.total} passed; "
            f"of those expecting a value {self.passed_with_value}/{self.total_with_value}"
        )


@dataclass(frozen=True, slots=True)
class TckReport:
    """Every case's outcome, and the scores by level."""

    results: tuple[TckResult, ...]

    @property
    def levels(self) -> dict[str, TckScore]:
        """The score of each compliance level, by its folder's name."""
        names = sorted({result.level for result in self.results})
        return {name: TckScore.of([r for r in self.results if r.level == name]) for name in names}

    @property
    def total(self) -> TckScore:
        """The score over all levels."""
        return TckScore.of(list(self.results))

    @property
    def failures(self) -> tuple[TckResult, ...]:
        """The cases that did not pass."""
        return tuple(result for result in self.results if not result.passed)

    def write_csv(self, path: Path) -> None:
        """Writes the result file in the form the TCK asks vendors for."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            for result in self.results:
                status = "SUCCESS" if result.passed else "ERROR"
                folder = f"{result.level}/{result.folder}"
                writer.writerow([folder, result.file, result.case, status, result.remark])


def run_tck(directory: Path) -> TckReport:
    """Runs every case under ``directory``, which is a TCK directory, a level's or a single test's folder."""
    files = sorted(directory.rglob("*.xml"))
    return TckReport(tuple(result for file in files for result in _run_file(file)))


def _run_file(file: Path) -> Iterator[TckResult]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    root = etree.fromstring(file.read_bytes(), parser)
    if root.tag != f"{_TEST_NAMESPACE}testCases":
        return
    model_name = root.findtext(f"{_TEST_NAMESPACE}modelName") or ""
    model: DecisionModel | None = None
    remark = ""
    try:
        model = _read_model(file.parent, model_name)
    except (DmnError, OSError) as error:
        remark = str(error)
    for case in root.iterchildren(f"{_TEST_NAMESPACE}testCase"):
        expects_value = any(_expects_value(node) for node in case.iterchildren(f"{_TEST_NAMESPACE}resultNode"))
        problem = remark if model is None else _run_case(model, case)
        yield TckResult(
            level=file.parent.parent.name,
            folder=file.parent.name,
            file=file.stem,
            case=case.get("id") or "",
            passed=not problem,
            expects_value=expects_value,
            remark=problem,
        )


def _read_model(folder: Path, name: str) -> DecisionModel:
    main = folder / name
    others = {path.name: path.read_bytes() for path in sorted(folder.glob("*.dmn")) if path != main}
    return read_draft(main.read_bytes(), resource=name, imports=others)


def _expects_value(node: etree._Element) -> bool:
    expected = node.find(f"{_TEST_NAMESPACE}expected")
    return expected is not None and _value(expected) is not None


def _run_case(model: DecisionModel, case: etree._Element) -> str:
    """An empty text where the case passes, otherwise what came instead of what was expected."""
    context = {node.get("name") or "": _value(node) for node in case.iterchildren(f"{_TEST_NAMESPACE}inputNode")}
    for node in case.iterchildren(f"{_TEST_NAMESPACE}resultNode"):
        expected_element = node.find(f"{_TEST_NAMESPACE}expected")
        expected = None if expected_element is None else _value(expected_element)
        try:
            actual = _evaluate(model, case, node.get("name") or "", context)
        except DmnError as error:
            return str(error)
        if not _same(expected, actual):
            return f"{node.get('name')}: expected {expected!r}, got {actual!r}"[:500]
    return ""


def _evaluate(model: DecisionModel, case: etree._Element, result: str, context: Mapping[str, Any]) -> Any:
    """The value for one result node: of a decision, or of a service or function called by the case."""
    called = case.get("invocableName")
    clock = datetime.now(UTC)
    if not called:
        return model.evaluate(result, context, clock=clock).value
    value = model.invoke(called, context, clock=clock).value
    if case.get("type") == "bkm":
        return value
    service = model.service(called)
    if len(service.output_decisions) > 1 and isinstance(value, dict):
        return value.get(result)
    return value


def _value(element: etree._Element) -> Any:
    """The FEEL value written in an ``inputNode``, ``expected``, ``component`` or ``item``."""
    for child in element.iterchildren():
        if child.get(f"{_XSI}nil") == "true":
            return None
        match etree.QName(child).localname:
            case "value":
                return _simple(child)
            case "list":
                return [_value(item) for item in child.iterchildren(f"{_TEST_NAMESPACE}item")]
            case "component":
                components = element.iterchildren(f"{_TEST_NAMESPACE}component")
                return {component.get("name") or "": _value(component) for component in components}
    return None


def _simple(element: etree._Element) -> Any:
    text = "".join(str(part) for part in element.itertext())
    kind = (element.get(f"{_XSI}type") or "xsd:string").rpartition(":")[2]
    if kind in _FEEL_CONSTRUCTORS:
        literal = text.strip().replace("\\", "\\\\").replace('"', '\\"')
        return compile_expression(f'{_FEEL_CONSTRUCTORS[kind]}("{literal}")').value({})
    if kind == "boolean":
        return text.strip() in ("true", "1")
    if kind == "string" or not re.fullmatch(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", text):
        return text
    return Decimal(text.strip())


def _same(expected: Any, actual: Any) -> bool:
    """Whether two FEEL values are the same to the TCK: numbers to within 1e-8, everything else exactly."""
    actual = adopt(actual)
    if isinstance(expected, Decimal) and kind_of(actual) is Kind.NUMBER:
        return abs(expected - actual) <= _TOLERANCE
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(_same, expected, actual))
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return expected.keys() == actual.keys() and all(_same(expected[key], actual[key]) for key in expected)
    return type(expected) is type(actual) and bool(expected == actual)


@click.command("tck", cls=SpeakingCommand)
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the result CSV.")
@click.option("--failures/--no-failures", default=True, help="List the cases that did not pass.")
def tck(directory: Path, csv_file: Path | None, failures: bool) -> None:
    """Run the DMN conformance cases under DIRECTORY; the exit status is 1 if any case fails.

    DIRECTORY is laid out as the TCK's, or one level of it, or the folder of one test. Told are, for every level, the
    cases that passed, and how many of those that expect a value other than null.

    \b
    Examples:
      lendloom tck TestCases --csv tck_results.csv
      lendloom tck TestCases/compliance-level-3/0068-feel-equality
    """
    report = run_tck(directory)
    if not report.results:
        fail(
            Message(
                "cli.tck.empty",
                f"{directory} 下没有测试用例；应有 compliance-level-*/<目录>/*-test-*.xml。",
                f"There are no cases under {directory}; expected are compliance-level-*/<folder>/*-test-*.xml.",
            )
        )
    if failures:
        for result in report.failures:
            click.echo(f"{result.folder} {result.case}: {result.remark}")
    for level, score in report.levels.items():
        click.echo(f"{level}: {score}")
    click.echo(f"total: {report.total}")
    if csv_file is not None:
        report.write_csv(csv_file)
    if report.failures:
        raise SystemExit(1)
