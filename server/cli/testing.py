"""What a test run is made of, whatever kind of file is tested: its options, its cases, and what they came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.messages import Message
from server.scenarios.coverage import Coverage


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run came to: cases, those that failed, and rules reached of rules there are."""

    cases: int = 0
    failed: int = 0
    rules: int = 0
    covered: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.cases + other.cases,
            self.failed + other.failed,
            self.rules + other.rules,
            self.covered + other.covered,
        )

    @property
    def coverage(self) -> float:
        """The part of the rules that was reached, in percent."""
        return 100.0 * self.covered / self.rules if self.rules else 100.0


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case of a file; without a ``problem`` it passed. ``place`` is file and line, ``detail`` the story."""

    name: str
    place: str
    seconds: float = 0.0
    problem: Message | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FileResult:
    """What came of a file. ``used`` are the files that it was run with, ``data`` its outcome as JSON data."""

    file: Path
    tally: Tally
    data: dict[str, Any]
    cases: tuple[CaseResult, ...]
    used: frozenset[Path]


@dataclass(slots=True)
class Session:
    """The options of a run, and what its files reach together.

    ``quiet`` shows nothing of single files; ``pattern`` is a part of the names of the cases to run.
    """

    quiet: bool = False
    pattern: str | None = None
    coverage: Coverage = field(default_factory=Coverage)

    def wants(self, file: Path, name: str) -> bool:
        """Whether a case is to be run, by the name of its file or its own."""
        return self.pattern is None or self.pattern in str(file) or self.pattern in name


Runner = Callable[[Path, Session], FileResult]
"""Runs a test file and shows what came of it."""
