"""Decision tables (DMN 1.5, chapter 8), compiled: input expressions, the rule index, outputs and hit policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from server.dmn import findings as faults
from server.dmn import hit_policy as policies
from server.dmn.evaluation import Evaluator, Run, Variables
from server.dmn.hit_policy import Outputs, Priority, Violation
from server.dmn.literal_expression import Test
from server.dmn.model import DecisionTable, HitPolicy, InputClause, OutputClause, Rule, UnaryTests
from server.dmn.table_index import Cell, TableIndex, bits
from server.dmn.trace import MatchedRule
from server.feel.diagnostics import DiagnosticKind
from server.feel.types import FeelType
from server.messages import Message

if TYPE_CHECKING:
    from server.dmn.boxed import LogicCompiler
    from server.dmn.scope import Scope


@dataclass(frozen=True, slots=True)
class CompiledInput:
    """A column of conditions: its expression and what it may be.

    ``name`` is the variable that the expression is, where it is no more than that.
    """

    clause: InputClause
    evaluate: Evaluator
    allowed: Test | None
    name: str | None
    type: FeelType | None
    values: Cell | None


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A row's conclusions. ``constant`` holds them where no entry depends on a fact."""

    rule: Rule
    index: int
    entries: tuple[Evaluator, ...]
    constant: Outputs | None


