"""Events: timers, messages, signals, errors, termination; boundary events interrupting and not."""

from __future__ import annotations

import datetime as dt

import pytest

from server.bpmn import NotWaiting
from server.bpmn.effects import (
    ErrorEscaped,
    IncidentRaised,
    JobClosed,
    ProcessEnded,
    SignalThrown,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerCleared,
    TimerSet,
    UserTaskClosed,
)
from server.messages import Message

from .diagrams import (
    END,
    NOW,
    START,
    World,
    boundary,
    error,
    error_definition,
    flow,
    io,
    job,
    message,
    message_definition,
    model,
    node,
    path,
    signal,
    signal_definition,
    subprocess_,
    timer,
)

OOPS = Message("x", "坏了", "broken")


def with_boundary(definition: str, *, interrupting: bool = True, definitions: str = "", host: str = ""):
    return model(
        START,
        host or node("userTask", "work"),
        boundary("event", "work", definition, interrupting=interrupting),
        node("userTask", "handle"),
        END,
        path("start", "work", "end"),
        flow("event", "handle"),
        definitions=definitions,
    )


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        ("duration", "PT1H", NOW + dt.timedelta(hours=1)),
        ("duration", "=duration(limit)", NOW + dt.timedelta(days=2)),
        ("duration", "=limit", NOW + dt.timedelta(days=2)),
        ("date", "2026-03-01T09:00:00+08:00", dt.datetime(2026, 3, 1, 1, tzinfo=dt.UTC)),
        (
            "date",
            '=date and time("2026-03-01T09:00:00+08:00") - duration("P1D")',
            dt.datetime(2026, 2, 28, 1, tzinfo=dt.UTC),
        ),
    ],
)
def test_a_timer_is_due_as_its_literal_or_expression_says(kind, text, due):
    catch = node("intermediateCatchEvent", "wait", timer(kind, text.replace('"', "&quot;")))
    world = World(model(START, catch, END, path("start", "wait", "end"))).start(limit="P2D")
    (timer_set,) = world.of(TimerSet)
    assert timer_set.due_at == due
    assert world.do("fire_timer", "wait").completed


def test_a_timer_expression_that_gives_no_time_is_an_incident():
    catch = node("intermediateCatchEvent", "wait", timer("duration", "=limit"))
    world = World(model(START, catch, END, path("start", "wait", "end"))).start(limit="soon")
    assert world.of(IncidentRaised)[0].error_type == "EXTRACT_VALUE_ERROR"


def test_an_interrupting_timer_takes_the_task_away():
    world = World(with_boundary(timer("duration", "P1D"))).start().do("fire_timer", "event")
    assert world.waiting() == ["handle"]
    assert not world.of(UserTaskClosed)[0].completed


def test_a_boundary_event_is_no_longer_awaited_when_the_task_is_done():
    world = World(with_boundary(timer("duration", "P1D"))).start()
    timer_key = world.key("event")
    world.do("complete_user_task", "work", {})
    assert [e.key for e in world.of(TimerCleared)] == [timer_key]
    assert world.completed


def test_a_non_interrupting_timer_leaves_the_task_and_fires_once():
    world = World(with_boundary(timer("duration", "P1D"), interrupting=False)).start().do("fire_timer", "event")
    assert world.waiting() == ["handle", "work"]
    assert len(world.of(TimerCleared)) == 1


def test_a_cycle_sets_the_next_time_until_its_repetitions_are_over():
    world = World(with_boundary(timer("cycle", "R3/PT1H"), interrupting=False)).start()
    dues = [world.of(TimerSet)[0].due_at]
    for _ in range(2):
        world.do("fire_timer", "event")
        dues.append(world.of(TimerSet)[0].due_at)
    assert dues == [NOW + dt.timedelta(hours=n) for n in (1, 2, 3)]
    world.do("fire_timer", "event")
    assert not world.of(TimerSet)
    assert len(world.keys("handle")) == 3
    assert world.waiting() == ["handle", "handle", "handle", "work"]


def test_a_message_is_subscribed_by_name_and_key_and_brings_its_variables():
    world = World(with_boundary(message(), definitions=message_definition(key="loan + &quot;-1&quot;"))).start(
        loan="L7"
    )
    (opened,) = world.of(SubscriptionOpened)
    assert (opened.kind, opened.name, opened.correlation_key, opened.interrupting) == (
        "message",
        "paid",
        "L7-1",
        True,
    )
    world.do("deliver_message", "event", {"amount": 5})
    assert world.waiting() == ["handle"]
    assert world["amount"] == 5
    assert len(world.of(SubscriptionClosed)) == 1


