"""Compensation: handlers in reverse order, with the variables as they were. Plain SpiffWorkflow throws into nothing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.bpmn.compensation import records_of
from server.bpmn.effects import ElementEnded, IncidentRaised, JobOpened
from server.messages import Message

from .diagrams import (
    END,
    START,
    World,
    boundary,
    error,
    error_definition,
    event_subprocess,
    flow,
    io,
    job,
    model,
    node,
    path,
    script,
    signal,
    signal_definition,
    subprocess_,
)


def throw(id_: str, activity: str = "", tag: str = "intermediateThrowEvent", waits: str = "true") -> str:
    reference = f' activityRef="{activity}"' if activity else ""
    return node(tag, id_, f'<bpmn:compensateEventDefinition waitForCompletion="{waits}"{reference}/>')


def handled(activity: str, handler: str = "", *, tag: str = "serviceTask", inside: str = "", ext: str = "") -> str:
    """The compensation boundary event of ``activity``, with its handler ``undo_…``."""
    name = handler or f"undo_{activity}"
    definition = "<bpmn:compensateEventDefinition/>"
    extension = ext or (job(name) if tag == "serviceTask" else "")
    return (
        boundary(f"c_{activity}", activity, definition)
        + node(tag, name, inside, ext=extension, isForCompensation="true")
        + f'<bpmn:association id="association_{activity}" sourceRef="c_{activity}" targetRef="{name}"/>'
    )


def step(name: str, **ext: str) -> str:
    return node("serviceTask", name, ext=job(name), **ext)


def booking(*after: str, waits: str = "true", activity: str = ""):
    """Three bookings, the first two of which can be undone, then compensation."""
    return model(
        START,
        step("hotel") + handled("hotel"),
        step("flight") + handled("flight"),
        step("mail"),
        throw("sorry", activity, waits=waits),
        node("userTask", "after"),
        END,
        path("start", "hotel", "flight", "mail", "sorry", "after", "end"),
        *after,
    )


def booked(process) -> World:
    world = World(process).start(n=0)
    world.do("complete_job", "hotel", {"n": 1, "booking": "H"})
    world.do("complete_job", "flight", {"n": 2, "booking": "F"})
    return world.do("complete_job", "mail", {"n": 3})


def test_handlers_run_one_after_the_other_in_reverse_order_of_completion():
    world = booked(booking())
    assert world.waiting() == ["sorry", "undo_flight"]
    world.do("complete_job", "undo_flight", {})
    assert world.waiting() == ["sorry", "undo_hotel"]
    world.do("complete_job", "undo_hotel", {})
    assert world.waiting() == ["after"]
    assert set(world.execution.variables) == {""}


def test_a_handler_sees_the_variables_as_they_were_and_writes_them_as_they_are():
    world = booked(booking())
    seen = world.execution.variables_of(world.key("undo_flight"))
    assert (seen["n"], seen["booking"]) == (2, "F")
    world.do("complete_job", "undo_flight", {"n": 99, "refund": 7})
    seen = world.execution.variables_of(world.key("undo_hotel"))
    assert (seen["n"], seen["booking"], seen["refund"]) == (1, "H", 7)
    world.do("complete_job", "undo_hotel", {})
    assert world.execution.variables == {"": {"n": 99, "booking": "F", "refund": 7}}


def test_output_mappings_of_a_handler_extend_what_is_there_now():
    handler = handled("book", ext=job("undo") + io(("output", "state", "loan.state")))
    process = model(START, step("book") + handler, step("more"), throw("sorry"), path("start", "book", "more", "sorry"))
    world = World(process).start(loan={"id": 1}).do("complete_job", "book", {})
    world.do("complete_job", "more", {"loan": {"id": 1, "limit": 5}})
    world.do("complete_job", "undo_book", {"state": "undone"})
    assert world.completed
    assert world["loan"] == {"id": 1, "limit": 5, "state": "undone"}


def test_local_variables_of_the_activity_are_kept_for_its_handler():
    process = model(
        START,
        node("serviceTask", "pay", ext=job("pay") + io(("input", "loan.account", "account"), ("output", "true", "ok"))),
        handled("pay"),
        throw("sorry"),
        path("start", "pay", "sorry"),
    )
    world = World(process).start(loan={"account": "A"}).do("complete_job", "pay", {"payment": 17})
    seen = world.execution.variables_of(world.key("undo_pay"))
    assert (seen["account"], seen["payment"]) == ("A", 17)


def test_one_activity_alone_can_be_compensated():
    world = booked(booking(activity="hotel"))
    assert world.waiting() == ["sorry", "undo_hotel"]
    assert world.do("complete_job", "undo_hotel", {}).waiting() == ["after"]


def test_the_flow_goes_on_at_once_where_it_does_not_wait_for_completion():
    world = booked(booking(waits="false"))
    assert world.waiting() == ["after", "sorry", "undo_flight"]
    world.do("complete_user_task", "after", {})
    assert not world.completed
    world.do("complete_job", "undo_flight", {}).do("complete_job", "undo_hotel", {})
    assert world.completed


def test_what_has_not_completed_is_not_compensated_and_the_event_passes():
    process = model(
        START,
        node("parallelGateway", "both"),
        step("book") + handled("book"),
        node("userTask", "wait"),
        throw("sorry"),
        END,
        path("start", "both", "book", "end"),
        path("both", "wait", "sorry"),
    )
    world = World(process).start().do("complete_user_task", "wait", {})
    assert world.waiting() == ["book"]
    assert world.do("complete_job", "book", {}).completed


def test_each_completion_is_compensated_once_however_often_it_is_thrown():
    process = model(
        START,
        step("book") + handled("book"),
        throw("sorry"),
        node("userTask", "wait"),
        throw("again", tag="endEvent"),
        path("start", "book", "sorry", "wait", "again"),
    )
    world = World(process).start().do("complete_job", "book", {}).do("complete_job", "undo_book", {})
    assert world.do("complete_user_task", "wait", {}).completed
    assert not world.of(JobOpened)


def test_two_throws_at_once_share_what_is_to_be_done():
    process = model(
        START,
        step("book") + handled("book"),
        node("parallelGateway", "both"),
        throw("one", tag="endEvent"),
        throw("two", tag="endEvent"),
        path("start", "book", "both", "one"),
        flow("both", "two"),
    )
    world = World(process).start().do("complete_job", "book", {})
    assert world.waiting() == ["one", "undo_book"]
    assert world.do("complete_job", "undo_book", {}).completed


def test_what_a_loop_completed_three_times_is_compensated_three_times():
    process = model(
        START,
        node("exclusiveGateway", "again"),
        step("book") + handled("book"),
        node("exclusiveGateway", "enough", default="more"),
        throw("sorry"),
        path("start", "again", "book", "enough"),
        flow("enough", "sorry", "n >= 3"),
        flow("enough", "again", id_="more"),
    )
    world = World(process).start()
    for n in (1, 2, 3):
        world.do("complete_job", "book", {"n": n})
    for n in (3, 2, 1):
        assert world.execution.variables_of(world.key("undo_book"))["n"] == n
        world.do("complete_job", "undo_book", {})
    assert world.completed


MANY = (
    '<bpmn:multiInstanceLoopCharacteristics isSequential="{}"><bpmn:extensionElements>'
    '<zeebe:loopCharacteristics inputCollection="=rooms" inputElement="room"/>'
    "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
)


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_each_completed_instance_of_many_is_compensated(sequential):
    process = model(
        START,
        node("serviceTask", "book", MANY.format(sequential), ext=job("book")),
        handled("book"),
        throw("sorry"),
        path("start", "book", "sorry"),
    )
    world = World(process).start(rooms=["a", "b"])
    for _ in "ab":
        world.execution.complete_job(world.keys("book")[1], {})
        world._store()
    for room in "ba":
        assert world.execution.variables_of(world.key("undo_book"))["room"] == room
        world.do("complete_job", "undo_book", {})
    assert world.completed


def trip(*inside: str, after: str = "", tag: str = "subProcess") -> str:
    return node(
        tag,
        "trip",
        node("startEvent", "s"),
        step("hotel") + handled("hotel"),
        step("flight") + handled("flight"),
        node("endEvent", "e"),
        path("s", "hotel", "flight", "e"),
        *inside,
    )


def test_a_completed_subprocess_is_undone_from_inside_in_its_turn():
    process = model(
        START,
        step("car") + handled("car"),
        trip(),
        step("insurance") + handled("insurance"),
        throw("sorry", tag="endEvent"),
        path("start", "car", "trip", "insurance", "sorry"),
    )
    world = World(process).start()
    for name in ("car", "hotel", "flight", "insurance"):
        world.do("complete_job", name, {})
    for name in ("insurance", "flight", "hotel", "car"):
        assert world.waiting() == ["sorry", f"undo_{name}"]
        world.do("complete_job", f"undo_{name}", {})
    assert world.completed


def test_the_log_of_a_subprocess_that_was_taken_away_is_gone():
    process = model(
        START,
        trip(),
        boundary("stop", "trip", signal()),
        throw("sorry", "trip"),
        path("start", "trip"),
        flow("stop", "sorry"),
        definitions=signal_definition(),
    )
    world = World(process).start().do("complete_job", "hotel", {}).do("deliver_signal", "stop", {})
    assert world.completed


def test_a_handler_of_its_own_replaces_what_is_inside_a_subprocess():
    process = model(START, trip(), handled("trip"), throw("sorry"), path("start", "trip", "sorry"))
    world = World(process).start().do("complete_job", "hotel", {}).do("complete_job", "flight", {"n": 1})
    assert world.waiting() == ["sorry", "undo_trip"]
    assert world.do("complete_job", "undo_trip", {}).completed


EVENT_SUBPROCESS = node(
    "subProcess",
    "undoing",
    node("startEvent", "us", "<bpmn:compensateEventDefinition/>"),
    node("userTask", "ask"),
    throw("inner", "hotel"),
    node("endEvent", "ue"),
    path("us", "ask", "inner", "ue"),
    triggeredByEvent="true",
)


def test_a_compensation_event_subprocess_undoes_its_parent_and_decides_what_inside_it():
    process = model(START, trip(EVENT_SUBPROCESS), throw("sorry"), path("start", "trip", "sorry"))
    world = World(process).start().do("complete_job", "hotel", {"n": 1}).do("complete_job", "flight", {"n": 2})
    assert world.waiting() == ["ask", "sorry", "undoing"]
    assert world.execution.variables_of(world.key("ask"))["n"] == 2
    world.do("complete_user_task", "ask", {})
    assert world.waiting() == ["inner", "sorry", "undo_hotel", "undoing"]
    assert world.do("complete_job", "undo_hotel", {}).completed


def test_an_event_subprocess_undoes_what_its_parent_has_completed():
    handler = node("startEvent", "es", error()) + throw("all") + path("es", "all")
    event_subprocess = node("subProcess", "on_error", handler, triggeredByEvent="true")
    process = model(START, trip(event_subprocess), END, path("start", "trip", "end"), definitions=error_definition())
    world = World(process).start().do("complete_job", "hotel", {"n": 1})
    world.do("throw_error", "flight", "REFUSED", Message("x", "拒", "no"), {})
    assert world.waiting() == ["all", "on_error", "trip", "undo_hotel"]
    assert world.execution.variables_of(world.key("undo_hotel"))["n"] == 1
    assert world.do("complete_job", "undo_hotel", {}).completed


def test_a_subprocess_a_user_task_and_a_call_activity_can_be_handlers():
    inner = node("startEvent", "hs") + node("userTask", "call_back") + path("hs", "call_back")
    process = model(
        START,
        step("a") + handled("a", tag="subProcess", inside=inner),
        step("b") + handled("b", tag="userTask"),
        node("callActivity", "c", ext='<zeebe:calledElement processId="pay"/>'),
        handled("c", tag="callActivity", ext='<zeebe:calledElement processId="refund"/>'),
        throw("sorry"),
        path("start", "a", "b", "c", "sorry"),
    )
    world = World(process).start().do("complete_job", "a", {}).do("complete_job", "b", {})
    world.do("call_ended", "c", {"payment": 5})
    assert world.execution.variables_of(world.key("undo_c"))["payment"] == 5
    world.do("call_ended", "undo_c", {}).do("complete_user_task", "undo_b", {})
    assert world.waiting() == ["call_back", "sorry", "undo_a"]
    assert world.do("complete_user_task", "call_back", {}).completed


def test_an_error_in_a_handler_is_caught_around_the_throwing_scope():
    inner = node("startEvent", "s") + step("book") + handled("book") + throw("sorry") + path("s", "book", "sorry")
    process = model(
        START,
        subprocess_("sub", inner),
        boundary("failed", "sub", error()),
        node("userTask", "repair"),
        path("start", "sub"),
        flow("failed", "repair"),
        definitions=error_definition(),
    )
    world = World(process).start().do("complete_job", "book", {})
    world.do("throw_error", "undo_book", "REFUSED", Message("x", "拒", "no"), {})
    assert world.waiting() == ["repair"]
    assert set(world.execution.variables) == {""}


def test_a_handler_that_fails_is_an_incident_and_goes_on_when_repaired():
    handler = handled("book", tag="scriptTask", ext=script("late.n + 1", "m"))
    process = model(START, step("book") + handler, throw("sorry"), END, path("start", "book", "sorry", "end"))
    world = World(process).start().do("complete_job", "book", {})
    assert world.of(IncidentRaised)[0].element_id == "undo_book"
    world.execution.set_variables(100, {"late": {"n": 1}})
    world.do("retry", "undo_book")
    assert world.completed
    assert world["m"] == 2


def test_a_scope_that_is_taken_away_while_compensating_takes_its_handlers_along():
    inner = node("startEvent", "s") + step("book") + handled("book") + throw("sorry") + path("s", "book", "sorry")
    process = model(
        START,
        subprocess_("sub", inner),
        boundary("stop", "sub", signal()),
        path("start", "sub"),
        definitions=signal_definition(),
    )
    world = World(process).start().do("complete_job", "book", {})
    gone = {world.key("sub"), world.key("sorry"), world.key("undo_book")}
    world.do("deliver_signal", "stop", {})
    assert world.completed
    assert {e.key for e in world.of(ElementEnded) if not e.completed} == gone
    assert set(world.execution.variables) == {""}


def test_processes_without_handlers_keep_no_log():
    def size(*handler: str) -> int:
        process = model(
            START,
            node("exclusiveGateway", "again"),
            step("book"),
            *handler,
            path("start", "again", "book"),
            flow("book", "again"),
        )
        world = World(process).start()
        for _ in range(50):
            world.do("complete_job", "book", {})
        return len(world.execution.snapshot())

    assert size() < 150


trees = st.recursive(st.none(), lambda inner: st.lists(inner, min_size=1, max_size=3), max_leaves=8)
"""None is an activity with a handler, a list a subprocess whose parts run side by side."""


def draw(tree, name: str) -> str:
    if tree is None:
        return step(name) + handled(name)
    parts = [(f"{name}{number}", part) for number, part in enumerate(tree)]
    inside = [draw(part, id_) + flow(f"{name}_s", id_) for id_, part in parts]
    return subprocess_(name, node("startEvent", f"{name}_s"), *inside)


class Undone:
    """What a tree should have undone in which order, told by which activity completes when."""

    def __init__(self, tree) -> None:
        self.tree = tree
        self.open = 1 if tree is None else len(tree)
        self.parts = [] if tree is None else [Undone(part) for part in tree]
        self.log: list[str | Undone] = []

    def complete(self, name: str, path_: str) -> bool:
        """``name`` has completed, ``path_`` leads to it from here; whether everything here is done."""
        if self.tree is None:
            self.log.append(name)
            return True
        part = self.parts[int(path_[0])]
        if part.complete(name, path_[1:]):
            self.log.append(part)
            self.open -= 1
        return self.open == 0

    def order(self) -> list[str]:
        return [n for done in reversed(self.log) for n in ([done] if isinstance(done, str) else done.order())]


@settings(max_examples=60, deadline=None)
@given(tree=st.lists(trees, min_size=1, max_size=3), seed=st.integers(0, 10_000))
def test_whatever_the_order_of_completion_everything_is_undone_once_in_reverse(tree, seed):
    process = model(START, draw(tree, "x"), throw("sorry"), END, path("start", "x", "sorry", "end"))
    world, undone, order = World(process).start(), Undone(tree), random.Random(seed)
    while "sorry" not in world.waiting():
        element = order.choice([e for e in world.waiting() if process.elements[e].type == "SERVICE_TASK"])
        undone.complete(element, element[1:])
        world.do("complete_job", element, {"last": element})
    happened = []
    while not world.execution.ended:
        (handler,) = [e for e in world.waiting() if e.startswith("undo_")]
        name = handler.removeprefix("undo_")
        assert world.execution.variables_of(world.key(handler))["last"] == name
        happened.append(name)
        world.do("complete_job", handler, {})
    assert happened == undone.order()
    assert set(world.execution.variables) == {""}


@settings(max_examples=40, deadline=None)
@given(tree=st.lists(trees, min_size=1, max_size=3), seed=st.integers(0, 10_000), taken=st.integers(0, 12))
def test_no_snapshot_holds_a_value_that_nothing_can_undo_any_more(tree, seed, taken):
    process = model(
        START,
        draw(tree, "x"),
        boundary("stop", "x", error()),
        throw("sorry"),
        END,
        path("start", "x", "sorry", "end"),
        flow("stop", "end"),
        definitions=error_definition(),
    )
    world, order = World(process).start(), random.Random(seed)
    for number in range(40):
        if world.execution.ended:
            return
        element = order.choice([e for e in world.waiting() if process.elements[e].type == "SERVICE_TASK"])
        if number == taken and not element.startswith("undo_"):
            world.do("throw_error", element, "REFUSED", Message("x", "x", "x"), {})
        else:
            world.do("complete_job", element, {"last": f"{element} {'x' * 60}"})
        if not world.execution.ended:
            instance = world.execution._instance
            records = [r for token in instance.tasks.values() for r in records_of(token.internal_data)]
            named = {digest for record in records for digest in record.get("kept", {}).values()}
            assert set(instance.task_tree.internal_data.get("values", {})) == named


def test_what_was_not_undone_when_a_handler_failed_can_still_be_undone():
    process = model(
        START,
        step("hotel") + handled("hotel"),
        step("flight") + handled("flight"),
        throw("sorry"),
        END,
        path("start", "hotel", "flight", "sorry", "end"),
        event_subprocess(
            "rescue",
            error(),
            node("userTask", "look"),
            throw("again"),
            node("endEvent", "rescued"),
            path("rescue_start", "look", "again", "rescued"),
        ),
        definitions=error_definition(),
    )
    world = World(process).start().do("complete_job", "hotel", {}).do("complete_job", "flight", {})
    world.do("throw_error", "undo_flight", "REFUSED", Message("x", "x", "x"), {})
    assert world.waiting() == ["look", "rescue"]
    world.do("complete_user_task", "look", {})
    assert world.waiting() == ["again", "rescue", "undo_flight"]
    world.do("complete_job", "undo_flight", {}).do("complete_job", "undo_hotel", {})
    assert world.completed
