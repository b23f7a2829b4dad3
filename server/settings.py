"""What can be set from outside: the ``LENDLOOM_*`` environment variables, read once into one frozen value.

Reading does no I/O: :meth:`Settings.from_environment` looks only at the mapping it is given, and a bad value
is refused with a sentence that names the variable. The signing secret is the one setting that may have to be
made up; :func:`ensure_secret_key` does that, and keeps it in a file that only its owner can read.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from server.messages import LendloomError, Message

PREFIX = "LENDLOOM_"
MINIMUM_SECRET_LENGTH = 32
_LOG_LEVELS = ("debug", "info", "warning", "error")
_TRUE = frozenset({"1", "on", "yes", "true"})
_FALSE = frozenset({"0", "off", "no", "false"})

Value = TypeVar("Value")


class SettingsError(LendloomError):
    """A setting cannot be used as it was given."""


class Profile(StrEnum):
    """What an installation is for: a demo or a test may move its clock, production never can."""

    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one installation; every process of it is started with the same ones.

    ``database_url`` is empty where the embedded PostgreSQL under ``var`` is to be used. The four
    service addresses are roots, without the path of an operation, or None where there is no such service. The limits
    count bytes: of a document, and of the variables of one command as JSON.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = "http://127.0.0.1:8080"
    database_url: str | None = None
    var: Path = Path("var")
    profile: Profile = Profile.PRODUCTION
    secret_key: str | None = None
    api_processes: int = 2
    api_threads: int = 16
    api_streams: int = 64
    workers: int = 1
    simulators: bool = False
    simulators_port: int = 8090
    payment_url: str | None = None
    bureau_url: str | None = None
    fraud_url: str | None = None
    message_url: str | None = None
    decision_batch_rows: int = 100_000
    decision_batch_mebibytes: int = 32
    decision_batches_unfinished: int = 5
    decision_batch_days: int = 7
    document_limit: int = 50 * 1024 * 1024
    variables_limit: int = 2 * 1024 * 1024
    log_level: str = "info"
    log_format: str = "json"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """The settings that ``environ`` describes; variables that are absent or empty take their defaults.

        Raises :class:`SettingsError` for the first value that cannot be used.
        """
        read = _Reader(environ)
        profile = Profile(read("PROFILE", _one_of(tuple(Profile)), str(Profile.PRODUCTION)))
        host = read("HOST", str, "127.0.0.1")
        port = read("PORT", _whole(1, 65535), 8080)
        simulators = read("SIMULATORS", _switch, profile is Profile.DEMO)
        simulators_port = read("SIMULATORS_PORT", _whole(1, 65535), 8090)
        simulated = f"http://127.0.0.1:{simulators_port}" if simulators else None
        return cls(
            host=host,
            port=port,
            public_url=read("PUBLIC_URL", _web_address, f"http://{_reachable(host)}:{port}"),
            database_url=read("DATABASE_URL", _database_address, None),
            var=read("VAR", _folder, Path("var").absolute()),
            profile=profile,
            secret_key=read("SECRET_KEY", _secret, None),
            api_processes=read("API_PROCESSES", _whole(1, 64), 2),
            api_threads=read("API_THREADS", _whole(1, 256), 16),
            api_streams=read("API_STREAMS", _whole(1, 1000), 64),
            workers=read("WORKERS", _whole(0, 64), 1),
            simulators=simulators,
            simulators_port=simulators_port,
            payment_url=read("PAYMENT_URL", _web_address, simulated),
            bureau_url=read("BUREAU_URL", _web_address, simulated),
            fraud_url=read("FRAUD_URL", _web_address, simulated),
            message_url=read("MESSAGE_URL", _web_address, simulated),
            decision_batch_rows=read("DECISION_BATCH_ROWS", _whole(1, 10_000_000), 100_000),
            decision_batch_mebibytes=read("DECISION_BATCH_MEBIBYTES", _whole(1, 1024), 32),
            decision_batches_unfinished=read("DECISION_BATCHES_UNFINISHED", _whole(1, 1000), 5),
            decision_batch_days=read("DECISION_BATCH_DAYS", _whole(1, 3650), 7),
            document_limit=read("DOCUMENT_LIMIT", _whole(1024, 2**31 - 1), 50 * 1024 * 1024),
            variables_limit=read("VARIABLES_LIMIT", _whole(1024, 2**31 - 1), 2 * 1024 * 1024),
            log_level=read("LOG_LEVEL", _one_of(_LOG_LEVELS), "info"),
            log_format=read(
                "LOG_FORMAT", _one_of(("json", "console")), "console" if profile is Profile.DEMO else "json"
            ),
        )

    def to_environment(self) -> dict[str, str]:
        """The variables from which another process reads exactly these settings."""
        values: dict[str, object | None] = {
            "HOST": self.host,
            "PORT": self.port,
            "PUBLIC_URL": self.public_url,
            "DATABASE_URL": self.database_url,
            "VAR": self.var,
            "PROFILE": self.profile,
            "SECRET_KEY": self.secret_key,
            "API_PROCESSES": self.api_processes,
            "API_THREADS": self.api_threads,
            "API_STREAMS": self.api_streams,
            "WORKERS": self.workers,
            "SIMULATORS": "on" if self.simulators else "off",
            "SIMULATORS_PORT": self.simulators_port,
            "PAYMENT_URL": self.payment_url,
            "BUREAU_URL": self.bureau_url,
            "FRAUD_URL": self.fraud_url,
            "MESSAGE_URL": self.message_url,
            "DECISION_BATCH_ROWS": self.decision_batch_rows,
            "DECISION_BATCH_MEBIBYTES": self.decision_batch_mebibytes,
            "DECISION_BATCHES_UNFINISHED": self.decision_batches_unfinished,
            "DECISION_BATCH_DAYS": self.decision_batch_days,
            "DOCUMENT_LIMIT": self.document_limit,
            "VARIABLES_LIMIT": self.variables_limit,
            "LOG_LEVEL": self.log_level,
            "LOG_FORMAT": self.log_format,
        }
        return {PREFIX + name: str(value) for name, value in values.items() if value is not None}

    def with_database_url(self, url: str) -> Settings:
        """The same settings on the database at ``url``."""
        return replace(self, database_url=url)

    def with_secret_key(self, secret: str) -> Settings:
        """The same settings with the signing secret known."""
        return replace(self, secret_key=secret)

    @property
    def clock_can_move(self) -> bool:
        """Whether the clock may be pinned over the API: only where started for a demo or a test."""
        return self.profile is not Profile.PRODUCTION


def ensure_secret_key(settings: Settings) -> str:
    """The secret that signs tokens: the one that was set, or the one kept in ``var/secret.key``.

    The file is made on first use, readable by its owner only. Two processes that make it at the same moment
    end with the same secret, because it is written aside and linked into place, which only the first can do.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    path = settings.var / "secret.key"
    if not path.exists():
        settings.var.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f"secret.key.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            pass  # another process was first: its secret is the one everybody uses
        finally:
            aside.unlink()
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < MINIMUM_SECRET_LENGTH:
        raise SettingsError(
            Message(
                "settings.secret-file",
                f"{path} 中的签名密钥过短（少于 {MINIMUM_SECRET_LENGTH} 个字符）；"
                "请删除该文件后重新启动，系统会生成新密钥。",
                f"The signing secret in {path} is shorter than {MINIMUM_SECRET_LENGTH} characters; "
                "delete the file and start again, and a new secret is made.",
            )
        )
    return secret


