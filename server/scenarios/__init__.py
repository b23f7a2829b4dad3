"""Scenarios: processes run in memory with a virtual clock, as designers test them before anybody else does.

Pure: files are read, and reports written, by the command line. See docs/scenarios.md for the format.
"""

from .definitions import Definitions, read_definitions
from .errors import ScenarioError, StepFailure
from .playing import Outcome, play, process_of
from .reader import Document, is_scenario, read_scenarios
from .scenario import Scenario

__all__ = [
    "Definitions",
    "Document",
    "Outcome",
    "Scenario",
    "ScenarioError",
    "StepFailure",
    "is_scenario",
    "play",
    "process_of",
    "read_definitions",
    "read_scenarios",
]
