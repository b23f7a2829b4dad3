"""Modification and migration of instances with compensation, ad-hoc subprocesses and standard loops."""

from __future__ import annotations

from server.bpmn import Activate, ProcessModel, ReturnTo, Terminate
from server.bpmn.effects import JobClosed, JobOpened

from .diagrams import END, START, World, model, node, path
from .test_ad_hoc import ad_hoc
from .test_compensation import booked, booking, handled, step, throw
from .test_migration import migrate, refusals
from .test_modification import modify, refusal, tasks

LOOP = '<bpmn:standardLoopCharacteristics loopMaximum="3"/>'
LOOPING = model(
    START, tasks("before"), node("userTask", "again", LOOP), tasks("after"), END,
    path("start", "before", "again", "after", "end"),
)  # fmt: skip


# -- standard loops ---------------------------------------------------------------------------------------------


def test_an_iteration_that_is_terminated_ends_its_loop():
    world = World(LOOPING).start().do("complete_user_task", "before", {})
    body, inner = world.keys("again")
    assert refusal(world, Activate("again", ancestor_key=body)) == "bpmn.modify-sequential"
    modify(world, Terminate(key=inner), Activate("before"))
    assert world.waiting() == ["before"]


def test_a_loop_goes_over_with_its_count_and_to_no_multi_instance():
    world = World(LOOPING).start().do("complete_user_task", "before", {})
    world.execution.complete_user_task(world.keys("again")[1], {})
    world._store()
    target = model(START, node("userTask", "again", LOOP), tasks("z"), END, path("start", "again", "z", "end"))
    migrate(world, target)
    for _ in range(2):
        assert world.waiting() == ["again", "again"]
        world.execution.complete_user_task(world.keys("again")[1], {})
        world._store()
    assert world.waiting() == ["z"]
    single = model(START, tasks("again"), END, path("start", "again", "end"))
    world = World(LOOPING).start().do("complete_user_task", "before", {})
    assert refusals(world, single, {"again": "again"}) == {"again": "bpmn.migrate-multi-instance"}


# -- ad-hoc subprocesses ----------------------------------------------------------------------------------------


def asking(*then: str) -> ProcessModel:
    return model(START, ad_hoc(), tasks(*then), END, path("start", "ask", *then, "end"))


def asked(*names: str) -> World:
    world = World(asking("after")).start()
    world.execution.activate_ad_hoc(world.key("ask"), [(name, {"for": name}) for name in names])
    world._store()
    return world


def test_an_inner_instance_may_be_named_to_activate_in_and_is_returned_in():
    world = asked("income", "identity")
    assert refusal(world, Activate("check", ancestor_key=world.key("ask"))) == "bpmn.modify-ad-hoc"
    world.do("complete_user_task", "income", {})
    modify(world, ReturnTo("income", source_key=world.key("check")))
    assert world.waiting() == ["ask", "ask", "ask", "identity", "income"]
    inner = world.execution._instance.tasks[world.key("income")].scope
    assert world.execution.local_variables(inner.id) == {"for": "income"}
    assert [e.state for e in world.of(JobClosed)] == ["CANCELED"]


def test_an_inner_instance_that_is_terminated_leaves_the_others():
    world = asked("income", "identity")
    modify(world, Terminate("income"))
    assert world.waiting() == ["ask", "ask", "identity"]
    modify(world, Terminate("identity"))
    assert world.waiting() == ["after"]


def test_an_ad_hoc_subprocess_goes_over_with_its_inner_instances():
    world = asked("income", "identity")
    migrate(world, asking("after", "later"))
    for element in ("identity", "income"):
        world.do("complete_user_task", element, {})
    world.do("complete_job", "check", {})
    assert world.waiting() == ["after"]


# -- compensation -----------------------------------------------------------------------------------------------


def renamed(hotel: str = "inn", *, undone: bool = True) -> ProcessModel:
    return model(
        START,
        step(hotel) + (handled(hotel) if undone else ""),
        step("flight") + handled("flight"),
        step("mail"),
        throw("sorry"),
        node("userTask", "after"),
        END,
        path("start", hotel, "flight", "mail", "sorry", "after", "end"),
    )


def test_what_has_completed_is_undone_by_the_target():
    process = booking()
    world = World(process).start(n=0).do("complete_job", "hotel", {"n": 1}).do("complete_job", "flight", {"n": 2})
    migrate(world, renamed(), {"hotel": "inn", "flight": "flight", "mail": "mail"})
    world.do("complete_job", "mail", {})
    assert world.waiting() == ["sorry", "undo_flight"]
    world.do("complete_job", "undo_flight", {})
    assert world.waiting() == ["sorry", "undo_inn"]
    assert [e.type for e in world.of(JobOpened)] == ["undo_inn"]
    world.do("complete_job", "undo_inn", {})
    assert world.waiting() == ["after"]


def test_a_running_compensation_goes_over():
    world = booked(booking())
    mapping = {"hotel": "inn", "flight": "flight", "sorry": "sorry", "undo_flight": "undo_flight"}
    migrate(world, renamed(), mapping)
    world.do("complete_job", "undo_flight", {})
    assert world.waiting() == ["sorry", "undo_inn"]


def test_what_could_no_longer_be_undone_refuses_the_migration():
    world = World(booking()).start(n=0).do("complete_job", "hotel", {}).do("complete_job", "flight", {})
    assert refusals(world, renamed("hotel", undone=False)) == {"hotel": "bpmn.migrate-compensation"}
    world = World(booking()).start(n=0).do("complete_job", "hotel", {}).do("complete_job", "flight", {})
    assert refusals(world, renamed(), {"mail": "mail"}) == {"hotel": "bpmn.migrate-compensation"}


def test_a_handler_that_is_terminated_ends_its_throw_event():
    world = booked(booking())
    modify(world, Terminate("undo_flight"), Activate("after"))
    assert world.waiting() == ["after"]
