"""What a scenario answers for: job types, called processes and decisions that some element must ask.

An answer that nothing can ask for is a misspelt name, and a test that proves less than it seems to. Where an element
takes its type or target from an expression, any name may be meant.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from server.bpmn.expressions import Expression

from .definitions import Definitions
from .errors import step_failure
from .scenario import Scenario


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of answers: its key, what its names are, the names given, and the names that can be asked for."""

    key: str
    zh: str
    en: str
    given: Iterable[str]
    known: frozenset[str] | None


def check_answers(scenario: Scenario, definitions: Definitions) -> None:
    """Raises :class:`StepFailure` where an answer can never be asked for."""
    for kind in _kinds(scenario, definitions):
        for name in kind.given:
            if kind.known is None or name in kind.known or name in scenario.shared:
                continue
            near = difflib.get_close_matches(name, sorted(kind.known), n=1, cutoff=0.6)
            zh, en = (f"；是否应为 {near[0]}？", f"; did you mean {near[0]}?") if near else ("。", ".")
            raise step_failure(
                "never-asked",
                f"{kind.key} 中的“{name}”不是任何元素的{kind.zh}{zh}",
                f"{kind.key}: '{name}' is {kind.en} of no element{en}",
            )


def _kinds(scenario: Scenario, definitions: Definitions) -> Iterator[_Kind]:
    nodes = [node for model in definitions.processes.values() for node in model.nodes]
    types = [node.extensions.task.type for node in nodes if node.extensions.task is not None]
    called = [node.extensions.called.target for node in nodes if node.extensions.called is not None]
    decided = [node.extensions.decision.target for node in nodes if node.extensions.decision is not None]
    yield _Kind("jobs", "作业类型", "the job type", scenario.jobs, _names(types))
    yield _Kind("calls", "被调用流程", "the called process", scenario.calls, _names(called))
    decisions = _names(decided)
    yield _Kind(
        "decisions",
        "决策",
        "the decision",
        scenario.decisions,
        None if decisions is None else decisions | frozenset(definitions.decisions),
    )


def _names(expressions: Iterable[Expression]) -> frozenset[str] | None:
    """The fixed texts; None where there is one that only a run can tell."""
    listed = list(expressions)
    return frozenset(e.text for e in listed) if all(e.is_literal for e in listed) else None
