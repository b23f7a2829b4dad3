"""Modifying running instances: activate, move and terminate as in Camunda 8, and send a case back in one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from server.bpmn import Activate, Modification, Move, ReturnTo, Terminate, VariableInstruction
from server.identity.visibility import require_instance
from server.runtime import modifications
from server.runtime.operation_records import LONGEST_REASON
from server.runtime.repair_report import ElementChange, OpenedWait, RepairReport

from .authorization import permission, principal
from .exact_json import answer, no_content
from .fields import Key, Listed, OneOf, Part, Text, Variables, Whole, always, document, maybe, wrong
from .problems import bad_request
from .resource import Resource

modification = Resource("Modification", description="Tokens put in, taken away, moved and sent back by hand.")

_ANY_SCOPE = "-1"


class AncestorKey(Key):
    """The key of an element instance, or ``-1`` for whichever there is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"pattern": "^(-1|[0-9]+)$", "description": "-1: the one live instance"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        return -1 if value == _ANY_SCOPE else super()._deserialize(value, attr, data, **kwargs)


def _id(description: str, *, required: bool = False) -> Text:
    return Text(shortest=1, longest=1000, required=required, metadata={"description": description})


VariableInstructionSchema = document(
    "ModifyVariableInstruction",
    {
        "variables": Variables(required=True),
        "scopeId": Text(
            longest=1000, metadata={"description": "The element whose scope they are set in; empty: the process"}
        ),
    },
)
ActivateInstruction = document(
    "ActivateInstruction",
    {
        "elementId": _id("The element to activate; this or sequenceFlowId"),
        "sequenceFlowId": _id("The sequence flow to take instead, so that a join counts the arrival"),
        "placement": OneOf(
            "BEFORE", "AFTER", metadata={"description": "AFTER: take the element's outgoing flows instead"}
        ),
        "variableInstructions": Listed(Part(VariableInstructionSchema)),
        "ancestorElementInstanceKey": AncestorKey(),
    },
)
SourceElement = document(
    "SourceElementInstruction",
    {
        "sourceType": OneOf("byId", "byKey", required=True),
        "sourceElementId": _id("With byId: all instances of this element"),
        "sourceElementInstanceKey": Key(metadata={"description": "With byKey: this element instance"}),
    },
)
AncestorScope = document(
    "AncestorScopeInstruction",
    {
        "ancestorScopeType": OneOf("direct", "inferred", "sourceParent", required=True),
        "ancestorElementInstanceKey": AncestorKey(),
    },
)
MoveInstruction = document(
    "MoveInstruction",
    {
        "sourceElementInstruction": Part(SourceElement, required=True),
        "targetElementId": _id("Activated once for every instance that is terminated", required=True),
        "ancestorScopeInstruction": Part(AncestorScope),
        "variableInstructions": Listed(Part(VariableInstructionSchema)),
    },
)
TerminateInstruction = document(
    "TerminateInstruction",
    {
        "elementInstanceKey": Key(metadata={"description": "One of the three must be given"}),
        "elementId": _id("All instances of this element"),
        "sequenceFlowId": _id("What has arrived over this flow and waits at its join"),
    },
)
ReturnInstruction = document(
    "ReturnInstruction",
    {
        "targetElementId": _id("All that the path from here has started is terminated", required=True),
        "sourceElementInstanceKey": Key(metadata={"description": "From where, if the scope has several instances"}),
        "variableInstructions": Listed(Part(VariableInstructionSchema)),
    },
)
REPAIR_FIELDS: dict[str, Any] = {
    "operationReference": Whole(high=2**63 - 1),
    "reason": Text(longest=LONGEST_REASON, metadata={"description": "Why; kept with who and when"}),
    "revision": Whole(metadata={"description": "Of the dry run; refused (409) where the instance has changed since"}),
}
ModificationSchema = document(
    "ProcessInstanceModification",
    {
        "activateInstructions": Listed(Part(ActivateInstruction)),
        "moveInstructions": Listed(Part(MoveInstruction)),
        "terminateInstructions": Listed(Part(TerminateInstruction)),
        "returnInstructions": Listed(Part(ReturnInstruction)),
        **REPAIR_FIELDS,
    },
)
_Change = document(
    "RepairedElement",
    always(
        {"elementInstanceKey": Key(), "processInstanceKey": Key(), "elementId": Text(), "elementType": Text()},
    ),
)
_Wait = document(
    "RepairedWait",
    always(
        {
            "kind": Text(metadata={"description": "userTask, job, timer, message or signal"}),
            "elementInstanceKey": Key(),
            "processInstanceKey": Key(),
            "elementId": Text(),
            "name": maybe(Text()),
        }
    ),
)
RepairResult = document(
    "RepairReport",
    always(
        {
            "processInstanceKey": Key(),
            "revision": Whole(),
            "endsInState": maybe(Text()),
            "activated": Listed(Part(_Change)),
            "terminated": Listed(Part(_Change)),
            "opened": Listed(Part(_Wait)),
            "incidentElementIds": Listed(Text()),
        }
    ),
)


