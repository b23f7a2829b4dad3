"""What the analysis of a decision table reports: findings with example inputs, and what could not be analysed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from server.dmn.model import Place
from server.feel import to_json
from server.messages import Finding, Message, Severity

_NOWHERE = Place()
STAGES = ("overlaps", "gaps", "masked", "redundant")
OUT_OF_TIME = frozenset(f"dmn.analysis.remainder.{stage}" for stage in STAGES)
"""The codes of remainders that more time would not have left."""


class Weight(StrEnum):
    """How much a finding weighs: an error makes the table fail or wrong for the example, a warning is probably not
    meant, a note is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class ExampleInput:
    """One input of an example: the column's label and expression, and the value."""

    label: str
    expression: str
    value: Any


@dataclass(frozen=True, slots=True)
class TableFinding:
    """One thing found in a table.

    ``rules`` are the rules concerned, from 1; ``region`` the inputs concerned, by expression, in the form of cells;
    ``example`` a value for every input, chosen from that region.
    """

    weight: Weight
    message: Message
    rules: tuple[int, ...] = ()
    region: tuple[tuple[str, str], ...] = ()
    example: tuple[ExampleInput, ...] = ()
    place: Place = _NOWHERE

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON data; ``example`` by input expression, as a context to try it with."""
        return {
            "code": self.message.code,
            "severity": self.weight.value,
            "rules": list(self.rules),
            "region": [{"input": expression, "tests": tests} for expression, tests in self.region],
            "example": {each.expression: to_json(each.value) for each in self.example} if self.example else None,
            "zh": self.message.zh,
            "en": self.message.en,
            "element": self.place.id,
            "line": self.place.line,
        }


@dataclass(frozen=True, slots=True)
class TableAnalysis:
    """The analysis of one table; ``remainder`` says what of it was not analysed, and why."""

    element_id: str
    element_name: str
    table_id: str
    hit_policy: str
    rules: int
    findings: tuple[TableFinding, ...]
    remainder: tuple[Message, ...]

    @property
    def complete(self) -> bool:
        """Whether everything was analysed."""
        return not self.remainder

    def to_json(self) -> dict[str, Any]:
        """The analysis as JSON data."""
        return {
            "decisionId": self.element_id,
            "decisionName": self.element_name,
            "tableId": self.table_id,
            "hitPolicy": self.hit_policy,
            "rules": self.rules,
            "complete": self.complete,
            "findings": [finding.to_json() for finding in self.findings],
            "remainder": [{"code": m.code, "zh": m.zh, "en": m.en} for m in self.remainder],
        }

    def as_findings(self, resource: str, explained: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
        """Errors and warnings as those of any other check, and that the time did not suffice; what ``explained``
        has a reason for, by code, is not among them."""
        late = [message for message in self.remainder if message.code in OUT_OF_TIME]
        severities = {Weight.ERROR: Severity.ERROR, Weight.WARNING: Severity.WARNING}
        found = [
            Finding(severities[f.weight], self._named(f.message), resource, f.place.id, f.place.line)
            for f in self.findings
            if f.weight in severities and f.message.code not in (explained or {})
        ]
        found += [Finding(Severity.WARNING, self._named(message), resource, self.table_id) for message in late]
        return tuple(found)

    def _named(self, message: Message) -> Message:
        return replace(message, zh=f"“{self.element_name}”：{message.zh}", en=f"'{self.element_name}': {message.en}")
