"""The coverage of a test run: shown as text, written as a page, measured against what is asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import click

from server.cli.console import complain, language, say
from server.cli.dmn_files import models_beside
from server.cli.scenario_files import file_name
from server.file_kinds import BPMN, DMN, kind_of_file
from server.messages import LendloomError, Message
from server.scenarios.coverage import Coverage, Part
from server.scenarios.coverage_page import coverage_page
from server.scenarios.definitions import read_definitions

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "elements": ("元素", "elements"),
    "flows": ("流向", "flows"),
    "rules": ("规则", "rules"),
}


def read_minimum(text: str | None) -> dict[str, float]:
    """What ``--minimum`` asks for, by kind. Raises :class:`LendloomError`."""
    if text is None:
        return {}
    try:
        if "=" not in text:
            return dict.fromkeys(KINDS, _percent(text))
        asked = {}
        for part in text.split(","):
            kind, _, number = part.strip().partition("=")
            if kind not in KINDS:
                raise ValueError(kind)
            asked[kind] = _percent(number)
        return asked
    except ValueError as error:
        raise LendloomError(
            Message(
                "cli.test.minimum",
                f"--minimum 应为 0 到 100 的数，或 elements=100,flows=95,rules=90 的形式：{text}",
                f"--minimum is a number from 0 to 100, or written like elements=100,flows=95,rules=90: {text}",
            )
        ) from error


def _percent(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 100:
        raise ValueError(text)
    return number


def add_untested(coverage: Coverage, paths: Iterable[Path]) -> bool:
    """Count the processes and tables in folders also where no test touches them.

    A file that cannot be read is complained of, and left out; false where there was one.
    """
    all_read = True
    for path in paths:
        if not path.is_dir():
            continue
        for file in sorted(each for each in path.rglob("*") if kind_of_file(each.name) in (BPMN, DMN)):
            beside = [(file_name(dmn), dmn.read_bytes()) for dmn in models_beside(file)]
            known = {resource for resource, _ in coverage.processes} | set(coverage.tables)
            if file_name(file) in known:
                continue
            own = (file_name(file), file.read_bytes())
            try:
                definitions = read_definitions([own] if kind_of_file(file.name) == BPMN else [own, *beside])
            except LendloomError as error:
                complain(error.message)
                all_read = False
            else:
                coverage.know(definitions)
    return all_read


def show(coverage: Coverage) -> None:
    """Print the coverage by file, with what was not reached."""
    for key in sorted(coverage.processes):
        process = coverage.processes[key]
        counted = {"elements": process.element_part, "flows": process.flow_part}
        click.echo(f"{process.resource} {process.model.process_id}: {_parts(counted)}")
        for name in (*process.uncovered_elements, *process.uncovered_flows):
            _missing(name)
    for resource in sorted(coverage.tables):
        table = coverage.tables[resource]
        click.echo(f"{resource}: {_parts({'rules': table.part})}")
        for decision, number, note in table.uncovered:
            _missing(f"{decision} #{number} {note}".rstrip())
    click.echo(_parts(coverage.totals))


def write_page(coverage: Coverage, file: Path) -> None:
    """Write the page with the coloured diagrams."""
    sources = {resource: Path(resource).read_bytes() for resource, _ in coverage.processes}
    page = coverage_page(coverage, sources, dt.datetime.now().astimezone())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page, encoding="utf-8")
    say(f"覆盖率已写入 {file}。", f"The coverage is in {file}.")


def shortfalls(coverage: Coverage, asked: Mapping[str, float]) -> bool:
    """Complain about what is reached less than asked for; whether there was anything."""
    short = False
    for kind, least in asked.items():
        part, (zh, en) = coverage.totals[kind], KINDS[kind]
        if part.percent < least:
            short = True
            complain(
                Message(
                    "cli.test.short",
                    f"{zh}覆盖 {part.covered}/{part.total}（{part.percent:.1f}%），低于要求的 {least:g}%。",
                    f"{part.covered}/{part.total} {en} were reached ({part.percent:.1f} %), less than {least:g} %.",
                )
            )
    return short


def _parts(parts: Mapping[str, Part]) -> str:
    place = 0 if language() == "zh" else 1
    return ", ".join(
        f"{KINDS[kind][place]} {part.covered}/{part.total} ({part.percent:.1f} %)" for kind, part in parts.items()
    )


def _missing(name: str) -> None:
    word = "未覆盖" if language() == "zh" else "not reached"
    click.secho(f"  {word}: {name}", fg="yellow")
