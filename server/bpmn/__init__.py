"""BPMN in memory: read a file through the gate, run its processes on SpiffWorkflow, keep them as snapshots.

Pure: no database, no network, no clock of its own. See :mod:`server.bpmn.execution` for stepping an instance and
:mod:`server.bpmn.effects` for what a step reports.
"""

from .ad_hoc import Activation, NotActivatable
from .errors import BpmnError, Failure, NotWaiting
from .execution import Execution
from .gate import lint, read_processes
from .instance import ExecutionServices
from .model import DecisionReference, Element, FormReference, ProcessModel, Reference, SequenceFlow, StartEvent
from .snapshot import SnapshotError
from .timers import TimerDefinition, TimerSchedule

__all__ = [
    "Activation",
    "BpmnError",
    "DecisionReference",
    "Element",
    "Execution",
    "ExecutionServices",
    "Failure",
    "FormReference",
    "NotActivatable",
    "NotWaiting",
    "ProcessModel",
    "Reference",
    "SequenceFlow",
    "SnapshotError",
    "StartEvent",
    "TimerDefinition",
    "TimerSchedule",
    "lint",
    "read_processes",
]