class CompiledTable:
    """A decision table that can be asked."""

    __slots__ = ("_default", "_names", "_policy", "_priority", "index", "inputs", "rules", "table")

    def __init__(
        self,
        table: DecisionTable,
        inputs: Sequence[CompiledInput],
        index: TableIndex,
        rules: Sequence[CompiledRule],
        default: tuple[Evaluator, ...] | None,
        priority: Priority | None,
    ) -> None:
        self.table = table
        self.index = index
        self.inputs = tuple(inputs)
        self.rules = tuple(rules)
        self._default = default
        self._priority = priority
        self._names = tuple((output.id, output.name or output.label) for output in table.outputs)
        self._policy = _POLICIES[table.hit_policy]

    @property
    def priority(self) -> Priority | None:
        """The order of priority among outputs, where the hit policy has one."""
        return self._priority

    @property
    def has_default(self) -> bool:
        """Whether the table answers where no rule matches."""
        return self._default is not None

    def __call__(self, variables: Variables, run: Run) -> Any:
        """The table's answer; the trace of inputs and matched rules goes to the run's frame."""
        values = []
        allowed = True
        traced = run.frame.inputs
        diagnostics = run.diagnostics
        for column in self.inputs:
            known = len(diagnostics)
            value = column.evaluate(variables, run)
            clause = column.clause
            if len(diagnostics) != known:
                run.name_place(known, *_of_input(clause))
            values.append(value)
            traced.append((clause.id, clause.label, value))
            if column.allowed is not None and value is not None and not column.allowed(value, variables, run):
                run.fault(DiagnosticKind.TYPE_MISMATCH, input_not_allowed(clause))
                allowed = False
        if not allowed:
            return None
        mask = self.index.match(values, variables, run.runtime, partial(self._noticed, run))
        if not mask:
            self._check_kinds(values, run)
            return self._without_match(variables, run)
        return self._policy(self, mask, variables, run)

    # --- what the matching rules say ---

    def _outputs(self, rule: CompiledRule, variables: Variables, run: Run) -> Outputs:
        if rule.constant is not None:
            return rule.constant
        return tuple([entry(variables, run) for entry in rule.entries])

    def _noticed(self, run: Run, first: int, column: int, rules: int) -> None:
        """Something came up while a column was matched."""
        run.name_place(
            first, *_of_input(self.inputs[column].clause, [self.rules[place].index for place in bits(rules)])
        )

    def matched(self, rule: CompiledRule, outputs: Outputs) -> MatchedRule:
        """What the trace says of a rule that matched."""
        traced = tuple([(*name, value) for name, value in zip(self._names, outputs, strict=True)])
        return MatchedRule(rule.rule.id, rule.index, traced, rule.rule.annotations)

    def _hit(self, rule: CompiledRule, outputs: Outputs, run: Run) -> None:
        run.frame.matched.append(self.matched(rule, outputs))

    def answer(self, outputs: Outputs) -> Any:
        """One output is the value itself, several make a context."""
        if len(outputs) == 1:
            return outputs[0]
        return {name: value for (_, name), value in zip(self._names, outputs, strict=True)}

    def _hits(self, mask: int, variables: Variables, run: Run) -> list[tuple[CompiledRule, Outputs]]:
        hits = []
        for place in bits(mask):
            rule = self.rules[place]
            outputs = self._outputs(rule, variables, run)
            self._hit(rule, outputs, run)
            hits.append((rule, outputs))
        return hits

    def _violated(self, violation: Violation, run: Run) -> None:
        run.fault(DiagnosticKind.NULL_FROM_ERROR, violation.message)

    def _check_kinds(self, values: Sequence[Any], run: Run) -> None:
        """Nothing matched: say so where it could not, because an input is of a type that no rule asks for."""
        for column, compiled, value in zip(self.index.columns, self.inputs, values, strict=True):
            if not column.expects(value):
                run.fault(DiagnosticKind.TYPE_MISMATCH, input_of_other_type(compiled.clause))

    def _without_match(self, variables: Variables, run: Run) -> Any:
        if self._default is not None:
            outputs = tuple([entry(variables, run) for entry in self._default])
            answer = self.answer(outputs)
            return [answer] if self._lists() else answer
        if not self._lists():
            if self.table.aggregation is None:
                return None
            return policies.aggregate(self.table.aggregation, [], run.runtime)
        return []

    def _lists(self) -> bool:
        return self.table.hit_policy in policies.MULTIPLE_HIT and self.table.aggregation is None

    # --- hit policies ---

    def _first(self, mask: int, variables: Variables, run: Run) -> Any:
        rule = self.rules[(mask & -mask).bit_length() - 1]
        outputs = self._outputs(rule, variables, run)
        self._hit(rule, outputs, run)
        return self.answer(outputs)

    def _unique(self, mask: int, variables: Variables, run: Run) -> Any:
        if not mask & (mask - 1):
            return self._first(mask, variables, run)
        hits = self._hits(mask, variables, run)
        self._violated(policies.not_unique([rule.index for rule, _ in hits]), run)
        return None

    def _any(self, mask: int, variables: Variables, run: Run) -> Any:
        hits = self._hits(mask, variables, run)
        if policies.agree([outputs for _, outputs in hits]):
            return self.answer(hits[0][1])
        self._violated(policies.not_any([rule.index for rule, _ in hits]), run)
        return None

    def _priority_hit(self, mask: int, variables: Variables, run: Run) -> Any:
        hits = self._hits(mask, variables, run)
        if self._priority is None:
            return self.answer(hits[0][1])
        return self.answer(min((outputs for _, outputs in hits), key=self._priority.rank))

    def _output_order(self, mask: int, variables: Variables, run: Run) -> Any:
        outputs = [outputs for _, outputs in self._hits(mask, variables, run)]
        if self._priority is not None:
            outputs.sort(key=self._priority.rank)
        return [self.answer(each) for each in outputs]

    def _collect(self, mask: int, variables: Variables, run: Run) -> Any:
        answers = [self.answer(outputs) for _, outputs in self._hits(mask, variables, run)]
        if self.table.aggregation is None:
            return answers
        return policies.aggregate(self.table.aggregation, answers, run.runtime)


_MOST_RULES: Final = 5
"""How many rules a diagnostic names; a thousand cells may be the same."""

_POLICIES: Final[dict[HitPolicy, Callable[[CompiledTable, int, Variables, Run], Any]]] = {
    HitPolicy.UNIQUE: CompiledTable._unique,
    HitPolicy.ANY: CompiledTable._any,
    HitPolicy.FIRST: CompiledTable._first,
    HitPolicy.PRIORITY: CompiledTable._priority_hit,
    HitPolicy.OUTPUT_ORDER: CompiledTable._output_order,
    HitPolicy.RULE_ORDER: CompiledTable._collect,
    HitPolicy.COLLECT: CompiledTable._collect,
}


