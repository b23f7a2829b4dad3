"""Signals: to everyone who waits, once, and nobody waits for the others."""

from __future__ import annotations

import pytest

from server.runtime import instances, signals

from ...unit.bpmn.diagrams import signal, signal_definition
from ..models import ACTOR, deploy, line, node, one, rows, state, user_task, variables

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """A process that waits for the signal, one that it starts, one that throws it."""
    wait = node("intermediateCatchEvent", "wait", signal())
    throw = node("intermediateThrowEvent", "throw", signal())
    deploy(
        line(("wait", wait), id_="waiting", definitions=signal_definition()),
        line(
            ("task", user_task("task")),
            id_="started",
            start=node("startEvent", "start", signal()),
            definitions=signal_definition(),
        ),
        line(("throw", throw), id_="throwing", definitions=signal_definition()),
    )


def test_a_broadcast_reaches_all_who_wait_and_the_start_events() -> None:
    both = [instances.start(process_id="waiting", actor=ACTOR).key for _ in range(2)]
    before = one("SELECT count(*) FROM process_instance")
    sent = signals.broadcast(name="rates", variables={"base": 3}, actor=ACTOR)
    assert sent.receivers == 3
    assert [state(key) for key in both] == ["COMPLETED"] * 2
    assert variables(both[0])["base"] == 3
    assert one("SELECT count(*) FROM process_instance") == before + 1
    assert one("SELECT count(*) FROM signal_delivery") == 0


def test_a_process_throws_a_signal_at_the_others() -> None:
    waiting = instances.start(process_id="waiting", actor=ACTOR).key
    thrower = instances.start(process_id="throwing", actor=ACTOR).key
    assert (state(thrower), state(waiting)) == ("COMPLETED", "COMPLETED")


def test_a_delivery_left_behind_is_made_once() -> None:
    waiting = instances.start(process_id="waiting", actor=ACTOR).key
    rows(
        "INSERT INTO signal_delivery (subscription_key, instance_key, root_key, process_definition_key, element_id, "
        "variables) SELECT key, instance_key, root_key, process_definition_key, element_id, '{}' "
        "FROM event_subscription WHERE instance_key = %(key)s RETURNING key",
        key=waiting,
    )
    delivery = one("SELECT key FROM signal_delivery")
    assert signals.deliver_one(delivery)
    assert not signals.deliver_one(delivery)
    assert state(waiting) == "COMPLETED"


def test_a_receiver_that_has_gone_on_ends_the_delivery() -> None:
    waiting = instances.start(process_id="waiting", actor=ACTOR).key
    rows(
        "INSERT INTO signal_delivery (subscription_key, instance_key, root_key, process_definition_key, element_id, "
        "variables) SELECT key, instance_key, root_key, process_definition_key, element_id, '{}' "
        "FROM event_subscription WHERE instance_key = %(key)s RETURNING key",
        key=waiting,
    )
    instances.cancel(instance_key=waiting, actor=ACTOR)
    assert signals.deliver_one(one("SELECT key FROM signal_delivery"))
    assert one("SELECT count(*) FROM signal_delivery") == 0
