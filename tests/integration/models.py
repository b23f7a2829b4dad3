"""The processes that the integration tests deploy, and short ways to look at what became of them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask

from server.runtime import deployments
from server.runtime.command import command
from server.runtime.errors import CommandError
from server.store.database import fetch

from ..unit.bpmn.diagrams import document, flow, node, path

ACTOR = "tester"
THREADS = 6


def start_and_end(*inside: str, start: str = "", id_: str = "p", definitions: str = "") -> bytes:
    """A file with one process, from an element ``start`` to an element ``end``, and what is between."""
    first = start or node("startEvent", "start")
    return document(first, *inside, node("endEvent", "end"), id_=id_, definitions=definitions)


def user_task(id_: str, *, ext: str = "", groups: str = "reviewers") -> str:
    """A user task for a group."""
    assignment = f'<zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="{groups}"/>'
    return node("userTask", id_, ext=assignment + ext, name=id_)


def line(*elements: tuple[str, str], id_: str = "p", definitions: str = "", start: str = "") -> bytes:
    """A process whose elements, given as id and text, stand in a row."""
    ids = [name for name, _ in elements]
    return start_and_end(
        *(text for _, text in elements),
        path("start", *ids, "end"),
        id_=id_,
        definitions=definitions,
        start=start,
    )


def review(id_: str = "review", ext: str = "") -> bytes:
    """A process with one user task; its id is that of the process."""
    return line(("task", user_task("task", ext=ext)), id_=id_)


def deploy(*files: bytes, name: str = "test.bpmn") -> deployments.Deployment:
    """Deploy BPMN files together."""
    named = [(name if number == 0 else f"{number}-{name}", file) for number, file in enumerate(files)]
    return deployments.deploy(named, actor=ACTOR)


def rows(statement: str, **parameters: Any) -> list[Any]:
    """What a statement answers."""
    found: list[Any] = command(lambda connection: fetch(connection, statement, parameters))
    return found


def one(statement: str, **parameters: Any) -> Any:
    """The only value that a statement answers."""
    ((value,),) = rows(statement, **parameters)
    return value


def state(instance_key: int) -> str:
    """The state of a process instance."""
    return str(one("SELECT state FROM process_instance WHERE key = %(key)s", key=instance_key))


def variables(instance_key: int) -> dict[str, Any]:
    """The variables in the process's own scope."""
    document_: dict[str, Any] = one("SELECT variables FROM instance_state WHERE key = %(key)s", key=instance_key)
    found: dict[str, Any] = document_[""]
    return found


def open_task(instance_key: int, element_id: str = "task") -> int:
    """The key of the one open user task of an element."""
    return int(
        one(
            "SELECT key FROM user_task WHERE instance_key = %(key)s AND element_id = %(element)s AND state = 'CREATED'",
            key=instance_key,
            element=element_id,
        )
    )


def active_elements(instance_key: int) -> set[str]:
    """The ids of the elements that hold a token."""
    found = rows(
        "SELECT element_id FROM element_instance WHERE instance_key = %(key)s AND state = 'ACTIVE' "
        "AND element_type <> 'PROCESS'",
        key=instance_key,
    )
    return {row.element_id for row in found}


def at_once(app: Flask, *works: Callable[[], object]) -> list[object]:
    """Do everything at once; the results, or the errors that a user would see."""

    def alone(work: Callable[[], object]) -> object:
        with app.app_context():
            try:
                return work()
            except CommandError as error:
                return error

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(alone, works))


__all__ = [
    "ACTOR",
    "active_elements",
    "at_once",
    "deploy",
    "flow",
    "line",
    "node",
    "one",
    "open_task",
    "path",
    "review",
    "rows",
    "start_and_end",
    "state",
    "user_task",
    "variables",
]
