"""Event subprocesses: what starts them, what they interrupt, and when the scope around is done.

Plain SpiffWorkflow lets the work of the scope go on beside an interrupting event subprocess, and starts one with an
error or escalation start at once, when its scope starts.
"""

from __future__ import annotations

import datetime as dt

import pytest

from server.bpmn import NotWaiting
from server.bpmn.effects import (
    ElementActivated,
    ElementEnded,
    IncidentCleared,
    IncidentRaised,
    JobClosed,
    ProcessEnded,
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
    escalation,
    escalation_definition,
    event_subprocess,
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
DEFINITIONS = message_definition() + signal_definition() + error_definition() + escalation_definition()
TASK = (START, node("userTask", "work"), END, path("start", "work", "end"))
STIMULI = {
    "message": (message(), "deliver_message", ({"amount": 5},)),
    "signal": (signal(), "deliver_signal", ({"amount": 5},)),
    "timer": (timer("duration", "P1D"), "fire_timer", ()),
}


def process(*inside: str, definitions: str = DEFINITIONS):
    return model(*inside, definitions=definitions)


@pytest.mark.parametrize("kind", STIMULI)
def test_an_interrupting_one_takes_everything_else_in_the_process_away(kind):
    definition, stimulus, arguments = STIMULI[kind]
    other = event_subprocess("other", signal("rates") if kind != "signal" else message())
    world = World(process(*TASK, event_subprocess("esp", definition), other)).start(loan="L")
    assert world.waiting() == ["esp_start", "other_start", "work"]
    world.do(stimulus, "esp_start", *arguments)
    assert world.waiting() == ["esp", "esp_task"]
    assert [closed.completed for closed in world.of(UserTaskClosed)] == [False]
    assert [(a.element_id, a.element_type) for a in world.of(ElementActivated)] == [
        ("esp", "EVENT_SUB_PROCESS"),
        ("esp_start", "START_EVENT"),
        ("esp_task", "USER_TASK"),
    ]
    world.do("complete_user_task", "esp_task", {})
    assert world.completed
    assert world.of(ProcessEnded)[0].completed


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_one_that_does_not_interrupt_runs_beside_the_work_any_number_of_times(kind):
    definition, stimulus, arguments = STIMULI[kind]
    world = World(process(*TASK, event_subprocess("esp", definition, interrupting=False))).start(loan="L")
    assert not world.of(SubscriptionOpened)[0].interrupting
    for _ in range(2):
        world.do(stimulus, "esp_start", *arguments)
        assert not world.of(SubscriptionClosed)
    assert world.waiting() == ["esp", "esp", "esp_start", "esp_task", "esp_task", "work"]
    world.do("complete_user_task", "work", {})
    assert not world.completed, "the process waits for the event subprocesses that run"
    world.do("complete_user_task", "esp_task", {})
    assert not world.of(SubscriptionClosed)
    world.do("complete_user_task", "esp_task", {})
    assert world.completed
    assert len(world.of(SubscriptionClosed)) == 1


def test_the_process_completes_although_its_event_subprocesses_still_wait():
    world = World(
        process(*TASK, event_subprocess("a", message()), event_subprocess("b", timer("duration", "P1D")))
    ).start(loan="L")
    wait = world.key("a_start")
    world.do("complete_user_task", "work", {})
    assert world.completed
    assert len(world.of(SubscriptionClosed)) == 1
    assert len(world.of(TimerCleared)) == 1
    with pytest.raises(NotWaiting):
        world.execution.deliver_message(wait, {})


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        ("date", "2026-02-01T09:00:00+08:00", dt.datetime(2026, 2, 1, 1, tzinfo=dt.UTC)),
        ("duration", "PT2H", NOW + dt.timedelta(hours=2)),
    ],
)
def test_a_timer_that_does_not_interrupt_fires_once(kind, text, due):
    world = World(process(*TASK, event_subprocess("esp", timer(kind, text), interrupting=False))).start()
    assert world.of(TimerSet)[0].due_at == due
    world.do("fire_timer", "esp_start")
    assert len(world.of(TimerCleared)) == 1
    assert world.waiting() == ["esp", "esp_task", "work"]


