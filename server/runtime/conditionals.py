"""Conditional start events: the conditions of all deployed processes, asked about variables given from outside.

Inside a running instance conditions are asked by themselves when variables change; a process that does not run yet
has none. So somebody gives the variables: every condition that reads one of them is evaluated, and each that is true
starts an instance with them. The newest version of a process is asked, as for messages and signals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from server.bpmn import Failure, StartEvent
from server.bpmn.expressions import FeelScriptEngine
from server.messages import Message
from server.store.database import fetch
from server.store.keys import keys

from . import statements
from .case import Case
from .command import command
from .definitions import ProcessVersion, catalogue
from .errors import Refused
from .instances import refuse_suspended
from .stimulus import finish


@dataclass(frozen=True, slots=True)
class StartedByCondition:
    """An instance that a condition started."""

    definition_key: int
    instance_key: int


@dataclass(frozen=True, slots=True)
class ConditionalEvaluation:
    """What an evaluation started, in the order of the deployments."""

    key: int
    started: tuple[StartedByCondition, ...]


def evaluate(*, variables: Mapping[str, Any], definition_key: int | None = None, actor: str) -> ConditionalEvaluation:
    """Start an instance for every conditional start event whose condition is true of ``variables``, all or none.

    With ``definition_key`` only those of that process definition are asked; it has none where it is not the newest
    version. Raises :class:`NotFound` for an unknown definition, :class:`Conflict` for a suspended one, and
    :class:`Refused` for a condition that has no value although all that it reads is given. Without it what is
    suspended is passed over.
    """

    def body(connection: Connection) -> ConditionalEvaluation:
        row = fetch(connection, statements.BEGINNING)[0]
        definitions = catalogue(connection)
        if definition_key is not None:
            refuse_suspended(connection, row.epoch, definitions.process(connection, definition_key))
        engine = FeelScriptEngine(row.now)
        started = []
        for waiting in fetch(connection, _STARTS, {"definition": definition_key}):
            version = definitions.process(connection, waiting.process_definition_key)
            start = next(s for s in version.model.start_events if s.element_id == waiting.element_id)
            if _holds(engine, version, start, variables):
                case = Case(connection, now=row.now, epoch=row.epoch, actor=actor)
                running = case.begin(version, variables, start_element=start.element_id)
                finish(case)
                started.append(StartedByCondition(version.key, running.origin.instance_key))
        return ConditionalEvaluation(keys.next(connection), tuple(started))

    return command(body)


def _holds(engine: FeelScriptEngine, version: ProcessVersion, start: StartEvent, given: Mapping[str, Any]) -> bool:
    definition = start.condition
    assert definition is not None
    if definition.watched.isdisjoint(given):
        return False
    try:
        return engine.holds(definition.condition, given, start.element_id)
    except Failure as failure:
        if not definition.needed <= given.keys():
            return False
        raise Refused(
            Message(
                "conditional.no-value",
                f"流程“{version.process_id}”（定义键 {version.key}）：{failure.message.zh}没有启动任何实例。",
                f"Process '{version.process_id}' (definition key {version.key}): {failure.message.en}"
                " No instance was started.",
            )
        ) from failure


_STARTS = """
    SELECT process_definition_key, element_id FROM event_subscription
    WHERE kind = 'conditional' AND instance_key IS NULL AND suspended IS NOT TRUE
      AND (%(definition)s::bigint IS NULL OR process_definition_key = %(definition)s::bigint)
    ORDER BY key"""
