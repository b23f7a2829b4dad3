"""What a command costs does not depend on how much has happened before, nor on how large the model is."""

from __future__ import annotations

import statistics
import time

from server.bpmn import snapshot

from .diagrams import END, START, World, boundary, flow, job, model, node, path, script


def cpu(world: World, *step: object) -> float:
    """The processor time of one command: restore, step, snapshot."""
    begun = time.process_time()
    world.do(*step)  # type: ignore[arg-type]
    return time.process_time() - begun


def test_two_hundred_tasks_in_a_row_cost_the_same_each():
    tasks = [f"t{i}" for i in range(200)]
    parts = [
        node("userTask" if i % 2 else "serviceTask", t, ext="" if i % 2 else job("w")) for i, t in enumerate(tasks)
    ]
    world = World(model(START, *parts, END, path("start", *tasks, "end"))).start(n=0)
    sizes, times = [], []
    for i, task in enumerate(tasks):
        times.append(cpu(world, "complete_user_task" if i % 2 else "complete_job", task, {"n": i}))
        sizes.append(len(world.execution.snapshot()))
    assert world.completed
    assert max(sizes) <= 160
    assert statistics.median(times[100:]) < 2 * statistics.median(times[:100])


def loop(*body: str, names: tuple[str, ...]) -> list[str]:
    return [
        START,
        node("exclusiveGateway", "head"),
        *body,
        node("exclusiveGateway", "again", default="again_end"),
        END,
        path("start", "head", *names, "again", "end"),
        flow("again", "head", "n < 5000"),
    ]


def test_five_thousand_iterations_with_a_task_each_do_not_grow():
    count = node("scriptTask", "count", ext=script("n + 1", "n"))
    world = World(model(*loop(node("userTask", "work"), count, names=("work", "count")))).start(n=0)
    sizes, times = set(), []
    while not world.execution.ended:
        times.append(cpu(world, "complete_user_task", "work", {}))
        sizes.add(len(world.execution.snapshot()))
    assert len(times) == world["n"] == 5000
    assert max(sizes) <= 160
    assert statistics.median(times[-1000:]) < 2 * statistics.median(times[:1000])


def test_five_thousand_iterations_in_one_command_cost_no_more_each_than_five_hundred():
    def seconds(first: int) -> float:
        process = model(*loop(node("scriptTask", "count", ext=script("n + 1", "n")), names=("count",)))
        begun = time.process_time()
        assert World(process).start(n=first).completed
        return time.process_time() - begun

    seconds(4900)  # whatever is built once
    assert seconds(0) < 2.5 * 10 * seconds(4500)


COMPENSABLE = (
    node("serviceTask", "pay", ext=job("pay")),
    boundary("paid", "pay", "<bpmn:compensateEventDefinition/>"),
    node("serviceTask", "pay_back", ext=job("pay_back"), isForCompensation="true"),
    '<bpmn:association id="undo" sourceRef="paid" targetRef="pay_back" associationDirection="One"/>',
)
DOCUMENT = {"rows": [{"n": i, "text": f"line {i} of a long document"} for i in range(400)]}


def compensable_loop(times: int) -> World:
    count = node("scriptTask", "count", ext=script("n + 1", "n"))
    throw = node("intermediateThrowEvent", "undo_all", "<bpmn:compensateEventDefinition/>")
    parts = [
        START,
        node("exclusiveGateway", "head"),
        *COMPENSABLE,
        count,
        node("exclusiveGateway", "again", default="again_undo_all"),
        throw,
        END,
        path("start", "head", "pay", "count", "again", "undo_all", "end"),
        flow("again", "head", f"n < {times}"),
    ]
    return World(model(*parts)).start(n=0, document=DOCUMENT)


def test_a_document_that_two_hundred_completions_remember_is_kept_once():
    world = compensable_loop(200)
    sizes = []
    while "pay" in world.waiting():
        world.do("complete_job", "pay", {"receipt": f"R{world['n']}"})
        sizes.append(len(world.execution.snapshot()))
    assert max(sizes) < 3 * sizes[0]
    undone = []
    while "pay_back" in world.waiting():
        instance = world.execution._instance
        seen = instance.visible(instance.tasks[world.key("pay_back")])
        assert seen["document"] == DOCUMENT
        undone.append(seen["receipt"])
        world.do("complete_job", "pay_back", {})
    assert undone == [f"R{n}" for n in reversed(range(200))]
    assert world.completed


def test_what_is_remembered_is_looked_through_only_when_some_of_it_has_gone(monkeypatch):
    world, looked = compensable_loop(30), []
    monkeypatch.setattr(snapshot, "forget_unnamed", lambda root, records: looked.append(len(list(records))))
    while "pay" in world.waiting():
        assert not looked, "completions let nothing go"
        world.do("complete_job", "pay", {"receipt": "R"})
    world.do("complete_job", "pay_back", {})
    assert looked == [29]


def test_values_that_nothing_can_undo_any_more_are_forgotten():
    world = compensable_loop(3)
    for version in range(3):
        world.do("complete_job", "pay", {"document": {"version": version, **DOCUMENT}})
    root = world.execution._instance.task_tree.internal_data
    kept = [len(root["values"])]
    while "pay_back" in world.waiting():
        world.do("complete_job", "pay_back", {})
        root = world.execution._instance.task_tree.internal_data
        kept.append(len(root.get("values", {})))
    assert kept[0] == 3 and kept[:3] == [3, 2, 1]
