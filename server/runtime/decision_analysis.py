"""The analysis of decision tables under a deadline: of files that are deployed, and of deployed versions."""

from __future__ import annotations

import time

from server.dmn import DecisionModel
from server.dmn.analysis import analyse
from server.dmn.analysis_report import TableAnalysis
from server.messages import Finding

from .command import command
from .definitions import DecisionVersion, catalogue

SECONDS_AT_DEPLOYMENT = 3.0
"""For all tables of a file; an analysis on demand may take longer."""


def deployment_findings(model: DecisionModel, resource: str) -> tuple[Finding, ...]:
    """What is wrong with a model's tables, as far as a deployment has the time to find out."""
    return tuple(finding for found in _within(model, SECONDS_AT_DEPLOYMENT) for finding in found.as_findings(resource))


def analyse_definition(key: int, *, seconds: float) -> tuple[DecisionVersion, tuple[TableAnalysis, ...]]:
    """The decision version with this key, and the analysis of the tables in its file. Raises :class:`NotFound`."""
    version = command(lambda connection: catalogue(connection).decision(connection, key))
    return version, _within(version.model, seconds)


def _within(model: DecisionModel, seconds: float) -> tuple[TableAnalysis, ...]:
    until = time.monotonic() + seconds
    return analyse(model, out_of_time=lambda: time.monotonic() > until)
