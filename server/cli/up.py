"""``lendloom up``: everything an installation needs, on one machine, as one supervised group.

In this order: the database, its tables, the shipped models, the demo's users, then API, worker, clock and
(for a demo) the simulators as child processes. The stop goes backwards: first nobody is served any more, then
the background work ends, the database last.
"""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click
import httpx
import psycopg

from server.cli.console import SpeakingCommand, complain, fail, language, say, step
from server.cli.database import unreachable
from server.cli.demo_environment import write_demo_environment
from server.cli.installation import database_context, settings_from_environment
from server.cli.preflight import InstallationLock, StartRefusedError, check_port_is_free
from server.cli.supervisor import Child, Supervisor
from server.messages import LendloomError, Message
from server.settings import Profile, Settings, ensure_secret_key
from server.store.embedded import EmbeddedPostgres, embedded_for

PROJECT = Path(__file__).resolve().parents[2]
# Who deployed what is shipped, in the history of deployments.
ACTOR = "lendloom"
CONTENT = ("processes", "dmn", "forms")
_KEEP_EVERY = 0.5
_ASK_READY_EVERY = 0.3
# By then a child that cannot work has usually said so and ended.
_SETTLED_SECONDS = 2.5
_SLOW_START = 45.0
# What a killed group's children may take to end after it, before their ports are free again.
_AFTERMATH_SECONDS = 20.0
_COLOURS = {"api": "green", "worker": "cyan", "clock": "magenta", "simulators": "yellow", "lendloom": "blue"}


@click.command(cls=SpeakingCommand)
@click.option("--deploy/--no-deploy", default=True, help="Publish the shipped processes, DMN and forms.")
def up(deploy: bool) -> None:
    """Start everything on this machine and keep it running; Ctrl-C stops it cleanly.

    Data stay under var/ (LENDLOOM_VAR); the next start goes on with them. What crashes is started
    again. Publishing the same files again makes no new versions.

    \b
    Examples:
      LENDLOOM_PROFILE=demo lendloom up         with demo users, services and a movable clock
      LENDLOOM_PORT=9000 lendloom up            on another port
      LENDLOOM_DATABASE_URL=postgresql://user:password@host/lendloom lendloom up
    """
    settings = settings_from_environment(process="up")
    with ExitStack() as at_the_end, _interruptible():
        lock = at_the_end.enter_context(InstallationLock(settings.var))
        _await_free_ports(settings, patient=_tell_of_stale_lock(lock))
        settings = settings.with_secret_key(ensure_secret_key(settings))
        settings, postgres = _start_database(settings, at_the_end)
        banner = _prepare(settings, deploy=deploy)
        supervisor = Supervisor(
            children(settings),
            report=_report,
            is_ready=_readiness(settings),
            on_ready=lambda: click.echo(banner),
            on_stop=lambda: say("正在停止…", "Stopping ..."),
            keep=_keeper(postgres),
            settled_after=_SETTLED_SECONDS,
        )
        say("启动服务进程…", "Starting the server's processes ...")
        if not supervisor.run():
            _give_up(supervisor.failing())
    say("已停止。", "Stopped.")


def children(settings: Settings) -> list[Child]:
    """The child processes of an installation; they read the same settings from their environment."""
    environment = {**os.environ, **settings.to_environment(), "PYTHONUNBUFFERED": "1"}
    command = (sys.executable, "-m", "server.cli")
    workers = ["worker"] if settings.workers == 1 else [f"worker-{n + 1}" for n in range(settings.workers)]
    group = [
        Child(
            name=name,
            command=(*command, name.partition("-")[0]),
            environment=environment,
            stop_turn=turn,
            grace=20.0,
        )
        for turn, name in [(0, "api"), *((1, worker) for worker in workers), (1, "clock")]
    ]
    if settings.simulators:
        journal = ("--journal", str(settings.var / "simulators.jsonl"))
        serve = (*command, "simulators", "--port", str(settings.simulators_port), *journal)
        group.insert(0, Child(name="simulators", command=serve, environment=environment, stop_turn=2, grace=5.0))
    return group


# -- before the children --


def _tell_of_stale_lock(lock: InstallationLock) -> bool:
    if lock.stale_pid is None:
        return False
    say(
        f"上次运行（进程 {lock.stale_pid}）未正常结束，留下了锁文件 {lock.path}；锁已失效，数据无损，继续启动。",
        f"The last run (process {lock.stale_pid}) did not end cleanly and left the lock file {lock.path}; "
        "nobody holds it any more and no data are lost: going on.",
    )
    return True


def _await_free_ports(settings: Settings, *, patient: bool) -> None:
    """Refuse ports in use; after a killed run, its children get the time to let go of theirs."""
    deadline = time.monotonic() + (_AFTERMATH_SECONDS if patient else 0)
    while True:
        try:
            check_port_is_free(settings.host, settings.port, variable="LENDLOOM_PORT")
            if settings.simulators:
                check_port_is_free("127.0.0.1", settings.simulators_port, variable="LENDLOOM_SIMULATORS_PORT")
            return
        except StartRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def _start_database(settings: Settings, at_the_end: ExitStack) -> tuple[Settings, EmbeddedPostgres | None]:
    if settings.database_url is not None:
        with step("连接数据库", "Connecting to the database"):
            try:
                psycopg.connect(settings.database_url.replace("+psycopg", "", 1), connect_timeout=10).close()
            except psycopg.OperationalError as error:
                fail(unreachable(settings, error))
        return settings, None
    postgres = embedded_for(settings)
    at_the_end.callback(postgres.stop)
    with step("启动 PostgreSQL", "Starting PostgreSQL"):
        return settings.with_database_url(postgres.start()), postgres


