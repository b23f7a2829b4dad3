"""Who calls what is deployed anew: processes in force whose calls a new version could no longer serve.

A call activity without a none start event to call is an incident each time. Where a deployment takes the none start
event away from a process that others call, it would break what is in force, and is refused; where there was nothing
to call before, it is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from server.bpmn import ProcessModel
from server.bpmn.references import is_meant
from server.messages import Finding, Message, Severity
from server.store.database import fetch

from .definitions import ProcessVersion, catalogue
from .resources import Item


def stranded(connection: Connection, items: Sequence[Item]) -> list[Finding]:
    """Calls from processes in force, not among ``items``, to processes among them that only events can start.

    Costs one statement for every such process, and reads the processes in force only where a version begins to be one.
    """
    here = {item.definition_id for item in items if item.process is not None}
    found: list[Finding] = []
    callers: list[ProcessVersion] | None = None
    for item in items:
        if item.process is None or item.process.none_start is not None:
            continue
        before = _in_force(connection, item)
        if before and not any(map(_can_be_called, before.values())):
            continue  # it was so before, and was told to who calls it
        if callers is None:
            callers = _others(connection, here)
        for caller in callers:
            found += _calls(item, item.process, caller, before)
    return found


def _in_force(connection: Connection, item: Item) -> dict[str | None, ProcessVersion]:
    """What calls of the process mean now: the newest version (None) and the newest with the item's tag."""
    rows = fetch(connection, _BEFORE, {"id": item.definition_id, "tag": item.version_tag})
    definitions = catalogue(connection)
    return {row.tag: definitions.process(connection, row.key) for row in rows}


def _can_be_called(version: ProcessVersion) -> bool:
    return version.model.none_start is not None


def _others(connection: Connection, here: set[str]) -> list[ProcessVersion]:
    """The newest versions of all other processes."""
    rows = fetch(connection, _OTHERS, {"here": list(here)})
    return [catalogue(connection).process(connection, row.key) for row in rows]


def _calls(
    item: Item, model: ProcessModel, caller: ProcessVersion, before: Mapping[str | None, ProcessVersion]
) -> list[Finding]:
    meant = [
        reference
        for reference in caller.model.references
        if (reference.kind, reference.target) == item.identity
        and reference.binding != "deployment"
        and is_meant(reference, item.version_tag)
    ]
    if not meant:
        return []
    served = [before.get(r.version_tag if r.binding == "versionTag" else None) for r in meant]
    breaks = any(version is not None and _can_be_called(version) for version in served)
    element = model.elements[model.start_events[0].element_id] if model.start_events else None
    message = _still_called(item, caller, [reference.element_id for reference in meant])
    return [
        Finding(
            Severity.ERROR if breaks else Severity.WARNING,
            message,
            item.resource_name,
            element.id if element else model.process_id,
            element.line if element else None,
        )
    ]


def _still_called(item: Item, caller: ProcessVersion, elements: Sequence[str]) -> Message:
    listed = ", ".join(elements)
    return Message(
        "deployment.still-called",
        f"现行流程“{caller.process_id}”（版本 {caller.version}）的 {listed} 调用“{item.definition_id}”，"
        "而这个版本没有无类型启动事件，将无法被调用，实例会停在那里。"
        f"请给它加一个无类型启动事件，或把“{caller.process_id}”改为不再调用它并一起部署。",
        f"The process '{caller.process_id}' in force (version {caller.version}) calls '{item.definition_id}' at"
        f" {listed}, but this version has no none start event and cannot be called: instances would stop there. Give it"
        f" a none start event, or deploy it together with a version of '{caller.process_id}' that no longer calls it.",
    )


_BEFORE = """
    (SELECT NULL AS tag, key FROM process_definition WHERE process_id = %(id)s ORDER BY version DESC LIMIT 1)
    UNION ALL
    (SELECT version_tag, key FROM process_definition
     WHERE process_id = %(id)s AND version_tag = %(tag)s ORDER BY version DESC LIMIT 1)"""
_OTHERS = """
    SELECT DISTINCT ON (process_id) key FROM process_definition WHERE process_id <> ALL(%(here)s::text[])
    ORDER BY process_id, version DESC"""
