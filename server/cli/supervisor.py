"""A group of child processes that lives and dies together: started, watched, restarted, stopped in order.

Every child leads a process group of its own, so Ctrl-C in the terminal reaches only the supervisor, which
then stops the children in their order, each within its time. A child that ends by itself is started again,
later and later while it keeps failing. Should the supervisor itself be killed, the kernel ends the children
with it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
# A child that lived this long is taken to be well again: its next failure starts from the first delay.
WELL_AFTER = 60.0
TICK = 0.1
_PR_SET_PDEATHSIG = 1

Report = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process of the group: what to run, when its turn to stop comes, and how long it may take for that."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    stop_turn: int
    grace: float = 15.0


@dataclass(slots=True)
class _Running:
    """A child's present state; ``process`` is None while a restart waits for ``due``."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0
    pump: threading.Thread | None = field(default=None, repr=False)


class Supervisor:
    """Runs the children until :meth:`request_stop`, a signal, or (see ``patience``) a start that fails.

    ``report(name, line)`` receives every line that a child writes, and the supervisor's own remarks under
    the name ``lendloom``. Once every child has settled, ``is_ready`` is asked until it says yes; then
    ``on_ready`` is called. Until then, a child may fail ``patience`` times in a row before the whole start is
    given up. ``on_stop`` is called before the children are stopped. ``keep`` is called at every tick: it
    keeps alive what is not a child, such as the database. Requests to stop that come within ``same_request`` seconds
    of the first are the first: whoever stops a whole process group under ``make`` is heard twice.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        report: Report,
        is_ready: Callable[[], bool] = lambda: True,
        on_ready: Callable[[], None] = lambda: None,
        on_stop: Callable[[], None] = lambda: None,
        keep: Callable[[], None] = lambda: None,
        patience: int = 5,
        settled_after: float = 1.0,
        same_request: float = 1.0,
    ) -> None:
        self._group = [_Running(child) for child in children]
        self._report = report
        self._is_ready = is_ready
        self._on_ready = on_ready
        self._on_stop = on_stop
        self._keep = keep
        self._patience = patience
        self._settled_after = settled_after
        self._same_request = same_request
        # Written by signal handlers, which may interrupt each other: nothing here may need a lock.
        self._asked: float | None = None
        self._is_urgent = False

    def run(self) -> bool:
        """Start everything, watch until told to stop, stop everything; False if the start was given up."""
        with self._signals():
            try:
                return self._watch()
            finally:
                self._on_stop()
                self._stop_all()

    def request_stop(self) -> None:
        """Ask for an orderly stop; asked a second time, not at once, what still runs is killed."""
        now = time.monotonic()
        if self._asked is None:
            self._asked = now
        elif now - self._asked >= self._same_request:
            self._is_urgent = True

    def pids(self) -> dict[str, int]:
        """The process numbers of the children that run now, by name."""
        return {r.child.name: r.process.pid for r in self._group if r.process is not None}

    def failing(self) -> list[str]:
        """The names of the children whose last run ended by itself."""
        return [running.child.name for running in self._group if running.failures]

    def _watch(self) -> bool:
        ready = False
        while self._is_wanted_after(TICK):
            self._keep()
            for running in self._group:
                self._tend(running)
            if ready:
                continue
            if self._settled() and self._is_ready():
                ready = True
                self._on_ready()
            elif any(running.failures >= self._patience for running in self._group):
                return False
        return True

    def _is_wanted_after(self, seconds: float) -> bool:
        time.sleep(seconds)
        return self._asked is None

    def _settled(self) -> bool:
        """Whether every child runs, and not only since a moment ago."""
        now = time.monotonic()
        return all(r.process is not None and now - r.started > self._settled_after for r in self._group)

    # -- one child -------------------------------------------------------------------------------------------

    def _tend(self, running: _Running) -> None:
        now = time.monotonic()
        if running.process is None:
            if now >= running.due:
                self._start(running)
            return
        code = running.process.poll()
        if code is None:
            if running.failures and now - running.started > WELL_AFTER:
                running.failures = 0
            return
        self._reap(running)
        running.failures += 1
        delay = min(FIRST_DELAY * 2 ** (running.failures - 1), LONGEST_DELAY)
        running.due = now + delay
        self._report(
            "lendloom",
            f"{running.child.name} ended ({_ending(code)}); it starts again in {delay:g} s "
            f"/ {running.child.name} 已结束，{delay:g} 秒后重启",
        )

    def _start(self, running: _Running) -> None:
        child = running.child
        process = subprocess.Popen(  # noqa: S603 - our own commands, without a shell
            list(child.command),
            env=dict(child.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        running.process, running.started = process, time.monotonic()
        assert process.stdout is not None
        running.pump = threading.Thread(
            target=self._pump, args=(child.name, process.stdout), name=f"log-{child.name}", daemon=True
        )
        running.pump.start()

    def _pump(self, name: str, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._report(name, line.decode("utf-8", errors="replace").rstrip("\n"))

    def _reap(self, running: _Running) -> None:
        """After a child's end: its offspring goes too, lest one holds a port; its output is drained."""
        process, pump = running.process, running.pump
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if pump is not None:
            pump.join(timeout=2)
        running.process = None

    # -- the stop --------------------------------------------------------------------------------------------

    def _stop_all(self) -> None:
        for turn in sorted({running.child.stop_turn for running in self._group}):
            stopping = [r for r in self._group if r.child.stop_turn == turn and r.process is not None]
            for running in stopping:
                assert running.process is not None
                # Only the leader is asked: how its own processes end in order is its business.
                running.process.terminate()
            started = time.monotonic()
            for running in stopping:
                self._wait_for_end(running, started + running.child.grace)

    def _wait_for_end(self, running: _Running, deadline: float) -> None:
        assert running.process is not None
        while running.process.poll() is None:
            if self._is_urgent or time.monotonic() > deadline:
                name = running.child.name
                self._report("lendloom", f"{name} does not stop: killed / {name} 未及时停止，已强制结束")
                break
            time.sleep(0.05)
        self._reap(running)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Ctrl-C and SIGTERM ask for the stop; only the main thread of a process can hear them."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def ask(_number: int, _frame: FrameType | None) -> None:
            self.request_stop()

        previous = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


def _end_with_parent() -> None:
    """In the child, before it becomes its program: ask the kernel for a SIGTERM when we are gone."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _ending(code: int) -> str:
    if code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
