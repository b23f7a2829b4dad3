"""Messages: exact correlation, buffering, once per process, start events, and who waits for whom."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from flask import Flask

from server.runtime import instances, messages
from server.runtime.errors import Conflict, NotFound, Refused
from server.store.database import after_commit, joined_transactions

from ...unit.bpmn.diagrams import boundary, flow, message, message_definition
from ..models import ACTOR, deploy, line, node, one, rows, start_and_end, state, user_task, variables

pytestmark = pytest.mark.usefixtures("app")
HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """A process that waits, one that waits twice, one with a side path, one that a message starts."""
    wait = node("intermediateCatchEvent", "wait", message())
    second = node("intermediateCatchEvent", "second", message())
    reminded = start_and_end(
        user_task("task"),
        boundary("note", "task", message(), interrupting=False),
        user_task("aside"),
        flow("start", "task"),
        flow("task", "end"),
        flow("note", "aside"),
        id_="reminded",
        definitions=message_definition(),
    )
    deploy(
        line(("wait", wait), id_="waiting", definitions=message_definition()),
        line(("wait", wait), ("second", second), id_="twice", definitions=message_definition()),
        reminded,
        line(
            ("task", user_task("task")),
            id_="started",
            start=node("startEvent", "start", message("opened")),
            definitions='<bpmn:message id="message_opened" name="opened"/>',
        ),
    )


def waiting(loan: str, process_id: str = "waiting") -> int:
    return instances.start(process_id=process_id, variables={"loan": loan}, actor=ACTOR).key


def publish(loan: str, name: str = "paid", ttl: dt.timedelta = HOUR, **arguments: object) -> int:
    return messages.publish(
        name=name,
        correlation_key=loan,
        time_to_live=ttl,
        actor=ACTOR,
        **arguments,  # type: ignore[arg-type]
    ).key


def buffered(key: int) -> bool:
    return bool(rows("SELECT 1 FROM message WHERE key = %(key)s", key=key))


def test_a_message_goes_to_exactly_its_name_and_key() -> None:
    mine, other = waiting("L-1"), waiting("L-11")
    messages.correlate(name="paid", correlation_key="L-1", variables={"sum": 5}, actor=ACTOR)
    assert (state(mine), state(other)) == ("COMPLETED", "ACTIVE")
    assert variables(mine)["sum"] == 5


def test_correlating_answers_with_the_receiver_or_not_found() -> None:
    mine = waiting("L-2")
    assert messages.correlate(name="paid", correlation_key="L-2", actor=ACTOR).instance_key == mine
    with pytest.raises(NotFound, match="L-2"):
        messages.correlate(name="paid", correlation_key="L-2", actor=ACTOR)


def test_a_buffered_message_is_received_by_who_comes_later() -> None:
    key = publish("L-3", variables={"sum": 7})
    late = waiting("L-3")
    assert (state(late), variables(late)["sum"]) == ("COMPLETED", 7)
    assert state(waiting("L-3")) == "ACTIVE", "an instance of each process receives a message once"
    assert state(waiting("L-3", "twice")) == "ACTIVE", "one message passes one of the two waits"
    assert buffered(key)


def test_without_time_to_live_nobody_later_receives() -> None:
    key = publish("L-4", ttl=dt.timedelta(0))
    assert not buffered(key)
    assert state(waiting("L-4")) == "ACTIVE"


def test_buffered_messages_are_received_in_order() -> None:
    publish("L-5", variables={"first": 1})
    publish("L-5", variables={"first": 2, "last": 2})
    both = waiting("L-5", "twice")
    assert state(both) == "COMPLETED"
    assert variables(both)["last"] == 2


def test_a_non_interrupting_wait_receives_every_message() -> None:
    publish("L-6")
    key = waiting("L-6", "reminded")
    publish("L-6")
    asides = one(
        "SELECT count(*) FROM user_task WHERE instance_key = %(key)s AND element_id = 'aside' AND state = 'CREATED'",
        key=key,
    )
    assert asides == 2


def test_a_message_id_is_used_once() -> None:
    publish("L-7", message_id="m-1")
    with pytest.raises(Conflict, match="m-1"):
        publish("L-7", message_id="m-1")
    publish("L-8", message_id="m-1")
    with pytest.raises(Refused):
        publish("L-8", ttl=dt.timedelta(seconds=-1))


def test_a_start_message_starts_one_instance_per_key_at_a_time() -> None:
    def running(loan: str) -> list[int]:
        return [
            row.key
            for row in rows(
                "SELECT p.key FROM process_instance p JOIN message_start m ON m.instance_key = p.key "
                "WHERE m.correlation_key = %(loan)s AND p.state = 'ACTIVE'",
                loan=loan,
            )
        ]

    publish("S-1", name="opened")
    publish("S-1", name="opened")
    (first,) = running("S-1")
    instances.cancel(instance_key=first, actor=ACTOR)
    (second,) = running("S-1")
    assert second != first, "the buffered message starts the next instance when the first has ended"
    instances.cancel(instance_key=second, actor=ACTOR)
    assert running("S-1") == []


def test_a_start_message_without_key_starts_every_time() -> None:
    before = one("SELECT count(*) FROM process_instance")
    assert state(messages.correlate(name="opened", actor=ACTOR).instance_key) == "ACTIVE"
    assert state(messages.correlate(name="opened", actor=ACTOR).instance_key) == "ACTIVE"
    assert one("SELECT count(*) FROM process_instance") == before + 2


def test_publishing_and_beginning_to_wait_never_miss_each_other(app: Flask) -> None:
    """Whatever the order: each of many messages meets the instance that begins to wait at the same time."""
    keys: list[int] = []
    errors: list[Exception] = []

    def alone(work: object, *arguments: object) -> None:
        with app.app_context():
            try:
                work(*arguments)  # type: ignore[operator]
            except Exception as error:
                errors.append(error)

    for number in range(25):
        loan = f"R-{number}"
        pair = (
            threading.Thread(target=alone, args=(lambda loan=loan: keys.append(waiting(loan)),)),
            threading.Thread(target=alone, args=(publish, loan)),
        )
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
    assert errors == []
    assert [state(key) for key in keys] == ["COMPLETED"] * 25


def test_what_follows_a_joined_command_waits_for_the_larger_commit() -> None:
    mine = waiting("L-9")
    with joined_transactions():
        publish("L-9")
        assert state(mine) == "ACTIVE"
    assert state(mine) == "COMPLETED"


def test_what_follows_a_rolled_back_command_never_happens() -> None:
    happened: list[str] = []
    with pytest.raises(ZeroDivisionError), joined_transactions():
        after_commit(lambda: happened.append("no"))
        _ = 1 / 0
    assert happened == []
