"""BPMN in memory: read a file through the gate, run its processes on SpiffWorkflow, keep them as snapshots.

Pure: no database, no network, no clock of its own. See :mod:`server.bpmn.execution` for stepping an instance and
:mod:`server.bpmn.effects` for what a step reports.
"""

from .ad_hoc import Activation, NotActivatable
from .errors import BpmnError, Failure, NotWaiting, RepairRefused
from .execution import Execution
from .gate import lint, read_processes
from .instance import ExecutionServices
from .instructions import Activate, Modification, Move, ReturnTo, Terminate, VariableInstruction
from .model import DecisionReference, Element, FormReference, ProcessModel, Reference, SequenceFlow, StartEvent
from .snapshot import SnapshotError
from .timers import TimerDefinition, TimerSchedule

__all__ = [
    "Activate",
    "Activation",
    "BpmnError",
    "DecisionReference",
    "Element",
    "Execution",
    "ExecutionServices",
    "Failure",
    "FormReference",
    "Modification",
    "Move",
    "NotActivatable",
    "NotWaiting",
    "ProcessModel",
    "Reference",
    "RepairRefused",
    "ReturnTo",
    "SequenceFlow",
    "SnapshotError",
    "StartEvent",
    "Terminate",
    "TimerDefinition",
    "TimerSchedule",
    "VariableInstruction",
    "lint",
    "read_processes",
]
