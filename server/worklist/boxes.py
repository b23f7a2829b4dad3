"""The boxes of somebody's worklist: what they have claimed, what they could claim, what they have done.

Every box is a condition that fits an index of open or of completed tasks, so that its first page and its count cost
the same however many tasks other people have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from server.feel.lender.masking import hidden_but_ends
from server.identity.principal import Principal
from server.runtime.instant import NOW
from server.store.database import fetch, reading
from server.store.search import Condition

COUNTED_UP_TO = 1_000


class Box(StrEnum):
    """A part of somebody's worklist."""

    ASSIGNED = "assigned"
    CLAIMABLE = "claimable"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is in each box, counted up to :data:`COUNTED_UP_TO`."""

    assigned: int
    overdue: int
    claimable: int
    completed: int
    started: int
    started_active: int


def in_box(principal: Principal, box: Box) -> Condition:
    """The condition on the alias ``t`` of ``user_task``."""
    return Condition(as_reader(BOXES[box], principal))


def counts(principal: Principal) -> Counts:
    """Count somebody's boxes, in one statement."""
    with reading() as connection:
        return Counts(*fetch(connection, as_reader(_COUNTS, principal))[0])


def masked(value: Any) -> Any:
    """A value as lists show it: identity numbers, mobile numbers and card numbers hidden but for their ends.

    Told by the look of the text as a whole. Whoever opens the case sees the value itself.
    """
    if isinstance(value, str):
        number = "".join(value.split()).replace("-", "")
        for pattern, first, last in _PERSONAL:
            if pattern.fullmatch(number):
                return hidden_but_ends(number, first, last)
        return value
    if isinstance(value, Mapping):
        return {name: masked(inner) for name, inner in value.items()}
    return [masked(inner) for inner in value] if isinstance(value, list) else value


def as_reader(sql: str, principal: Principal) -> str:
    """A statement with the reader's own name and groups in the place of ``@me`` and ``@groups``.

    They become literals, not parameters: only when the planner knows how common a group is does it choose the right
    index, and a prepared statement hides parameters from it.
    """
    groups = ", ".join(map(literal, principal.groups))
    return sql.replace("@groups", f"ARRAY[{groups}]::text[]").replace("@me", literal(principal.name))


def literal(text: str) -> str:
    """A text as it stands in a statement, in the driver's spelling."""
    quoted = text.replace("'", "''").replace("%", "%%")
    return f"'{quoted}'"


_PERSONAL = (
    (re.compile(r"\d{17}[\dXx]|\d{15}", re.ASCII), 3, 4),
    (re.compile(r"(?:\+?86)?1[3-9]\d{9}", re.ASCII), 3, 4),
    (re.compile(r"[3-6]\d{14,18}", re.ASCII), 0, 4),
)
BOXES = {
    Box.ASSIGNED: "t.state = 'CREATED' AND t.assignee IS NOT NULL AND t.assignee = @me",
    Box.CLAIMABLE: "t.state = 'CREATED' AND t.assignee IS NULL AND (t.candidate_groups && @groups"
    " OR t.candidate_users <> '{}' AND t.candidate_users @> ARRAY[@me]::text[])",
    Box.COMPLETED: "t.completed_by IS NOT NULL AND t.completed_by = @me",
}


def _counted(rows: str) -> str:
    return f"(SELECT count(*) FROM (SELECT 1 FROM {rows} LIMIT {COUNTED_UP_TO}) counted)"  # noqa: S608 - our own names


_STARTED = "process_instance p WHERE p.parent_key IS NULL AND p.started_by = @me"
_COUNTS = "SELECT " + ", ".join(
    _counted(rows)
    for rows in (
        f"user_task t WHERE {BOXES[Box.ASSIGNED]}",
        f"user_task t WHERE {BOXES[Box.ASSIGNED]} AND t.due_date < {NOW}",
        f"user_task t WHERE {BOXES[Box.CLAIMABLE]}",
        f"user_task t WHERE {BOXES[Box.COMPLETED]}",
        _STARTED,
        f"{_STARTED} AND p.ended_at IS NULL",
    )
)
