"""User tasks in a scenario: taken, checked against their form and by four eyes as the worklist does it, completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.messages import Message

from .errors import StepFailure, step_failure
from .values import variables
from .waiting import OpenTask
from .world import World

NOT_BY = "lendloom:notBy"
FORM = "form"
FOUR_EYES = "four-eyes"
TAKEN = "taken"
SUSPENDED = "suspended"


class _Refusal(StepFailure):
    """The server would refuse this; ``reason`` is a word or the path of a field."""

    def __init__(self, message: Message, reasons: tuple[str, ...]) -> None:
        super().__init__(message)
        self.reasons = reasons


def claim_task(world: World, task: OpenTask, person: str) -> None:
    """A person takes a task for himself."""
    _check_awake(world, task)
    _check_free(task, person)
    _check_four_eyes(world, task, person)
    task.assignee = person


def assign_task(world: World, task: OpenTask, person: str) -> None:
    """A person is given a task, whoever had it; also while the case is suspended, as on the server."""
    _check_four_eyes(world, task, person)
    task.assignee = person


def complete_task(world: World, task: OpenTask, says: Mapping[str, Any]) -> None:
    """A person, or nobody in particular, completes a task; ``refused`` expects that this is refused.

    ``refused`` is true, ``form``, ``four-eyes``, ``taken``, ``suspended``, or the path of a field that the form
    refuses. ``for`` is the person who has the task and for whom a system or a substitute completes it.
    """
    expected = says.get("refused")
    try:
        values = _checked(world, task, says)
    except _Refusal as refusal:
        if expected is True or (isinstance(expected, str) and expected in refusal.reasons):
            return
        raise
    if expected:
        raise step_failure(
            "not-refused",
            f"任务 {task.element_id} 的完成应被拒绝（{expected}），却被接受了。",
            f"Completing the task {task.element_id} should have been refused ({expected}), but was accepted.",
        )
    person = says.get("by")
    if person is not None:
        world.completed_by.append((task.instance.root_key, task.element_id, str(person)))
    key = task.opened.key
    world.stimulate(task.instance, lambda execution: execution.complete_user_task(key, values))


def _checked(world: World, task: OpenTask, says: Mapping[str, Any]) -> dict[str, Any]:
    _check_awake(world, task)
    if "for" in says:
        _check_owner(task, str(says["for"]))
    if "by" in says:
        if "for" not in says:
            _check_free(task, str(says["by"]))
        _check_four_eyes(world, task, str(says["by"]))
    context = world.variables_at(task.instance, task.opened.key)
    submitted = variables(says.get("variables"), context, world.now)
    if task.opened.form_key is None:
        return dict(submitted)
    form = world.definitions.form(task.opened.form_key)
    submission = form.validate(submitted, context, clock=world.now)
    if submission.errors:
        zh = "；".join(f"{error.path}：{error.message.zh}" for error in submission.errors)
        en = "; ".join(f"{error.path}: {error.message.en}" for error in submission.errors)
        raise _Refusal(
            Message(
                "scenario.form-refused",
                f"任务 {task.element_id} 的表单 {form.id} 不接受：{zh}",
                f"The form {form.id} of the task {task.element_id} refuses: {en}",
            ),
            (FORM, *(error.path for error in submission.errors)),
        )
    return submission.values


def _check_awake(world: World, task: OpenTask) -> None:
    if world.is_suspended(task.instance):
        raise _Refusal(
            Message(
                "scenario.suspended",
                f"流程实例已挂起，任务 {task.element_id} 不能认领或完成；请先写 resume 步骤。",
                f"The case is suspended, so the task {task.element_id} can be neither taken nor completed; write a step"
                " 'resume' first.",
            ),
            (SUSPENDED,),
        )


def _check_free(task: OpenTask, person: str) -> None:
    if task.assignee not in (None, person):
        raise _Refusal(
            Message(
                "scenario.taken",
                f"任务 {task.element_id} 已由 {task.assignee} 认领，{person} 不能处理。",
                f"The task {task.element_id} has been taken by {task.assignee}; {person} may not work on it.",
            ),
            (TAKEN,),
        )


def _check_owner(task: OpenTask, person: str) -> None:
    if task.assignee != person:
        has_zh, has_en = task.assignee or "无人", task.assignee or "nobody"
        raise _Refusal(
            Message(
                "scenario.not-theirs",
                f"任务 {task.element_id} 的办理人应为 {person}，实际为 {has_zh}。",
                f"The task {task.element_id} should be with {person}, but {has_en} has it.",
            ),
            (TAKEN,),
        )


def _check_four_eyes(world: World, task: OpenTask, person: str) -> None:
    listed = [name.strip() for name in task.opened.headers.get(NOT_BY, "").split(",")]
    for root, element, who in world.completed_by:
        if root == task.instance.root_key and element in listed and who == person:
            raise _Refusal(
                Message(
                    "scenario.four-eyes",
                    f"四眼原则：{person} 已完成 {element}，不能再处理 {task.element_id}。",
                    f"Four eyes: {person} has completed {element}, so another person must do {task.element_id}.",
                ),
                (FOUR_EYES,),
            )
