"""Starting, cancelling and awaiting process instances."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from server.messages import Message
from server.store.database import fetch, transaction

from . import statements
from .case import Case, Running
from .command import command
from .definitions import ProcessVersion, catalogue
from .errors import Conflict, Refused, Unfinished, no_such
from .operation_records import record
from .stimulus import finish, open_case

LONGEST_WAIT = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class StartedInstance:
    """A process instance that was started."""

    key: int
    definition_key: int
    process_id: str
    version: int
    version_tag: str | None
    business_id: str | None
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EndedInstance:
    """A process instance that was awaited until it ended; ``variables`` are those of the process's scope."""

    started: StartedInstance
    state: str
    variables: Mapping[str, Any]


def start(
    *,
    actor: str,
    process_id: str | None = None,
    version: int | None = None,
    definition_key: int | None = None,
    variables: Mapping[str, Any] | None = None,
    business_id: str | None = None,
    business_id_unique: bool = False,
    tags: tuple[str, ...] = (),
    activate: Sequence[str] = (),
    stop_after: Sequence[str] = (),
) -> StartedInstance:
    """Start an instance of the process with this id (the latest version, or ``version``) or definition key.

    With ``activate`` it starts at these elements instead of its start event; it is terminated once one of the
    elements in ``stop_after`` has completed or was terminated.
    With ``business_id_unique`` no other active root instance with that flag may have the same business id.
    Raises :class:`NotFound`, :class:`Refused` (the process has no none start event) and :class:`Conflict`.
    """
    if (process_id is None) == (definition_key is None):
        raise Refused(
            Message(
                "instance.which-process",
                "请给出流程编号或流程定义键，二者选一。",
                "Give either a process id or a process definition key.",
            )
        )

    def body(connection: Connection) -> StartedInstance:
        row = fetch(connection, statements.BEGINNING)[0]
        definitions = catalogue(connection)
        if definition_key is not None:
            found = definitions.process(connection, definition_key)
        else:
            assert process_id is not None
            found = definitions.process_by_id(connection, row.epoch, process_id, version)
        if found.model.none_start is None and not activate:
            raise _no_none_start(found)
        refuse_suspended(connection, row.epoch, found)
        case = Case(connection, now=row.now, epoch=row.epoch, actor=actor)
        running = case.begin(
            found,
            variables or {},
            business_id=business_id,
            business_id_unique=business_id_unique and business_id is not None,
            tags=tags,
            activate=activate,
            stop_after=stop_after,
        )
        finish(case)
        return StartedInstance(
            running.origin.instance_key,
            found.key,
            found.process_id,
            found.version,
            found.version_tag,
            business_id,
            tags,
        )

    return command(body)


def await_end(started: StartedInstance, *, timeout: dt.timedelta) -> EndedInstance:
    """Wait until a started instance has ended. Raises :class:`Unfinished` when that takes too long.

    Not for use inside :func:`server.store.database.joined_transactions`: the start must be committed.
    """
    deadline = time.monotonic() + min(timeout, LONGEST_WAIT).total_seconds()
    pause = 0.01
    while True:
        with transaction() as connection:
            row = fetch(connection, _END, {"key": started.key})[0]
        if row.state in ("COMPLETED", "TERMINATED"):
            return EndedInstance(started, row.state, row.variables.get("", {}))
        if time.monotonic() + pause > deadline:
            raise Unfinished(
                Message(
                    "instance.unfinished",
                    f"流程实例 {started.key} 在等待时间内没有结束；它仍在运行，可稍后查询。",
                    f"Process instance {started.key} has not ended in the time given; it goes on, look later.",
                ),
                started.key,
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)


def start_and_wait(*, actor: str, timeout: dt.timedelta, **arguments: Any) -> EndedInstance:
    """Start an instance, with the arguments of :func:`start`, and wait until it has ended."""
    return await_end(start(actor=actor, **arguments), timeout=timeout)


def cancel(*, instance_key: int, actor: str, reason: str | None = None) -> None:
    """Terminate a root instance and everything that it called.

    Raises :class:`NotFound`, and :class:`Conflict` where it has ended or was called by another instance.
    """

    def body(connection: Connection) -> None:
        opened = open_case(connection, statements.LOCK_INSTANCE, instance_key, actor)
        if opened is None:
            raise no_such("流程实例", "process instance", instance_key)
        running = opened.live
        if running.parent_key is not None:
            raise called_by_another(running)
        running.execution.cancel()
        if reason:
            opened.case.rows.end_reason(instance_key, reason)
        record(
            connection,
            "CANCEL_PROCESS_INSTANCE",
            instance_key,
            actor=actor,
            reason=reason,
            at=opened.case.now,
            definition_key=running.origin.definition_key,
            business_id=running.origin.business_id,
        )
        finish(opened.case)

    command(body)


def refuse_suspended(connection: Connection, epoch: int, version: ProcessVersion) -> None:
    """Raise :class:`Conflict` where the process version is suspended and starts no instances."""
    if catalogue(connection).is_suspended(connection, epoch, version.key):
        raise Conflict(
            Message(
                "definition.suspended",
                f"流程“{version.process_id}”的版本 {version.version} 已挂起，不能启动新实例；"
                "请恢复该流程定义，或部署新版本。",
                f"Version {version.version} of the process '{version.process_id}' is suspended and starts no "
                "instances; resume the process definition, or deploy a new version.",
            )
        )


def called_by_another(called: Running) -> Conflict:
    """Why something that is done to whole cases is refused for an instance that another one called."""
    key, parent, root = called.origin.instance_key, called.parent_key, called.origin.root_key
    return Conflict(
        Message(
            "instance.called",
            f"流程实例 {key} 是被流程实例 {parent} 调用的；请对根实例 {root} 进行操作。",
            f"Process instance {key} was called by {parent}; do this to the root instance {root} instead.",
        )
    )


_END = """
    SELECT p.state, s.variables FROM process_instance p JOIN instance_state s USING (key) WHERE p.key = %(key)s"""


def _no_none_start(version: ProcessVersion) -> Refused:
    return Refused(
        Message(
            "instance.no-none-start",
            f"流程“{version.process_id}”没有无类型启动事件，只能由其消息、信号、定时器或条件启动。",
            f"The process '{version.process_id}' has no none start event; only its messages, signals, timers or "
            "conditions start it.",
        )
    )
