"""Folding effects into rows: what began and ended in one command is written once, or not at all."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from typing import Any

import pytest

from server.bpmn import effects as fx
from server.messages import Message
from server.runtime import background
from server.runtime.rows import Origin, Rows

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ORIGIN = Origin(instance_key=1, root_key=1, definition_key=9, business_id="B")


@pytest.fixture
def rows() -> Rows:
    """Rows of one command by anna."""
    return Rows(now=NOW, actor="anna", next_key=itertools.count(900).__next__, announce=False)


def task(key: int, form_id: str | None = None, form_key: int | None = None) -> fx.UserTaskOpened:
    return fx.UserTaskOpened(key, "t", "T", None, (), ("g",), None, None, 50, form_id, form_key, None)


def written(rows: Rows) -> dict[str, Any]:
    """The parameters of the write, JSON read again."""
    _, parameters = rows.statement()
    return {name: json.loads(v) if isinstance(v, str) and v[:1] in "[{" else v for name, v in parameters.items()}


def add(rows: Rows, *effects: fx.Effect) -> Rows:
    for effect in effects:
        rows.add(ORIGIN, effect)
    return rows


def test_an_element_passed_in_one_command_is_one_inserted_row(rows: Rows) -> None:
    add(rows, fx.ElementActivated(2, "a", "TASK", 1, NOW), fx.ElementEnded(2, NOW, True, NOW, {"x": 1}))
    parameters = written(rows)
    assert parameters.keys() == {"elements_activated"}
    (row,) = parameters["elements_activated"]
    assert (row["state"], row["actor"], row["changes"]) == ("COMPLETED", "anna", {"x": 1})


def test_an_element_of_an_earlier_command_is_updated(rows: Rows) -> None:
    add(rows, fx.ElementEnded(2, NOW, False, NOW))
    (row,) = written(rows)["elements_ended"]
    assert (row["key"], row["state"]) == (2, "TERMINATED")


@pytest.mark.parametrize(
    "effects",
    [
        (fx.TimerSet(2, "t", NOW), fx.TimerCleared(2)),
        (fx.SubscriptionOpened(2, "s", "message", "paid", "k", True), fx.SubscriptionClosed(2)),
    ],
)
def test_a_wait_that_came_and_went_leaves_no_row(rows: Rows, effects: tuple[fx.Effect, ...]) -> None:
    assert not any(
        isinstance(value, list) and value and isinstance(value[0], dict)
        for value in written(add(rows, *effects)).values()
    )


def test_a_timer_set_anew_replaces_its_row(rows: Rows) -> None:
    later = NOW + dt.timedelta(hours=1)
    parameters = written(add(rows, fx.TimerCleared(2), fx.TimerSet(2, "t", later, "R/PT1H", None)))
    assert parameters.keys() == {"timers_set"}


def test_a_task_that_came_and_went_is_kept_as_cancelled(rows: Rows) -> None:
    (row,) = written(add(rows, task(2, "form", 77), fx.UserTaskClosed(2, False)))["tasks_opened"]
    assert (row["state"], row["form_key"]) == ("CANCELED", 77)
    assert "completed_by" not in row


def test_incidents_are_counted_per_instance(rows: Rows) -> None:
    add(
        rows,
        fx.IncidentCleared(2),
        fx.IncidentCleared(2),
        fx.IncidentRaised(2, "e", "IO_MAPPING_ERROR", Message("x", "错", "wrong")),
        fx.IncidentRaised(3, "f", "JOB_NO_RETRIES", Message("x", "错", "wrong")),
    )
    parameters = written(rows)
    assert parameters["instances_changed"] == [{"key": 1, "incidents": 1}]
    assert parameters["incidents_cleared"] == [2]
    assert [row["job_key"] for row in parameters["incidents_raised"]] == [None, 3]


def test_only_jobs_of_built_in_types_are_handed_to_our_workers(rows: Rows) -> None:
    background.declare("ours")
    try:
        add(rows, fx.JobOpened(2, "j", "ours", 3, 50), fx.JobOpened(3, "j", "theirs", 3, 50))
        assert [row["args"] for row in written(rows)["jobs_deferred"]] == [{"job_key": 2}]
    finally:
        background.withdraw("ours")


def test_nothing_is_announced_where_nobody_listens(rows: Rows) -> None:
    add(rows, task(2), fx.ProcessEnded(True, NOW))
    assert "events_announced" not in written(rows)
    rows = Rows(now=NOW, actor="a", next_key=itertools.count().__next__, announce=True)
    add(rows, task(2), fx.ProcessEnded(True, NOW))
    assert [event["topic"] for event in written(rows)["events_announced"]] == [
        "user-task-created",
        "process-instance-ended",
    ]
