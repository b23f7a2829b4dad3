"""Checking files for whoever writes them: the gate of a deployment, the rules of drawing, and the reader's choice.

A *rule* is the code of a finding without its first part, or bpmnlint's name for it. Rules may be switched off or given
another weight, except that what refuses a deployment stays an error: the choice is about what is told, not about what
can run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import Connection

from server import file_kinds
from server.bpmn import ProcessModel, Reference
from server.bpmn.references import is_meant, not_callable
from server.bpmn.style_rules import RULES, RULES_OF_THE_GATE, rule_of
from server.file_kinds import kind_of_file
from server.messages import Finding, LendloomError, Message, Severity

from . import calendars, instant
from .callers import stranded
from .command import command
from .decision_imports import importable
from .definitions import catalogue, epoch
from .resources import Examined, examine_resources

OFF = "off"
WEIGHTS = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}

_OF_PROCESSES = """
    called-without-start condition-never-true deadlock dialect-both dialect-no-effect dialect-no-result dialect-outputs
    dialect-retries
    due-date-past
    error-never-thrown error-not-caught executable-absent extension-without-effect fixed-correlation-key
    foreign-extension item-definition lack-of-synchronisation
    maybe-unset not-analysed reference-elsewhere result-lost same-start-message start-variables
    timer-past unbounded-tokens unknown-attribute unknown-variable used-before-set
"""
_OF_DEPLOYMENTS = "missing-calendar missing-reference still-called"
_OF_DECISIONS = """
    analysis.domain analysis.gap analysis.masked analysis.never-matches analysis.output-domain analysis.output-type
    analysis.overlap analysis.overlap-missing analysis.redundant analysis.remainder.gaps analysis.remainder.masked
    analysis.remainder.overlaps analysis.remainder.redundant analysis.type analysis.type-mixed
    analysis.unreachable-output decision.no-logic name.undeclared
"""
_OF_FORMS = "default.option schema-version"
KNOWN_RULES: Final = frozenset(" ".join((_OF_PROCESSES, _OF_DEPLOYMENTS, _OF_DECISIONS, _OF_FORMS)).split()) | {
    *RULES,
    *RULES_OF_THE_GATE,
}
"""What a rules file may name: every rule that does not always refuse a deployment, and bpmnlint's."""


class LintRulesError(LendloomError):
    """The rules that the reader has chosen cannot be read."""


