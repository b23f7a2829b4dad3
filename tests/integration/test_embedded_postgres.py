"""The embedded PostgreSQL: starts, survives restarts and kills, as root and as an ordinary user."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from server.settings import Settings
from server.store.embedded import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    embedded_for,
    with_database,
)

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder of our own: pytest's are closed to other users anew whenever another run of it begins."""
    folder = Path(tempfile.mkdtemp(prefix="lendloom-test-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def var(base: Path) -> Iterator[Path]:
    """A data folder whose server is stopped at the end, whatever the test left."""
    folder = base / "var"
    yield folder
    EmbeddedPostgres(folder / "postgres").stop()


@pytest.fixture
def postgres(var: Path) -> EmbeddedPostgres:
    """A server that runs."""
    server = EmbeddedPostgres(var / "postgres")
    server.start()
    return server


def connect(server: EmbeddedPostgres) -> psycopg.Connection:
    return psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True)


def remember(server: EmbeddedPostgres, fact: str) -> None:
    with connect(server) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS memory (fact text)")
        connection.execute("INSERT INTO memory VALUES (%s)", [fact])


def remembered(server: EmbeddedPostgres) -> list[str]:
    with connect(server) as connection:
        return [fact for (fact,) in connection.execute("SELECT fact FROM memory ORDER BY fact")]


def is_alive(process: psutil.Process) -> bool:
    """Whether it still does something: a zombie that nobody has reaped does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_it_is_a_durable_utf8_server_in_utc(postgres: EmbeddedPostgres) -> None:
    with connect(postgres) as connection:

        def setting(name: str) -> str:
            row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            assert row is not None
            return str(row[0])

        assert int(setting("server_version_num")) // 10000 == 18
        assert [setting(n) for n in ("fsync", "synchronous_commit", "full_page_writes")] == ["on"] * 3
        assert setting("server_encoding") == "UTF8"
        assert setting("TimeZone") == "UTC"
        assert setting("max_connections") == "100"
        assert setting("listen_addresses") == ""
        row = connection.execute("SELECT lower('ÄÖÜ'), length('贷款申请')").fetchone()
        assert row == ("äöü", 4)


def test_only_its_owner_can_enter(postgres: EmbeddedPostgres) -> None:
    assert stat.S_IMODE(postgres.data_dir.stat().st_mode) == 0o700
    assert stat.S_ISSOCK((postgres.socket_dir / ".s.PGSQL.5432").stat().st_mode)


def test_starting_twice_is_starting_once(postgres: EmbeddedPostgres) -> None:
    pid = postgres.pid

    url = EmbeddedPostgres(postgres.data_dir).start()

    assert url == postgres.url
    assert postgres.pid == pid


def test_many_processes_may_start_it_at_once(var: Path) -> None:
    code = "import sys; from pathlib import Path; from server.store.embedded import EmbeddedPostgres as E\n"
    code += "s = E(Path(sys.argv[1])); s.start(); print(s.pid)"
    command = [sys.executable, "-c", code, str(var / "postgres")]
    starters = [subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    outputs = [starter.communicate(timeout=60)[0].splitlines()[-1] for starter in starters]

    assert [starter.returncode for starter in starters] == [0] * 4
    assert set(outputs) == {str(EmbeddedPostgres(var / "postgres").pid)}


def test_data_and_address_survive_a_restart(postgres: EmbeddedPostgres) -> None:
    remember(postgres, "放款 100.00")
    url = postgres.url

    postgres.stop()
    assert not postgres.is_running()
    assert postgres.pid is None
    postgres.stop()  # stopping what is stopped is no error

    assert postgres.start() == url
    assert remembered(postgres) == ["放款 100.00"]


def test_what_was_committed_survives_a_killed_server(postgres: EmbeddedPostgres) -> None:
    remember(postgres, "a")
    assert postgres.pid is not None

    os.kill(postgres.pid, signal.SIGKILL)
    postgres.start()

    assert remembered(postgres) == ["a"]


def test_backends_that_outlive_a_killed_server_are_ended_before_the_next(postgres: EmbeddedPostgres) -> None:
    remember(postgres, "before")
    busy = "SELECT count(*) FROM generate_series(1, 10000000000)"
    client = subprocess.Popen(
        [*postgres.psql_command(), "-c", busy], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with connect(postgres) as connection:
        running = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
        while (row := connection.execute(running).fetchone()) is None:
            time.sleep(0.05)
    backend = psutil.Process(row[0])

    # The postmaster dies alone: a backend in the middle of a query does not notice for a long while.
    psutil.Process(postgres.pid).kill()
    assert is_alive(backend)
    postgres.start()

    assert not is_alive(backend)
    assert remembered(postgres) == ["before"]
    client.kill()
    client.wait()


def test_a_pid_file_that_names_a_stranger_does_not_mislead(postgres: EmbeddedPostgres) -> None:
    """After a reboot or in a fresh container, the recorded number may belong to any process - here, to us."""
    remember(postgres, "a")
    assert postgres.pid is not None
    pid_file = postgres.data_dir / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    owner = pid_file.stat()
    os.kill(postgres.pid, signal.SIGKILL)
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    os.chown(pid_file, owner.st_uid, owner.st_gid)

    assert not postgres.is_running()
    postgres.start()

    assert remembered(postgres) == ["a"]


def test_an_interrupted_first_start_leaves_no_half_cluster(var: Path) -> None:
    """initdb works aside: what a kill in the middle leaves is never taken for a database."""
    leftover = var / ".postgres-abandoned"
    leftover.mkdir(parents=True)
    (leftover / "PG_VERSION").write_text("18\n")

    server = EmbeddedPostgres(var / "postgres")
    server.start()

    remember(server, "a")
    assert remembered(server) == ["a"]


def test_a_long_path_gets_a_short_socket(base: Path) -> None:
    server = EmbeddedPostgres(base / ("long-" * 20) / "postgres")
    try:
        server.start()
        remember(server, "a")
        assert server.socket_dir != server.data_dir
        assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
    finally:
        server.stop()
        shutil.rmtree(server.socket_dir, ignore_errors=True)


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")

    with pytest.raises(EmbeddedPostgresError) as refusal:
        EmbeddedPostgres(folder).start()

    assert refusal.value.message.code == "postgres.not-a-cluster"
    assert str(folder) in refusal.value.message.zh
    assert (folder / "thesis.txt").read_text() == "years of work"


def test_data_of_another_major_version_are_refused(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    version = postgres.data_dir / "PG_VERSION"
    version.write_text("16\n")
    try:
        with pytest.raises(EmbeddedPostgresError) as refusal:
            postgres.start()
    finally:
        version.write_text("18\n")

    assert refusal.value.message.code == "postgres.version"
    assert "16" in refusal.value.message.en


def test_a_start_that_fails_shows_the_servers_own_words(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    broken = EmbeddedPostgres(postgres.data_dir, options={"shared_buffers": "plenty"})

    with pytest.raises(EmbeddedPostgresError) as refusal:
        broken.start()

    assert "shared_buffers" in refusal.value.message.en
    postgres.start()


def test_settings_choose_between_it_and_a_server_of_ones_own(var: Path) -> None:
    own = Settings(var=var, database_url="postgresql+psycopg://u@db/x")
    assert with_database(own) is own
    assert not (var / "postgres").exists()

    embedded = with_database(Settings(var=var))
    assert embedded.database_url == embedded_for(embedded).url
    assert embedded_for(embedded).is_running()


def _as_nobody(task: Callable[[], None]) -> str:
    """Run ``task`` in a forked process as the user ``nobody``; what went wrong there, or an empty text.

    A fork, because the interpreter itself may live where that user cannot go.
    """
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reader)
        outcome = "died"
        try:
            entry = pwd.getpwnam("nobody")
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
            task()
            outcome = ""
        except BaseException:
            outcome = traceback.format_exc()
        finally:
            os.write(writer, outcome.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        outcome = stream.read()
    os.waitpid(process, 0)
    return outcome


@pytest.fixture
def folder_of_nobody() -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user; every other test here just ran as an ordinary one")
    folder = Path(tempfile.mkdtemp(prefix="lendloom-nobody-"))
    shutil.chown(folder, "nobody")
    yield folder
    EmbeddedPostgres(folder / "postgres").stop()
    shutil.rmtree(folder)


def test_an_ordinary_user_runs_it_under_his_own_name(folder_of_nobody: Path) -> None:
    def task() -> None:
        server = EmbeddedPostgres(folder_of_nobody / "postgres")
        server.start()
        assert psutil.Process(server.pid).username() == "nobody"
        remember(server, "a")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        server.start()
        server.stop()
        server.start()
        assert remembered(server) == ["a"]
        server.stop()
        assert not server.is_running()

    assert _as_nobody(task) == ""


def test_root_goes_on_with_the_data_of_an_ordinary_user(folder_of_nobody: Path) -> None:
    def task() -> None:
        server = EmbeddedPostgres(folder_of_nobody / "postgres")
        server.start()
        remember(server, "a")
        server.stop()

    assert _as_nobody(task) == ""
    server = EmbeddedPostgres(folder_of_nobody / "postgres")
    server.start()

    assert psutil.Process(server.pid).username() == "nobody"
    assert remembered(server) == ["a"]


def test_an_ordinary_user_is_told_whose_the_data_are(postgres: EmbeddedPostgres) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make data that are another user's")

    def task() -> None:
        with pytest.raises(EmbeddedPostgresError) as refusal:
            EmbeddedPostgres(postgres.data_dir).start()
        assert refusal.value.message.code == "postgres.owner"

    assert _as_nobody(task) == ""


def test_root_runs_it_as_a_system_user(postgres: EmbeddedPostgres) -> None:
    if os.geteuid() != 0:
        pytest.skip("we are not root")

    assert psutil.Process(postgres.pid).uids().effective != 0
