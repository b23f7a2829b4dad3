"""Changing what runs inside a case: activities of ad-hoc subprocesses, instances of multi-instance activities."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from server.bpmn import Activation, Execution, NotActivatable

from . import statements
from .command import command
from .errors import Refused, no_such
from .stimulus import finish, open_case

Result = TypeVar("Result")


def activate_ad_hoc(
    *, key: int, elements: Sequence[Activation], cancel_remaining: bool = False, actor: str
) -> list[int]:
    """Activate elements of an ad-hoc subprocess, each with variables of its own.

    With ``cancel_remaining`` what runs in it is taken away first. Returns the keys of the inner instances that have
    begun; in sequential order others may wait for their turn. Raises :class:`NotFound` (no ad-hoc subprocess),
    :class:`Refused` (an element that cannot be activated) and :class:`Conflict` (it no longer waits).
    """

    def change(execution: Execution) -> list[int]:
        try:
            return execution.activate_ad_hoc(key, elements, cancel_remaining=cancel_remaining)
        except NotActivatable as error:
            raise Refused(error.message) from error

    return _changed(key, "AD_HOC_SUB_PROCESS", "ad-hoc 子流程实例", "ad-hoc subprocess instance", actor, change)


def add_instance(*, key: int, item: Any, variables: Mapping[str, Any], actor: str) -> int | None:
    """Add an instance for ``item``, with variables of its own, to the multi-instance body ``key``.

    Returns its key, or None where it comes later in a sequence. Raises :class:`NotFound` (no multi-instance body)
    and :class:`Conflict` (it has ended, or is a loop).
    """

    def change(execution: Execution) -> int | None:
        return execution.add_instance(key, item=item, variables=variables)

    return _changed(key, "MULTI_INSTANCE_BODY", "多实例活动", "multi-instance body", actor, change)


def remove_instance(*, key: int, actor: str) -> None:
    """Take an active instance out of its multi-instance activity, which may complete thereby.

    Raises :class:`NotFound`, and :class:`Conflict` (it has ended, or is no instance of such an activity).
    """
    _changed(key, None, "元素实例", "element instance", actor, lambda execution: execution.remove_instance(key))


def _changed(
    key: int, element_type: str | None, zh: str, en: str, actor: str, change: Callable[[Execution], Result]
) -> Result:
    def body(connection: Connection) -> Result:
        opened = open_case(connection, statements.LOCK_ELEMENT, key, actor)
        if opened is None or element_type not in (None, opened.row.element_type):
            raise no_such(zh, en, key)
        result = change(opened.running.execution)
        finish(opened.case)
        return result

    return command(body)