def test_a_cycle_starts_one_each_time():
    world = World(process(*TASK, event_subprocess("esp", timer("cycle", "R2/PT1H"), interrupting=False))).start()
    world.do("fire_timer", "esp_start")
    assert world.of(TimerSet)[0].due_at == NOW + dt.timedelta(hours=2)
    world.do("fire_timer", "esp_start")
    assert not world.of(TimerSet)
    assert world.waiting() == ["esp", "esp", "esp_task", "esp_task", "work"]


PAY = node("serviceTask", "pay", ext=job("pay"))


def test_an_error_is_caught_inside_the_scope_before_the_boundary_of_its_activity():
    inner = subprocess_(
        "sub",
        node("startEvent", "s"),
        PAY,
        node("endEvent", "e"),
        path("s", "pay", "e"),
        event_subprocess("esp", error(), start_ext=io(("output", "why", "reason"))),
    )
    world = World(
        process(
            START,
            inner,
            boundary("outside", "sub", error()),
            node("userTask", "handled"),
            END,
            path("start", "sub", "end"),
            flow("outside", "handled"),
        )
    ).start()
    assert world.waiting() == ["pay", "sub"], "an error start waits for nothing and does not fire at once"
    world.do("throw_error", "pay", "REFUSED", OOPS, {"why": "closed"})
    assert world.waiting() == ["esp", "esp_task", "sub"]
    assert [closed.state for closed in world.of(JobClosed)] == ["ERROR_THROWN"]
    assert world.execution.local_variables(world.key("esp")) == {"reason": "closed"}
    world.do("complete_user_task", "esp_task", {})
    assert world.completed, "the subprocess is left by its own flow"
    assert "reason" not in world.execution.variables[""]


def test_an_error_thrown_by_the_handler_goes_outward_and_not_round_in_circles():
    handler = event_subprocess("esp", error(None), node("endEvent", "again", error()), flow("esp_start", "again"))
    inner = subprocess_("sub", node("startEvent", "s"), PAY, flow("s", "pay"), handler)
    outer = (
        START,
        inner,
        boundary("outside", "sub", error()),
        node("userTask", "handled"),
        END,
        path("start", "sub", "end"),
        flow("outside", "handled"),
    )
    world = World(process(*outer)).start().do("throw_error", "pay", "REFUSED", OOPS, {})
    assert world.waiting() == ["handled"]


def test_an_error_in_an_event_subprocess_without_a_catcher_is_an_incident():
    handler = event_subprocess("esp", message(), node("endEvent", "bad", error()), flow("esp_start", "bad"))
    world = World(process(*TASK, handler)).start(loan="L").do("deliver_message", "esp_start", {})
    (raised,) = world.of(IncidentRaised)
    assert (raised.error_type, raised.element_id) == ("UNHANDLED_ERROR_EVENT", "bad")
    assert world.waiting() == ["bad", "esp"]


def test_an_error_from_one_that_runs_beside_the_work_interrupts_the_scope():
    side = event_subprocess(
        "side", message(), node("endEvent", "bad", error()), flow("side_start", "bad"), interrupting=False
    )
    world = World(process(*TASK, side, event_subprocess("esp", error()))).start(loan="L")
    world.do("deliver_message", "side_start", {})
    assert world.waiting() == ["esp", "esp_task"]


def test_the_process_itself_may_catch_what_a_job_throws_and_a_caller_is_not_asked():
    world = World(process(START, PAY, END, path("start", "pay", "end"), event_subprocess("esp", error(None))))
    world.caught_by_caller = ("ANY",)
    world.start().do("throw_error", "pay", "ANY", OOPS, {"why": 1})
    assert world.waiting() == ["esp", "esp_task"]
    assert world["why"] == 1


def test_each_instance_of_a_multi_instance_subprocess_has_its_own():
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics"
        ' inputCollection="=[1,2]" inputElement="n"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
    )
    inner = (node("startEvent", "s"), node("userTask", "t"), node("endEvent", "e"), path("s", "t", "e"))
    sub = subprocess_("sub", loop, *inner, event_subprocess("esp", message()))
    world = World(
        model(START, sub, END, path("start", "sub", "end"), definitions=message_definition(key="string(n)"))
    ).start()
    assert sorted(opened.correlation_key for opened in world.of(SubscriptionOpened)) == ["1", "2"]
    world.do("deliver_message", "esp_start", {"got": 1})
    assert world.waiting() == ["esp", "esp_start", "esp_task", "sub", "sub", "sub", "t"]
    assert world.execution.variables_of(world.key("esp_task"))["n"] == 1
    world.do("complete_user_task", "t", {}).do("complete_user_task", "esp_task", {})
    assert world.completed


