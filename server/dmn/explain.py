"""A decision's trace as sentences for a reviewer or a customer, in Chinese or English, with reason codes.

"拒绝: 评分 385 低于 400 (规则 3)": what came out, which inputs made the matched rule match, and which rule it was.
The sentences are made from the trace and from the model's own words (labels, cells, annotations); nothing is
evaluated again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from server.dmn.decision_model import DecisionModel
from server.dmn.explain_cells import Reading, condition
from server.dmn.explain_values import column, value_text
from server.dmn.model import BusinessKnowledgeModel, Decision, DecisionTable, LiteralExpression, Rule
from server.dmn.trace import DecisionTrace, MatchedRule, json_value

OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "approve": ("通过", "approved"),
    "approved": ("通过", "approved"),
    "accept": ("通过", "accepted"),
    "pass": ("通过", "passed"),
    "reject": ("拒绝", "rejected"),
    "rejected": ("拒绝", "rejected"),
    "decline": ("拒绝", "declined"),
    "declined": ("拒绝", "declined"),
    "refer": ("转人工", "referred"),
    "human": ("转人工", "to a person"),
    "manual": ("转人工", "to a person"),
    "review": ("复核", "to be reviewed"),
    "suspend": ("暂停", "suspended"),
}
"""How the usual outcomes of a lender's decisions read; every other text is shown as it is."""

_CODE: Final = re.compile(r"\s*([A-Za-z]{1,8}[-_.]?[0-9]{1,6}[A-Za-z]?)(?![A-Za-z0-9])")
_CODE_COLUMN: Final = re.compile(r"code|代码|编码|编号", re.IGNORECASE)
_LONGEST_FORMULA: Final = 80


@dataclass(frozen=True, slots=True)
class Condition:
    """One input that had a part in a rule's match: its label, its value, the cell and the words for both."""

    label: str
    value: Any
    tests: str
    text: str

    def to_json(self) -> dict[str, Any]:
        """The condition as JSON data."""
        return {"label": self.label, "value": json_value(self.value), "tests": self.tests, "text": self.text}


