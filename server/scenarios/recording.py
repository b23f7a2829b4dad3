"""Recording: a case that really happened, written as a scenario that replays it, without its personal data.

What came from outside (the start, people, workers, messages, signals, repairs by operators) becomes the scenario's
jobs and steps, each at its time; what the process did by itself is not written down but comes again. The scenario is
then rehearsed: what it does not reproduce is told in the file, and not expected. Where the plain form does not
reproduce all, closer ones are tried: jobs answered at their own times, and a clock that fires timers as late as it did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from server.messages import LendloomError, Message

from .definitions import Definitions
from .history import History
from .playing import Player
from .reader import Document, read_scenarios
from .recorded_repairs import repair_remarks
from .recorded_steps import Closeness, Recorder
from .rehearsal import rehearse
from .values import evaluated
from .writing import yaml_text

_FORMS: Final = (
    Closeness(),
    Closeness(jobs=True),
    Closeness(timers=True),
    Closeness(jobs=True, timers=True),
)
"""The forms of a recording in the order in which they are tried, the plain one first."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded scenario as the text of a file. ``passes`` tells whether playing it went as the case had gone.

    ``remarks`` are what it does not reproduce; they stand in the file as comments.
    """

    text: str
    passes: bool
    remarks: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One form of the recording; ``lost`` counts what it does not reproduce."""

    data: Mapping[str, Any]
    stopped: bool
    passes: bool
    lost: int
    remarks: list[Message]


def record(history: History, definitions: Definitions, resources: Iterable[str]) -> Recording:
    """The scenario of a case, with ``resources`` as the names of the files that it runs with."""
    recorder, names = Recorder(history, definitions), list(resources)
    best: _Attempt | None = None
    for form in _FORMS:
        attempt = _attempt(recorder.scenario(names, form), definitions, history)
        if best is None or _rank(attempt) < _rank(best):
            best = attempt
        if best.passes and not best.lost:
            break
    assert best is not None
    remarks = [*repair_remarks(history), *best.remarks]
    header = [
        f"Recorded from process instance {history.key}; personal data are replaced by pseudonyms.",
        *(remark.en for remark in remarks),
    ]
    return Recording(yaml_text(header, best.data), best.passes, tuple(remarks))


def _rank(attempt: _Attempt) -> tuple[bool, bool, int]:
    return attempt.stopped, not attempt.passes, attempt.lost


def _attempt(data: dict[str, Any], definitions: Definitions, history: History) -> _Attempt:
    expected = data.pop("expect")
    rehearsed = rehearse(data, definitions, history.process_id)
    data["steps"] = rehearsed.steps
    problem = rehearsed.problem
    if problem is None:
        remarks, lost = _fit(expected, rehearsed.player)
    else:
        lost = len(rehearsed.steps)
        remarks = [
            Message("recording.stopped", f"重放时停止：{problem.zh}", f"Played again it stopped with: {problem.en}")
        ]
    data["expect"] = expected
    final = _played(data, definitions, history.process_id)
    if problem is None and final is not None:
        remarks.append(Message("recording.differs", f"重放的结果不同：{final.zh}", f"Played again: {final.en}"))
    return _Attempt(data, problem is not None, final is None, lost, remarks)


def _played(data: Mapping[str, Any], definitions: Definitions, process_id: str) -> Message | None:
    try:
        (scenario,) = read_scenarios([Document(data, {(): 1})])
        Player(scenario, definitions, process_id).run()
    except LendloomError as error:
        return error.message
    return None


def _fit(expected: dict[str, Any], player: Player) -> tuple[list[Message], int]:
    """Leave out of an expectation what the played scenario has not reproduced; say so, and how much it is."""
    remarks = []
    visited = player.world.story.visited
    recorded: list[str] = expected["visited"]
    blocks = SequenceMatcher(None, recorded, visited, autojunk=False).get_matching_blocks()
    kept = [name for block in blocks for name in recorded[block.a : block.a + block.size]]
    left = len(recorded) - len(kept)
    if left:
        missing = [name for name in recorded if name not in kept]
        remarks.append(
            Message(
                "recording.elements",
                f"重放时次序不同或没有到达的元素：{'、'.join(missing) or '只有次序不同'}。",
                f"Elements in another order, or not reached, when played: {', '.join(missing) or 'order only'}.",
            )
        )
    expected["visited"] = kept
    main = player.main
    found = {} if main is None else main.variables.get("", {})
    now = player.world.now
    wanted = {name: evaluated(value, found, now) for name, value in expected["variables"].items()}
    other = [name for name, value in wanted.items() if name not in found or found[name] != value]
    for name in other:
        del expected["variables"][name]
    if other:
        names = sorted(other)
        remarks.append(
            Message(
                "recording.variables",
                f"结果不同、因此没有写入预期的变量：{'、'.join(names)}。",
                f"Variables that came out differently and are not expected: {', '.join(names)}.",
            )
        )
    return remarks, left + len(other)