def test_nested_ones_guard_what_runs_inside_an_event_subprocess():
    nested = event_subprocess("deep", signal(), interrupting=True)
    outer = event_subprocess(
        "esp",
        message(),
        node("userTask", "inside"),
        node("endEvent", "over"),
        path("esp_start", "inside", "over"),
        nested,
        interrupting=False,
    )
    world = World(process(*TASK, outer)).start(loan="L").do("deliver_message", "esp_start", {})
    assert world.waiting() == ["deep_start", "esp", "esp_start", "inside", "work"]
    world.do("deliver_signal", "deep_start", {})
    assert world.waiting() == ["deep", "deep_task", "esp", "esp_start", "work"]
    world.do("complete_user_task", "deep_task", {})
    assert world.waiting() == ["esp_start", "work"]


def test_an_interrupted_subprocess_keeps_its_boundary_events():
    inner = (node("startEvent", "s"), node("userTask", "t"), node("endEvent", "e"), path("s", "t", "e"))
    world = World(
        process(
            START,
            subprocess_("sub", *inner, event_subprocess("esp", message())),
            boundary("late", "sub", timer("duration", "P1D")),
            node("userTask", "handled"),
            END,
            path("start", "sub", "end"),
            flow("late", "handled"),
        )
    ).start(loan="L")
    world.do("deliver_message", "esp_start", {})
    assert world.waiting() == ["esp", "esp_task", "late", "sub"]
    world.do("fire_timer", "late")
    assert world.waiting() == ["handled"]


def test_a_terminate_end_event_inside_ends_the_event_subprocess_alone_and_one_outside_ends_all():
    stop = node("endEvent", "stop", "<bpmn:terminateEventDefinition/>")
    inside = event_subprocess("esp", message(), stop, flow("esp_start", "stop"), interrupting=False)
    world = World(process(*TASK, inside)).start(loan="L").do("deliver_message", "esp_start", {})
    assert world.waiting() == ["esp_start", "work"]

    beside = (START, node("userTask", "work"), stop, path("start", "work", "stop"))
    world = World(process(*beside, event_subprocess("esp", message(), interrupting=False))).start(loan="L")
    world.do("deliver_message", "esp_start", {}).do("complete_user_task", "work", {})
    assert world.completed


def test_the_payload_is_everyones_without_mappings_and_the_handlers_own_with_them():
    plain = World(process(*TASK, event_subprocess("esp", message()))).start(loan="L")
    plain.do("deliver_message", "esp_start", {"amount": 5})
    assert plain["amount"] == 5

    mapped = event_subprocess(
        "esp",
        message(),
        interrupting=False,
        start_ext=io(("output", "amount * 2", "twice")),
        ext=io(("input", "loan", "about"), ("output", "twice", "result")),
    )
    world = World(process(*TASK, mapped)).start(loan="L")
    world.do("deliver_message", "esp_start", {"amount": 5}).do("deliver_message", "esp_start", {"amount": 6})
    assert [world.execution.local_variables(key) for key in world.keys("esp")] == [
        {"about": "L", "twice": 10},
        {"about": "L", "twice": 12},
    ]
    assert set(world.execution.variables[""]) == {"loan"}
    world.do("complete_user_task", "esp_task", {})
    assert world["result"] == 10


def test_a_subscription_that_fails_on_entry_is_an_incident_that_can_be_retried():
    world = World(process(*TASK, event_subprocess("esp", message()))).start()
    (raised,) = world.of(IncidentRaised)
    assert (raised.key, raised.element_id, raised.error_type) == (100, "p", "EXTRACT_VALUE_ERROR")
    assert world.waiting() == []
    world.execution.set_variables(100, {"loan": "L"})
    world.execution.retry(100)
    world._store()
    assert [cleared.key for cleared in world.of(IncidentCleared)] == [100]
    assert world.waiting() == ["esp_start", "work"]
    assert world.do("complete_user_task", "work", {}).completed


