"""Standard loops, and multi-instance activities that change while they run."""

from __future__ import annotations

import copy

import pytest

from server.bpmn import NotWaiting, lint, read_processes
from server.bpmn.effects import CallOpened, ElementActivated, ElementEnded, IncidentRaised, UserTaskClosed
from server.messages import LendloomError

from .diagrams import (
    END,
    START,
    World,
    boundary,
    document,
    flow,
    io,
    job,
    message,
    message_definition,
    model,
    node,
    path,
    script,
    signal,
    signal_definition,
    subprocess_,
)


def standard(condition: str = "", maximum: str = "", before: str = "false") -> str:
    limit = f' loopMaximum="{maximum}"' if maximum else ""
    inside = f"<bpmn:loopCondition>={condition}</bpmn:loopCondition>" if condition else ""
    return f'<bpmn:standardLoopCharacteristics testBefore="{before}"{limit}>{inside}</bpmn:standardLoopCharacteristics>'


def looping(loop: str, *more: str, definitions: str = ""):
    task = node("serviceTask", "call", loop, ext=job("call"))
    return model(START, task, *more, END, path("start", "call", "end"), definitions=definitions)


def inner(world: World, element: str = "call") -> int:
    """The only inner instance of a looping activity; the first key is its body."""
    (_, key) = world.keys(element)
    return key


def answer(world: World, **result) -> World:
    world.execution.complete_job(inner(world), result)
    world._store()
    return world


def test_a_loop_runs_once_and_again_while_its_condition_holds():
    world = World(looping(standard("not(reached)"))).start(reached=True)
    assert [e.element_type for e in world.of(ElementActivated)][2:] == ["MULTI_INSTANCE_BODY", "SERVICE_TASK"]
    answer(world, reached=False)
    assert world.execution.variables_of(inner(world))["loopCounter"] == 2
    answer(world, reached=False)
    assert world.execution.variables_of(inner(world))["loopCounter"] == 3
    assert answer(world, reached=True).completed
    assert world.execution.variables == {"": {"reached": True}}


def test_a_condition_that_is_tested_before_may_let_nothing_run():
    process = looping(standard("not(reached)", before="true"))
    assert World(process).start(reached=True).completed
    assert answer(World(process).start(reached=False), reached=True).completed


def test_a_maximum_ends_the_loop_with_and_without_a_condition():
    for loop in (standard(maximum="2"), standard("true", maximum="2"), standard("loopCounter &lt; 2")):
        world = World(looping(loop)).start()
        assert not answer(world).completed
        assert answer(world).completed


def test_boundary_events_belong_to_the_whole_loop():
    process = looping(
        standard("true"), boundary("paid", "call", message()), flow("paid", "end"), definitions=message_definition()
    )
    world = answer(World(process).start(loan="L"))
    assert len(world.keys("paid")) == 1
    assert world.do("deliver_message", "paid", {}).completed


def test_a_condition_that_fails_is_an_incident_of_the_loop_and_is_asked_again():
    world = answer(World(looping(standard("tries > n"))).start(n=1))
    (incident,) = world.of(IncidentRaised)
    assert (incident.key, incident.error_type) == (world.key("call"), "CONDITION_ERROR")
    world.execution.set_variables(100, {"tries": 2})
    world.do("retry", "call")
    assert len(world.keys("call")) == 2
    world.execution.set_variables(100, {"tries": 0})
    assert answer(world).completed


def test_a_subprocess_may_loop():
    body = (node("startEvent", "s"), node("scriptTask", "add", ext=script("n + 1", "n")), path("s", "add"))
    process = model(START, node("subProcess", "sub", standard("n &lt; 5"), *body), END, path("start", "sub", "end"))
    world = World(process).start(n=0)
    assert world.completed
    assert world["n"] == 5


def test_an_endless_loop_without_a_wait_is_an_incident():
    process = model(START, node("task", "spin", standard("true")), END, path("start", "spin", "end"))
    world = World(process).start()
    assert world.of(IncidentRaised)[0].message.code == "bpmn.endless-loop"


