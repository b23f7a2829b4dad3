"""The gate for files that belong together: each file by itself, then what their processes, decisions and forms share.

What :func:`review` finds as an error refuses a deployment; warnings and infos are for the designer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from server.dmn import DecisionModel
from server.forms import Form
from server.messages import Finding

from .connections import check_connections
from .constants import check_constants, check_decision_domains
from .data_flow import check_data_flow
from .extension_places import check_extension_places
from .fixed_values import check_fixed_values
from .function_calls import check_function_calls
from .gate import examine
from .inferred_kinds import check_inferred_kinds
from .model import ProcessModel
from .past_times import check_past_times
from .reader import parse_xml
from .references import check_catching, check_file, check_together
from .style_rules import check_style
from .variables_used import Surroundings


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """The BPMN files to look at, by name, with the forms and decisions beside them, by id.

    ``complete`` says that they are a whole deployment. ``style`` asks for the drawing habits of bpmnlint too. ``now``
    is the instant (with a zone) by which fixed times have passed; without it nothing is said of them.
    """

    files: Mapping[str, bytes]
    forms: Mapping[str, Form] = field(default_factory=dict)
    decisions: Mapping[str, DecisionModel] = field(default_factory=dict)
    complete: bool = False
    style: bool = False
    now: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """The processes of every file that could be read, and all findings, file by file."""

    models: Mapping[str, tuple[ProcessModel, ...]]
    findings: tuple[Finding, ...]


def review(request: ReviewRequest) -> Review:
    """Everything that is known of BPMN files before they run."""
    models: dict[str, tuple[ProcessModel, ...]] = {}
    findings: list[Finding] = []
    for name, xml in request.files.items():
        examined = examine(xml, resource=name)
        models[name] = examined.models
        if not examined.is_bpmn:
            findings += examined.findings
        else:
            root = parse_xml(xml)
            findings += _told_once(examined.findings, list(check_file(root, name)))
            findings += check_connections(root, name)
            findings += check_extension_places(root, name)
            if request.style:
                findings += check_style(root, name)
    everything = [model for group in models.values() for model in group]
    around = Surroundings(request.forms, request.decisions)
    for model in everything:
        findings += _of_process(model, around)
        if request.now is not None:
            findings += check_past_times(model, request.now)
    known = {
        "process": frozenset(model.process_id for model in everything),
        "decision": frozenset(request.decisions),
        "form": frozenset(request.forms),
    }
    findings += check_together(everything, known, complete=request.complete)
    return Review(models, tuple(_ordered(findings, list(request.files))))


def _told_once(found: Sequence[Finding], dangling: Sequence[Finding]) -> Iterator[Finding]:
    """Without saying of an event that it refers to nothing, where it is said to what it refers."""
    told = {finding.element for finding in dangling}
    yield from (f for f in found if f.message.code != "bpmn.no-event-reference" or f.element not in told)
    yield from dangling


def _of_process(model: ProcessModel, around: Surroundings) -> Iterator[Finding]:
    yield from check_catching(model)
    yield from check_function_calls(model)
    yield from check_constants(model)
    yield from check_fixed_values(model)
    yield from check_inferred_kinds(model)
    yield from check_decision_domains(model, around)
    yield from check_data_flow(model, around)


def _ordered(findings: Sequence[Finding], files: Sequence[str]) -> list[Finding]:
    """By file as given, then by line."""
    place = {name: position for position, name in enumerate(files)}
    return sorted(dict.fromkeys(findings), key=lambda f: (place.get(f.resource, len(place)), f.line or 0))