@dataclass(frozen=True, slots=True)
class ExplainedDecision:
    """One decision of the trace: its sentence, and for each matched rule its number and conditions."""

    decision_id: str
    decision_name: str
    depth: int
    sentences: tuple[str, ...]
    rules: tuple[tuple[int, tuple[Condition, ...]], ...] = ()
    reason_codes: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The explained decision as JSON data."""
        return {
            "decisionId": self.decision_id,
            "decisionName": self.decision_name,
            "depth": self.depth,
            "sentences": list(self.sentences),
            "rules": [
                {"ruleIndex": index, "conditions": [each.to_json() for each in conditions]}
                for index, conditions in self.rules
            ],
            "reasonCodes": list(self.reason_codes),
            "annotations": list(self.annotations),
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a decision came out as it did: the decision asked for first, then those below it.

    ``reason_codes`` are those of the decision asked for, from the annotations of its matched rules.
    """

    sentences: tuple[str, ...]
    reason_codes: tuple[str, ...]
    decisions: tuple[ExplainedDecision, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The explanation as JSON data."""
        return {
            "sentences": list(self.sentences),
            "reasonCodes": list(self.reason_codes),
            "decisions": [decision.to_json() for decision in self.decisions],
        }


def explain(
    trace: DecisionTrace,
    model: DecisionModel,
    language: str = "zh",
    *,
    outcomes: Mapping[str, tuple[str, str]] = OUTCOMES,
) -> Explanation:
    """The explanation of a trace that ``model`` gave, in ``zh`` or ``en``.

    ``outcomes`` are words for output values that are meant for programs.
    """
    reader = _Explainer(model, "zh" if language.lower().startswith("zh") else "en", outcomes)
    decisions = tuple(reader.explained(trace, 0))
    sentences = tuple(sentence for decision in decisions for sentence in decision.sentences)
    return Explanation(sentences, decisions[0].reason_codes, decisions)


class _Explainer:
    def __init__(self, model: DecisionModel, language: str, outcomes: Mapping[str, tuple[str, str]]) -> None:
        self._elements = model.elements
        self._names = model.known_names
        self._chinese = language == "zh"
        self._language = language
        self._outcomes = outcomes

    def explained(self, trace: DecisionTrace, depth: int) -> Iterator[ExplainedDecision]:
        """A decision and, once each, those below it."""
        seen: set[str] = set()
        said: set[str] = set()
        waiting = [(trace, depth)]
        while waiting:
            current, level = waiting.pop()
            found = self._decision(current, level)
            noted = () if current.output is None else tuple(self._noted(current, said))
            yield replace(found, sentences=(*found.sentences, *noted))
            for required in reversed(current.required):
                identity = f"{required.decision_id}\0{required.inputs}\0{required.output}"
                if identity not in seen:
                    seen.add(identity)
                    waiting.append((required, level + 1))

    def _noted(self, trace: DecisionTrace, said: set[str]) -> Iterator[str]:
        """What was noticed on the way to a value, once each: it may be another one than the reader expects."""
        for diagnostic in trace.diagnostics:
            text = diagnostic.message.text(self._language)
            if text not in said:
                said.add(text)
                yield f"注意: {text}" if self._chinese else f"Note: {text}"

    def _decision(self, trace: DecisionTrace, depth: int) -> ExplainedDecision:
        table = self._table(trace)
        if table is None:
            return self._plain(trace, depth, self._without_table(trace))
        if not trace.matched_rules:
            return self._plain(trace, depth, self._without_rule(trace))
        sentences: list[str] = []
        rules: list[tuple[int, tuple[Condition, ...]]] = []
        codes: dict[str, None] = {}
        notes: dict[str, None] = {}
        failed = trace.output is None and bool(trace.diagnostics)
        for matched in trace.matched_rules:
            rule = _rule(table, matched)
            conditions = () if rule is None else tuple(self._conditions(table, rule, trace))
            rules.append((matched.rule_index, conditions))
            sentences.append(self._matched(trace, table, matched, conditions, depth, failed))
            sentences += self._other_outputs(table, matched, depth)
            codes.update(dict.fromkeys(_reason_codes(table, matched)))
            for note in filter(None, matched.annotations):
                if note not in notes:
                    notes[note] = None
                    index = matched.rule_index
                    sentences.append(f"规则 {index}: {note}" if self._chinese else f"Rule {index}: {note}")
        if failed:
            sentences += self._failures(trace)
        return ExplainedDecision(
            trace.decision_id,
            trace.decision_name,
            depth,
            tuple(sentences),
            tuple(rules),
            tuple(codes),
            tuple(notes),
        )

    @staticmethod
    def _plain(trace: DecisionTrace, depth: int, sentences: Sequence[str]) -> ExplainedDecision:
        return ExplainedDecision(trace.decision_id, trace.decision_name, depth, tuple(sentences))

    # --- tables ---

    def _table(self, trace: DecisionTrace) -> DecisionTable | None:
        element = self._elements.get(trace.decision_id)
        logic = element.logic if isinstance(element, Decision) else None
        if isinstance(element, BusinessKnowledgeModel) and element.logic is not None:
            logic = element.logic.body
        return logic if isinstance(logic, DecisionTable) else None

    def _matched(
        self,
        trace: DecisionTrace,
        table: DecisionTable,
        matched: MatchedRule,
        conditions: Sequence[Condition],
        depth: int,
        failed: bool,
    ) -> str:
        """ "拒绝: 评分 385 低于 400 (规则 3)"."""
        outcome = self._conclusion(trace, table, matched, depth)
        if failed:
            outcome = f"{trace.decision_name} 命中" if self._chinese else f"{trace.decision_name} matched"
        reasons = ("；" if self._chinese else "; ").join(each.text for each in conditions)
        if not reasons:
            reasons = "不论输入" if self._chinese else "whatever the input"
        rule = f"规则 {matched.rule_index}" if self._chinese else f"rule {matched.rule_index}"
        return f"{outcome}: {reasons} ({rule})"

    def _conclusion(self, trace: DecisionTrace, table: DecisionTable, matched: MatchedRule, depth: int) -> str:
        """What a rule concluded: of the decision that was asked its first output, of those below it all of them."""
        values = [value for _, _, value in matched.outputs]
        if depth and len(values) > 1:
            return f"{trace.decision_name}: {self._listed_outputs(table, matched, 0)}"
        value = values[0] if values else None
        if depth == 0 and isinstance(value, str) and (value.lower() in self._outcomes or not value.isascii()):
            return self._outcome(value)
        name = _labels(table)[0] if len(values) > 1 else trace.decision_name
        return f"{name} {self._output(table, 0, value, name)}"

    def _listed_outputs(self, table: DecisionTable, matched: MatchedRule, first: int) -> str:
        parts = [
            f"{label} {self._output(table, number, value, label)}"
            for number, (label, (_, _, value)) in enumerate(zip(_labels(table), matched.outputs, strict=False))
            if number >= first
        ]
        return ("，" if self._chinese else ", ").join(parts)

    def _output(self, table: DecisionTable, number: int, value: Any, name: str) -> str:
        """A conclusion, in the manner of its column."""
        clause = table.outputs[number]
        cells = [rule.output_entries[number].text or "" for rule in _whole_rules(table)]
        if clause.default is not None:
            cells.append(clause.default.text or "")
        return value_text(value, self._language, column((name, clause.label, clause.name), cells, value))

    def _named(self, value: Any, *names: str) -> str:
        """A value of which only the names are known."""
        return value_text(value, self._language, column(names, (), value))

    def _other_outputs(self, table: DecisionTable, matched: MatchedRule, depth: int) -> Iterator[str]:
        """The further columns of a rule with several conclusions, for the decision that was asked."""
        if depth or len(matched.outputs) < 2:
            return
        joined = self._listed_outputs(table, matched, 1)
        yield f"同时给出: {joined}" if self._chinese else f"Also: {joined}"

    def _conditions(self, table: DecisionTable, rule: Rule, trace: DecisionTrace) -> Iterator[Condition]:
        """The inputs whose cell says something, each with the words for its value and its cell."""
        known = self._values_in_scope(trace)
        rules = _whole_rules(table)
        entries = zip(table.inputs, rule.input_entries, trace.inputs, strict=False)
        for number, (clause, entry, (_, name, value)) in enumerate(entries):
            cells = [each.input_entries[number].text for each in rules]
            if clause.values is not None:
                cells.append(clause.values.text)
            place = column((clause.label, name), cells, value)
            words = condition(Reading(entry.text, value, known, self._names, place), self._language)
            if words is not None:
                label = clause.label or name
                yield Condition(label, value, entry.text, f"{label} {words}")

    def _values_in_scope(self, trace: DecisionTrace) -> dict[str, Any]:
        """What is known of the names that a cell may mention: inputs and required decisions."""
        known = {name: value for _, name, value in trace.inputs}
        for required in trace.required:
            known[required.decision_name] = required.output
            element = self._elements.get(required.decision_id)
            if element is not None:
                known[element.variable.name] = required.output
        return known

    def _without_rule(self, trace: DecisionTrace) -> list[str]:
        given = self._given(trace)
        if trace.output is None and trace.diagnostics:
            return [*self._failures(trace, trace.decision_name)]
        table = self._table(trace)
        single = table is not None and len(table.outputs) == 1
        output = self._output(table, 0, trace.output, trace.decision_name) if table and single else self._of(trace)
        if trace.output is None or trace.output == []:
            if self._chinese:
                return [f"{trace.decision_name}: 没有规则适用，没有结果 ({given})"]
            return [f"{trace.decision_name}: no rule applies, so there is no result ({given})"]
        if self._chinese:
            return [f"{trace.decision_name} {output}: 没有规则适用，取默认值 ({given})"]
        return [f"{trace.decision_name} {output}: no rule applies, the default is taken ({given})"]

    # --- everything that is no table ---

    def _without_table(self, trace: DecisionTrace) -> list[str]:
        if trace.output is None and trace.diagnostics:
            return [*self._failures(trace, trace.decision_name)]
        element = self._elements.get(trace.decision_id)
        logic = element.logic if isinstance(element, Decision) else None
        formula = ""
        if isinstance(logic, LiteralExpression) and logic.text is not None:
            text = " ".join(logic.text.split())
            formula = text if len(text) <= _LONGEST_FORMULA else ""
        output, given = self._of(trace), self._given(trace)
        if self._chinese:
            how = f"，按 {formula} 计算" if formula else ""
            return [f"{trace.decision_name} {output}: 由 {given} 得出{how}"]
        how = f", by {formula}" if formula else ""
        return [f"{trace.decision_name} {output}: from {given}{how}"]

    def _given(self, trace: DecisionTrace) -> str:
        parts = [f"{name} {self._named(value, name)}" for _, name, value in trace.inputs]
        parts += [
            f"{required.decision_name} {self._of(required)}"
            for required in trace.required
            if trace.decision_type != "DECISION_TABLE"
        ]
        if not parts:
            return "无输入" if self._chinese else "no input"
        return ("，" if self._chinese else ", ").join(parts)

    def _of(self, trace: DecisionTrace) -> str:
        """What a decision gave, in the manner of its name and its variable's."""
        element = self._elements.get(trace.decision_id)
        names = (trace.decision_name,) if element is None else (trace.decision_name, element.variable.name)
        return self._named(trace.output, *names)

    def _failures(self, trace: DecisionTrace, name: str | None = None) -> Iterator[str]:
        """What went wrong, once each."""
        said: dict[str, None] = {}
        for diagnostic in trace.diagnostics:
            said.setdefault(diagnostic.message.text(self._language))
        about = f"{name}: " if name else ""
        for reason in said:
            yield f"{about}没有得出结果: {reason}" if self._chinese else f"{about}no result: {reason}"

    def _outcome(self, value: Any) -> str:
        words = self._outcomes.get(value.lower()) if isinstance(value, str) else None
        if words is None:
            return value_text(value, self._language)
        return words[0] if self._chinese else words[1].capitalize()


def _rule(table: DecisionTable, matched: MatchedRule) -> Rule | None:
    """The rule that matched: by its number among those that have a cell for every column."""
    whole = _whole_rules(table)
    return whole[matched.rule_index - 1] if 0 < matched.rule_index <= len(whole) else None


def _whole_rules(table: DecisionTable) -> list[Rule]:
    """The rules that have a cell for every column."""
    return [
        rule
        for rule in table.rules
        if len(rule.input_entries) == len(table.inputs) and len(rule.output_entries) == len(table.outputs)
    ]


def _reason_codes(table: DecisionTable, matched: MatchedRule) -> Iterator[str]:
    """The codes in a rule's annotations: a column of codes as it is, else the code that a text begins with."""
    for number, note in enumerate(matched.annotations):
        column = table.annotation_names[number] if number < len(table.annotation_names) else ""
        if _CODE_COLUMN.search(column) and note.strip():
            yield note.strip()
        elif found := _CODE.match(note):
            yield found[1]


def _labels(table: DecisionTable) -> list[str]:
    """The output columns by the names that people read."""
    return [clause.label or clause.name for clause in table.outputs]
