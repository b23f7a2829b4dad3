"""What a repair of an instance does, for those who look before they leap: elements, waits and incidents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from server.store.database import fetch

from .case import Case
from .rows import Row


@dataclass(frozen=True, slots=True)
class ElementChange:
    """An element instance that begins or ends."""

    key: int
    instance_key: int
    element_id: str
    element_type: str


@dataclass(frozen=True, slots=True)
class OpenedWait:
    """Something that begins to be waited for. ``kind`` is userTask, job, timer, message or signal; ``name`` is the
    name of the task, the type of the job, the instant of the timer, or the name of the message or signal."""

    kind: str
    key: int
    instance_key: int
    element_id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class RepairReport:
    """The effect of a repair. ``revision`` is the state on which it was tried; ``ends`` the state in which the
    instance ends by it, null where it goes on. Keys of what begins are drawn anew when it is done."""

    instance_key: int
    revision: int
    ends: str | None
    activated: tuple[ElementChange, ...]
    terminated: tuple[ElementChange, ...]
    opened: tuple[OpenedWait, ...]
    incidents: tuple[str, ...]


def report(case: Case, instance_key: int, revision: int) -> RepairReport:
    """What a settled case is about to write."""
    rows = case.rows
    begun = rows.elements_activated.values()
    ended = [key for key, row in rows.elements_ended.items() if row["state"] == "TERMINATED"]
    known = fetch(case.connection, _ELEMENTS, {"keys": ended}) if ended else []
    change = rows.instances_changed.get(instance_key, {})
    return RepairReport(
        instance_key,
        revision,
        change.get("state"),
        tuple(_change(row) for row in begun if row["state"] == "ACTIVE"),
        tuple(ElementChange(row.key, row.instance_key, row.element_id, row.element_type) for row in known),
        tuple(_waits(case)),
        tuple(row["element_id"] for row in rows.incidents_raised.values()),
    )


def _change(row: Row) -> ElementChange:
    return ElementChange(row["key"], row["instance_key"], row["element_id"], row["element_type"])


def _waits(case: Case) -> Iterator[OpenedWait]:
    rows = case.rows
    for row in rows.tasks_opened.values():
        if row["state"] == "CREATED":
            yield _wait("userTask", row, row["name"])
    for row in rows.jobs_opened.values():
        if row["state"] == "CREATED":
            yield _wait("job", row, row["type"])
    for row in rows.timers_set.values():
        yield _wait("timer", row, row["due_at"].isoformat())
    for row in rows.subscriptions_opened.values():
        yield _wait(row["kind"], row, row["name"])


def _wait(kind: str, row: Row, name: str | None) -> OpenedWait:
    return OpenedWait(kind, row["key"], row["instance_key"], row["element_id"], name)


_ELEMENTS = """
    SELECT key, instance_key, element_id, element_type FROM element_instance
    WHERE key = ANY(%(keys)s::bigint[]) ORDER BY key"""
