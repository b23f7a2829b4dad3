"""Runs scenarios for a server in a process of their own: a model that loops without end or eats all memory harms
nobody. Reads one JSON document from standard input and writes one to standard output.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from server.cli.exact_yaml import read_yaml_documents
from server.cli.table_rows import is_table_test, row_lines, run_rows
from server.dmn import read_declared
from server.dmn.table_tests import read_cases
from server.file_kinds import BPMN, DMN, kind_of_file
from server.messages import LendloomError
from server.scenarios import (
    Definitions,
    Document,
    Outcome,
    Scenario,
    play,
    process_of,
    read_definitions,
    read_scenarios,
)
from server.scenarios.coverage import Coverage
from server.scenarios.story import Story
from server.store.database import decode_json, encode_json

MOST_MEMORY = 2 * 1024**3
_MOST_EVENTS = 500

File = tuple[str, bytes]


def run(scenario: str, given: Sequence[File], beside: Sequence[File]) -> dict[str, Any]:
    """Run the scenarios of a text, or the rows of tests of decisions, with files that are ``given``, and those
    ``beside`` them that define nothing of the same. Raises :class:`LendloomError` where the text or a given file
    cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.yaml"
        file.write_text(scenario, encoding="utf-8")
        documents = read_yaml_documents(file)
    definitions, coverage = _definitions(given, beside), Coverage()
    if is_table_test(documents):
        data, lines = documents[0]
        outcomes = run_rows(read_cases(data), list(row_lines(data, lines)), definitions, coverage)
    else:
        outcomes = []
        for one in read_scenarios(Document(data, lines) for data, lines in documents):
            outcome = _play(one, definitions, [name for name, _ in (*given, *beside)])
            coverage.add(definitions, outcome.story)
            outcomes.append(_shown(outcome))
    names = {name for name, _ in given}
    mine = {process for process, file_of in definitions.process_files.items() if file_of in names}
    reached = {process for process in definitions.processes if any(coverage_of(coverage, process))}
    whole = coverage.to_json()
    whole["processes"] = [p for p in whole["processes"] if p["processId"] in mine | reached]
    whole["tables"] = [t for t in whole["tables"] if t["resource"] in names or t["rules"]["covered"]]
    return {"scenarios": outcomes, "coverage": whole}


def coverage_of(coverage: Coverage, process_id: str) -> Iterable[int]:
    """How often each element of a process was entered."""
    return (
        times
        for (_, known), part in coverage.processes.items()
        if known == process_id
        for times in part.elements.values()
    )


def _definitions(given: Sequence[File], beside: Sequence[File]) -> Definitions:
    files = list(given)
    known = {identity for file in files for identity in _identities(file)}
    for other in beside:
        theirs = _identities(other)
        if known.isdisjoint(theirs) and other[0] not in {name for name, _ in files}:
            files.append(other)
            known |= theirs
    return read_definitions(files)


def _identities(file: File) -> set[str]:
    """What a file defines. A decision model says it without being compiled: what it imports may stand elsewhere."""
    name, content = file
    if kind_of_file(name) == DMN:
        declared = read_declared(content)
        return set() if declared is None else {declared.namespace, *declared.decisions}
    defined = read_definitions([file])
    return {*defined.processes, *defined.forms}


def _play(scenario: Scenario, definitions: Definitions, names: Sequence[str]) -> Outcome:
    try:
        file = None
        if kind_of_file(scenario.process) == BPMN:
            wanted = PurePosixPath(scenario.process).name
            file = next((name for name in names if PurePosixPath(name).name == wanted), wanted)
        process_id = process_of(scenario, definitions, file)
    except LendloomError as error:
        return Outcome(scenario, Story(), 0.0, error.message, 0, scenario.line, "start")
    return play(scenario, definitions, process_id)


def _shown(outcome: Outcome) -> dict[str, Any]:
    problem = outcome.problem
    return {
        "name": outcome.scenario.name,
        "passed": outcome.passed,
        "milliseconds": round(outcome.seconds * 1000),
        "problem": None if problem is None else {"code": problem.code, "zh": problem.zh, "en": problem.en},
        "step": outcome.step,
        "stepKind": outcome.kind,
        "line": outcome.line,
        "events": [
            {
                "date": event.at.isoformat(),
                "processDefinitionId": event.process_id,
                "elementId": event.element_id,
                "kind": event.kind,
                "note": {"zh": event.told("zh"), "en": event.told("en")},
                "errorType": event.error_type,
            }
            for event in outcome.story.events[-_MOST_EVENTS:]
        ],
    }


def main() -> None:
    """Answer the one request on standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    asked = decode_json(sys.stdin.buffer.read())
    files = {kind: [(name, content.encode()) for name, content in asked[kind]] for kind in ("given", "beside")}
    try:
        answered = run(asked["scenario"], files["given"], files["beside"])
    except LendloomError as error:
        message = error.message
        answered = {"refused": {"code": message.code, "zh": message.zh, "en": message.en}}
    sys.stdout.write(encode_json(answered))


if __name__ == "__main__":
    main()
