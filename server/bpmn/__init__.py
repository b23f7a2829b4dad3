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
from .migration_plan import MigrationPlan, PlannedMapping, inverse_mapping, plan_migration
from .migration_rules import check_mapping
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
    "MigrationPlan",
    "Modification",
    "Move",
    "NotActivatable",
    "NotWaiting",
    "PlannedMapping",
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
    "check_mapping",
    "inverse_mapping",
    "lint",
    "plan_migration",
    "read_processes",
]
