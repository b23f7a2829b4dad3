"""Signals: to everyone who waits, once, and nobody waits for the others."""

from __future__ import annotations

import pytest

from server.bpmn import settling
from server.runtime import instances, signals
from server.runtime.command import command
from server.runtime.incidents import resolve

from ...unit.bpmn.diagrams import END, START, document, flow, node, path, signal, signal_definition
from ..models import ACTOR, deploy, line, one, rows, state, user_task, variables

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


def to_and_fro(process_id: str, *, first: str) -> bytes:
    """Waits for the signal and throws it again, for ever; ``first`` says which of both comes first."""
    order = ("wait", "again") if first == "wait" else ("again", "wait")
    return document(
        START,
        END,
        node("exclusiveGateway", "turn"),
        node("exclusiveGateway", "enough", default="more"),
        node("intermediateCatchEvent", "wait", signal("echo")),
        node("intermediateThrowEvent", "again", signal("echo")),
        path("start", "turn", *order, "enough"),
        flow("enough", "turn", id_="more"),
        flow("enough", "end", "is defined(stop) and stop", id_="stop"),
        id_=process_id,
        definitions=signal_definition("echo"),
    )


def test_signals_that_wake_each_other_without_end_become_an_incident(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each turn is a command of its own, so no single command is endless; the thrower stops, and nothing is left."""
    deploy(to_and_fro("hearer", first="wait"), to_and_fro("shouter", first="again"))
    made = []
    deliver_one = signals.deliver_one
    monkeypatch.setattr(signals, "deliver_one", lambda key: made.append(key) or deliver_one(key))
    hearer = instances.start(process_id="hearer", actor=ACTOR).key
    shouter = instances.start(process_id="shouter", actor=ACTOR).key
    assert len(made) == signals.AT_ONCE, "the first thrower makes no more than this itself, the clock does the rest"
    while left := command(lambda connection: signals.undelivered(connection, 10)):
        signals.deliver(left)
    assert len(made) == settling.ECHOES
    incidents = rows("SELECT instance_key, element_id FROM incident WHERE state = 'ACTIVE'")
    assert [(row.instance_key in {hearer, shouter}, row.element_id) for row in incidents] == [(True, "again")]

    (key,) = (row.key for row in rows("SELECT key FROM incident WHERE state = 'ACTIVE'"))
    resolve(incident_key=key, actor=ACTOR)
    assert len(made) == settling.ECHOES + signals.AT_ONCE, "an operator lets it go on"
    for instance in (hearer, shouter):
        instances.cancel(instance_key=instance, actor=ACTOR)
    signals.deliver(command(lambda connection: signals.undelivered(connection, 10)))
    assert one("SELECT count(*) FROM signal_delivery") == 0


def test_processes_that_signals_start_without_end_become_an_incident() -> None:
    """A process that starts another of its kind: more than one may come of each, so there are fewer turns."""
    deploy(
        line(
            ("throw", node("intermediateThrowEvent", "throw", signal("breed"))),
            ("bred", user_task("bred")),
            id_="breeding",
            start=node("startEvent", "start", signal("breed")),
            definitions=signal_definition("breed"),
        )
    )
    signals.broadcast(name="breed", actor=ACTOR)
    assert one("SELECT count(*) FROM signal_delivery") == 0
    assert one("SELECT count(*) FROM incident WHERE element_id = 'throw' AND state = 'ACTIVE'") == 1
    bred = one("SELECT count(*) FROM user_task WHERE element_id = 'bred'")
    assert bred == settling.ECHOES // settling.START_ECHOES - 1
