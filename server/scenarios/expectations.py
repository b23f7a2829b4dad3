"""What a step expects: compared with the world, every difference told."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from server.calendars import CalendarError, parse_instant
from server.dmn.differences import Difference, differences
from server.messages import Message

from .errors import StepFailure, step_failure
from .values import evaluated, holds
from .waiting import KeptInstance, OpenTask
from .world import World

ZONE: Final = "Asia/Shanghai"
STATES: Final = ("active", "suspended", "completed", "cancelled", "incident")
_TASK_KEYS: Final = ("task", "assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority")


def check(world: World, main: KeptInstance | None, says: Mapping[str, Any]) -> None:
    """Raise :class:`StepFailure` that tells everything which is not as expected.

    ``main`` is the instance whose state and variables are meant.
    """
    problems = list(_problems(world, main, says))
    if problems:
        zh = "；".join(problem.zh for problem in problems)
        en = "; ".join(problem.en for problem in problems)
        raise StepFailure(Message("scenario.expected", f"{zh}。", f"{en}."))


def state_of(world: World, main: KeptInstance) -> str:
    """The state of an instance in a scenario's words."""
    if main.state != "ACTIVE":
        return "completed" if main.state == "COMPLETED" else "cancelled"
    own = (found.instance.root_key == main.root_key for found in world.open.incidents.values())
    if any(own):
        return "incident"
    return "suspended" if world.is_suspended(main) else "active"


def _problems(world: World, main: KeptInstance | None, says: Mapping[str, Any]) -> Iterator[Message]:
    open_ = world.open
    process = says.get("process")
    if "state" in says:
        yield from _state(world, main, says["state"])
    if "variables" in says:
        yield from _variables(world, main, says["variables"])
    if "that" in says:
        yield from _conditions(world, main, says["that"])
    if "tasks" in says:
        tasks = _of_process(open_.tasks.values(), process)
        yield from _listed("tasks", says["tasks"], [task.element_id for task in tasks], plain=_task_name)
        yield from _task_details(world, tasks, says["tasks"])
    if "jobs" in says:
        jobs = _of_process(open_.jobs.values(), process)
        yield from _either("jobs", says["jobs"], [(job.element_id, job.opened.type) for job in jobs])
    if "calls" in says:
        calls = _of_process(open_.calls.values(), process)
        yield from _either("calls", says["calls"], [(call.element_id, call.opened.process_id) for call in calls])
    if "incidents" in says:
        incidents = _of_process(open_.incidents.values(), process)
        yield from _named("incidents", says["incidents"], {i.element_id: i.raised.error_type for i in incidents})
    if "timers" in says:
        timers = _of_process(open_.timers.values(), process)
        due = {timer.element_id: timer.set.due_at for timer in timers}
        yield from _named("timers", says["timers"], due, same=_same_instant)
    for kind in ("message", "signal"):
        if f"{kind}s" in says:
            waits = _of_process(open_.subscriptions.values(), process)
            keys = {s.opened.name: s.opened.correlation_key for s in waits if s.opened.kind == kind}
            yield from _named(f"{kind}s", says[f"{kind}s"], keys, same=lambda a, b: str(a) == b)
    visited = [e.element_id for e in world.story.events if e.kind == "entered" and process in (None, e.process_id)]
    if "visited" in says:
        wanted = _texts("visited", says["visited"])
        unknown = list(_unknown(world, process, "visited", wanted))
        yield from unknown or _in_order(wanted, visited)
    unwanted = _texts("not_visited", says.get("not_visited") or [])
    yield from _unknown(world, process, "not_visited", unwanted)
    for element in unwanted:
        if element in visited:
            yield _message(f"不应经过 {element}", f"{element} should not have been visited")


def _unknown(world: World, process: str | None, what: str, elements: list[str]) -> Iterator[Message]:
    """Ids that no process at hand has: never visited, whatever happens, so that the expectation says nothing."""
    models = world.definitions.processes.values()
    known = {id_ for model in models if process in (None, model.process_id) for id_ in model.elements}
    for element in elements:
        if element in known:
            continue
        near = difflib.get_close_matches(element, sorted(known), n=1, cutoff=0.6)
        zh, en = (f"；是否应为 {near[0]}？", f"; did you mean {near[0]}?") if near else ("", "")
        yield _message(f"{what} 中的 {element} 不是任何元素的编号{zh}", f"{what}: there is no element {element}{en}")


def _state(world: World, main: KeptInstance | None, expected: Any) -> Iterator[Message]:
    if expected not in STATES:
        listed = ", ".join(STATES)
        raise step_failure("state", f"state 应为 {listed} 之一。", f"'state' is one of {listed}.")
    if main is None:
        yield _message(f"state 应为 {expected}，实际尚未启动", f"state: expected {expected}, found not started")
        return
    found = state_of(world, main)
    if found != expected:
        told = [(i.element_id, i.raised.message) for i in world.open.incidents.values()] if found == "incident" else []
        zh = "".join(f"（{element}：{message.zh}）" for element, message in told)
        en = "".join(f" ({element}: {message.en})" for element, message in told)
        yield _message(f"state 应为 {expected}，实际为 {found}{zh}", f"state: expected {expected}, found {found}{en}")


def _visible(main: KeptInstance | None) -> dict[str, Any]:
    return {} if main is None else dict(main.variables.get("", {}))


def _variables(world: World, main: KeptInstance | None, expected: Any) -> Iterator[Message]:
    if not isinstance(expected, Mapping):
        raise step_failure("variables", "variables 应为映射。", "'variables' must be a mapping.")
    seen = _visible(main)
    for name, value in expected.items():
        wanted = evaluated(value, seen, world.now)
        for difference in _partly(wanted, seen.get(name), str(name)):
            wanted_text, found_text = _shown(difference.expected), _shown(difference.actual)
            yield _message(
                f"变量 {difference.path} 应为 {wanted_text}，实际为 {found_text}",
                f"variable {difference.path}: expected {wanted_text}, found {found_text}",
            )


