"""Structured logs: one line an event, JSON for machines or coloured text for people, on standard error.

Lines of our own (structlog) and lines of libraries (logging) leave in the same form. A trace id that
:func:`trace` binds stands on every line written meanwhile, and problem answers repeat it to the caller. What
looks like a secret never leaves: values under telling names are hidden, and so are bearer tokens and the
passwords inside addresses.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from server.settings import Settings

HIDDEN = "[hidden]"
_SECRET_NAME = re.compile(
    r"passw|secret|token|authorization|cookie|credential|api_?key|csrf|private_?key", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"(?P<scheme>\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}"
    r"|(?P<address>[a-z][\w+.-]*://[^\s:/@]*:)[^\s/@]+(?=@)"
    r"|\beyJ[\w-]{10,}\.[\w-]+\.[\w-]*",
    re.IGNORECASE,
)
# Libraries that tell of every step at "info".
_TALKATIVE = ("apscheduler", "alembic", "httpx", "httpcore", "procrastinate", "urllib3", "werkzeug")


def configure(settings: Settings, *, process: str = "") -> None:
    """Set up this process's logging; the name (api, worker, clock) stands on every line. May be repeated."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _named(process),
    ]
    renderer: Processor
    if settings.log_format == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    else:
        # Tracebacks stay plain: the pretty ones print local variables, secrets among them.
        plain = structlog.dev.plain_traceback
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0, exception_formatter=plain)
    final: list[Processor] = [structlog.processors.format_exc_info, hide_secrets, renderer]
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*shared, *final],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), _logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING) if level > logging.DEBUG else level)


def new_trace_id() -> str:
    """A fresh trace id: 32 hexadecimal digits, as in W3C Trace Context."""
    return secrets.token_hex(16)


@contextmanager
def trace(trace_id: str | None = None, **context: object) -> Iterator[str]:
    """Bind a trace id, and what else belongs on every line, for the time of the block; gives the trace id."""
    bound = trace_id or new_trace_id()
    with structlog.contextvars.bound_contextvars(trace_id=bound, **context):
        yield bound


def current_trace_id() -> str | None:
    """The trace id that is bound now, or None outside of :func:`trace`."""
    value = structlog.contextvars.get_contextvars().get("trace_id")
    return None if value is None else str(value)


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The structlog processor that hides what must not be written."""
    return {name: _cleaned(name, value) for name, value in event.items()}


def _cleaned(name: object, value: Any) -> Any:
    telling = isinstance(name, str) and _SECRET_NAME.search(name) is not None
    if telling and isinstance(value, str | bytes | Mapping | list | tuple):
        return HIDDEN
    if isinstance(value, str):
        return _SECRET_TEXT.sub(_masked, value)
    if isinstance(value, Mapping):
        return {key: _cleaned(key, inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(None, inner) for inner in value]
    return value


def _masked(match: re.Match[str]) -> str:
    return f"{match['scheme'] or match['address'] or ''}{HIDDEN}"


def _named(process: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        if process:
            event.setdefault("process", process)
        return event

    return add


def _logger_name(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record = event.get("_record")
    if record is not None:
        event["logger"] = record.name
    return event