class _Reader:
    """Reads one variable at a time and turns what a converter refuses into a sentence about that variable."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __call__(self, name: str, convert: Callable[[str], Value], default: Value) -> Value:
        text = self._environ.get(PREFIX + name, "").strip()
        if not text:
            return default
        try:
            return convert(text)
        except _RefusedError as refused:
            # A secret must not be repeated to a terminal or a log.
            shown = "" if name in ("SECRET_KEY", "DATABASE_URL") else text
            raise SettingsError(
                Message(
                    "settings.bad-value",
                    f"环境变量 {PREFIX}{name} 的值“{shown}”不可用：{refused.zh}。请改正后重新启动。",
                    f"The environment variable {PREFIX}{name} cannot be {shown!r}: {refused.en}. "
                    "Correct it and start again.",
                )
            ) from None


class _RefusedError(Exception):
    """Why a converter does not take a text, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def _whole(low: int, high: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
            raise _RefusedError(f"应为 {low} 到 {high} 之间的整数", f"it must be a whole number from {low} to {high}")
        return int(text)

    return convert


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text.lower() not in choices:
            listed = ", ".join(choices)
            raise _RefusedError(f"应为以下之一：{listed}", f"it must be one of: {listed}")
        return text.lower()

    return convert


def _switch(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise _RefusedError("应为 on 或 off", "it must be on or off")


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _secret(text: str) -> str:
    if len(text) < MINIMUM_SECRET_LENGTH:
        raise _RefusedError(
            f"签名密钥至少需要 {MINIMUM_SECRET_LENGTH} 个字符",
            f"a signing secret needs at least {MINIMUM_SECRET_LENGTH} characters",
        )
    return text


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _RefusedError(
            "应为 http:// 或 https:// 开头的地址", "it must be an address that begins with http:// or https://"
        )
    return text.rstrip("/")


def _database_address(text: str) -> str:
    """A PostgreSQL address in SQLAlchemy's spelling for psycopg 3, whichever common spelling was given."""
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise _RefusedError(
            "应为 PostgreSQL 地址，如 postgresql://用户:口令@主机:5432/lendloom（特殊字符需百分号编码）",
            "it must be a PostgreSQL address such as postgresql://user:password@host:5432/lendloom "
            "(percent-encode special characters of the password)",
        )
    return f"postgresql+psycopg://{rest}"


def _reachable(host: str) -> str:
    """The name under which this machine itself reaches a server that listens on ``host``."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
