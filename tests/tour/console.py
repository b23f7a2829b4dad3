"""The ``console`` blocks of a README, and one bash session that runs them.

In a block, a line that begins with ``$ `` is a command, together with the lines on which it goes on (after a
backslash, or through the end of its here-document); the lines after it are what it prints. In these, ``…`` stands
for whatever varies, and a line of nothing but ``…`` for any number of lines. Which day and time a date shows, and how
wide a table's columns are, does not matter.
"""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

PROMPT = "$ "
ANYTHING = "…"
_HERE_DOCUMENT = re.compile(r"<<'(\w+)'$")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?")
_END = "-- the command has ended --"


@dataclass(frozen=True, slots=True)
class Step:
    """A command, and what the README says that it prints."""

    command: str
    printed: str
    line: int


def steps_of(readme: Path) -> list[Step]:
    """Every step of the console blocks, in order."""
    found: list[Step] = []
    for first, block in _blocks(readme.read_text(encoding="utf-8")):
        lines = iter(enumerate(block, first))
        for number, line in lines:
            if line.startswith(PROMPT):
                found.append(Step(_whole_command(line.removeprefix(PROMPT), lines), "", number))
            else:
                assert found, f"{readme.name}:{number}: output before the first command"
                last = found.pop()
                found.append(Step(last.command, f"{last.printed}{line}\n", last.line))
    return found


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of each console block, with the number of the first one."""
    inside: list[str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if inside is None:
            inside = [] if line == "```console" else None
        elif line == "```":
            yield number - len(inside), inside
            inside = None
        else:
            inside.append(line)
    assert inside is None, "a console block is not closed"


def _whole_command(line: str, following: Iterator[tuple[int, str]]) -> str:
    command = [line]
    opened = _HERE_DOCUMENT.search(line)
    while (opened is not None and command[-1] != opened[1]) or (opened is None and command[-1].endswith("\\")):
        command.append(next(following)[1])
    return "\n".join(command)


def is_as_told(printed: str, told: str) -> bool:
    """Whether a command printed what the README tells."""
    pattern = "".join(_line_pattern(line) for line in _lines(told))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _lines(printed))) is not None


def _line_pattern(line: str) -> str:
    if line == ANYTHING:
        return r"(?:.*\n)*?"
    return ".*?".join(map(re.escape, line.split(ANYTHING))) + r"\n"


def _lines(text: str) -> list[str]:
    return [_DATE.sub("(date)", " ".join(line.split())) for line in text.strip().splitlines()]


class Bash:
    """One bash that keeps its variables and functions from command to command."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self._printed: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Bash:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def run(self, command: str, *, seconds: float = 60) -> str:
        """What a command prints, standard output and error as they come."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\necho '{_END}'\n")
        self._process.stdin.flush()
        deadline = time.monotonic() + seconds
        printed = ""
        while not printed.endswith(f"{_END}\n"):
            try:
                printed += self._printed.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"$ {command}\n{printed}\nIt did not end in {seconds:g} s.") from None
        return printed.removesuffix(f"{_END}\n")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._printed.put(line)
