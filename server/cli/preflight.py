"""What must hold before an installation starts: nobody else uses its data folder, and its ports are free."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from pathlib import Path
from types import TracebackType

import psutil

from server.messages import LendloomError, Message


class StartRefusedError(LendloomError):
    """The installation cannot start as things stand."""


class InstallationLock:
    """``var/lendloom.lock``: held by the one ``lendloom up`` that runs on this data folder.

    The kernel holds the lock, the file only says whose it is: a process that was killed leaves the file
    behind, but not the lock. ``stale_pid`` is the number that such a process left, once the lock is ours.
    """

    def __init__(self, var: Path) -> None:
        self.path = var / "lendloom.lock"
        self.stale_pid: int | None = None
        self._descriptor: int | None = None

    def __enter__(self) -> InstallationLock:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode("ascii", errors="replace").strip() or "?"
            os.close(descriptor)
            raise self._in_use(holder) from None
        left = os.read(descriptor, 32).decode("ascii", errors="replace").strip()
        self.stale_pid = int(left) if left.isdigit() else None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            # Emptied, not removed: a removed file could be locked twice, by those who opened it before.
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def _in_use(self, holder: str) -> StartRefusedError:
        return StartRefusedError(
            Message(
                "start.already-running",
                f"数据目录 {self.path.parent} 正由另一个 lendloom up（进程 {holder}）使用。"
                f"请在其终端按 Ctrl-C 或执行 kill {holder} 停止它，或用 LENDLOOM_VAR 指定别的数据目录。",
                f"Another 'lendloom up' (process {holder}) is using the data folder {self.path.parent}. "
                f"Stop it with Ctrl-C in its terminal or with 'kill {holder}', or choose another folder with "
                "LENDLOOM_VAR.",
            )
        )


def check_port_is_free(host: str, port: int, *, variable: str) -> None:
    """Refuse a port on which somebody listens; ``variable`` is the setting with which to choose another."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            return
        except OSError as error:
            number = error.errno
    if number == errno.EADDRINUSE:
        raise StartRefusedError(_port_in_use(host, port, variable))
    if number == errno.EACCES:
        raise StartRefusedError(
            Message(
                "start.port-forbidden",
                f"当前用户不能监听端口 {port}（1024 以下需要 root）。请改用别的端口，如 {variable}=8080。",
                f"This user may not listen on port {port} (below 1024 it takes root). Choose another one, "
                f"such as {variable}=8080.",
            )
        )
    raise StartRefusedError(
        Message(
            "start.address",
            f"本机不能监听 {host}:{port}（{os.strerror(number or 0)}）。请检查 LENDLOOM_HOST 与 {variable}。",
            f"This machine cannot listen on {host}:{port} ({os.strerror(number or 0)}). Check LENDLOOM_HOST "
            f"and {variable}.",
        )
    )


def _port_in_use(host: str, port: int, variable: str) -> Message:
    by_zh, by_en = _listener(port)
    other = port + 10 if port + 10 <= 65535 else port - 10
    return Message(
        "start.port-in-use",
        f"{host}:{port} 已被占用{by_zh}。请停止占用者，或改用别的端口，例如 {variable}={other} make run。",
        f"{host}:{port} is already in use{by_en}. Stop what listens there, or choose another port, for "
        f"example {variable}={other} make run.",
    )


def _listener(port: int) -> tuple[str, str]:
    """Who listens on the port, as far as this user may see it."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and getattr(connection.laddr, "port", None) == port
            if listens and connection.pid:
                name = psutil.Process(connection.pid).name()
                return f"（进程 {connection.pid}，{name}）", f" (by process {connection.pid}, {name})"
    except psutil.Error:
        pass  # the owner stays unknown: the sentence does without
    return "", ""
