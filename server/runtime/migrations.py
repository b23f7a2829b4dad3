"""Migrating running instances to another version of their process, and back.

Deploying a new version migrates nothing. A migration is planned (:func:`plan`), tried out over the instances of a
version (:func:`try_out_all`), carried out for one instance or as a batch, and can be reverted as long as the instance
has not moved on to where the way back is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from server.bpmn import MigrationPlan, RepairRefused, check_mapping, inverse_mapping, plan_migration
from server.messages import Finding, Message
from server.store.database import fetch
from server.store.search import Condition

from . import statements
from .case import Case
from .command import command
from .definitions import ProcessVersion, catalogue, epoch
from .errors import Conflict, Refused, no_such
from .modifications import check_revision, rest_while_suspended
from .operation_records import record
from .repair_report import RepairReport, report
from .stimulus import Opened, finish, open_case

KIND = "MIGRATE_PROCESS_INSTANCE"
MOST_TRIED = 1000
"""Instances that one trial over a version looks at; the next call goes on behind the last."""


@dataclass(frozen=True, slots=True)
class MigrationInstructions:
    """Where to, what each element becomes, and whether waiting timers are set anew.

    Without a ``mapping`` elements with equal ids are mapped to each other.
    """

    target_key: int
    mapping: Mapping[str, str] | None = None
    recompute_timers: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether an instance could be migrated; ``findings`` give the reasons where it could not."""

    instance_key: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Trials:
    """Some instances of a version that were tried, in the order of their keys; ``more`` where others follow."""

    trials: tuple[Trial, ...]
    more: bool


def plan(*, source_key: int, target_key: int | None = None) -> tuple[int, MigrationPlan]:
    """A plan for instances of one process definition to go over to another, and the key of that.

    Without a target it is the latest version of the same process. Raises :class:`NotFound`.
    """

    def body(connection: Connection) -> tuple[int, MigrationPlan]:
        definitions = catalogue(connection)
        source = definitions.process(connection, source_key)
        if target_key is not None:
            target = definitions.process(connection, target_key)
        else:
            target = definitions.process_by_id(connection, epoch(connection), source.process_id)
        return target.key, plan_migration(source.model, target.model)

    return command(body)


def migrate(
    *,
    instance_key: int,
    instructions: MigrationInstructions,
    actor: str,
    reason: str | None = None,
    revision: int | None = None,
) -> None:
    """Migrate an instance; suspended ones as well.

    Raises :class:`NotFound`, :class:`Refused` where the mapping itself is wrong, and :class:`Conflict` where the
    instance has ended, has moved on or cannot go over, with the reason for each element.
    """

    def body(connection: Connection) -> None:
        opened, source = _migrated(connection, instance_key, instructions, actor, revision)
        opened.case.settle()
        _record(opened, source, instructions, actor, reason)
        finish(opened.case)

    command(body)


def try_out(
    *, instance_key: int, instructions: MigrationInstructions, actor: str, revision: int | None = None
) -> RepairReport:
    """What a migration would do: it is carried out, but nothing of it is written. Raises as :func:`migrate`."""

    def body(connection: Connection) -> RepairReport:
        trial = connection.begin_nested()
        try:
            opened, _ = _migrated(connection, instance_key, instructions, actor, revision)
            opened.case.settle()
            return report(opened.case, instance_key, opened.row.revision)
        finally:
            trial.rollback()

    return command(body)


def try_out_all(
    *,
    source_key: int,
    instructions: MigrationInstructions,
    scope: Condition | None = None,
    after: int = 0,
    limit: int = MOST_TRIED,
) -> Trials:
    """Try a migration on the active instances of a version with a key above ``after``, without locking any.

    ``scope`` is a condition on the alias p of process_instance. Raises :class:`NotFound` and :class:`Refused`.
    """

    def body(connection: Connection) -> Trials:
        definitions = catalogue(connection)
        source = definitions.process(connection, source_key)
        target = definitions.process(connection, instructions.target_key)
        mapping = mapping_of(instructions, source, target)
        faults = check_mapping(source.model, target.model, mapping)
        if faults:
            raise RepairRefused(faults)
        seen = scope or Condition("true")
        parameters = {**seen.parameters, "definition": source_key, "after": after, "limit": limit + 1}
        rows = fetch(connection, _INSTANCES.format(scope=seen.sql), parameters)
        trials = [_try_one(connection, row, target, mapping, instructions) for row in rows[:limit]]
        return Trials(tuple(trials), len(rows) > limit)

    return command(body)