def test_a_non_interrupting_message_can_come_again():
    world = World(with_boundary(message(), interrupting=False, definitions=message_definition())).start(loan="L")
    world.do("deliver_message", "event", {}).do("deliver_message", "event", {})
    assert world.waiting() == ["event", "handle", "handle", "work"]


def test_signals_are_awaited_and_thrown_with_the_mapped_payload():
    throw = node("intermediateThrowEvent", "throw", signal(), ext=io(("input", "rate", "newRate")))
    world = World(model(START, throw, END, path("start", "throw", "end"), definitions=signal_definition())).start(
        rate=3
    )
    (thrown,) = world.of(SignalThrown)
    assert (thrown.name, thrown.variables) == ("rates", {"newRate": 3})

    ending = node("endEvent", "stop", signal())
    world = World(model(START, ending, path("start", "stop"), definitions=signal_definition())).start()
    assert world.completed
    assert world.of(SignalThrown)

    world = (
        World(with_boundary(signal(), definitions=signal_definition())).start().do("deliver_signal", "event", {"r": 1})
    )
    assert world.waiting() == ["handle"]


PAY = node("serviceTask", "work", ext=job("pay"))


def test_a_business_error_goes_to_the_boundary_event_with_its_code():
    process = with_boundary(error(), host=PAY, definitions=error_definition())
    world = World(process).start().do("throw_error", "work", "REFUSED", OOPS, {"why": "closed"})
    assert world.waiting() == ["handle"]
    assert world["why"] == "closed"
    assert world.of(JobClosed)[0].state == "ERROR_THROWN"


def test_an_error_event_without_a_code_catches_everything():
    world = World(with_boundary(error(None), host=PAY)).start().do("throw_error", "work", "ANY", OOPS, {})
    assert world.waiting() == ["handle"]


def test_an_error_that_nobody_catches_is_an_incident_and_never_the_happy_path():
    process = with_boundary(error(), host=PAY, definitions=error_definition())
    world = World(process).start().do("throw_error", "work", "OTHER", OOPS, {})
    assert world.of(IncidentRaised)[0].error_type == "UNHANDLED_ERROR_EVENT"
    assert "work" in world.waiting()
    world.execution.retry(world.key("work"))
    world.execution.complete_job(world.key("work"), {})
    assert world.completed


def test_an_error_that_the_caller_catches_ends_this_instance():
    world = World(model(START, PAY, END, path("start", "work", "end")))
    world.caught_by_caller = ("REFUSED",)
    world.start().do("throw_error", "work", "REFUSED", OOPS, {"why": 1})
    assert world.of(ErrorEscaped)[0].variables == {"why": 1}
    assert world.of(ProcessEnded)[0].completed is False


def test_an_error_end_event_leaves_the_subprocess_through_its_boundary_event():
    inner = (
        node("startEvent", "s"),
        node("parallelGateway", "fork"),
        node("userTask", "other"),
        node("endEvent", "bad", error()),
        path("s", "fork"),
        flow("fork", "other"),
        flow("fork", "bad"),
    )
    process = model(
        START,
        subprocess_("sub", *inner),
        boundary("event", "sub", error()),
        node("userTask", "handle"),
        END,
        path("start", "sub", "end"),
        flow("event", "handle"),
        definitions=error_definition(),
    )
    world = World(process).start()
    assert world.waiting() == ["handle"]
    assert not world.of(UserTaskClosed)[0].completed


def test_an_error_end_event_without_a_handler_is_an_incident():
    process = model(START, node("endEvent", "bad", error()), path("start", "bad"), definitions=error_definition())
    world = World(process).start()
    assert world.of(IncidentRaised)[0].error_type == "UNHANDLED_ERROR_EVENT"
    assert not world.execution.ended


def test_a_terminate_end_event_takes_the_other_branches_away():
    process = model(
        START,
        node("parallelGateway", "fork"),
        node("userTask", "slow"),
        node("userTask", "quick"),
        node("endEvent", "stop", "<bpmn:terminateEventDefinition/>"),
        flow("start", "fork"),
        flow("fork", "slow"),
        flow("fork", "quick"),
        flow("quick", "stop"),
    )
    world = World(process).start().do("complete_user_task", "quick", {})
    assert world.completed
    assert [u.completed for u in world.of(UserTaskClosed)] == [True, False]


