"""Deleting what has ended: an instance with everything it called and all their history, or a decision's evaluation.

What remains is the record of the act: who deleted what, when and why.
"""

from __future__ import annotations

from sqlalchemy import Connection

from server.messages import Message
from server.store.database import affect, fetch

from . import elements, modifications, statements, variables
from .command import command
from .errors import Conflict, no_such
from .instant import now
from .operation_records import record
from .stimulus import open_case


def delete_instance(*, instance_key: int, actor: str, reason: str | None = None) -> None:
    """Delete an ended root instance, the instances it called, and the history of all of them.

    Raises :class:`NotFound`, and :class:`Conflict` where it has not ended or was called by another.
    """

    def body(connection: Connection) -> None:
        opened = open_case(connection, statements.LOCK_INSTANCE, instance_key, actor)
        if opened is None:
            raise no_such("流程实例", "process instance", instance_key)
        row = opened.row
        if row.parent_key is not None:
            raise Conflict(
                Message(
                    "instance.called",
                    f"流程实例 {instance_key} 是被流程实例 {row.parent_key} 调用的；请删除根实例 {row.root_key}。",
                    f"Process instance {instance_key} was called by {row.parent_key}; delete the root instance "
                    f"{row.root_key} instead.",
                )
            )
        if opened.target is not None:
            raise Conflict(
                Message(
                    "instance.not-ended",
                    f"流程实例 {instance_key} 尚未结束，不能删除；请先取消该实例。",
                    f"Process instance {instance_key} has not ended and cannot be deleted; cancel it first.",
                )
            )
        deleted = fetch(connection, _DELETE, {"root": instance_key, "with_values": _WITH_VALUES})[0].instances
        record(
            connection,
            "DELETE_PROCESS_INSTANCE",
            instance_key,
            actor=actor,
            reason=reason,
            at=row.now,
            definition_key=row.process_definition_key,
            business_id=row.business_id,
            details={"processInstances": deleted},
        )

    command(body)


def delete_decision(*, evaluation_key: int, actor: str, reason: str | None = None) -> None:
    """Delete an evaluation of a decision, with what it required. Raises :class:`NotFound`."""

    def body(connection: Connection) -> None:
        if not affect(connection, _DELETE_DECISION, {"key": evaluation_key}):
            raise no_such("决策评估", "decision evaluation", evaluation_key)
        record(connection, "DELETE_DECISION_INSTANCE", evaluation_key, actor=actor, reason=reason, at=now(connection))

    command(body)


_WITH_VALUES = [variables.KIND, modifications.KIND, elements.ACTIVATE, elements.ADD]
"""The operation records whose details hold variables, which go with their instance; the acts stay."""
_OF_INSTANCES = (
    "element_instance",
    "decision_instance",
    "user_task",
    "job",
    "incident",
    "timer",
    "event_subscription",
    "comment",
    "task_assignment",
)
_DELETE = f"""
    WITH instance AS (
        DELETE FROM process_instance WHERE key = %(root)s OR root_key = %(root)s AND parent_key IS NOT NULL
        RETURNING key),
    values_kept AS (UPDATE operation_record SET details = '{{}}'
        WHERE type = ANY(%(with_values)s::text[]) AND subject_key IN (SELECT key FROM instance)),
    state AS (DELETE FROM instance_state WHERE key IN (SELECT key FROM instance)),
    {
    ", ".join(
        f"{table}_rows AS (DELETE FROM {table} WHERE instance_key IN (SELECT key FROM instance))"
        for table in _OF_INSTANCES
    )
}
    SELECT count(*) AS instances FROM instance"""  # noqa: S608 - names of our own
_DELETE_DECISION = "DELETE FROM decision_instance WHERE key = %(key)s"