def _partly(expected: Any, actual: Any, path: str) -> Iterator[Difference]:
    """The differences, a context compared by the names that are expected in it."""
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for name, value in expected.items():
            yield from _partly(value, actual.get(name), f"{path}.{name}")
    else:
        yield from differences(expected, actual, path)


def _conditions(world: World, main: KeptInstance | None, conditions: Any) -> Iterator[Message]:
    for condition in _texts("that", conditions):
        if not holds(condition, _visible(main), world.now):
            yield _message(f"条件不成立：{condition}", f"this does not hold: {condition}")


def _task_name(expected: Any) -> str:
    if isinstance(expected, Mapping):
        unknown = [str(key) for key in expected if key not in _TASK_KEYS]
        if unknown or "task" not in expected:
            listed = ", ".join(_TASK_KEYS)
            raise step_failure("tasks", f"tasks 的每项可用 {listed}。", f"An entry of 'tasks' has {listed}.")
        return str(expected["task"])
    return str(expected)


def _task_details(world: World, tasks: list[OpenTask], expected: Any) -> Iterator[Message]:
    for entry in expected if isinstance(expected, list) else [expected]:
        if not isinstance(entry, Mapping):
            continue
        candidates = [task for task in tasks if task.element_id == entry["task"]]
        tried = [list(_task_differences(world, task, entry)) for task in candidates]
        if tried and all(tried):
            yield from min(tried, key=len)


def _task_differences(world: World, task: OpenTask, entry: Mapping[str, Any]) -> Iterator[Message]:
    opened = task.opened
    found: dict[str, Any] = {
        "assignee": task.assignee,
        "candidateUsers": list(opened.candidate_users),
        "candidateGroups": list(opened.candidate_groups),
        "priority": opened.priority,
        "dueDate": opened.due_date,
        "followUpDate": opened.follow_up_date,
    }
    for name, wanted in entry.items():
        if name == "task":
            continue
        value = evaluated(wanted, _visible(task.instance), world.now)
        same = _same_instant(value, found[name]) if name.endswith("Date") else value == found[name]
        if not same:
            yield _message(
                f"任务 {task.element_id} 的 {name} 应为 {_shown(value)}，实际为 {_shown(found[name])}",
                f"{name} of task {task.element_id}: expected {_shown(value)}, found {_shown(found[name])}",
            )


def _of_process(found: Iterable[Any], process: str | None) -> list[Any]:
    return [each for each in found if process in (None, each.instance.model.process_id)]


def _listed(what: str, expected: Any, found: list[str], *, plain: Callable[[Any], str] = str) -> Iterator[Message]:
    """Exactly these, in any order."""
    wanted = [plain(entry) for entry in (expected if isinstance(expected, list) else [expected])]
    if Counter(wanted) != Counter(found):
        yield _other(what, wanted, found)


def _either(what: str, expected: Any, found: list[tuple[str, str]]) -> Iterator[Message]:
    """Exactly these, each named by its element or by its type."""
    wanted = _texts(what, expected)
    left = list(found)
    for name in wanted:
        match = next((pair for pair in left if name in pair), None)
        if match is None:
            yield _other(what, wanted, [f"{element} ({kind})" for element, kind in found])
            return
        left.remove(match)
    if left:
        yield _other(what, wanted, [f"{element} ({kind})" for element, kind in found])


def _named(
    what: str,
    expected: Any,
    found: Mapping[str, Any],
    *,
    same: Callable[[Any, Any], bool] = lambda a, b: bool(a == b),
) -> Iterator[Message]:
    """A list: exactly these names. A mapping: each of these names with its value."""
    if not isinstance(expected, Mapping):
        if set(_texts(what, expected)) != set(found):
            yield _other(what, _texts(what, expected), list(found))
        return
    for name, value in expected.items():
        if name not in found or not same(value, found[name]):
            wanted = f"{name} = {_shown(value)}"
            yield _other(what, [wanted], [f"{each} = {_shown(given)}" for each, given in found.items()])


def _same_instant(expected: Any, found: Any) -> bool:
    if expected is None or found is None:
        return expected is found
    try:
        return bool(parse_instant(str(expected), ZONE) == found)
    except CalendarError as error:
        raise StepFailure(error.message) from error


def _in_order(expected: list[str], visited: list[str]) -> Iterator[Message]:
    rest = iter(visited)
    for element in expected:
        if element not in rest:
            where_zh, where_en = ("", "") if element in visited else ("从未", "never ")
            yield _message(
                f"visited 中的 {element} {where_zh or '没有按此顺序'}经过",
                f"visited: {element} was {where_en or 'not in this order '}visited",
            )
            return


def _texts(what: str, listed: Any) -> list[str]:
    items = listed if isinstance(listed, list) else [listed]
    if not all(isinstance(item, str) for item in items):
        raise step_failure("list", f"{what} 应为文字的列表。", f"'{what}' must be a list of texts.")
    return items


def _other(what: str, wanted: list[str], found: list[str]) -> Message:
    wanted_text, found_text = ", ".join(wanted) or "-", ", ".join(found) or "-"
    return _message(
        f"{what} 应为 [{wanted_text}]，实际为 [{found_text}]", f"{what}: expected [{wanted_text}], found [{found_text}]"
    )


def _shown(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    text = str(value) if hasattr(value, "as_tuple") else repr(value)
    return text if len(text) <= 200 else f"{text[:197]}..."


def _message(zh: str, en: str) -> Message:
    return Message("scenario.expected", zh, en)
