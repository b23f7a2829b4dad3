"""What operators did to a case, as steps of its recording: modifications, suspensions, resumptions, variables set,
activities started in ad-hoc subprocesses, instances added to multi-instance activities and removed from them.

The records name element instances by key; a scenario names them by element, and by number in the order of opening. A
migration cannot be a step: a scenario plays one version from the beginning. The recording says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from server.messages import Message

from .history import History, PastElement, PastRepair

BODY: Final = "MULTI_INSTANCE_BODY"
MODIFY: Final = "MODIFY_PROCESS_INSTANCE"
SUSPEND: Final = "SUSPEND_PROCESS_INSTANCE"
RESUME: Final = "RESUME_PROCESS_INSTANCE"
SET_VARIABLES: Final = "UPDATE_VARIABLES"
MIGRATE: Final = "MIGRATE_PROCESS_INSTANCE"
ACTIVATE: Final = "ACTIVATE_AD_HOC_ACTIVITIES"
ADD: Final = "ADD_MULTI_INSTANCE"
REMOVE: Final = "REMOVE_MULTI_INSTANCE"
RECORDED: Final = (MODIFY, SUSPEND, RESUME, SET_VARIABLES, MIGRATE, ACTIVATE, ADD, REMOVE)
"""The types of operation records that a recording looks at."""

Data = Callable[[Mapping[str, Any] | None], dict[str, Any]]
"""Values as the recording shows them: masked, and with what begins like FEEL as a text."""


def repair_steps(history: History, data: Data) -> Iterator[tuple[PastRepair, Mapping[str, Any]]]:
    """Each repair that a scenario can do, with its step."""
    places = _Places(history)
    for repair in history.repairs:
        where = places.instance(repair)
        match repair.kind:
            case "MODIFY_PROCESS_INSTANCE" if places.knows(repair):
                yield repair, {"modify": _modification(repair, places, data) | where}
            case "SUSPEND_PROCESS_INSTANCE":
                yield repair, {"suspend": where}
            case "RESUME_PROCESS_INSTANCE":
                yield repair, {"resume": where}
            case "UPDATE_VARIABLES":
                at = _scope(repair, places)
                if at is not None:
                    place = at if "element" in at else where
                    yield repair, {"set": {"variables": data(repair.details.get("variables")), **place}}
            case "ACTIVATE_AD_HOC_ACTIVITIES" if places.knows(repair):
                yield repair, {"activate": _activation(repair, places, data)}
            case "ADD_MULTI_INSTANCE" if places.knows(repair):
                yield repair, {"add-instance": _addition(repair, places, data)}
            case "REMOVE_MULTI_INSTANCE" if places.knows(repair):
                yield repair, {"remove-instance": places.anywhere(int(repair.details["key"]), repair)}
            case _:
                pass


def repair_remarks(history: History) -> list[Message]:
    """What operators did that a scenario does not do again."""
    places, remarks = _Places(history), []
    for repair in history.repairs:
        if repair.kind == MIGRATE:
            remarks.append(_migrated(repair))
        elif repair.kind in (MODIFY, ACTIVATE, ADD, REMOVE) and not places.knows(repair):
            remarks.append(
                Message(
                    "recording.modified",
                    f"未重现：{repair.at:%Y-%m-%d} 对 {repair.process_id} 的修改，其元素实例的历史已不在。",
                    f"Not done again: the modification of {repair.process_id} on {repair.at:%Y-%m-%d}; the history of"
                    " the element instances that it named is gone.",
                )
            )
        elif repair.kind == SET_VARIABLES and _scope(repair, places) is None:
            names = ", ".join(repair.details.get("variables") or {})
            remarks.append(
                Message(
                    "recording.variables-set",
                    f"未重现：{repair.at:%Y-%m-%d} 在某个元素上人工设置的变量（{names}）。",
                    f"Not done again: variables set by hand at an element on {repair.at:%Y-%m-%d} ({names}).",
                )
            )
    return remarks


def _migrated(repair: PastRepair) -> Message:
    source, target = repair.details.get("source", "?"), repair.details.get("target", "?")
    renamed = {old: new for old, new in (repair.details.get("mapping") or {}).items() if old != new}
    listed = ", ".join(f"{old} -> {new}" for old, new in renamed.items())
    zh = f"；对应关系：{listed}" if listed else ""
    en = f"; it mapped {listed}" if listed else ""
    return Message(
        "recording.migrated",
        f"未重现：{repair.at:%Y-%m-%d} {repair.process_id} 由版本 {source} 迁移到版本 {target}{zh}。"
        "场景从头运行最后的版本，迁移之前的经过可能不同。",
        f"Not done again: the migration of {repair.process_id} from version {source} to {target} on "
        f"{repair.at:%Y-%m-%d}{en}. The scenario plays the last version from the beginning, so what was before the "
        "migration may go another way.",
    )


def _scope(repair: PastRepair, places: _Places) -> dict[str, Any] | None:
    """Where variables were set: nothing more to say for the process, the element, or None where it is not plain."""
    key = int(repair.details.get("scopeKey", repair.instance_key))
    if key == repair.instance_key:
        return {}
    if places.element(key) is None:
        return None
    local = {"local": True} if repair.details.get("local") is True else {}
    return {**places.anywhere(key, repair, waiting=True), **local}


def _activation(repair: PastRepair, places: _Places, data: Data) -> dict[str, Any]:
    elements = [
        {"element": each["elementId"], "variables": data(each["variables"])} if each["variables"] else each["elementId"]
        for each in repair.details["elements"]
    ]
    cancels = {"cancel_remaining": True} if repair.details.get("cancelRemaining") else {}
    return {**places.anywhere(int(repair.details["key"]), repair), "elements": elements, **cancels}


def _addition(repair: PastRepair, places: _Places, data: Data) -> dict[str, Any]:
    variables = data(repair.details.get("variables"))
    given = {**data({"item": repair.details.get("item")}), **({"variables": variables} if variables else {})}
    return {**places.anywhere(int(repair.details["key"]), repair), **given}


class _Places:
    """Element instances and process instances by the words of a scenario."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._elements = {element.key: element for element in history.elements}

    def element(self, key: int) -> PastElement | None:
        return self._elements.get(key)

    def knows(self, repair: PastRepair) -> bool:
        """Whether every element instance that a modification names is in the history."""
        if repair.kind != MODIFY:
            return int(repair.details["key"]) in self._elements
        instructions = (each for listed in repair.details.values() for each in listed)
        named = (each.get(key) for each in instructions for key in ("key", "source_key", "ancestor_key"))
        return all(key is None or int(key) in self._elements for key in named)

    def instance(self, repair: PastRepair) -> dict[str, Any]:
        """The process instance: nothing for the root, else its process, and its number where there are several."""
        if repair.instance_key == self._history.key:
            return {}
        same = [
            element.instance_key
            for element in self._history.elements
            if element.element_type == "PROCESS" and element.process_id == repair.process_id
        ]
        number = {"index": same.index(repair.instance_key) + 1} if repair.instance_key in same[:-1] else {}
        return {"process": repair.process_id, **number}

    def others(self, element: PastElement, repair: PastRepair) -> list[PastElement]:
        """The other instances of the same element that were open when an operator acted."""
        return [
            each
            for each in self._history.elements
            if (each.instance_key, each.element_id) == (element.instance_key, element.element_id)
            and each is not element
            and _is_open(each, repair)
        ]

    def anywhere(self, key: int, repair: PastRepair, *, waiting: bool = False) -> dict[str, Any]:
        """An element instance by its element, its process where that is a called one, and its number where others of
        its kind were open in the case; ``waiting``: where a task or job that waits is meant before all else."""
        element = self._elements[key]
        all_kinds = waiting and not self._waits(element)
        others = [
            each
            for each in self._history.elements
            if (each.process_id, each.element_id) == (element.process_id, element.element_id)
            and (all_kinds or self._kind(each) == self._kind(element))
            and (each is element or _is_open(each, repair))
        ]
        process = {} if element.process_id == self._history.process_id else {"process": element.process_id}
        number = {"index": others.index(element) + 1} if len(others) > 1 else {}
        return {"element": element.element_id, **process, **number}

    def _kind(self, element: PastElement) -> tuple[str, bool]:
        """The element's type, and whether it is one of the instances of a multi-instance activity."""
        around = self._elements.get(element.scope_key)
        inner = around is not None and (around.element_id, around.element_type) == (element.element_id, BODY)
        return element.element_type, inner

    def _waits(self, element: PastElement) -> bool:
        """Whether it is a task or job, by which a scenario finds it."""
        waits = {task.key for task in self._history.tasks} | {job.key for job in self._history.jobs}
        return element.key in waits

    def named(self, key: int, repair: PastRepair, name: str = "element") -> dict[str, Any]:
        """An element instance by its element, and its number where others were open."""
        element = self._elements[key]
        others = self.others(element, repair)
        before = [each for each in others if (each.started_at, each.key) < (element.started_at, element.key)]
        return {name: element.element_id} | ({"index": len(before) + 1} if others else {})


