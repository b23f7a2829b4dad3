"""The supervisor with small children: it starts, restarts, gives up, and stops in order and in time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from server.cli.supervisor import Child, Supervisor

PROJECT = Path(__file__).resolve().parents[3]
PATIENCE = 20.0

OBEDIENT = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(0)); print('up'); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up'); time.sleep(60)"
SHORT_LIVED = "import sys, time; print('up'); time.sleep(0.8); sys.exit(3)"
FAILING = "import sys; print('cannot work'); sys.exit(3)"
# A parent that is killed at once leaves a child of its own behind, as a killed web server leaves its workers.
FRUITFUL = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid); time.sleep(60)"
CHINESE = "import sys, time; print('天亮了', file=sys.stderr); time.sleep(60)"


def child(name: str, code: str, *, stop_turn: int = 0, grace: float = 10.0) -> Child:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = (sys.executable, "-c", code)
    return Child(name=name, command=command, environment=environment, stop_turn=stop_turn, grace=grace)


class Group:
    """A supervisor in a thread, with everything it reported."""

    def __init__(
        self,
        *children: Child,
        patience: int = 5,
        settled_after: float = 0.1,
        same_request: float = 0.0,
        is_ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self.lines: list[tuple[str, str]] = []
        self.ready = threading.Event()
        self.result: bool | None = None
        self.supervisor = Supervisor(
            children,
            report=lambda name, line: self.lines.append((name, line)),
            is_ready=is_ready,
            on_ready=self.ready.set,
            patience=patience,
            settled_after=settled_after,
            same_request=same_request,
        )
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        self.result = self.supervisor.run()

    def said(self, name: str) -> list[str]:
        return [line for teller, line in self.lines if teller == name]

    def stop(self) -> None:
        self.supervisor.request_stop()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@pytest.fixture
def start() -> Iterator[Callable[..., Group]]:
    groups: list[Group] = []

    def begin(*children: Child, **options: object) -> Group:
        groups.append(Group(*children, **options))  # type: ignore[arg-type]
        return groups[-1]

    yield begin
    for group in groups:
        group.supervisor.request_stop()
        group.supervisor.request_stop()
        group.thread.join(PATIENCE)


def eventually(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_output_is_reported_under_the_childs_name(start: Callable[..., Group]) -> None:
    group = start(child("api", OBEDIENT), child("clock", CHINESE))

    eventually(lambda: group.said("api") == ["up"] and group.said("clock") == ["天亮了"])
    group.stop()

    assert group.result is True


def test_a_killed_child_is_started_again(start: Callable[..., Group]) -> None:
    group = start(child("worker", OBEDIENT))
    eventually(lambda: group.said("worker") == ["up"])
    first = group.supervisor.pids()["worker"]

    os.kill(first, signal.SIGKILL)

    eventually(lambda: group.said("worker") == ["up", "up"])
    assert group.supervisor.pids()["worker"] != first
    assert any("SIGKILL" in line for line in group.said("lendloom"))


def test_what_a_killed_child_had_started_goes_with_it(start: Callable[..., Group]) -> None:
    group = start(child("api", FRUITFUL))
    eventually(lambda: group.said("api"))
    grandchild = psutil.Process(int(group.said("api")[0]))

    os.kill(group.supervisor.pids()["api"], signal.SIGKILL)

    eventually(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


def test_restarts_wait_longer_and_longer(start: Callable[..., Group]) -> None:
    group = start(child("worker", FAILING))

    eventually(lambda: len(group.said("lendloom")) >= 3)
    group.stop()

    waits = [line.split(" in ")[1].split(" s ")[0] for line in group.said("lendloom")[:3]]
    assert waits == ["0.5", "1", "2"]
    assert "exit code 3" in group.said("lendloom")[0]


def test_a_start_that_never_succeeds_is_given_up(start: Callable[..., Group]) -> None:
    group = start(child("api", FAILING), child("clock", OBEDIENT), patience=2, is_ready=lambda: False)

    group.thread.join(PATIENCE)

    assert group.result is False
    assert group.supervisor.failing() == ["api"]
    assert not group.ready.is_set()
    assert not group.supervisor.pids()


def test_a_failure_after_a_good_start_is_never_given_up(start: Callable[..., Group]) -> None:
    group = start(child("worker", SHORT_LIVED), patience=2)
    eventually(group.ready.is_set)

    eventually(lambda: len(group.said("worker")) >= 3)

    assert group.thread.is_alive()


def test_a_group_is_not_ready_while_one_of_it_fails(start: Callable[..., Group]) -> None:
    group = start(child("api", OBEDIENT), child("worker", FAILING), settled_after=1.0, patience=3)

    group.thread.join(PATIENCE)

    assert group.result is False
    assert not group.ready.is_set()


def test_children_stop_in_their_turn(start: Callable[..., Group], tmp_path: Path) -> None:
    farewell = textwrap.dedent("""
        import signal, sys, time
        def leave(*_):
            time.sleep(0.2)
            open({path!r}, "a").write({name!r} + " ")
            sys.exit(0)
        signal.signal(15, leave)
        print("up")
        time.sleep(60)
    """)
    path = str(tmp_path / "farewells")
    names = {"simulators": 2, "clock": 1, "api": 0}
    group = start(*(child(n, farewell.format(path=path, name=n), stop_turn=t) for n, t in names.items()))
    eventually(lambda: all(group.said(name) == ["up"] for name in names))

    group.stop()

    assert Path(path).read_text().split() == ["api", "clock", "simulators"]


def test_who_does_not_stop_in_time_is_killed(start: Callable[..., Group]) -> None:
    group = start(child("worker", STUBBORN, grace=0.5))
    eventually(lambda: group.said("worker") == ["up"])
    started = time.monotonic()

    group.stop()

    assert time.monotonic() - started < 5
    assert any("killed" in line for line in group.said("lendloom"))


def test_a_second_request_does_not_wait(start: Callable[..., Group]) -> None:
    group = start(child("worker", STUBBORN, grace=60))
    eventually(lambda: group.said("worker") == ["up"])

    group.supervisor.request_stop()
    group.stop()

    assert not group.supervisor.pids()


def test_a_request_that_is_heard_twice_is_one(start: Callable[..., Group]) -> None:
    slow = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), print("saved"), sys.exit()))
print("up")
time.sleep(60)
"""
    group = start(child("worker", slow), same_request=30.0)
    eventually(lambda: group.said("worker") == ["up"])

    group.supervisor.request_stop()
    group.stop()

    assert group.said("worker") == ["up", "saved"]
    assert not group.said("lendloom")


