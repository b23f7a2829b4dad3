"""Modifying running instances: tokens put in, taken away, moved, and cases sent back to an earlier element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from server.bpmn import Modification
from server.messages import Message
from server.store.database import affect

from . import statements
from .command import command
from .errors import Conflict, no_such
from .operation_records import record
from .repair_report import RepairReport, report
from .stimulus import Opened, finish, open_case

KIND = "MODIFY_PROCESS_INSTANCE"


def modify(
    *,
    instance_key: int,
    modification: Modification,
    actor: str,
    reason: str | None = None,
    revision: int | None = None,
) -> None:
    """Carry a modification out and let the case go on from there; suspended cases may be modified as well.

    With ``revision`` only where the instance is still in that state. Raises :class:`NotFound`, :class:`Refused`
    with the reason for each element, and :class:`Conflict` where the instance has ended or has moved on.
    """

    def body(connection: Connection) -> None:
        opened = _modified(connection, instance_key, modification, actor, revision)
        case, origin = opened.case, opened.live.origin
        case.settle()
        record(
            connection,
            KIND,
            instance_key,
            actor=actor,
            reason=reason,
            at=case.now,
            definition_key=origin.definition_key,
            business_id=origin.business_id,
            details=instructions(modification),
        )
        finish(case)

    command(body)


def try_out(*, instance_key: int, modification: Modification, actor: str, revision: int | None = None) -> RepairReport:
    """What a modification would do: it is carried out, but nothing of it is written. Raises as :func:`modify`."""

    def body(connection: Connection) -> RepairReport:
        trial = connection.begin_nested()
        try:
            opened = _modified(connection, instance_key, modification, actor, revision)
            opened.case.settle()
            return report(opened.case, instance_key, opened.row.revision)
        finally:
            trial.rollback()

    return command(body)


def _modified(
    connection: Connection, instance_key: int, modification: Modification, actor: str, revision: int | None
) -> Opened:
    opened = open_case(connection, statements.LOCK_INSTANCE, instance_key, actor)
    if opened is None:
        raise no_such("流程实例", "process instance", instance_key)
    check_revision(opened, revision)
    rest_while_suspended(opened)
    opened.live.execution.modify(modification)
    return opened


def rest_while_suspended(opened: Opened) -> None:
    """The conditions of a suspended case are asked at its resumption."""
    if opened.case.suspended:
        running = opened.live
        running.execution.rest_conditions()
        affect(opened.case.connection, statements.ASK_CONDITIONS_LATER, {"key": running.origin.instance_key})


def check_revision(opened: Opened, revision: int | None) -> None:
    """Raise :class:`Conflict` where the instance has changed since it was looked at."""
    running = opened.live
    if revision is not None and opened.row.revision != revision:
        key = running.origin.instance_key
        raise Conflict(
            Message(
                "instance.moved-on",
                f"流程实例 {key} 在您查看之后已有变化（修订号 {opened.row.revision}，不是 {revision}）；"
                "请重新试运行后再执行。",
                f"Process instance {key} has changed since you looked (its revision is {opened.row.revision}, not "
                f"{revision}); try the repair out again first.",
            )
        )


def instructions(modification: Modification) -> Mapping[str, Any]:
    """A modification as the record keeps it."""
    return {kind: listed for kind, listed in asdict(modification).items() if listed}
