"""``lendloom db``: the embedded PostgreSQL, started, stopped, looked into and emptied."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import click
import psycopg

from server.cli.console import SpeakingGroup, fail, language, say, step
from server.cli.installation import settings_from_environment
from server.cli.preflight import InstallationLock
from server.messages import Message
from server.settings import Settings
from server.store.embedded import binary_folder, embedded_for, with_database


@click.group(cls=SpeakingGroup)
def db() -> None:
    """The embedded PostgreSQL: its data are in var/postgres (LENDLOOM_VAR).

    With LENDLOOM_DATABASE_URL the server is your own: then only url, psql and status apply.

    \b
    Examples:
      lendloom db status
      lendloom db psql
      pg_dump "$(lendloom db url --libpq)" > backup.sql
    """


@db.command()
def start() -> None:
    """Start it, and leave it running; does nothing if it runs."""
    settings = _with_embedded_database()
    with step("启动 PostgreSQL", "Starting PostgreSQL"):
        url = embedded_for(settings).start()
    click.echo(url)


@db.command()
def stop() -> None:
    """Stop it. Everything that was committed is kept."""
    settings = _with_embedded_database()
    _refuse_while_running(settings)
    with step("停止 PostgreSQL", "Stopping PostgreSQL"):
        embedded_for(settings).stop()


@db.command()
def status() -> None:
    """Say whether the database answers, its version, size and the revision of its tables."""
    chinese = language() == "zh"
    settings = settings_from_environment()
    if settings.database_url is None:
        server = embedded_for(settings)
        if not server.is_running():
            click.echo(f"{'已停止' if chinese else 'stopped'}  {server.data_dir}")
            raise SystemExit(3)
        words = ("运行中", "进程") if chinese else ("running", "pid")
        click.echo(f"{words[0]}  {server.data_dir}  {words[1]} {server.pid}")
        settings = settings.with_database_url(server.url)
    with _connect(settings) as connection:
        row = connection.execute(
            "SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database())),"
            " to_regclass('alembic_version') IS NOT NULL"
        ).fetchone()
        assert row is not None
        version, size, migrated = row
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone() if migrated else None
    if chinese:
        revision = found[0] if found else "无（请运行 lendloom migrate）"
        click.echo(f"PostgreSQL {version}，{size}，表结构版本 {revision}")
    else:
        revision = found[0] if found else "none (run: lendloom migrate)"
        click.echo(f"PostgreSQL {version}, {size}, revision {revision}")


@db.command()
@click.option("--libpq", is_flag=True, help="In the spelling of psql and pg_dump.")
def url(libpq: bool) -> None:
    """Print the database's address."""
    settings = settings_from_environment()
    address = settings.database_url or embedded_for(settings).url
    click.echo(_libpq(address) if libpq else address)


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> NoReturn:
    """Open psql on the database; ARGUMENTS go to psql.

    \b
    Example:
      lendloom db psql -c 'select count(*) from instance'
    """
    settings = with_database(settings_from_environment())
    assert settings.database_url is not None
    program = str(binary_folder() / "psql")
    os.execv(program, [program, _libpq(settings.database_url), *arguments])  # noqa: S606 - psql of the wheel


@db.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Delete the embedded database with ALL its data. The next start makes a new, empty one."""
    settings = _with_embedded_database()
    _refuse_while_running(settings)
    server = embedded_for(settings)
    if not yes:
        click.confirm(f"Delete {server.data_dir} with all its data / 删除全部数据？", abort=True)
    server.stop()
    if server.data_dir.exists():
        shutil.rmtree(server.data_dir)
    say("已删除；下次启动时会新建数据库。", "Deleted; the next start makes a new database.")


def _with_embedded_database() -> Settings:
    settings = settings_from_environment()
    if settings.database_url is not None:
        fail(
            Message(
                "db.not-embedded",
                "LENDLOOM_DATABASE_URL 指向您自己的 PostgreSQL，请用它自己的工具管理；或取消该变量以使用内嵌数据库。",
                "LENDLOOM_DATABASE_URL names a PostgreSQL of your own: manage it with its own tools, or "
                "unset the variable to use the embedded one.",
            )
        )
    return settings


def _refuse_while_running(settings: Settings) -> None:
    """Entering the lock and leaving it again explains who holds it, if anybody does."""
    with InstallationLock(settings.var):
        pass


def _connect(settings: Settings) -> psycopg.Connection:
    assert settings.database_url is not None
    try:
        return psycopg.connect(_libpq(settings.database_url), connect_timeout=5)
    except psycopg.OperationalError as error:
        fail(unreachable(settings, error))


def unreachable(settings: Settings, error: psycopg.OperationalError) -> Message:
    """Why a database of one's own cannot be used; the address is not repeated, as it may hold a password."""
    reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
    return Message(
        "db.unreachable",
        f"无法连接数据库：{reason}。"
        "请检查 LENDLOOM_DATABASE_URL 的主机、端口、用户、口令和库名，以及服务器是否已启动。",
        f"The database cannot be reached: {reason}. Check host, port, user, password and database name in "
        "LENDLOOM_DATABASE_URL, and that the server runs.",
    )


def _libpq(address: str) -> str:
    return address.replace("postgresql+psycopg://", "postgresql://", 1)
