"""Handlers that the tests' workers run, in processes of their own; each call leaves a line in a file."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from server.jobs.handlers import BusinessError, JobContext, JobFailure, register


def _note(context: JobContext, what: str) -> int:
    """Note a call; how many lines of the same kind there are now."""
    path = Path(context.variables["notes"])
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{what} {context.idempotency_key} {os.getpid()}\n")
    return path.read_text(encoding="utf-8").count(what)


def double(context: JobContext) -> Mapping[str, Any]:
    """Give twice the amount."""
    _note(context, "double")
    return {"twice": context.variables["amount"] * 2}


def slow(context: JobContext) -> Mapping[str, Any]:
    """Take a minute the first time, no time after that."""
    if _note(context, "slow") == 1:
        time.sleep(60)
    return {"finished": True}


def flaky(context: JobContext) -> Mapping[str, Any] | JobFailure:
    """Fail the first time."""
    if _note(context, "flaky") == 1:
        return JobFailure("not yet", retry_after=dt.timedelta(milliseconds=200))
    return {"tries": 2}


def hopeless(context: JobContext) -> Mapping[str, Any]:
    """Fail for good."""
    raise JobFailure("no such account", retries=0)


def broken(context: JobContext) -> Mapping[str, Any]:
    """Have a bug."""
    return {"x": context.variables["no such variable"]}


def refusing(context: JobContext) -> Mapping[str, Any]:
    """End with a business error."""
    raise BusinessError("REFUSED", "limit exceeded", {"limit": 5})


register("test-double", double)
register("test-slow", slow)
register("test-flaky", flaky)
register("test-hopeless", hopeless)
register("test-broken", broken)
register("test-refusing", refusing)