@pytest.mark.parametrize(
    ("loop", "code"),
    [
        ("<bpmn:standardLoopCharacteristics/>", "bpmn.loop-endless"),
        (standard(maximum="0"), "bpmn.loop-maximum"),
        (standard("x").replace("=x", "x"), "bpmn.loop-condition"),
        (standard("1 +"), "bpmn.expression"),
    ],
)
def test_loops_that_would_never_end_or_make_no_sense_are_refused(loop, code):
    xml = document(START, node("task", "x", loop), END, path("start", "x", "end"))
    assert [f.message.code for f in lint(xml)] == [code]


# -- multi-instance activities that change while they run -----------------------------------------------------------


def signing(condition: str = "", sequential: str = "false"):
    """A task for each of ``people``, whose answers are collected."""
    loop = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{sequential}">'
        '<bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=people" inputElement="person"'
        ' outputCollection="votes" outputElement="=vote"/></bpmn:extensionElements>'
        + (f"<bpmn:completionCondition>={condition}</bpmn:completionCondition>" if condition else "")
        + "</bpmn:multiInstanceLoopCharacteristics>"
    )
    ext = '<zeebe:userTask/><zeebe:assignmentDefinition assignee="=person"/>' + io(("input", "null", "vote"))
    return model(START, node("userTask", "sign", loop, ext=ext), END, path("start", "sign", "end"))


def task_of(world: World, person: str) -> int:
    keys = world.keys("sign")[1:]
    return next(key for key in keys if world.execution.variables_of(key)["person"] == person)


def sign(world: World, person: str) -> World:
    world.execution.complete_user_task(task_of(world, person), {"vote": person})
    world._store()
    return world


def test_an_instance_can_be_added_while_the_others_run():
    world = sign(World(signing()).start(people=["a", "b"]), "a")
    key = world.execution.add_instance(world.key("sign"), item="c", variables={"why": "large"})
    world._store()
    assert key == task_of(world, "c")
    seen = world.execution.variables_of(key)
    assert (seen["loopCounter"], seen["why"]) == (3, "large")
    sign(sign(world, "c"), "b")
    assert world.completed
    assert world.execution.variables == {"": {"people": ["a", "b"], "votes": ["a", "b", "c"]}}


def test_an_instance_added_to_a_sequence_comes_at_its_end():
    world = World(signing(sequential="true")).start(people=["a", "b"])
    assert world.execution.add_instance(world.key("sign"), item="c", variables={"why": "large"}) is None
    world._store()
    sign(sign(world, "a"), "b")
    assert world.execution.variables_of(task_of(world, "c"))["why"] == "large"
    assert sign(world, "c").completed
    assert world["votes"] == ["a", "b", "c"]


def test_an_active_instance_can_be_removed_and_what_is_left_completes():
    world = sign(World(signing()).start(people=["a", "b"]), "a")
    key = task_of(world, "b")
    world.execution.remove_instance(key)
    world._store()
    assert world.completed
    assert world["votes"] == ["a", None]
    assert [e.completed for e in world.of(UserTaskClosed)] == [False]
    assert (key, False) in [(e.key, e.completed) for e in world.of(ElementEnded)]


def test_removing_the_active_one_of_a_sequence_goes_on_with_the_next():
    world = World(signing(sequential="true")).start(people=["a", "b"])
    world.execution.remove_instance(task_of(world, "a"))
    world._store()
    assert sign(world, "b").completed
    assert world["votes"] == [None, "b"]


def test_what_was_removed_counts_as_terminated_and_no_longer_as_active():
    total = "numberOfCompletedInstances + numberOfActiveInstances + numberOfTerminatedInstances = numberOfInstances"
    world = World(signing(f"if {total} then numberOfTerminatedInstances >= 1 else null")).start(people=["a", "b"])
    sign(world, "a")
    assert not world.of(IncidentRaised)
    world.execution.add_instance(world.key("sign"), item="c")
    world.execution.remove_instance(task_of(world, "b"))
    world._store()
    assert world.completed  # the rule is met although c is still open
    assert world["votes"] == ["a", None, None]


