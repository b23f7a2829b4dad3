"""``lendloom test --watch``: files are looked at twice a second, and what a change affects is run again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from server.cli.console import complain, say
from server.cli.testing import FileResult
from server.file_kinds import EVERY_ENDING
from server.messages import LendloomError, counted

PAUSE = 0.5
_SEEN = (*EVERY_ENDING, ".yaml")


@dataclass(slots=True)
class Watched:
    """The files of the tests, and of what they were run with, as they were when last looked at."""

    paths: tuple[Path, ...]
    used: dict[Path, frozenset[Path]] = field(default_factory=dict)
    """For each test file, resolved, the files that its outcome depends on."""
    _times: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def note(self, result: FileResult) -> None:
        """Remember what a test file was run with."""
        self.used[result.file.resolve()] = result.used

    def changed(self) -> set[Path]:
        """The files that have changed, come or gone since this was last asked."""
        times = {file: (stat.st_mtime_ns, stat.st_size) for file in self._files() if (stat := _stat(file)) is not None}
        before, self._times = self._times, times
        return {file for file in {*times, *before} if times.get(file) != before.get(file)}

    def affected(self, changed: Iterable[Path], tests: Iterable[Path]) -> list[Path]:
        """The test files, out of ``tests``, that a change of these files concerns; new ones among them."""
        files = set(changed)
        return [
            test
            for test in tests
            if test.resolve() not in self.used or not files.isdisjoint(self.used[test.resolve()] | {test.resolve()})
        ]

    def _files(self) -> set[Path]:
        found = {file for used in self.used.values() for file in used} | set(self.used)
        for path in self.paths:
            if path.is_dir():
                found.update(file.resolve() for file in path.rglob("*") if file.name.lower().endswith(_SEEN))
            else:
                found.add(path.resolve())
        return found


def watch(
    paths: tuple[Path, ...],
    run: Callable[[Path], FileResult],
    tests: Callable[[], list[Path]],
    *,
    pause: Callable[[], bool] | None = None,
) -> None:
    """Run all tests, then again and again those that a change affects, until interrupted (or ``pause`` is false)."""
    watched = Watched(paths)
    _run(watched, run, tests())
    watched.changed()
    say("等待文件变化；按 Ctrl-C 结束。", "Waiting for files to change; Ctrl-C ends this.")
    wait = _sleep if pause is None else pause
    while wait():
        changed = watched.changed()
        if changed:
            names = ", ".join(sorted(file.name for file in changed))
            say(f"{names} 有变化：", f"{names} changed:")
            _run(watched, run, watched.affected(changed, tests()))
            watched.changed()


def _run(watched: Watched, run: Callable[[Path], FileResult], files: Iterable[Path]) -> None:
    cases = failed = 0
    for file in files:
        try:
            result = run(file)
        except LendloomError as error:
            complain(error.message)
            failed += 1
            # What cannot be read is tried again when it changes, or what it used before does.
            watched.used.setdefault(file.resolve(), frozenset())
            continue
        watched.note(result)
        cases, failed = cases + result.tally.cases, failed + result.tally.failed
    say(f"{cases} 个用例，{failed} 个失败。", f"{counted(cases, 'case')}, {failed} failed.")


def _stat(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except OSError:
        return None


def _sleep() -> bool:
    time.sleep(PAUSE)
    return True