@dataclass(frozen=True, slots=True)
class LintRules:
    """What the reader wants to hear: a severity or ``off`` by rule."""

    chosen: Mapping[str, str]

    @classmethod
    def read(cls, document: Any) -> LintRules:
        """The rules of a document ``{"rules": {"label-required": "off"}}``. Raises :class:`LintRulesError`."""
        rules = document.get("rules", {}) if isinstance(document, Mapping) else None
        if not isinstance(rules, Mapping):
            raise LintRulesError(_no_rules())
        weights = {OFF, *(str(severity) for severity in Severity)}
        for rule, weight in rules.items():
            if weight not in weights:
                raise LintRulesError(_no_weight(str(rule), weight))
            if rule not in KNOWN_RULES:
                raise LintRulesError(_no_rule(str(rule)))
        return cls(dict(rules))

    def apply(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings as the reader wants them; errors stay what they are."""
        told = []
        for finding in findings:
            chosen = self.chosen.get(rule_of(finding.message.code))
            if finding.severity is Severity.ERROR or chosen is None:
                told.append(finding)
            elif chosen != OFF:
                told.append(replace(finding, severity=Severity(chosen)))
        return told


EVERYTHING = LintRules({})


def lint_files(
    resources: Sequence[tuple[str, bytes]], rules: LintRules = EVERYTHING, *, now: dt.datetime | None = None
) -> list[Finding]:
    """Everything that can be said of files by themselves, as the reader wants it.

    ``now`` is the instant by which fixed times have passed; without it nothing is said of them.
    """
    return rules.apply(examine_resources(resources, complete=False, style=True, now=now).findings)


def lint_deployment(
    resources: Sequence[tuple[str, bytes]],
    rules: LintRules = EVERYTHING,
    *,
    complete: bool = True,
    reader: str | None = None,
) -> list[Finding]:
    """What a deployment of the files would say, against what is deployed already, and the rules of drawing.

    Where they are not ``complete``, what they refer to by the binding ``deployment`` is looked for among what is
    deployed, and what they import also among the drafts that ``reader`` may read: it can be sent along.
    """
    beside: dict[str, bytes] = {}
    if not complete:
        models = [content for name, content in resources if kind_of_file(name) == file_kinds.DMN]
        beside = importable(models, reader)
    examined = examine_resources(resources, complete=complete, style=True, now=command(instant.now), importable=beside)
    missing = command(
        lambda connection: _missing(connection, examined, complete) + stranded(connection, examined.items)
    )
    found = [f for f in examined.findings if f.message.code != "bpmn.reference-elsewhere"]
    return rules.apply([*found, *missing])


def _missing(connection: Connection, examined: Examined, complete: bool) -> list[Finding]:
    """References to what is neither among the files nor deployed."""
    found, number = [], epoch(connection)
    here = {item.identity: item for item in examined.items}
    for item in examined.items:
        if item.process is None:
            continue
        for reference in item.process.references:
            bound = reference.binding == "deployment"
            beside = here.get((reference.kind, reference.target))
            if (bound and complete) or (beside is not None and is_meant(reference, beside.version_tag)):
                continue
            meant = replace(reference, binding="latest") if bound else reference
            found += unusable(connection, number, item.process, meant)
        found += calendars.missing(connection, number, item.process, item.resource_name)
    return found


def unusable(
    connection: Connection,
    number: int,
    model: ProcessModel,
    reference: Reference,
    deployment_key: int | None = None,
) -> list[Finding]:
    """Why instances would stop at a reference: what it means is not deployed, or cannot be called.

    ``number`` is the epoch; ``deployment_key`` is the deployment of ``model``, where it is deployed already.
    """
    definitions = catalogue(connection)
    key = definitions.resolve(
        connection,
        number,
        reference.kind,
        reference.target,
        binding=reference.binding,
        version_tag=reference.version_tag,
        deployment_key=deployment_key,
    )
    if key is None:
        element = model.elements[reference.element_id]
        message = _missing_reference(model.resource, reference)
        return [Finding(Severity.WARNING, message, model.resource, element.id, element.line)]
    if reference.kind == "process" and definitions.process(connection, key).model.none_start is None:
        return [not_callable(model, reference, Severity.WARNING)]
    return []


def _missing_reference(resource: str, reference: Reference) -> Message:
    zh = en = reference.kind
    if reference.binding == "versionTag":
        zh, en = f"{zh}，版本标签 {reference.version_tag}", f"{en}, version tag {reference.version_tag}"
    return Message(
        "deployment.missing-reference",
        f"{resource}：元素 {reference.element_id} 引用的“{reference.target}”（{zh}）尚未部署。",
        f"{resource}: '{reference.target}' ({en}), to which {reference.element_id} refers, is not deployed yet.",
    )


def is_at_least(finding: Finding, severity: Severity) -> bool:
    """Whether a finding weighs as much as ``severity``, or more."""
    return WEIGHTS[finding.severity] >= WEIGHTS[severity]


def _no_rules() -> Message:
    return Message(
        "lint.rules",
        "规则文件应为 rules: 下的“规则名: off | info | warning | error”。",
        "The rules file must have, below rules:, lines of the form 'rule: off | info | warning | error'.",
    )


def _no_weight(rule: str, weight: Any) -> Message:
    return Message(
        "lint.rules",
        f"规则“{rule}”的级别“{weight}”不可用；可用 off、info、warning、error。",
        f"The rule '{rule}' cannot be '{weight}'; use off, info, warning or error.",
    )


def _no_rule(rule: str) -> Message:
    near = get_close_matches(rule.rpartition("/")[2], sorted(KNOWN_RULES), n=1)
    zh, en = ("见 docs/lint.md。", "see docs/lint.md.")
    if near:
        zh, en = f"是否想写“{near[0]}”？", f"did you mean '{near[0]}'?"
    return Message(
        "lint.rule",
        f"没有可以调整的规则“{rule}”；{zh}",
        f"There is no rule '{rule}' that can be switched off or weighed; {en}",
    )
