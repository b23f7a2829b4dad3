"""Changing variables of a running case from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from server.store.database import affect

from . import statements
from .command import command
from .errors import no_such
from .operation_records import record
from .stimulus import finish, open_case

KIND = "UPDATE_VARIABLES"
"""The operation record of it; its details have the variables as they were and as they are."""


def update(
    *, scope_key: int, variables: Mapping[str, Any], local: bool = False, actor: str, reason: str | None = None
) -> None:
    """Set variables of a process instance or an element instance that is active.

    With ``local`` they are set in the scope of that element instance itself, otherwise where they live, or in
    the process's scope when they are new. A suspended case takes them, too; a condition
    that becomes true by it happens when the case is resumed. Raises :class:`NotFound` and
    :class:`Conflict`.
    """

    def body(connection: Connection) -> None:
        opened = open_case(connection, statements.LOCK_ELEMENT, scope_key, actor)
        if opened is None:
            raise no_such("元素实例", "element instance", scope_key)
        running, case = opened.live, opened.case
        before = running.execution.variables_of(scope_key)
        details = {
            "scopeKey": str(scope_key),
            "variables": dict(variables),
            "local": local,
            "before": {name: before[name] for name in variables if name in before},
        }
        # Its details are written before the values, which the instance may go on to change, are used.
        record(
            connection,
            KIND,
            running.origin.instance_key,
            actor=actor,
            reason=reason,
            at=case.now,
            definition_key=running.origin.definition_key,
            business_id=running.origin.business_id,
            details=details,
        )
        if opened.case.suspended:
            running.execution.write_variables(scope_key, variables, local=local)
            affect(connection, statements.ASK_CONDITIONS_LATER, {"key": running.origin.instance_key})
        else:
            running.execution.set_variables(scope_key, variables, local=local)
        finish(opened.case)

    command(body)
