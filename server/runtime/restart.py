"""Restarting ended instances: a new instance in the place of one that has ended, with a link to it.

The new one takes over the business id and the tags. Its variables are those that the ended one was started with, or
its last ones; its version is the same, or the latest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from server.messages import Message
from server.store.database import fetch

from . import statements
from .case import Case
from .command import command
from .definitions import ProcessVersion, catalogue
from .errors import Conflict, Refused, no_such
from .instances import StartedInstance, refuse_suspended
from .operation_records import record
from .stimulus import finish


class RestartVariables(StrEnum):
    """Which variables of the ended instance the new one starts with."""

    INITIAL = "INITIAL"
    LAST = "LAST"


class RestartVersion(StrEnum):
    """Which version of its process the new instance runs."""

    SAME = "SAME"
    LATEST = "LATEST"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartInstructions:
    """How to restart.

    ``start_element`` names a start event, None means the one that the ended instance began at. With ``activate`` the
    new instance starts at these elements instead, wherever they stand.
    """

    variables: RestartVariables = RestartVariables.INITIAL
    version: RestartVersion = RestartVersion.SAME
    start_element: str | None = None
    activate: tuple[str, ...] = ()

    @classmethod
    def read(cls, asked: Mapping[str, Any]) -> RestartInstructions:
        """As the API asks for it, and as a batch keeps it; what is absent is the default."""
        return cls(
            variables=RestartVariables(asked.get("variables", RestartVariables.INITIAL)),
            version=RestartVersion(asked.get("version", RestartVersion.SAME)),
            start_element=asked.get("startElementId"),
            activate=tuple(instruction["elementId"] for instruction in asked.get("startInstructions", ())),
        )


def restart(
    *, instance_key: int, instructions: RestartInstructions, actor: str, reason: str | None = None
) -> StartedInstance:
    """Start a new instance in the place of an ended root instance.

    Raises :class:`NotFound`, :class:`Conflict` (it has not ended, was called by another, its initial variables are
    not known, or its version is suspended), and :class:`Refused` (no such start event,
    or an element that cannot be activated).
    """

    def body(connection: Connection) -> StartedInstance:
        found = fetch(connection, _ENDED, {"key": instance_key})
        if not found:
            raise no_such("流程实例", "process instance", instance_key)
        ended = found[0]
        _check(ended)
        row = fetch(connection, statements.BEGINNING)[0]
        version = _version(connection, row.epoch, ended, instructions)
        refuse_suspended(connection, row.epoch, version)
        case = Case(connection, now=row.now, epoch=row.epoch, actor=actor)
        running = case.begin(
            version,
            _variables(ended, instructions),
            start_element=None if instructions.activate else _start_element(connection, version, ended, instructions),
            activate=instructions.activate,
            business_id=ended.business_id,
            business_id_unique=ended.business_id_unique,
            tags=tuple(ended.tags),
            restarted_from=instance_key,
        )
        key = running.origin.instance_key
        record(
            connection,
            "RESTART_PROCESS_INSTANCE",
            instance_key,
            actor=actor,
            reason=reason,
            at=row.now,
            definition_key=version.key,
            business_id=ended.business_id,
            details=_details(key, instructions),
        )
        finish(case)
        return StartedInstance(
            key, version.key, version.process_id, version.version, version.version_tag, ended.business_id, ended.tags
        )

    return command(body)


def _details(key: int, instructions: RestartInstructions) -> dict[str, Any]:
    """What the operation record keeps of a restart."""
    details: dict[str, Any] = {"processInstanceKey": str(key), "variables": instructions.variables}
    if instructions.activate:
        details["startElementIds"] = list(instructions.activate)
    return details


def _check(ended: Any) -> None:
    if ended.parent_key is not None:
        raise Conflict(
            Message(
                "instance.called",
                f"流程实例 {ended.key} 是被流程实例 {ended.parent_key} 调用的；请重启根实例 {ended.root_key}。",
                f"Process instance {ended.key} was called by {ended.parent_key}; restart the root instance "
                f"{ended.root_key} instead.",
            )
        )
    if ended.ended_at is None:
        raise Conflict(
            Message(
                "instance.not-ended",
                f"流程实例 {ended.key} 尚未结束，不能重启；请先取消，或改用修改（modification）。",
                f"Process instance {ended.key} has not ended and cannot be restarted; cancel it first, or modify it.",
            )
        )


def _version(connection: Connection, epoch: int, ended: Any, instructions: RestartInstructions) -> ProcessVersion:
    definitions = catalogue(connection)
    same = definitions.process(connection, ended.process_definition_key)
    if instructions.version is RestartVersion.SAME:
        return same
    return definitions.process_by_id(connection, epoch, same.process_id)


def _variables(ended: Any, instructions: RestartInstructions) -> dict[str, Any]:
    if instructions.variables is RestartVariables.LAST:
        last: dict[str, Any] = ended.variables.get("", {})
        return last
    if ended.start_variables is None:
        raise Conflict(
            Message(
                "instance.start-variables-unknown",
                f"流程实例 {ended.key} 的初始变量没有保存（由旧版本启动）；请改用最后的变量（LAST）。",
                f"The variables that process instance {ended.key} was started with were not kept (an older release "
                "started it); restart it with its last ones (LAST).",
            )
        )
    initial: dict[str, Any] = ended.start_variables
    return initial


def _start_element(
    connection: Connection, version: ProcessVersion, ended: Any, instructions: RestartInstructions
) -> str | None:
    """The start event to begin at; None is the process's none start event."""
    starts = {start.element_id for start in version.model.start_events}
    none_start = version.model.none_start
    if none_start is not None:
        starts.add(none_start)
    wanted = instructions.start_element
    if wanted is None:
        begun = fetch(connection, _BEGUN_AT, {"key": ended.key})
        wanted = begun[0].element_id if begun and begun[0].element_id in starts else none_start
    if wanted is None or wanted not in starts:
        raise Refused(
            Message(
                "instance.restart-element",
                f"流程“{version.process_id}”的版本 {version.version} 没有启动事件“{wanted or ''}”；"
                f"可选的启动事件：{'、'.join(sorted(starts))}。",
                f"Version {version.version} of the process '{version.process_id}' has no start event "
                f"'{wanted or ''}'; its start events are: {', '.join(sorted(starts))}.",
            )
        )
    return wanted


_ENDED = """
    SELECT p.key, p.root_key, p.parent_key, p.ended_at, p.process_definition_key, p.business_id,
        p.business_id_unique, p.tags, p.start_variables, s.variables
    FROM process_instance p JOIN instance_state s USING (key) WHERE p.key = %(key)s"""
_BEGUN_AT = """
    SELECT element_id FROM element_instance
    WHERE instance_key = %(key)s AND element_type = 'START_EVENT' AND scope_key = %(key)s ORDER BY key LIMIT 1"""
