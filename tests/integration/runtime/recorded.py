"""Real cases that are recorded: a clock to move, what people and workers do, and the recording played as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from server.cli.scenario_files import play_file
from server.jobs import completion
from server.runtime import instances, timers
from server.runtime.recording import RecordedCase, record_instance
from server.scenarios import Outcome
from server.store.database import transaction
from server.worklist import user_tasks

from ..models import ACTOR, deploy, open_task, rows

NOW = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
"""A Monday."""
Clock = Callable[..., None]


@pytest.fixture(autouse=True)
def at(app: Flask) -> Iterator[Clock]:
    """Move the clock to so many hours after the beginning; timers that are due fire, unless the clock is ``late``."""

    def move(hours: float, *, late: bool = False) -> None:
        with transaction() as connection:
            connection.execute(text("DELETE FROM pinned_clock"))
            instant = {"at": NOW + dt.timedelta(hours=hours)}
            connection.execute(text("INSERT INTO pinned_clock (key, instant) VALUES (1, :at)"), instant)
        while not late and (due := timers.claim_due(100)):
            for each in due:
                timers.fire(each)

    move(0)
    yield move
    with transaction() as connection:
        connection.execute(text("DELETE FROM pinned_clock"))


def started(process: bytes, *others: bytes, process_id: str, **given: Any) -> int:
    """Deploy and start."""
    deploy(process, *others, name=f"{process_id}.bpmn")
    return instances.start(process_id=process_id, variables=given, actor=ACTOR).key


def done(key: int, element: str, by: str = ACTOR, **values: Any) -> None:
    """A person completes the one open task of an element."""
    user_tasks.complete(task_key=open_task(key, element), variables=values, actor=by)


def open_jobs(key: int, element: str) -> list[int]:
    """The open jobs of an element in a case."""
    statement = (
        "SELECT key FROM job WHERE root_key = %(key)s AND element_id = %(element)s AND ended_at IS NULL ORDER BY key"
    )
    return [row.key for row in rows(statement, key=key, element=element)]


def worked(key: int, element: str, **values: Any) -> None:
    """A worker completes the first open job of an element."""
    completion.complete(job_key=open_jobs(key, element)[0], variables=values, actor="worker")


def element_keys(key: int, element: str, type_: str | None = None) -> list[int]:
    """The active instances of an element, in the order of their beginning."""
    return [
        row.key
        for row in rows(
            "SELECT key FROM element_instance WHERE instance_key = %(key)s AND element_id = %(element)s "
            "AND state = 'ACTIVE' AND (%(type)s::text IS NULL OR element_type = %(type)s) ORDER BY started_at, key",
            key=key,
            element=element,
            type=type_,
        )
    ]


def replay(folder: Path, recorded: RecordedCase, *changes: tuple[str, str]) -> Outcome:
    """Play a recording as a file with its files, in which texts are replaced by others."""
    for name, content in recorded.resources:
        for old, new in changes:
            content = content.replace(old.encode(), new.encode())
        (folder / name).write_bytes(content)
    file = folder / "case.scenario.yaml"
    file.write_text(recorded.recording.text, encoding="utf-8")
    (played,) = play_file(file, lambda _file, _name: True)
    return played.outcome


def played(folder: Path, key: int) -> tuple[RecordedCase, Outcome]:
    """A recording that goes as the case went; and what came of it as a file."""
    recorded = record_instance(key)
    again = replay(folder, recorded)
    assert recorded.recording.passes, recorded.recording.text
    assert again.problem is None
    return recorded, again


def breaks(folder: Path, recorded: RecordedCase, old: str, new: str) -> str:
    """What a recording says of a model in which a text is replaced by another."""
    assert any(old.encode() in content for _, content in recorded.resources), old
    outcome = replay(folder, recorded, (old, new))
    assert outcome.problem is not None, f"{old} -> {new} was not noticed:\n{recorded.recording.text}"
    return outcome.problem.en
