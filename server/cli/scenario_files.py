"""Scenario files as the command line takes them: read, with the files of processes, decisions and forms they name.

A file name in a scenario is looked for beside the scenario's file, then in the working directory; ``*``, ``?`` and
``**`` stand for many files. Without ``resources`` a scenario runs with its process alone.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from server.bpmn import BpmnError
from server.cli.exact_yaml import read_yaml_documents
from server.dmn import DmnError
from server.forms import FormError
from server.messages import LendloomError, Message
from server.scenarios import (
    Document,
    Outcome,
    Scenario,
    ScenarioError,
    play,
    process_of,
    read_definitions,
    read_scenarios,
)
from server.scenarios.definitions import Definitions
from server.scenarios.story import Story


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scenario with all that it runs with. ``files`` are those it was read from."""

    scenario: Scenario
    definitions: Definitions
    process_id: str
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario of a file and its outcome; ``definitions`` is None where it could not be begun."""

    file: Path
    outcome: Outcome
    definitions: Definitions | None


def holds_scenarios(file: Path) -> bool:
    """Whether a test file holds scenarios, by its first document."""
    documents = read_yaml_documents(file)
    return bool(documents) and isinstance(documents[0][0], dict)


def scenarios_in(file: Path) -> tuple[Scenario, ...]:
    """The scenarios of a file. Raises :class:`ScenarioError` with file and line."""
    try:
        return read_scenarios(Document(data, lines) for data, lines in read_yaml_documents(file))
    except ScenarioError as error:
        raise _placed(file, error) from error


def play_file(file: Path, pattern: str | None = None) -> list[Played]:
    """Run the scenarios of a file whose name, or the file's, holds ``pattern``."""
    chosen = [s for s in scenarios_in(file) if pattern is None or pattern in s.name or pattern in str(file)]
    return [_play(file, scenario) for scenario in chosen]


def prepare(file: Path, scenario: Scenario) -> Prepared:
    """Find and read what a scenario runs with. Raises :class:`ScenarioError`, and what the readers refuse."""
    main = None
    found: list[Path] = []
    if scenario.process.endswith(".bpmn"):
        main = _found(file, scenario, scenario.process)[0]
        found.append(main)
    for pattern in scenario.resources:
        found += _found(file, scenario, pattern)
    files = tuple(dict.fromkeys(found))
    named = {path: _name(path) for path in files}
    definitions = read_definitions((named[path], path.read_bytes()) for path in files)
    process_id = process_of(scenario, definitions, None if main is None else named[main])
    return Prepared(scenario, definitions, process_id, files)


def _play(file: Path, scenario: Scenario) -> Played:
    try:
        prepared = prepare(file, scenario)
    except (ScenarioError, BpmnError, DmnError, FormError) as error:
        return Played(file, Outcome(scenario, Story(), 0.0, error.message, 0, scenario.line, "start"), None)
    return Played(file, play(scenario, prepared.definitions, prepared.process_id), prepared.definitions)


def _found(file: Path, scenario: Scenario, pattern: str) -> list[Path]:
    """The files that a name or pattern in a scenario means."""
    for folder in dict.fromkeys((file.parent.resolve(), Path.cwd())):
        matches = sorted(path.resolve() for path in folder.glob(pattern) if path.is_file()) if pattern else []
        if not matches and ".." in pattern:
            path = Path(os.path.normpath(folder / pattern))
            matches = sorted(p for p in path.parent.glob(path.name) if p.is_file())
        if matches:
            return matches
    raise ScenarioError(
        Message(
            "scenario.resource",
            f"找不到 {pattern}：它不在 {file.parent} 中，也不在当前目录中。",
            f"There is no {pattern}, neither beside {file} nor in the working directory.",
        ),
        scenario.line,
    )


def _name(path: Path) -> str:
    """A file's name as reports show it: from the working directory where it lies below that."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _placed(file: Path, error: ScenarioError) -> LendloomError:
    place = f"{file}:{error.line}" if error.line else str(file)
    message = error.message
    return LendloomError(Message(message.code, f"{place} {message.zh}", f"{place} {message.en}"))
