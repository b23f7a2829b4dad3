"""What lives in the installation, so that requests that are made up meet real things too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.clients.content import CHECK, PAYMENT, STRAIGHT
from tests.installation import Answer, Caller

_SEARCHES = {
    "process-definitions": "processDefinitionKey",
    "process-instances": "processInstanceKey",
    "element-instances": "elementInstanceKey",
    "user-tasks": "userTaskKey",
    "jobs": "jobKey",
    "incidents": "incidentKey",
    "variables": "variableKey",
    "decision-definitions": "decisionDefinitionKey",
    "decision-requirements": "decisionRequirementsKey",
    "decision-instances": "decisionEvaluationInstanceKey",
    "decision-definitions/batch-evaluations": "batchEvaluationKey",
}
_PERSON = {"name": "张三", "email": "zhang.san@example.com", "password": "a long enough password 1"}
_NUMBERS = range(12)


@dataclass(frozen=True, slots=True)
class Inhabitants:
    """Real values by the first segment of a path below ``/v2``, by parameter and by member of a body."""

    by_segment: Mapping[str, Sequence[str]]
    by_name: Mapping[str, Sequence[Any]]

    @classmethod
    def settled_by(cls, caller: Caller) -> Inhabitants:
        """What the searches of the API find, and users, groups and clients that are made for this."""
        keys = {kind: [str(item[member]) for item in caller.find(f"/{kind}")] for kind, member in _SEARCHES.items()}
        keys["forms"] = [item["formKey"] for item in caller.find("/user-tasks") if item["formKey"]]
        keys["resources"] = keys["process-definitions"]
        assert all(keys.values()), {kind: len(found) for kind, found in keys.items()}
        users, groups, clients = ([f"{kind}-{n}" for n in _NUMBERS] for kind in ("user", "group", "client"))
        for username in users:
            _made(caller.post("/users", {"username": username, **_PERSON}))
        for group in groups:
            _made(caller.post("/groups", {"groupId": group, "name": group}))
        for client in clients:
            _made(caller.post("/clients", {"clientId": client, "name": client, "roles": ["worker"]}))
        names = {
            "username": users,
            "group_id": groups,
            "client_id": clients,
            "processDefinitionId": [CHECK, STRAIGHT, PAYMENT],
            "decisionDefinitionId": ["grade", "band"],
            "processDefinitionKey": keys["process-definitions"],
            "decisionDefinitionKey": keys["decision-definitions"],
            "correlationKey": [f"L-{n}" for n in _NUMBERS],
            "signalName": ["client-rates"],
        }
        return cls(keys, names)

    def lodge(self, path: str, parameters: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The parameters of a path with a real value in place of every second invented one."""
        if not parameters:
            return None
        below = path.removeprefix("/v2").strip("/")
        segment = next((kind for kind in _SEARCHES if "/" in kind and below.startswith(kind)), below.partition("/")[0])
        return {
            name: _instead(value, self.by_name.get(name) or self.by_segment.get(segment, ()))
            for name, value in parameters.items()
        }

    def furnish(self, path: str, body: Any) -> Any:
        """A body with real values in place of every second invented one of some members."""
        if not isinstance(body, dict) or path.endswith("search"):
            return body
        known = {**self.by_name, "name": ["client-paid"]} if "/messages/" in path else self.by_name
        return {
            name: _instead(value, known.get(name, ())) if isinstance(value, str) else value
            for name, value in body.items()
        }


def _instead(invented: Any, known: Sequence[Any]) -> Any:
    number = sum(map(ord, str(invented)))
    return known[number // 2 % len(known)] if known and number % 2 == 0 else invented


def _made(answer: Answer) -> None:
    assert answer.ok, answer
