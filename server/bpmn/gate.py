"""The deploy gate: nothing deploys that would not really execute.

The gate reads a file in passes: is it BPMN by its schema; does it hold only elements and combinations that are
executed and tested; do its expressions, timers and references make sense; and is every process sound. It reports all
it finds, each with element id, line and a sentence in Chinese and English. What several files have to do with each
other is looked at in :mod:`server.bpmn.review`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator

from server.messages import Finding, Message, Severity

from .collected_results import check_collected_results
from .data_objects import translate_data
from .date_ranges import check_date_ranges
from .dialects import translate_dialects
from .errors import BpmnError
from .extensions import BPMN
from .gate_rules import check_model, check_structure
from .model import ProcessModel
from .reader import ModelsParser, ValidationException, local_name, parse_xml
from .soundness import check_soundness

_NOT_BPMN = frozenset({"bpmn.xml", "bpmn.root", "bpmn.schema"})


_schema_in_use = threading.Lock()
"""libxml2 makes its built-in types with its first schema; where two threads do that at once, it is spoilt for good."""


@cache
def _validator() -> BpmnValidator:
    return BpmnValidator()


def _schema_errors(root: etree._Element) -> list[etree._LogEntry]:
    with _schema_in_use:
        schema = _validator().validator
        # A participant of a choreography may be refused by the schema; what counts is what it says, line by line.
        return [] if schema.validate(root) else list(schema.error_log)


@dataclass(frozen=True, slots=True)
class Examined:
    """A BPMN file under the gate: its processes, as far as it could be read, and everything found."""

    models: tuple[ProcessModel, ...]
    findings: tuple[Finding, ...]

    @property
    def is_bpmn(self) -> bool:
        """Whether the file is well-formed and valid by its schema, whatever else is wrong with it."""
        return _NOT_BPMN.isdisjoint(finding.message.code for finding in self.findings)


def read_processes(xml: bytes, *, resource: str = "") -> list[ProcessModel]:
    """The executable processes of a BPMN file. Raises :class:`BpmnError` with every finding when it cannot be run.

    What can be run may still be unsound: :func:`examine` is what a deployment asks. A definition that was deployed
    under older rules is read again by this, so nothing belongs here that only warns of the future.
    """
    findings, models = _examine(xml, resource)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise BpmnError([f for f in findings if f.severity is Severity.ERROR])
    return models


def examine(xml: bytes, *, resource: str = "") -> Examined:
    """The whole gate for one BPMN file: structure, what is executed, expressions, and soundness."""
    findings, models = _examine(xml, resource)
    for model in models:
        findings.extend(check_soundness(model))
        findings.extend(check_collected_results(model))
        findings.extend(check_date_ranges(model))
    return Examined(tuple(models), tuple(findings))


def lint(xml: bytes, *, resource: str = "") -> list[Finding]:
    """Everything the gate finds in a BPMN file by itself; empty when there is nothing to say."""
    return list(examine(xml, resource=resource).findings)


def _examine(xml: bytes, resource: str) -> tuple[list[Finding], list[ProcessModel]]:
    try:
        root = parse_xml(xml)
    except etree.XMLSyntaxError as error:
        message = Message(
            "bpmn.xml",
            f"文件不是有效的 XML：{error.msg}。请用建模工具以 UTF-8 重新保存。",
            f"The file is not well-formed XML: {error.msg}. Save it again in a modelling tool, as UTF-8.",
        )
        line, column = error.position
        return [Finding(Severity.ERROR, message, resource, "", line, column)], []
    if local_name(root) != "definitions" or etree.QName(root).namespace != BPMN:
        message = Message(
            "bpmn.root",
            "这不是 BPMN 2.0 文件：根元素应为 bpmn:definitions。",
            "This is not a BPMN 2.0 file: its root must be bpmn:definitions.",
        )
        return [Finding(Severity.ERROR, message, resource, "", root.sourceline)], []
    findings = translate_dialects(root, resource)
    faults = list(_schema_findings(root, resource))
    if not faults:
        findings += translate_data(root, resource)
    findings += faults or check_structure(root, resource)
    if any(finding.severity is Severity.ERROR for finding in findings):
        return findings, []
    return _read(root, xml, resource, findings)


def _read(
    root: etree._Element, xml: bytes, resource: str, findings: Sequence[Finding]
) -> tuple[list[Finding], list[ProcessModel]]:
    found = list(findings)
    try:
        models = ModelsParser().read(root, xml, resource)
    except ValidationException as error:
        message = Message("bpmn.parser", f"文件无法解析：{error}", f"The file cannot be read: {error}")
        return [*found, Finding(Severity.ERROR, message, resource, "", error.line_number)], []
    for model in models:
        found.extend(model.findings)
        found.extend(check_model(model))
    return found, models


def _schema_findings(root: etree._Element, resource: str) -> Iterator[Finding]:
    for entry in _schema_errors(root):
        message = Message(
            "bpmn.schema",
            f"不符合 BPMN 2.0 结构定义：{entry.message}",
            f"Not valid against the BPMN 2.0 schema: {entry.message}",
        )
        yield Finding(Severity.ERROR, message, resource, "", entry.line, entry.column)