def _prepare(settings: Settings, *, deploy: bool) -> str:
    """Tables, models and identities; returns what to print once the server answers."""
    with step("迁移数据库", "Migrating the database"):
        importlib.import_module("server.store.migration").upgrade(settings.database_url)
    with database_context(settings):
        if deploy:
            paths = [PROJECT / name for name in CONTENT if (PROJECT / name).is_dir()]
            with step("发布流程、决策和表单", "Publishing processes, decisions and forms"):
                importlib.import_module("server.runtime.deployments").deploy_paths(paths, actor=ACTOR)
        if settings.profile is Profile.PRODUCTION:
            return _production_banner(settings)
        with step("创建演示用户", "Creating demo users"):
            demo = importlib.import_module("server.identity.demo").ensure_demo_identities(settings)
    path = write_demo_environment(settings, client_id=demo.client_id, client_secret=demo.client_secret)
    return _demo_banner(settings, demo, path)


# -- while they run --


def _readiness(settings: Settings) -> Callable[[], bool]:
    """Asks ``/health/ready`` now and then; says so when the answer takes long to come."""
    url = f"{_local_url(settings)}/health/ready"
    started = time.monotonic()
    asked = 0.0
    told = False

    def is_ready() -> bool:
        nonlocal asked, told
        now = time.monotonic()
        if now - asked < _ASK_READY_EVERY:
            return False
        asked = now
        if not told and now - started > _SLOW_START:
            told = True
            say(
                f"{url} 仍未就绪；原因通常在上面的日志中。继续等待，按 Ctrl-C 停止。",
                f"{url} is not ready yet; the lines above usually tell why. Still waiting; Ctrl-C stops.",
            )
        try:
            answers = httpx.get(url, timeout=2, trust_env=False).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False
        return answers and (not settings.simulators or _listens(settings.simulators_port))

    return is_ready


def _listens(port: int) -> bool:
    """Whether somebody listens on this port of this machine."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _keeper(postgres: EmbeddedPostgres | None) -> Callable[[], None]:
    """Starts the embedded PostgreSQL again should it die; the children wait and reconnect."""
    next_look = 0.0

    def keep() -> None:
        nonlocal next_look
        now = time.monotonic()
        if postgres is None or now < next_look:
            return
        next_look = now + _KEEP_EVERY
        if postgres.is_running():
            return
        _report("lendloom", "PostgreSQL has died; it starts again / PostgreSQL 已退出，正在重启")
        try:
            postgres.start()
        except LendloomError as error:
            complain(error.message)
            next_look = time.monotonic() + 5.0

    return keep


_printing = threading.Lock()


def _report(name: str, line: str) -> None:
    prefix = click.style(f"{name:<10} |", fg=_COLOURS.get(name.partition("-")[0]))
    with _printing:
        click.echo(f"{prefix} {line}")


def _give_up(failing: list[str]) -> NoReturn:
    names = ", ".join(failing)
    fail(
        Message(
            "start.failed",
            f"启动失败：{names} 反复退出；原因见上面以该名称开头的日志行。数据未受影响，改正后可重新启动。",
            f"The start failed: {names} ended again and again; the lines above that begin with that name "
            "tell why. The data are untouched; correct the cause and start again.",
        )
    )


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM before the children run ends the command like Ctrl-C: whatever was started is stopped."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


# -- what is printed --


def _local_url(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104 - not bound
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{settings.port}"


def _production_banner(settings: Settings) -> str:
    if language() == "zh":
        return f"\nLendloom 已就绪：{settings.public_url}\n添加用户：lendloom users add --help\n"
    return f"\nLendloom is ready: {settings.public_url}\nAdd users: lendloom users add --help\n"


def _demo_banner(settings: Settings, demo: Any, path: Path) -> str:
    table = "\n".join(
        f"    {username:<14} {password:<18} {display} ({', '.join(groups)})"
        for username, password, display, groups in demo.logins
    )
    url = settings.public_url
    try_next = f"""\
    set -a; . {path}; set +a
    {Path(sys.executable).with_name("lendloom")} call GET /v2/topology"""
    if language() == "zh":
        return f"""
Lendloom 已就绪：{url}
  接口文档      {url}/docs
  演示账号（用户名、口令、角色）：
{table}
  接下来可以试试：
{try_next}
    README.zh-CN.md 中的教程带您走完一笔贷款：申请、审批、放款、催收
  按 Ctrl-C 停止；数据保存在 {settings.var}。
"""
    return f"""
Lendloom is ready: {url}
  API document  {url}/docs
  Demo logins (username, password, who):
{table}
  What to try next:
{try_next}
    The tour in README.md takes a loan from application to collection.
  Ctrl-C stops it; data stay in {settings.var}.
"""