def test_a_completion_condition_that_fails_is_asked_again_and_does_not_end_the_rest():
    world = sign(World(signing("numberOfCompletedInstances >= needed")).start(people=["a", "b", "c"]), "a")
    sign(world, "b")
    assert not world.of(IncidentRaised)  # it stands still already
    world.execution.set_variables(100, {"needed": 3})
    world.do("retry", "sign")
    assert len(world.keys("sign")) == 2
    assert sign(world, "c").completed


def test_a_completion_condition_about_what_the_last_one_knew_is_asked_again_with_that():
    """``vote`` and ``person`` are variables of the inner instance alone, which has ended."""
    world = sign(World(signing('vote = "b" and person = "b" and sure')).start(people=["a", "b", "c"]), "b")
    assert [e.element_id for e in world.of(IncidentRaised)] == ["sign"]
    world.execution.set_variables(100, {"sure": True})
    assert world.do("retry", "sign").completed
    assert world["votes"] == [None, "b", None]


def test_only_open_multi_instance_activities_can_change():
    world = World(looping(standard("true"))).start()
    with pytest.raises(NotWaiting):
        world.execution.add_instance(world.key("call"), item=1)
    with pytest.raises(NotWaiting):
        world.execution.remove_instance(inner(world))
    world = World(signing()).start(people=["a"])
    with pytest.raises(NotWaiting):
        world.execution.add_instance(task_of(world, "a"), item=1)
    with pytest.raises(NotWaiting):
        world.execution.remove_instance(world.key("sign"))
    with pytest.raises(NotWaiting):
        world.execution.remove_instance(4711)


def many(collection: str, element: str, output: str) -> str:
    return (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics"
        f' inputCollection="={collection}" inputElement="{element}" outputCollection="{output}"'
        ' outputElement="=sum"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
    )


def test_multi_instance_activities_nest():
    work = node("serviceTask", "work", many("row", "cell", "cells"), ext=job("work") + io(("input", "0", "sum")))
    total = node("scriptTask", "total", ext=script("sum(cells)", "sum"))
    body = (node("startEvent", "s"), work, total, path("s", "work", "total"))
    mappings = io(("input", "0", "sum"), ("input", "[]", "cells"))
    process = model(
        START, node("subProcess", "sub", many("rows", "row", "sums"), *body, ext=mappings), path("start", "sub")
    )
    world = World(process).start(rows=[[1, 2], [3]])
    tasks = world.execution._instance.tasks
    for key in [t.id for t in tasks.values() if t.internal_data.get("job")]:
        world.execution.complete_job(key, {"sum": world.execution.variables_of(key)["cell"] * 10})
        world._store()
    assert world.completed
    assert world.execution.variables == {"": {"rows": [[1, 2], [3]], "sums": [30, 30]}}


def test_many_calls_take_results_and_errors_of_their_instances():
    loop = many("loans", "loan", "paid").replace("=sum", "=result")
    called = '<zeebe:calledElement processId="pay" propagateAllChildVariables="false"/>' + io(
        ("output", "result", "result"), ("input", "null", "result")
    )
    process = model(
        START,
        node("callActivity", "call", loop, ext=called),
        boundary("stop", "call", signal()),
        END,
        path("start", "call", "end"),
        flow("stop", "end"),
        definitions=signal_definition(),
    )
    world = World(process).start(loans=["x", "y"])
    for key in reversed(world.keys("call")[1:]):
        loan = world.execution.variables_of(key)["loan"]
        world.execution.call_ended(key, {"result": loan.upper()})
        world._store()
    assert world.completed
    assert world["paid"] == ["X", "Y"]


def test_calls_do_not_undo_what_was_collected_by_handing_back_what_they_were_given():
    called = '<zeebe:calledElement processId="pay"/>'
    loop = many("loans", "loan", "paid").replace("=sum", "=result")
    process = model(START, node("callActivity", "call", loop, ext=called), END, path("start", "call", "end"))
    world = World(process).start(loans=["x", "y", "z"])
    given = {effect.key: copy.deepcopy(effect.variables) for effect in world.of(CallOpened)}
    for key, variables in given.items():
        world.execution.call_ended(key, {**variables, "result": variables["loan"].upper()})
        world._store()
    assert world.completed
    assert world["paid"] == ["X", "Y", "Z"]


