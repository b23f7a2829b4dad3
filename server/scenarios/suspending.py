"""Suspending and resuming a case in a scenario, by the rules of the runtime (docs/operations.md has the table).

While a case stands still its timers do not fire, its jobs go to no worker, messages pass it by and wait in their
buffer, its tasks and incidents are refused. What a worker reports all the same is kept, and so are signals; both count
at the resumption.
"""

from __future__ import annotations

from operator import methodcaller

from .errors import StepFailure, step_failure
from .waiting import KeptInstance, Suspension
from .world import World


def suspend(world: World, root: KeptInstance) -> None:
    """Let a case stand still. Raises :class:`StepFailure` where it has ended or stands still already."""
    if root.state != "ACTIVE":
        raise _ended()
    if world.is_suspended(root):
        raise step_failure("suspended", "流程实例已经挂起。", "The process instance is suspended already.")
    world.suspended[root.key] = Suspension()
    world.tell(root, root.model.process_id, "suspended")


def resume(world: World, root: KeptInstance) -> None:
    """Let a case go on: reports of workers, conditions, messages and signals, in this order; timers follow."""
    if root.state != "ACTIVE":
        raise _ended()
    if not world.is_suspended(root):
        raise step_failure("not-suspended", "流程实例没有挂起。", "The process instance is not suspended.")
    kept = world.suspended.pop(root.key)
    world.tell(root, root.model.process_id, "resumed")
    for report in kept.reports:
        report()
    for instance in [each for each in world.instances.values() if each.root_key == root.key]:
        if instance.state == "ACTIVE":
            world.stimulate(instance, methodcaller("ask_conditions"))
    world.catch_up(kept)


def check_awake(world: World, instance: KeptInstance) -> None:
    """Raise :class:`StepFailure` for what the server refuses while a case is suspended."""
    if world.is_suspended(instance):
        raise step_failure(
            "suspended",
            "流程实例已挂起，不能这样做；请先写 resume 步骤。",
            "The process instance is suspended, so this is refused; write a step 'resume' first.",
        )


def _ended() -> StepFailure:
    return step_failure("ended", "流程实例已经结束。", "The process instance has ended already.")
