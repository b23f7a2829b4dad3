"""``lendloom test --watch``: files are looked at twice a second, and what a change affects is run again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from server.cli.console import complain, say
from server.cli.testing import FileResult
from server.file_kinds import EVERY_ENDING, kind_of_file
from server.messages import LendloomError, counted

PAUSE = 0.5
_Mark = tuple[int, int, int]
_SEEN = (*EVERY_ENDING, ".yaml")


@dataclass(slots=True)
class Watched:
    """The files of the tests, and of what they were run with, as they were when last looked at."""

    paths: tuple[Path, ...]
    used: dict[Path, frozenset[Path]] = field(default_factory=dict)
    """For each test file, resolved, the files that its outcome depends on."""
    _seen: dict[Path, _Mark | None] = field(default_factory=dict)
    _come: set[Path] = field(default_factory=set)

    def note(self, result: FileResult) -> None:
        """Remember what a test file was run with: also before, for a file that is gone may come back."""
        file = result.file.resolve()
        self.used[file] = self.used.get(file, frozenset()) | result.used
        for each in result.used - self._seen.keys():
            self._seen[each] = _mark(each)

    def changed(self) -> set[Path]:
        """The files that have changed, come or gone since this was last asked."""
        now = {file: _mark(file) for file in self._files()}
        before, self._seen = self._seen, now
        self._come = {file for file, mark in now.items() if mark is not None and before.get(file) is None}
        return {file for file in {*now, *before} if now.get(file) != before.get(file)}

    def affected(self, changed: Iterable[Path], tests: Iterable[Path]) -> list[Path]:
        """The test files, out of ``tests``, that a change of these files concerns; new ones among them.

        A model or form that has come, and that no test has used, may be what any of them was missing.
        """
        files = set(changed)
        known = {file for used in self.used.values() for file in used} | set(self.used)
        come = any(file not in known and file in self._come for file in files if kind_of_file(file.name) is not None)
        return [
            test
            for test in tests
            if come
            or test.resolve() not in self.used
            or not files.isdisjoint(self.used[test.resolve()] | {test.resolve()})
        ]

    def _files(self) -> set[Path]:
        found = {file for used in self.used.values() for file in used} | set(self.used)
        for path in self.paths:
            if path.is_dir():
                found.update(file.resolve() for file in path.rglob("*") if file.name.lower().endswith(_SEEN))
            else:
                # What a single test is run with usually stands beside it.
                beside = path.parent.iterdir() if path.parent.is_dir() else ()
                found.update(file.resolve() for file in beside if kind_of_file(file.name) is not None)
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
    watched.changed()
    _run(watched, run, tests())
    say("等待文件变化；按 Ctrl-C 结束。", "Waiting for files to change; Ctrl-C ends this.")
    wait = _sleep if pause is None else pause
    while wait():
        changed = watched.changed()
        if changed:
            names = ", ".join(sorted(file.name for file in changed))
            say(f"{names} 有变化：", f"{names} changed:")
            # What changes while this runs is seen the next time.
            _run(watched, run, watched.affected(changed, tests()))


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


def _mark(file: Path) -> _Mark | None:
    """What tells one state of a file from another; an editor may put a new file in its place."""
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _sleep() -> bool:
    time.sleep(PAUSE)
    return True