def revert(*, instance_key: int, actor: str, reason: str | None = None, from_key: int | None = None) -> None:
    """Take the last migration of an instance back, by the inverse of its mapping.

    With ``from_key`` only where it still belongs to that process definition. Raises :class:`NotFound`, and
    :class:`Conflict` where it was not migrated, has ended, or has moved on to where the inverse mapping no longer fits.
    """

    def body(connection: Connection) -> None:
        opened = _opened(connection, instance_key, actor)
        running = opened.live
        rows = fetch(connection, _LAST_MIGRATION, {"key": instance_key, "type": KIND})
        last = rows[0].details if rows else None
        present = running.version.key
        if last is None or int(last["targetProcessDefinitionKey"]) != present or from_key not in (None, present):
            raise _not_migrated(instance_key)
        definitions = opened.case.definitions
        source, target = running.version, definitions.process(connection, int(last["sourceProcessDefinitionKey"]))
        back = inverse_mapping(target.model, source.model, last["mapping"])
        _go_over(opened, target, back)
        opened.case.settle()
        _record(opened, source, MigrationInstructions(target.key, back), actor, reason, reverted=True)
        finish(opened.case)

    command(body)


def mapping_of(
    instructions: MigrationInstructions, source: ProcessVersion, target: ProcessVersion
) -> Mapping[str, str]:
    """The mapping that is asked for, or the one by equal ids."""
    if instructions.mapping is not None:
        return instructions.mapping
    return plan_migration(source.model, target.model).mapping()


def _opened(connection: Connection, instance_key: int, actor: str) -> Opened:
    opened = open_case(connection, statements.LOCK_INSTANCE, instance_key, actor)
    if opened is None:
        raise no_such("流程实例", "process instance", instance_key)
    return opened


def _migrated(
    connection: Connection,
    instance_key: int,
    instructions: MigrationInstructions,
    actor: str,
    revision: int | None,
) -> tuple[Opened, ProcessVersion]:
    opened = _opened(connection, instance_key, actor)
    check_revision(opened, revision)
    source = opened.live.version
    target = opened.case.definitions.process(connection, instructions.target_key)
    if target.key == source.key:
        raise Refused(
            Message(
                "migration.same-version",
                f"流程实例 {instance_key} 已经属于流程定义 {target.key}；请给出另一个版本。",
                f"Process instance {instance_key} belongs to process definition {target.key} already; name another"
                " version.",
            )
        )
    _go_over(opened, target, mapping_of(instructions, source, target), instructions.recompute_timers)
    return opened, source


def _go_over(opened: Opened, target: ProcessVersion, mapping: Mapping[str, str], recompute: bool = False) -> None:
    running = opened.live
    source = running.version
    faults = check_mapping(source.model, target.model, mapping)
    if faults:
        raise RepairRefused(faults)
    rest_while_suspended(opened)
    try:
        opened.case.migrate(running, target, mapping, recompute_timers=recompute)
    except RepairRefused as error:
        raise Conflict(error.message, findings=error.findings) from error


def _record(
    opened: Opened,
    source: ProcessVersion,
    instructions: MigrationInstructions,
    actor: str,
    reason: str | None,
    *,
    reverted: bool = False,
) -> None:
    running, case = opened.live, opened.case
    details: dict[str, Any] = {
        "sourceProcessDefinitionKey": str(source.key),
        "targetProcessDefinitionKey": str(running.version.key),
        "mapping": mapping_of(instructions, source, running.version),
        "recomputeTimers": instructions.recompute_timers,
        "reverted": reverted,
    }
    record(
        case.connection,
        KIND,
        running.origin.instance_key,
        actor=actor,
        reason=reason,
        at=case.now,
        definition_key=running.version.key,
        business_id=running.origin.business_id,
        details=details,
    )


def _try_one(
    connection: Connection,
    row: Any,
    target: ProcessVersion,
    mapping: Mapping[str, str],
    instructions: MigrationInstructions,
) -> Trial:
    case = Case(connection, now=row.now, epoch=row.epoch, actor="")
    running = case.restore(row)
    if row.at_rest:
        running.execution.rest_conditions()
    try:
        case.migrate(running, target, mapping, recompute_timers=instructions.recompute_timers)
    except RepairRefused as error:
        return Trial(row.key, error.findings)
    return Trial(row.key, ())


def _not_migrated(instance_key: int) -> Conflict:
    return Conflict(
        Message(
            "migration.nothing-to-revert",
            f"流程实例 {instance_key} 没有可以撤回的迁移：它没有被迁移过，或之后又换了版本。",
            f"Process instance {instance_key} has no migration to take back: it was not migrated, or has changed its"
            " version since.",
        )
    )


_INSTANCES = f"""
    SELECT {statements.STATE_COLUMNS}, root.suspended AS at_rest
    FROM process_instance p JOIN instance_state s ON s.key = p.key JOIN instance_state root ON root.key = s.root_key
    WHERE p.process_definition_key = %(definition)s AND p.ended_at IS NULL AND s.snapshot IS NOT NULL
      AND p.key > %(after)s AND {{scope}}
    ORDER BY p.key LIMIT %(limit)s"""  # noqa: S608 - parts of our own
_LAST_MIGRATION = """
    SELECT details FROM operation_record WHERE subject_key = %(key)s AND type = %(type)s
    ORDER BY at DESC, key DESC LIMIT 1"""
