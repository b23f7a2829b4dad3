"""DMN 1.2-1.5: decision models, read, checked, evaluated and traced. No I/O; expressions are FEEL."""

from server.dmn.decision_model import DecisionModel
from server.dmn.errors import DmnError, UnknownDecisionError
from server.dmn.loading import read_dmn, read_draft
from server.dmn.model import Decision, DecisionService, DecisionTable
from server.dmn.reader import Declared, read_declared
from server.dmn.trace import DecisionEvaluation, DecisionTrace, MatchedRule

__all__ = [
    "Decision",
    "DecisionEvaluation",
    "DecisionModel",
    "DecisionService",
    "DecisionTable",
    "DecisionTrace",
    "Declared",
    "DmnError",
    "MatchedRule",
    "UnknownDecisionError",
    "read_declared",
    "read_dmn",
    "read_draft",
]
