"""The frame of every command on a running case: lock, restore, stimulate, settle, write, and what comes after.

with the case locked:  opened = open_case(connection, statements.LOCK_JOB, job_key, actor)
stimulate:             opened.running.execution.complete_job(job_key, variables)
the rest:              finish(opened.case)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from server.messages import Message
from server.store.database import after_commit, fetch

from . import background, wake
from .case import Case, Running, Written
from .errors import Conflict


@dataclass(frozen=True, slots=True)
class Opened:
    """A locked case; ``row`` has the columns of the thing that the command is about.

    ``target`` is the instance in memory, or None where it has ended. A command takes the instance as ``running``,
    unless it is one of the few that a suspended case allows (see :mod:`server.runtime.suspension`).
    """

    case: Case
    row: Any
    target: Running | None

    @property
    def running(self) -> Running:
        """The instance, where the command needs one that goes on. Raises :class:`Conflict`."""
        running = self.live
        if self.case.suspended:
            key = running.origin.root_key
            raise Conflict(
                Message(
                    "instance.suspended",
                    f"流程实例 {key} 已挂起，不能继续办理；请等待运维人员恢复该实例后再试。",
                    f"Process instance {key} is suspended and does not go on; wait until an operator resumes it, "
                    "then try again.",
                )
            )
        return running

    @property
    def live(self) -> Running:
        """The instance, suspended or not, where it has not ended. Raises :class:`Conflict`."""
        if self.target is None:
            key = self.row.target_key
            raise Conflict(
                Message(
                    "instance.ended",
                    f"流程实例 {key} 已经结束，不能再改变；请刷新后再看。",
                    f"Process instance {key} has ended and cannot change any more; refresh to see it.",
                )
            )
        return self.target


def open_case(connection: Connection, statement: str, key: int, actor: str, **parameters: Any) -> Opened | None:
    """Lock the case that ``key`` belongs to, or None where there is no such thing (any longer).

    ``statement`` is one of the LOCK statements of :mod:`server.runtime.statements`.
    """
    rows = fetch(connection, statement, {"key": key, **parameters})
    for row in rows:
        if row.key == row.target_key:
            # The first row is the root's; it was read under the lock, unlike anything else that is joined to it.
            case = Case(connection, now=row.now, epoch=row.epoch, actor=actor, suspended=bool(rows[0].suspended))
            return Opened(case, row, None if row.snapshot is None else case.restore(row))
    return None


def finish(case: Case) -> Written:
    """Let the case settle, write it, and see to what has to happen after the commit."""
    case.settle()
    written = case.write()
    wake.jobs_available(job_type for job_type in written.job_types if not background.is_built_in(job_type))
    if written.signal_deliveries or written.message_starts_over:
        after_commit(lambda: _go_on(written))
    return written


def _go_on(written: Written) -> None:
    # These build on this module: what is delivered are commands of their own.
    from . import messages, signals  # noqa: PLC0415

    signals.deliver(written.signal_deliveries)
    for process_id, correlation_key in written.message_starts_over:
        messages.start_next(process_id, correlation_key)