def test_two_boundary_timers_due_at_once_the_second_finds_nothing():
    process = model(
        START,
        node("userTask", "work"),
        boundary("t1", "work", timer("duration", "P1D")),
        boundary("t2", "work", timer("duration", "P1D")),
        node("userTask", "h1"),
        node("userTask", "h2"),
        path("start", "work"),
        flow("t1", "h1"),
        flow("t2", "h2"),
    )
    world = World(process).start()
    second = world.key("t2")
    world.do("fire_timer", "t1")
    with pytest.raises(NotWaiting):
        world.execution.fire_timer(second)
    assert world.waiting() == ["h1"]


def test_a_message_start_event_begins_with_the_message():
    process = model(
        node("startEvent", "ms", message()),
        node("userTask", "t"),
        path("ms", "t"),
        definitions=message_definition(),
    )
    (start,) = process.start_events
    assert (start.kind, start.name, process.none_start) == ("message", "paid", None)
    assert World(process).start("ms", amount=1).waiting() == ["t"]
    with pytest.raises(NotWaiting):
        World(process).start()


def test_a_receive_task_waits_for_its_message():
    process = model(
        START,
        node("receiveTask", "r", messageRef="message_paid"),
        END,
        path("start", "r", "end"),
        definitions=message_definition(),
    )
    world = World(process).start(loan="L")
    assert world.of(SubscriptionOpened)[0].correlation_key == "L"
    assert world.do("deliver_message", "r", {"x": 1}).completed
    assert world["x"] == 1


def test_a_receive_task_behind_an_event_based_gateway_is_entered_by_its_message():
    process = model(
        START,
        node("eventBasedGateway", "g"),
        node("receiveTask", "r", messageRef="message_paid", ext=io(("input", "loan", "about"), ("output", "x", "y"))),
        node("intermediateCatchEvent", "late", timer("duration", "P1D")),
        node("userTask", "after"),
        END,
        path("start", "g", "r", "after"),
        path("g", "late", "end"),
        definitions=message_definition(),
    )
    world = World(process).start(loan="L")
    assert world.waiting() == ["g", "late", "r"]
    world.do("deliver_message", "r", {"x": 7})
    assert world.waiting() == ["after"]
    assert world["y"] == 7
    assert set(world.execution.variables) == {""}


def test_the_name_of_a_message_or_signal_may_be_an_expression():
    definitions = (
        '<bpmn:message id="message_paid" name="=&quot;paid-&quot; + bank"><bpmn:extensionElements>'
        '<zeebe:subscription correlationKey="=loan"/></bpmn:extensionElements></bpmn:message>'
        '<bpmn:signal id="signal_rates" name="=&quot;rates-&quot; + bank"/>'
    )
    process = model(
        START,
        node("intermediateThrowEvent", "throw", signal()),
        node("intermediateCatchEvent", "wait", message()),
        END,
        path("start", "throw", "wait", "end"),
        definitions=definitions,
    )
    world = World(process).start(loan="L", bank="icbc")
    assert world.of(SignalThrown)[0].name == "rates-icbc"
    assert world.of(SubscriptionOpened)[0].name == "paid-icbc"
    assert World(process).start(loan="L", bank=None).of(IncidentRaised)[0].element_id == "throw"


def test_an_error_end_event_hands_over_what_its_input_mappings_made():
    process = model(
        START,
        subprocess_(
            "sub",
            node("startEvent", "s"),
            node("endEvent", "bad", error(), ext=io(("input", "amount * 2", "twice"))),
            path("s", "bad"),
        ),
        boundary("caught", "sub", error(), ext=io(("output", "twice", "seen"))),
        END,
        path("start", "sub", "end"),
        flow("caught", "end"),
        definitions=error_definition(),
    )
    world = World(process).start(amount=4)
    assert world.completed
    assert world.execution.variables[""] == {"amount": 4, "seen": 8}


def test_a_signal_is_thrown_once_although_what_follows_is_retried():
    throw = node("intermediateThrowEvent", "throw", signal(), ext=io(("output", "missing + 1", "x")))
    world = World(model(START, throw, END, path("start", "throw", "end"), definitions=signal_definition())).start()
    assert len(world.of(SignalThrown)) == 1
    world.execution.set_variables(100, {"missing": 1})
    world.execution.retry(world.key("throw"))
    assert world.execution.ended
    assert not [e for e in world.execution.effects if isinstance(e, SignalThrown)]