def _supervise_in_a_process(code: str) -> subprocess.Popen[str]:
    program = textwrap.dedent(f"""
        import os, sys
        from server.cli.supervisor import Child, Supervisor
        command = (sys.executable, "-u", "-c", {code!r})
        child = Child(name="c", command=command, environment=os.environ, stop_turn=0)
        print(Supervisor([child], report=lambda name, line: print(name, line, flush=True)).run(), flush=True)
    """)
    return subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_stop_everything_cleanly(number: signal.Signals) -> None:
    process = _supervise_in_a_process("import os, time; print(os.getpid()); time.sleep(60)")
    assert process.stdout is not None
    pid = int(process.stdout.readline().split()[1])

    process.send_signal(number)
    output, _ = process.communicate(timeout=PATIENCE)

    assert output == "True\n"
    assert process.returncode == 0
    assert not psutil.pid_exists(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_children_do_not_outlive_a_killed_supervisor() -> None:
    process = _supervise_in_a_process("import os, time; print(os.getpid()); time.sleep(60)")
    assert process.stdout is not None
    orphan = psutil.Process(int(process.stdout.readline().split()[1]))

    process.kill()
    process.communicate(timeout=PATIENCE)

    eventually(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE)


def test_signals_in_a_burst_are_one_stop() -> None:
    process = _supervise_in_a_process("import os, time; print(os.getpid()); time.sleep(60)")
    assert process.stdout is not None
    process.stdout.readline()

    # Each may interrupt the handler of the one before.
    for _ in range(100):
        process.send_signal(signal.SIGTERM)
    try:
        output, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()

    assert (output, process.returncode) == ("True\n", 0)