def test_cancelling_an_instance_that_failed_on_entry_ends_its_incident():
    world = World(process(*TASK, event_subprocess("esp", message()))).start()
    world.execution.cancel()
    assert [cleared.key for cleared in world.execution.effects if isinstance(cleared, IncidentCleared)] == [100]


def test_a_subscription_of_a_subprocess_that_fails_is_an_incident_on_the_subprocess():
    inner = (node("startEvent", "s"), node("userTask", "t"), node("endEvent", "e"), path("s", "t", "e"))
    sub = subprocess_("sub", *inner, event_subprocess("esp", message()))
    world = World(process(START, sub, END, path("start", "sub", "end"))).start()
    assert world.of(IncidentRaised)[0].element_id == "sub"
    assert world.waiting() == ["sub"]
    world.execution.set_variables(100, {"loan": "L"})
    world.execution.retry(world.key("sub"))
    world._store()
    assert world.waiting() == ["esp_start", "sub", "t"]


def test_a_failed_input_mapping_keeps_what_the_event_brought():
    mapped = event_subprocess("esp", message(), ext=io(("input", "limit + 1", "more")))
    world = World(process(*TASK, mapped)).start(loan="L").do("deliver_message", "esp_start", {"amount": 5})
    assert world.of(IncidentRaised)[0].element_id == "esp"
    assert world.waiting() == ["esp"], "the event has interrupted; what it brought is kept"
    world.execution.set_variables(100, {"limit": 1})
    world.execution.retry(world.key("esp"))
    world._store()
    assert world.waiting() == ["esp", "esp_task"]
    assert world["amount"] == 5


def test_the_last_task_done_and_the_event_in_the_same_moment_one_of_them_wins():
    inner = (node("startEvent", "s"), node("userTask", "t"), flow("s", "t"))
    sub = subprocess_("sub", *inner, event_subprocess("esp", message()))
    shape = process(START, sub, node("userTask", "after"), path("start", "sub", "after"))
    first = World(shape).start(loan="L")
    wait = first.key("esp_start")
    first.do("complete_user_task", "t", {})
    with pytest.raises(NotWaiting):
        first.execution.deliver_message(wait, {})
    assert first.waiting() == ["after"]

    second = World(shape).start(loan="L")
    task = second.key("t")
    second.do("deliver_message", "esp_start", {})
    with pytest.raises(NotWaiting):
        second.execution.complete_user_task(task, {})
    assert second.do("complete_user_task", "esp_task", {}).waiting() == ["after"]


def test_a_scope_whose_end_cannot_be_left_starts_no_event_subprocess_any_more():
    inner = (node("startEvent", "s"), node("userTask", "t"), flow("s", "t"))
    sub = subprocess_("sub", *inner, event_subprocess("esp", message()), ext=io(("output", "nothing + 1", "x")))
    world = World(process(START, sub, END, path("start", "sub", "end"))).start(loan="L")
    wait = world.key("esp_start")
    world.do("complete_user_task", "t", {})
    assert world.of(IncidentRaised)[0].element_id == "sub"
    with pytest.raises(NotWaiting):
        world.execution.deliver_message(wait, {})


def test_cancelling_takes_waits_and_handlers_away():
    world = World(process(*TASK, event_subprocess("esp", message(), interrupting=False))).start(loan="L")
    world.do("deliver_message", "esp_start", {})
    world.execution.cancel()
    effects = world.execution.effects
    assert len([e for e in effects if isinstance(e, SubscriptionClosed)]) == 1
    assert len([e for e in effects if isinstance(e, UserTaskClosed)]) == 2
    assert {e.key for e in effects if isinstance(e, ElementEnded) and e.completed} == set()


def test_an_escalation_starts_one_beside_the_work_that_threw_it():
    throw = node("intermediateThrowEvent", "late", escalation())
    shape = (START, throw, node("userTask", "work"), END, path("start", "late", "work", "end"))
    world = World(process(*shape, event_subprocess("esp", escalation(), interrupting=False))).start()
    assert world.waiting() == ["esp", "esp_task", "work"]