def _is_open(each: PastElement, repair: PastRepair) -> bool:
    """Whether an element instance was there when an operator acted."""
    if each.started_at > repair.at or (each.started_at == repair.at and each.key > repair.key):
        return False
    return each.left_at is None or each.left_at > repair.at or (each.terminated and each.left_at == repair.at)


def _modification(repair: PastRepair, places: _Places, data: Data) -> dict[str, Any]:
    details = repair.details
    says: dict[str, Any] = {
        "terminate": [_terminate(each, repair, places) for each in details.get("terminate", ())],
        "activate": [_activate(each, repair, places, data) for each in details.get("activate", ())],
        "move": [_move(each, repair, places, data) for each in details.get("move", ())],
        "return_to": [_return(each, repair, places, data) for each in details.get("return_to", ())],
    }
    return {kind: listed for kind, listed in says.items() if listed}


def _terminate(given: Mapping[str, Any], repair: PastRepair, places: _Places) -> Any:
    if given.get("key") is not None:
        return places.named(int(given["key"]), repair)
    return {"flow": given["flow_id"]} if given.get("flow_id") is not None else given["element_id"]


def _activate(given: Mapping[str, Any], repair: PastRepair, places: _Places, data: Data) -> Any:
    flow = given.get("flow_id")
    says: dict[str, Any] = {"element": given["element_id"]} if flow is None else {"flow": flow}
    if given.get("after"):
        says["after"] = True
    says |= _inside(given, repair, places) | _variables(given, data)
    return given["element_id"] if says.keys() == {"element"} else says


