"""Starting, cancelling and awaiting instances: what is written, and what is refused."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from server.runtime import instances
from server.runtime.errors import Conflict, NotFound, Refused, Unfinished
from server.store.database import db
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import script
from ..models import ACTOR, active_elements, deploy, line, node, one, open_task, review, rows, state, variables

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """One process that waits for a person, and one that runs through."""
    deploy(review(), line(("double", node("scriptTask", "double", ext=script("amount * 2", "twice"))), id_="quick"))


def start(process_id: str = "review", **arguments: Any) -> instances.StartedInstance:
    return instances.start(process_id=process_id, actor=ACTOR, **arguments)


def test_a_started_instance_waits_at_its_first_task() -> None:
    started = start(variables={"amount": Decimal("1200.50"), "客户": "张三"}, business_id="A-1", tags=("vip",))
    assert state(started.key) == "ACTIVE"
    assert variables(started.key) == {"amount": Decimal("1200.50"), "客户": "张三"}
    assert active_elements(started.key) == {"task"}
    row = rows("SELECT * FROM process_instance WHERE key = %(key)s", key=started.key)[0]
    assert (row.business_id, row.tags, row.started_by, row.root_key) == ("A-1", ["vip"], ACTOR, started.key)


def test_history_says_who_ended_an_element_and_what_it_changed() -> None:
    started = start()
    user_tasks.complete(task_key=open_task(started.key), variables={"approved": True}, actor="anna")
    assert state(started.key) == "COMPLETED"
    ended = rows(
        "SELECT element_id, state, actor, changes FROM element_instance WHERE instance_key = %(key)s "
        "AND element_id = 'task'",
        key=started.key,
    )[0]
    assert tuple(ended) == ("task", "COMPLETED", "anna", {"approved": True})
    assert one("SELECT snapshot IS NULL FROM instance_state WHERE key = %(key)s", key=started.key)
    assert one("SELECT flows FROM instance_state WHERE key = %(key)s", key=started.key) == ["start_task", "task_end"]


def test_a_command_takes_few_statements() -> None:
    statements: list[str] = []
    mine = threading.get_ident()  # hints to pages are told by a thread of their own, many commands' at once
    start()  # what the caches of definitions need is read once

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if threading.get_ident() == mine:
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        started = start()
        assert len(statements) <= 3, statements
        key = open_task(started.key)
        statements.clear()
        user_tasks.complete(task_key=key, actor=ACTOR)
        assert len(statements) <= 3, statements
    finally:
        event.remove(db.engine, "before_cursor_execute", count)


def test_an_unknown_process_is_not_found() -> None:
    with pytest.raises(NotFound, match="no-such-process"):
        start("no-such-process")
    with pytest.raises(NotFound):
        start(version=99)
    with pytest.raises(Refused):
        instances.start(actor=ACTOR)


def test_values_that_the_database_cannot_hold_are_refused() -> None:
    with pytest.raises(Refused, match="cannot store"):
        start(variables={"name": "a\0b"})


def test_a_unique_business_id_is_held_by_one_active_instance() -> None:
    first = start(business_id="unique-1", business_id_unique=True)
    with pytest.raises(Conflict, match="business id"):
        start(business_id="unique-1", business_id_unique=True)
    instances.cancel(instance_key=first.key, actor=ACTOR)
    assert start(business_id="unique-1", business_id_unique=True).key != first.key


def test_cancelling_takes_everything_away() -> None:
    started = start()
    task = open_task(started.key)
    instances.cancel(instance_key=started.key, actor=ACTOR, reason="withdrawn")
    row = rows("SELECT state, end_reason FROM process_instance WHERE key = %(key)s", key=started.key)[0]
    assert tuple(row) == ("TERMINATED", "withdrawn")
    assert one("SELECT state FROM user_task WHERE key = %(key)s", key=task) == "CANCELED"
    assert active_elements(started.key) == set()
    with pytest.raises(Conflict):
        instances.cancel(instance_key=started.key, actor=ACTOR)
    with pytest.raises(NotFound):
        instances.cancel(instance_key=1, actor=ACTOR)


def test_an_instance_can_be_awaited() -> None:
    ended = instances.start_and_wait(
        process_id="quick", variables={"amount": 21}, actor=ACTOR, timeout=dt.timedelta(seconds=5)
    )
    assert (ended.state, ended.variables["twice"]) == ("COMPLETED", 42)
    with pytest.raises(Unfinished) as waiting:
        instances.start_and_wait(process_id="review", actor=ACTOR, timeout=dt.timedelta(milliseconds=50))
    assert state(waiting.value.key) == "ACTIVE"


def test_a_text_too_long_to_be_looked_up_is_refused_and_not_called_busy() -> None:
    assigned = '<zeebe:assignmentDefinition assignee="=who"/>'
    deploy(line(("task", node("userTask", "task", ext=f"<zeebe:userTask/>{assigned}")), id_="long-name"))
    name = "".join(str(hash((n, "x"))) for n in range(2000))  # nothing that could be compressed
    with pytest.raises(Refused) as refused:
        instances.start(process_id="long-name", variables={"who": name}, actor=ACTOR)
    assert refused.value.message.code == "command.unstorable"
