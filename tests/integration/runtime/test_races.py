"""Races: whatever many do at once on the same case comes out as if it had been done one after the other."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask

from server.runtime import instances, messages
from server.runtime.errors import CommandError, Conflict, NotFound
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import boundary, flow, message, message_definition
from ..models import (
    ACTOR,
    at_once,
    deploy,
    node,
    one,
    open_task,
    path,
    rows,
    start_and_end,
    state,
    user_task,
    variables,
)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """Parallel tasks with a withdrawal by message; fields are written from both sides."""
    deploy(
        start_and_end(
            node("parallelGateway", "fork"),
            user_task("left"),
            user_task("right"),
            node("parallelGateway", "join"),
            boundary("withdrawn", "left", message()),
            node("exclusiveGateway", "merge"),
            path("start", "fork", "left", "merge", "join", "end"),
            path("fork", "right", "join"),
            flow("withdrawn", "merge"),
            id_="race",
            definitions=message_definition(),
        )
    )


def test_a_task_is_claimed_by_one_of_many(app: Flask) -> None:
    key = instances.start(process_id="race", variables={"loan": "c"}, actor=ACTOR).key
    task = open_task(key, "left")
    people = [f"person-{number}" for number in range(12)]
    outcomes = at_once(app, *(lambda p=p: user_tasks.claim(task_key=task, actor=p) for p in people))
    assert Counter(type(outcome) for outcome in outcomes) == {type(None): 1, Conflict: 11}
    winner = people[outcomes.index(None)]
    assert one("SELECT assignee FROM user_task WHERE key = %(key)s", key=task) == winner
    assert all(winner in str(outcome) for outcome in outcomes if outcome is not None)


def test_a_task_is_completed_by_one_of_many(app: Flask) -> None:
    key = instances.start(process_id="race", variables={"loan": "d"}, actor=ACTOR).key
    left, right = open_task(key, "left"), open_task(key, "right")
    works = [
        lambda task=task, n=n: user_tasks.complete(task_key=task, variables={f"by{task}": n}, actor=f"p{n}")
        for n in range(6)
        for task in (left, right)
    ]
    outcomes = at_once(app, *works)
    assert Counter(type(outcome) for outcome in outcomes) == {user_tasks.CompletedTask: 2, Conflict: 10}
    assert state(key) == "COMPLETED"
    assert variables(key).keys() == {"loan", f"by{left}", f"by{right}"}, "no branch loses what the other wrote"


def test_completing_withdrawing_and_cancelling_meet_in_some_order(app: Flask) -> None:
    for number in range(8):
        loan = f"race-{number}"
        key = instances.start(process_id="race", variables={"loan": loan}, actor=ACTOR).key
        left, right = open_task(key, "left"), open_task(key, "right")
        outcomes = at_once(
            app,
            lambda task=left: user_tasks.complete(task_key=task, actor="anna"),
            lambda loan=loan: messages.correlate(name="paid", correlation_key=loan, actor="system"),
            lambda task=right: user_tasks.complete(task_key=task, actor="bert"),
            *([lambda key=key: instances.cancel(instance_key=key, actor="boss")] if number % 2 else []),
            lambda task=left: user_tasks.claim(task_key=task, actor="carl"),
        )
        assert all(not isinstance(o, CommandError) or isinstance(o, Conflict | NotFound) for o in outcomes), outcomes
        completed, received, _, *cancelled, _ = (not isinstance(outcome, CommandError) for outcome in outcomes)
        assert not (completed and received), "the task was either completed or withdrawn"
        assert state(key) == ("TERMINATED" if any(cancelled) else "COMPLETED")
        leftovers = rows(
            "SELECT key FROM user_task WHERE instance_key = %(key)s AND state = 'CREATED' UNION ALL "
            "SELECT key FROM event_subscription WHERE instance_key = %(key)s",
            key=key,
        )
        assert leftovers == []


def test_a_unique_business_id_is_given_once(app: Flask) -> None:
    works = [
        lambda: instances.start(
            process_id="race",
            variables={"loan": "x"},
            business_id="once",
            business_id_unique=True,
            actor=ACTOR,
        )
    ] * 8
    outcomes = at_once(app, *works)
    assert Counter(type(outcome) for outcome in outcomes) == {instances.StartedInstance: 1, Conflict: 7}
