"""Changing what runs inside a case: activities of ad-hoc subprocesses, instances of multi-instance activities."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from server.bpmn import Activation, Execution, NotActivatable

from . import statements
from .command import command
from .errors import Refused, no_such
from .operation_records import record
from .stimulus import finish, open_case

Result = TypeVar("Result")

ACTIVATE = "ACTIVATE_AD_HOC_ACTIVITIES"
ADD = "ADD_MULTI_INSTANCE"
REMOVE = "REMOVE_MULTI_INSTANCE"
"""The operation records of what is done here; their details have the key of the element instance as ``key``."""


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

    listed = [{"elementId": element, "variables": dict(given)} for element, given in elements]
    details = {"elements": listed, "cancelRemaining": cancel_remaining}
    place = _Place(key, "AD_HOC_SUB_PROCESS", "ad-hoc 子流程实例", "ad-hoc subprocess instance")
    return _changed(place, ACTIVATE, details, actor, change)


def add_instance(*, key: int, item: Any, variables: Mapping[str, Any], actor: str) -> int | None:
    """Add an instance for ``item``, with variables of its own, to the multi-instance body ``key``.

    Returns its key, or None where it comes later in a sequence. Raises :class:`NotFound` (no multi-instance body)
    and :class:`Conflict` (it has ended, or is a loop).
    """

    def change(execution: Execution) -> int | None:
        return execution.add_instance(key, item=item, variables=variables)

    place = _Place(key, "MULTI_INSTANCE_BODY", "多实例活动", "multi-instance body")
    return _changed(place, ADD, {"item": item, "variables": dict(variables)}, actor, change)


def remove_instance(*, key: int, actor: str) -> None:
    """Take an active instance out of its multi-instance activity, which may complete thereby.

    Raises :class:`NotFound`, and :class:`Conflict` (it has ended, or is no instance of such an activity).
    """
    place = _Place(key, None, "元素实例", "element instance")
    _changed(place, REMOVE, {}, actor, lambda execution: execution.remove_instance(key))


@dataclass(frozen=True, slots=True)
class _Place:
    """The element instance that is changed, of this type where only one will do; ``zh`` and ``en`` are its words."""

    key: int
    element_type: str | None
    zh: str
    en: str


def _changed(
    place: _Place, kind: str, details: Mapping[str, Any], actor: str, change: Callable[[Execution], Result]
) -> Result:
    def body(connection: Connection) -> Result:
        opened = open_case(connection, statements.LOCK_ELEMENT, place.key, actor)
        if opened is None or place.element_type not in (None, opened.row.element_type):
            raise no_such(place.zh, place.en, place.key)
        running, case = opened.running, opened.case
        # Its details are written before the values, which the instance may go on to change, are used.
        record(
            connection,
            kind,
            running.origin.instance_key,
            actor=actor,
            reason=None,
            at=case.now,
            definition_key=running.origin.definition_key,
            business_id=running.origin.business_id,
            details={"key": str(place.key), **details},
        )
        result = change(running.execution)
        finish(case)
        return result

    return command(body)
