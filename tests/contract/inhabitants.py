"""What lives in the installation, by the kind of path that names it, so that requests meet real things too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.installation import Caller

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
}


@dataclass(frozen=True, slots=True)
class Inhabitants:
    """Keys by the first segment of the path below ``/v2``."""

    keys: Mapping[str, Sequence[str]]

    @classmethod
    def found_by(cls, caller: Caller) -> Inhabitants:
        """What the searches of the API find."""
        keys = {kind: [str(item[member]) for item in caller.find(f"/{kind}")] for kind, member in _SEARCHES.items()}
        keys["forms"] = [item["formKey"] for item in caller.find("/user-tasks") if item["formKey"]]
        assert all(keys.values()), {kind: len(found) for kind, found in keys.items()}
        return cls(keys)

    def lodge(self, path: str, parameters: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The parameters of a path with a real key in place of every second invented one."""
        if not parameters:
            return None
        kind = path.removeprefix("/v2").strip("/").partition("/")[0]
        known = self.keys.get(kind)
        if known is None or len(parameters) != 1:
            return dict(parameters)
        (name, invented), *_ = parameters.items()
        number = sum(map(ord, str(invented)))
        return {name: invented if number % 2 else known[number // 2 % len(known)]}
