"""The trace of a decision: which facts it saw, which rules matched, what it answered, and on what it built.

A trace is data: it is stored with the case, shown to reviewers and compared when a decision is replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.feel import ConversionError, Diagnostic, DiagnosticKind, Range, feel_text, to_json
from server.messages import Message

TracedValue = tuple[str, str, Any]
"""The id and the name of an input or an output, and its value."""


@dataclass(frozen=True, slots=True)
class MatchedRule:
    """A rule that matched: its place in the table (from 1), what it concluded and its annotations."""

    rule_id: str
    rule_index: int
    outputs: tuple[TracedValue, ...]
    annotations: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The rule as JSON data."""
        return {
            "ruleId": self.rule_id,
            "ruleIndex": self.rule_index,
            "outputs": _values_to_json(self.outputs),
            "annotations": list(self.annotations),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> MatchedRule:
        """The inverse of :meth:`to_json`; values stay as JSON holds them."""
        return cls(data["ruleId"], data["ruleIndex"], _values_from_json(data["outputs"]), tuple(data["annotations"]))


@dataclass(frozen=True, slots=True)
class DecisionTrace:
    """How one decision came about.

    ``inputs`` are a decision table's input expressions as evaluated, or the named facts that other logic was
    given. ``required`` holds the traces of the decisions below it and of the functions with tables it called.
    """

    decision_id: str
    decision_name: str
    decision_type: str
    model_hash: str
    inputs: tuple[TracedValue, ...]
    matched_rules: tuple[MatchedRule, ...]
    output: Any
    required: tuple[DecisionTrace, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The trace as JSON data; dates, times and durations as their ISO texts."""
        return {
            "decisionId": self.decision_id,
            "decisionName": self.decision_name,
            "decisionType": self.decision_type,
            "modelHash": self.model_hash,
            "inputs": _values_to_json(self.inputs),
            "matchedRules": [rule.to_json() for rule in self.matched_rules],
            "output": json_value(self.output),
            "required": [trace.to_json() for trace in self.required],
            "diagnostics": [_diagnostic_to_json(diagnostic) for diagnostic in self.diagnostics],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DecisionTrace:
        """The inverse of :meth:`to_json`; values stay as JSON holds them, so a round trip changes nothing."""
        return cls(
            decision_id=data["decisionId"],
            decision_name=data["decisionName"],
            decision_type=data["decisionType"],
            model_hash=data["modelHash"],
            inputs=_values_from_json(data["inputs"]),
            matched_rules=tuple(MatchedRule.from_json(rule) for rule in data["matchedRules"]),
            output=data["output"],
            required=tuple(cls.from_json(trace) for trace in data["required"]),
            diagnostics=tuple(_diagnostic_from_json(diagnostic) for diagnostic in data["diagnostics"]),
        )


class DecisionEvaluation:
    """A decision's value, how it came about, and everything that was noticed on the way.

    The trace may be given as a function and its arguments: it is then put together when it is first asked for.
    """

    __slots__ = ("_trace", "diagnostics", "value")

    def __init__(
        self,
        value: Any,
        trace: DecisionTrace | tuple[Callable[..., DecisionTrace], *tuple[Any, ...]],
        diagnostics: tuple[Diagnostic, ...] = (),
    ) -> None:
        self.value = value
        self._trace = trace
        self.diagnostics = diagnostics

    def __repr__(self) -> str:
        return f"DecisionEvaluation({self.value!r}, failed={self.failed})"

    @property
    def trace(self) -> DecisionTrace:
        """How the value came about."""
        found = self._trace
        if isinstance(found, tuple):
            make, *arguments = found
            found = self._trace = make(*arguments)
        return found

    @property
    def failed(self) -> bool:
        """Whether the value is, or holds, a null while something went wrong on the way to it.

        A null without a diagnostic is an answer (no rule matched, the model says null); an error that the model
        handled, so that a value came out, is none of the caller's business.
        """
        return bool(self.diagnostics) and _holds_null(self.value)


def _holds_null(value: Any) -> bool:
    if value is None:
        return True
    if isinstance(value, Mapping):
        return any(map(_holds_null, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_null, value))
    return False


def _values_to_json(values: Sequence[TracedValue]) -> list[dict[str, Any]]:
    return [{"id": identity, "name": name, "value": json_value(value)} for identity, name, value in values]


def _values_from_json(values: Sequence[Mapping[str, Any]]) -> tuple[TracedValue, ...]:
    return tuple((value["id"], value["name"], value["value"]) for value in values)


def json_value(value: Any) -> Any:
    """A value as JSON data; what has no form there, by its text."""
    try:
        return to_json(value)
    except ConversionError:
        # Functions and ranges are values in FEEL but have no form in JSON; the trace says what there was.
        if isinstance(value, Mapping):
            return {key: json_value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [json_value(item) for item in value]
        return feel_text(value) if isinstance(value, Range) else repr(value)


def _diagnostic_to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "kind": str(diagnostic.kind),
        "code": diagnostic.message.code,
        "zh": diagnostic.message.zh,
        "en": diagnostic.message.en,
        "line": diagnostic.line,
        "column": diagnostic.column,
    }


def _diagnostic_from_json(data: Mapping[str, Any]) -> Diagnostic:
    return Diagnostic(
        DiagnosticKind(data["kind"]),
        Message(data["code"], data["zh"], data["en"]),
        data["line"],
        data["column"],
    )
