"""Scenario files as the command line takes them: read, with the files of processes, decisions and forms they name.

A file name in a scenario is looked for beside the scenario's file, then in the working directory; ``*``, ``?`` and
``**`` stand for many files. Without ``resources`` a scenario runs with its process alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath

from server.cli.exact_yaml import read_yaml_documents, unreadable_file
from server.file_kinds import BPMN, kind_of_file
from server.messages import LendloomError, Message
from server.scenarios import (
    Definitions,
    Document,
    Outcome,
    Scenario,
    ScenarioError,
    is_scenario,
    play,
    process_of,
    read_definitions,
    read_scenarios,
)
from server.scenarios.story import Story


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario of a file and its outcome; ``definitions`` is None where it could not be begun.

    ``files`` are those of its process and resources.
    """

    file: Path
    outcome: Outcome
    definitions: Definitions | None
    files: tuple[Path, ...]


def holds_scenarios(file: Path) -> bool:
    """Whether a test file holds scenarios, by its first document."""
    documents = read_yaml_documents(file)
    return bool(documents) and is_scenario(documents[0][0])


def scenarios_in(file: Path) -> tuple[Scenario, ...]:
    """The scenarios of a file. Raises :class:`ScenarioError` with file and line."""
    try:
        return read_scenarios(Document(data, lines) for data, lines in read_yaml_documents(file))
    except ScenarioError as error:
        place = f"{file}:{error.line}" if error.line else str(file)
        message = error.message
        placed = Message(message.code, f"{place} {message.zh}", f"{place} {message.en}")
        raise ScenarioError(placed, error.line) from error


def play_file(file: Path, wanted: Callable[[Path, str], bool]) -> list[Played]:
    """Run the scenarios of a file that are ``wanted``, by the file and their own name."""
    return [_play(file, scenario) for scenario in scenarios_in(file) if wanted(file, scenario.name)]


def file_name(path: Path) -> str:
    """A file's name as reports show it: from the working directory where it lies below that."""
    whole = path.resolve()
    return str(whole.relative_to(Path.cwd())) if whole.is_relative_to(Path.cwd()) else str(whole)


def _play(file: Path, scenario: Scenario) -> Played:
    files: tuple[Path, ...] = ()
    try:
        main, files = _files_of(file, scenario)
        definitions = read_definitions((file_name(path), _content(path)) for path in files)
        process_id = process_of(scenario, definitions, None if main is None else file_name(main))
    except LendloomError as error:
        return Played(file, Outcome(scenario, Story(), 0.0, error.message, 0, scenario.line, "start"), None, files)
    return Played(file, play(scenario, definitions, process_id), definitions, files)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable_file(path, error) from error


def _files_of(file: Path, scenario: Scenario) -> tuple[Path | None, tuple[Path, ...]]:
    """The file of the scenario's process, where it names one, and all files that it runs with."""
    main = _found(file, scenario, scenario.process)[0] if kind_of_file(scenario.process) == BPMN else None
    found = [] if main is None else [main]
    for pattern in scenario.resources:
        found += _found(file, scenario, pattern)
    return main, tuple(dict.fromkeys(found))


def _found(file: Path, scenario: Scenario, pattern: str) -> list[Path]:
    """The files that a name or pattern in a scenario means."""
    for folder in (file.parent, Path()):
        base, parts = (folder / PurePath(pattern).anchor).resolve(), [*PurePath(pattern).parts]
        while parts and parts[0] in ("..", PurePath(pattern).anchor):
            base = base.parent if parts.pop(0) == ".." else base
        matches = sorted(path for path in base.glob("/".join(parts)) if path.is_file()) if parts else []
        if matches:
            return matches
    raise ScenarioError(
        Message(
            "scenario.resource",
            f"找不到 {pattern}：它不在 {file} 旁边，也不在当前目录中。",
            f"There is no {pattern}, neither beside {file} nor in the working directory.",
        ),
        scenario.line,
    )
