"""Which job types our own workers run, and how such a job is handed to them.

A job of one of these types is deferred to procrastinate in the transaction that opens it. The handlers
themselves are registered above this floor, in :mod:`server.jobs.handlers`; here only their types are known.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

QUEUE = "jobs"
TASK = "lendloom.run_job"

_types: set[str] = set()


def declare(job_type: str) -> None:
    """From now on jobs of this type are run by our own workers."""
    _types.add(job_type)


def withdraw(job_type: str) -> None:
    """Jobs of this type are left to workers outside again."""
    _types.discard(job_type)


def is_built_in(job_type: str) -> bool:
    """Whether our own workers run jobs of this type."""
    return job_type in _types


def built_in_types() -> list[str]:
    """The types that our own workers run."""
    return sorted(_types)


def deferral(job_key: int, *, priority: int = 50, at: dt.datetime | None = None) -> dict[str, Any]:
    """The row that hands a job to our workers; the queueing lock keeps a job from being queued twice."""
    return {
        "queue": QUEUE,
        "task": TASK,
        "priority": priority,
        "queueing_lock": f"job:{job_key}",
        "args": {"job_key": job_key},
        "scheduled_at": at,
    }
