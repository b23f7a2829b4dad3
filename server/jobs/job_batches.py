"""Changing the retries, the lease or the priority of many jobs at once. Importing this module registers it."""

from __future__ import annotations

import datetime as dt

from server.identity.roles import Permission
from server.runtime.batch_operations import BatchItem, BatchKind, register

from . import completion

UPDATE_JOB = "UPDATE_JOB"


def _update(item: BatchItem) -> None:
    changes = item.instructions
    timeout = changes.get("timeout")
    completion.update(
        job_key=item.key,
        retries=changes.get("retries"),
        timeout=None if timeout is None else dt.timedelta(milliseconds=timeout),
        priority=changes.get("priority"),
        actor=item.actor,
    )


register(BatchKind(UPDATE_JOB, Permission("job", "update"), _update))