def _of_input(clause: InputClause, rules: Sequence[int] = ()) -> tuple[str, str]:
    """An input, or its cells in these rules, as the place of a diagnostic in both languages."""
    shown = ", ".join(map(str, rules[:_MOST_RULES])) + (", …" if len(rules) > _MOST_RULES else "")
    zh, en = f"输入“{clause.label}”", f"Input '{clause.label}'"
    if not rules:
        return zh, en
    return f"{zh}规则 {shown}", f"{en}, rule{'s' if len(rules) > 1 else ''} {shown}"


def input_not_allowed(clause: InputClause) -> Message:
    """An input's value is none of those its column declares."""
    name = clause.label
    return Message(
        "dmn.table.input-value",
        f"输入“{name}”的值不在该列声明的取值范围内。",
        f"The value of input '{name}' is none of those that its column allows.",
    )


def input_of_other_type(clause: InputClause) -> Message:
    """An input's value is of a type that no cell of its column compares with."""
    name = clause.label
    return Message(
        "dmn.table.input-type",
        f"输入“{name}”的值类型与该列所有单元格都不相符，因此没有规则命中。",
        f"The value of input '{name}' is of a type that no cell of its column tests, so no rule matched.",
    )


# --- compilation ---


def compile_table(table: DecisionTable, compiler: LogicCompiler, scope: Scope) -> CompiledTable:
    """Compiles every expression and cell once; what is wrong with them goes to the compiler's log."""
    inputs = [_compile_input(clause, compiler, scope) for clause in table.inputs]
    rules = [r for r in table.rules if len(r.input_entries) == len(table.inputs)]
    rules = [r for r in rules if len(r.output_entries) == len(table.outputs)]
    columns = [
        [compiler.cell(rule.input_entries[number], scope) for rule in rules] for number in range(len(table.inputs))
    ]
    return CompiledTable(
        table,
        inputs,
        TableIndex(columns, len(rules)),
        [_compile_rule(rule, number, table, compiler, scope) for number, rule in enumerate(rules, 1)],
        _compile_default(table.outputs, compiler, scope),
        _compile_priority(table, compiler),
    )


def _compile_input(clause: InputClause, compiler: LogicCompiler, scope: Scope) -> CompiledInput:
    return CompiledInput(
        clause=clause,
        evaluate=compiler.compile(clause.expression, scope),
        allowed=None if clause.values is None else compiler.tests(clause.values, scope),
        name=compiler.variable_name(clause.expression, scope),
        type=compiler.type_of(clause.expression),
        values=None if clause.values is None else compiler.cell(clause.values, scope),
    )


def _compile_rule(rule: Rule, number: int, table: DecisionTable, compiler: LogicCompiler, scope: Scope) -> CompiledRule:
    entries = []
    constants = []
    for output, entry in zip(table.outputs, rule.output_entries, strict=True):
        evaluate, constant = compiler.output_entry(entry, output, number, scope)
        entries.append(evaluate)
        constants.append(constant)
    known = all(constant is not None for constant in constants)
    return CompiledRule(
        rule, number, tuple(entries), tuple(c.value for c in constants if c is not None) if known else None
    )


def _compile_default(
    outputs: Sequence[OutputClause], compiler: LogicCompiler, scope: Scope
) -> tuple[Evaluator, ...] | None:
    if all(output.default is None for output in outputs):
        return None
    return tuple(compiler.compile(output.default, scope) for output in outputs)


def _compile_priority(table: DecisionTable, compiler: LogicCompiler) -> Priority | None:
    if table.hit_policy not in policies.RANKING:
        return None
    columns = [_ranked_values(output.values, compiler) for output in table.outputs]
    if all(column is None for column in columns):
        compiler.log.error(faults.priority_without_values(table.hit_policy), table.place)
        return None
    return Priority(columns)


def _ranked_values(values: UnaryTests | None, compiler: LogicCompiler) -> Sequence[Any] | None:
    if values is None:
        return None
    listed = compiler.listed_values(values)
    if listed is None:
        compiler.log.error(faults.priority_values_not_listed(), values.place)
    return listed