@modification.route("/process-instances/<key:key>/modification", methods=["POST"])
@permission("process-instance", "modify")
@modification.arguments(ModificationSchema)
@modification.response(204)
def modify_process_instance(body: dict[str, Any], key: int) -> Response:
    """Modify a running instance"""
    require_instance(principal(), "process-instance", "modify", key)
    modifications.modify(
        instance_key=key,
        modification=_modification(body),
        actor=principal().name,
        reason=body.get("reason"),
        revision=body.get("revision"),
    )
    return no_content()


@modification.route("/process-instances/<key:key>/modification/dry-run", methods=["POST"])
@permission("process-instance", "modify")
@modification.arguments(ModificationSchema)
@modification.response(200, RepairResult)
def try_out_modification(body: dict[str, Any], key: int) -> Response:
    """Show what a modification would do, without doing it"""
    require_instance(principal(), "process-instance", "modify", key)
    found = modifications.try_out(
        instance_key=key, modification=_modification(body), actor=principal().name, revision=body.get("revision")
    )
    return answer(report_document(found))


def report_document(found: RepairReport) -> dict[str, Any]:
    """The effect of a repair as the API shows it."""
    return {
        "processInstanceKey": str(found.instance_key),
        "revision": found.revision,
        "endsInState": found.ends,
        "activated": [_change_document(change) for change in found.activated],
        "terminated": [_change_document(change) for change in found.terminated],
        "opened": [_wait_document(wait) for wait in found.opened],
        "incidentElementIds": list(found.incidents),
    }


def _change_document(change: ElementChange) -> dict[str, Any]:
    return {
        "elementInstanceKey": str(change.key),
        "processInstanceKey": str(change.instance_key),
        "elementId": change.element_id,
        "elementType": change.element_type,
    }


def _wait_document(wait: OpenedWait) -> dict[str, Any]:
    return {
        "kind": wait.kind,
        "elementInstanceKey": str(wait.key),
        "processInstanceKey": str(wait.instance_key),
        "elementId": wait.element_id,
        "name": wait.name,
    }


# -- reading a request ---------------------------------------------------------------------------------------------


def _modification(body: Mapping[str, Any]) -> Modification:
    found = Modification(
        activate=tuple(map(_activate, body.get("activateInstructions", ()))),
        terminate=tuple(map(_terminate, body.get("terminateInstructions", ()))),
        move=tuple(map(_move, body.get("moveInstructions", ()))),
        return_to=tuple(map(_return, body.get("returnInstructions", ()))),
    )
    if found == Modification():
        raise bad_request(
            "no-instructions",
            "修改中没有任何指令；请至少给出一条激活、移动、终止或退回指令。",
            "The modification has no instruction; activate, move, terminate or return something.",
        )
    return found


def _activate(asked: Mapping[str, Any]) -> Activate:
    _exactly_one(asked, "elementId", "sequenceFlowId")
    return Activate(
        asked.get("elementId", ""),
        _variables(asked),
        _ancestor(asked),
        after=asked.get("placement") == "AFTER",
        flow_id=asked.get("sequenceFlowId"),
    )


def _terminate(asked: Mapping[str, Any]) -> Terminate:
    _exactly_one(asked, "elementInstanceKey", "elementId", "sequenceFlowId")
    return Terminate(asked.get("elementId"), asked.get("elementInstanceKey"), asked.get("sequenceFlowId"))


def _move(asked: Mapping[str, Any]) -> Move:
    source = asked["sourceElementInstruction"]
    wanted = "sourceElementId" if source["sourceType"] == "byId" else "sourceElementInstanceKey"
    if wanted not in source:
        raise wrong(
            "move-source", f"sourceType 为 {source['sourceType']} 时需要 {wanted}。", f"This sourceType needs {wanted}."
        )
    scope = asked.get("ancestorScopeInstruction", {})
    return Move(
        asked["targetElementId"],
        source_id=source.get("sourceElementId") if wanted == "sourceElementId" else None,
        source_key=source.get("sourceElementInstanceKey") if wanted != "sourceElementId" else None,
        ancestor=scope.get("ancestorScopeType", "direct"),
        ancestor_key=_ancestor(scope),
        variables=_variables(asked),
    )


def _return(asked: Mapping[str, Any]) -> ReturnTo:
    return ReturnTo(asked["targetElementId"], asked.get("sourceElementInstanceKey"), _variables(asked))


def _variables(asked: Mapping[str, Any]) -> tuple[VariableInstruction, ...]:
    return tuple(
        VariableInstruction(instruction["variables"], instruction.get("scopeId", ""))
        for instruction in asked.get("variableInstructions", ())
    )


def _ancestor(asked: Mapping[str, Any]) -> int | None:
    key: int = asked.get("ancestorElementInstanceKey", -1)
    return None if key == -1 else key


def _exactly_one(asked: Mapping[str, Any], *names: str) -> None:
    if sum(name in asked for name in names) != 1:
        listed = ", ".join(names)
        raise wrong("exactly-one", f"应给出且只给出其中之一：{listed}。", f"Give exactly one of: {listed}.")
