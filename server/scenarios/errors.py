"""What can be wrong with a scenario: its file, or what came of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from server.messages import LendloomError, Message


class ScenarioError(LendloomError):
    """A scenario file that cannot be run; ``line`` is where, from 1."""

    def __init__(self, message: Message, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class StepFailure(LendloomError):
    """A step that could not be carried out, or found something else than it expected."""


def malformed(line: int | None, zh: str, en: str) -> ScenarioError:
    """A scenario whose text has another form than it needs."""
    return ScenarioError(Message("scenario.form", zh, en), line)


def near(given: object, known: Iterable[str]) -> tuple[str, str]:
    """What may have been meant by a misspelt word, in Chinese and English; empty where nothing is like it."""
    found = difflib.get_close_matches(str(given), sorted(known), n=1, cutoff=0.6)
    return (f"；是否应为 {found[0]}？", f"; did you mean {found[0]}?") if found else ("", "")


def step_failure(code: str, zh: str, en: str) -> StepFailure:
    """A step failed, for a reason under ``scenario.`` and a code."""
    return StepFailure(Message(f"scenario.{code}", zh, en))