def collecting(*inside: str, ext: str = "", name: str = "sums") -> bytes:
    loop = many("rows", "row", name).replace("=sum", "=row")
    body = (node("startEvent", "s"), *inside, path("s", "x"))
    return document(START, subprocess_("sub", loop, *body, ext=ext), path("start", "sub"))


SETS_SUMS = node("scriptTask", "y", ext=script("1", "sums"))
SUMS_OF_AD_HOC = '<zeebe:adHoc outputCollection="sums" outputElement="=1"/>'


@pytest.mark.parametrize(
    "file",
    [
        collecting(node("scriptTask", "x", ext=script("row", "sums"))),
        collecting(node("userTask", "x", ext=io(("output", "row", "sums.last")))),
        collecting(node("userTask", "x", many("row", "cell", "sums"))),
        collecting(subprocess_("x", node("startEvent", "t"), SETS_SUMS, path("t", "y"))),
        collecting(node("adHocSubProcess", "x", node("userTask", "y"), ext=SUMS_OF_AD_HOC)),
        document(START, node("scriptTask", "x", many("n", "m", "sums"), ext=script("1", "sums")), path("start", "x")),
        document(START, node("adHocSubProcess", "x", SETS_SUMS, ext=SUMS_OF_AD_HOC), path("start", "x")),
    ],
)
def test_what_would_overwrite_the_collected_results_is_refused(file):
    assert "bpmn.loop-output-overwritten" in [f.message.code for f in lint(file)]


def test_what_was_deployed_before_this_was_refused_is_read_and_run_all_the_same():
    (model,) = read_processes(collecting(node("scriptTask", "x", ext=script("row", "sums"))))
    world = World(model).start(rows=[1, 2])
    assert "bpmn.output-collection" in {raised.message.code for raised in world.of(IncidentRaised)}


@pytest.mark.parametrize(
    "file",
    [
        collecting(node("scriptTask", "x", ext=script("row", "sum"))),
        collecting(node("scriptTask", "x", ext=script("row", "sums") + io(("input", "0", "sums")))),
        collecting(node("userTask", "x", many("row", "cell", "sums")), ext=io(("input", "[]", "sums"))),
        collecting(node("userTask", "x", many("row", "cell", "sums")), name="all"),
    ],
)
def test_what_is_set_inside_alone_is_not(file):
    assert "bpmn.loop-output-overwritten" not in [f.message.code for f in lint(file)]


def test_a_collection_that_something_else_has_overwritten_is_an_incident():
    world = World(signing()).start(people=["a", "b"])
    world.execution.complete_user_task(task_of(world, "a"), {"vote": 1, "votes": "all"})
    world._store()
    (incident,) = world.of(IncidentRaised)
    assert (incident.error_type, incident.message.code) == ("EXTRACT_VALUE_ERROR", "bpmn.output-collection")
    with pytest.raises(LendloomError, match="collected"):
        world.execution.add_instance(world.key("sign"), item="c")
    world.execution.set_variables(world.key("sign"), {"votes": [None]}, local=True)
    sign(world, "b")  # the list has no place for the second either
    assert [e.message.code for e in world.of(IncidentRaised)] == ["bpmn.output-collection"]
    world.execution.set_variables(world.key("sign"), {"votes": [None, None]}, local=True)
    for key in world.keys("sign")[1:]:
        world.execution.retry(key)
        world._store()
    assert world.completed
    assert world["votes"] == [1, "b"]


def test_an_instance_with_work_inside_is_removed_with_it():
    loop = many("rows", "row", "sums")
    body = (node("startEvent", "s"), node("userTask", "ask"), path("s", "ask"))
    sub = subprocess_("sub", loop, *body, ext=io(("input", "0", "sum")))
    world = World(model(START, sub, path("start", "sub"))).start(rows=[1, 2])
    world.execution.remove_instance(world.keys("sub")[1])
    world._store()
    assert len(world.keys("ask")) == 1
    assert world.do("complete_user_task", "ask", {}).completed