def _move(given: Mapping[str, Any], repair: PastRepair, places: _Places, data: Data) -> Any:
    key = given.get("source_key")
    source = {"from": given["source_id"]} if key is None else places.named(int(key), repair, "from")
    if key is not None and "index" not in source:
        source["index"] = 1
    ancestor = {} if given.get("ancestor") == "inferred" else {"ancestor": given.get("ancestor", "direct")}
    return {**source, "to": given["target_id"], **ancestor, **_inside(given, repair, places), **_variables(given, data)}


def _return(given: Mapping[str, Any], repair: PastRepair, places: _Places, data: Data) -> Any:
    key = given.get("source_key")
    source = {} if key is None else {"source": places.named(int(key), repair)}
    says = {"element": given["element_id"], **source, **_variables(given, data)}
    return given["element_id"] if says.keys() == {"element"} else says


def _inside(given: Mapping[str, Any], repair: PastRepair, places: _Places) -> dict[str, Any]:
    key = given.get("ancestor_key")
    return {} if key is None else {"inside": places.named(int(key), repair)}


def _variables(given: Mapping[str, Any], data: Data) -> dict[str, Any]:
    own: dict[str, Any] = {}
    scopes: dict[str, dict[str, Any]] = {}
    for instruction in given.get("variables", ()):
        scope = instruction.get("scope_id")
        (scopes.setdefault(scope, {}) if scope else own).update(data(instruction["variables"]))
    return ({"variables": own} if own else {}) | ({"scopes": scopes} if scopes else {})
