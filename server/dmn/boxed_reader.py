"""Reads boxed expressions and decision tables (DMN 1.5, 7.3 and chapter 8) from their XML form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from server.dmn import findings as faults
from server.dmn.findings import FindingLog
from server.dmn.model import (
    Aggregator,
    Binding,
    Conditional,
    Context,
    ContextEntry,
    DecisionTable,
    Expression,
    Filter,
    For,
    FunctionDefinition,
    FunctionKind,
    HitPolicy,
    InformationItem,
    InputClause,
    Invocation,
    List,
    LiteralExpression,
    OutputClause,
    Place,
    Quantified,
    Quantifier,
    Relation,
    Rule,
    UnaryTests,
)
from server.dmn.xml_element import XmlElement

_Choice = TypeVar("_Choice", HitPolicy, Aggregator, FunctionKind)


def is_feel(language: str | None) -> bool:
    """Whether an expression language is FEEL, by name or by the address any DMN version gives it."""
    return language is None or "feel" in language.lower().split("/")


class BoxedReader:
    """Reads expressions; ``expression_language`` is what the file declares for those that declare none."""

    def __init__(self, log: FindingLog, expression_language: str | None) -> None:
        self._log = log
        self._language = expression_language

    def expression_in(self, parent: XmlElement, above: Place) -> Expression | None:
        """The first expression among the children of ``parent``."""
        for child in parent.children():
            read = _EXPRESSIONS.get(child.local_name)
            if read is not None:
                return read(self, child, above)
        return None

    def information_item(self, element: XmlElement, above: Place, *, named: bool = True) -> InformationItem:
        """A variable, parameter or column; without a name it is a fault where one is needed (``named``)."""
        place = element.place(above)
        name = " ".join((element.get("name") or "").split())
        if named and not name:
            self._log.error(faults.missing_name(element.local_name), place)
        return InformationItem(name, element.get("typeRef"), place)

    def unary_tests(self, element: XmlElement | None, above: Place) -> UnaryTests | None:
        """The text of a list of values or of a cell; None where there is none."""
        if element is None:
            return None
        text = element.child_text("text")
        place = element.place(above)
        self._check_language(element.get("expressionLanguage"), place)
        return None if text is None else UnaryTests(text, place)

    def function_definition(self, element: XmlElement, above: Place) -> FunctionDefinition:
        """A boxed function, or the encapsulated logic of a business knowledge model."""
        place = element.place(above)
        kind = self._choice(FunctionKind, element.get("kind") or "FEEL", faults.unknown_function_kind, place)
        return FunctionDefinition(
            parameters=tuple(self.information_item(p, place) for p in element.children("formalParameter")),
            body=self.expression_in(element, place),
            kind=kind or FunctionKind.FEEL,
            type_ref=element.get("typeRef"),
            place=place,
        )

    # --- the kinds of expression ---

    def _literal(self, element: XmlElement, above: Place) -> LiteralExpression:
        place = element.place(above)
        language = element.get("expressionLanguage")
        self._check_language(language, place)
        if element.child("importedValues") is not None:
            self._log.error(faults.imported_values(), place)
        return LiteralExpression(element.child_text("text"), element.get("typeRef"), place, language)

    def _check_language(self, language: str | None, place: Place) -> None:
        effective = language or self._language
        if not is_feel(effective):
            self._log.error(faults.foreign_language(effective or ""), place)

    def _invocation(self, element: XmlElement, above: Place) -> Invocation:
        place = element.place(above)
        bindings = []
        for binding in element.children("binding"):
            parameter = binding.child("parameter")
            if parameter is None:
                self._log.error(faults.missing_name("parameter"), binding.place(place))
                continue
            item = self.information_item(parameter, binding.place(place))
            bindings.append(Binding(item, self.expression_in(binding, place)))
        return Invocation(self.expression_in(element, place), tuple(bindings), element.get("typeRef"), place)

    def _context(self, element: XmlElement, above: Place) -> Context:
        place = element.place(above)
        return Context(
            tuple(self._context_entry(entry, place) for entry in element.children("contextEntry")),
            element.get("typeRef"),
            place,
        )

    def _context_entry(self, element: XmlElement, above: Place) -> ContextEntry:
        place = element.place(above)
        variable = element.child("variable")
        return ContextEntry(
            None if variable is None else self.information_item(variable, place),
            self.expression_in(element, place),
            place,
        )

    def _list(self, element: XmlElement, above: Place) -> List:
        place = element.place(above)
        return List(self._expressions(element, place), element.get("typeRef"), place)

    def _relation(self, element: XmlElement, above: Place) -> Relation:
        place = element.place(above)
        columns = tuple(self.information_item(column, place) for column in element.children("column"))
        rows = tuple(self._expressions(row, row.place(place)) for row in element.children("row"))
        for number, row in enumerate(rows, 1):
            if len(row) != len(columns):
                self._log.error(faults.row_width(number, len(row), len(columns)), place)
        return Relation(columns, rows, element.get("typeRef"), place)

    def _expressions(self, parent: XmlElement, place: Place) -> tuple[Expression, ...]:
        return tuple(
            _EXPRESSIONS[child.local_name](self, child, place)
            for child in parent.children()
            if child.local_name in _EXPRESSIONS
        )

    def _conditional(self, element: XmlElement, above: Place) -> Conditional:
        place = element.place(above)
        return Conditional(
            self._part(element, "if", place),
            self._part(element, "then", place),
            self._part(element, "else", place),
            element.get("typeRef"),
            place,
        )

    def _filter(self, element: XmlElement, above: Place) -> Filter:
        place = element.place(above)
        collection, match = self._part(element, "in", place), self._part(element, "match", place)
        return Filter(collection, match, element.get("typeRef"), place)

    def _for(self, element: XmlElement, above: Place) -> For:
        place = element.place(above)
        return For(
            self._iterator_variable(element, place),
            self._part(element, "in", place),
            self._part(element, "return", place),
            self._in_type(element),
            element.get("typeRef"),
            place,
        )

    def _quantified(self, element: XmlElement, above: Place) -> Quantified:
        place = element.place(above)
        return Quantified(
            Quantifier(element.local_name),
            self._iterator_variable(element, place),
            self._part(element, "in", place),
            self._part(element, "satisfies", place),
            self._in_type(element),
            element.get("typeRef"),
            place,
        )

    def _iterator_variable(self, element: XmlElement, place: Place) -> str:
        name = " ".join((element.get("iteratorVariable") or "").split())
        if not name:
            self._log.error(faults.missing_name("iteratorVariable"), place)
        return name

    def _in_type(self, element: XmlElement) -> str | None:
        collection = element.child("in")
        return None if collection is None else collection.get("typeRef")

    def _part(self, element: XmlElement, name: str, place: Place) -> Expression | None:
        part = element.child(name)
        expression = None if part is None else self.expression_in(part, place)
        if expression is None:
            self._log.error(faults.missing_part(element.local_name, name), place)
        return expression

    # --- decision tables ---

    def _decision_table(self, element: XmlElement, above: Place) -> DecisionTable:
        place = element.place(above)
        policy = (element.get("hitPolicy") or "UNIQUE").upper().replace("_", " ")
        aggregation = element.get("aggregation")
        table = DecisionTable(
            inputs=tuple(self._input(clause, n, place) for n, clause in enumerate(element.children("input"), 1)),
            outputs=tuple(self._output(clause, n, place) for n, clause in enumerate(element.children("output"), 1)),
            rules=tuple(self._rule(rule, n, place) for n, rule in enumerate(element.children("rule"), 1)),
            hit_policy=self._choice(HitPolicy, policy, faults.unknown_hit_policy, place) or HitPolicy.UNIQUE,
            aggregation=None
            if aggregation is None
            else self._choice(Aggregator, aggregation.upper(), faults.unknown_aggregation, place),
            annotation_names=tuple(a.get("name") or "" for a in element.children("annotation")),
            type_ref=element.get("typeRef"),
            place=place,
        )
        self._check_table(table)
        return table

    def _input(self, element: XmlElement, number: int, above: Place) -> InputClause:
        place = element.place(above)
        expression = element.child("inputExpression")
        if expression is None:
            self._log.error(faults.input_without_expression(number), place)
        literal = LiteralExpression(None, None, place) if expression is None else self._literal(expression, place)
        return InputClause(
            id=element.get("id") or f"input_{number}",
            label=element.get("label") or literal.text or "",
            expression=literal,
            values=self.unary_tests(element.child("inputValues"), place),
            place=place,
        )

    def _output(self, element: XmlElement, number: int, above: Place) -> OutputClause:
        place = element.place(above)
        default = element.child("defaultOutputEntry")
        return OutputClause(
            id=element.get("id") or f"output_{number}",
            name=" ".join((element.get("name") or "").split()),
            label=element.get("label") or "",
            type_ref=element.get("typeRef"),
            values=self.unary_tests(element.child("outputValues"), place),
            default=None if default is None else self._literal(default, place),
            place=place,
        )

    def _rule(self, element: XmlElement, number: int, above: Place) -> Rule:
        place = element.place(above)
        annotations = tuple(a.child_text("text") or "" for a in element.children("annotationEntry"))
        # The usual modellers keep their annotation column in the rule's description.
        description = element.child_text("description")
        return Rule(
            id=element.get("id") or f"rule_{number}",
            input_entries=tuple(self._cell(entry, place) for entry in element.children("inputEntry")),
            output_entries=tuple(self._literal(entry, place) for entry in element.children("outputEntry")),
            annotations=annotations or ((description,) if description else ()),
            place=place,
        )

    def _cell(self, element: XmlElement, above: Place) -> UnaryTests:
        return self.unary_tests(element, above) or UnaryTests("-", element.place(above))

    def _check_table(self, table: DecisionTable) -> None:
        inputs, outputs = len(table.inputs), len(table.outputs)
        if not outputs:
            self._log.error(faults.table_without_output(), table.place)
        for number, rule in enumerate(table.rules, 1):
            if len(rule.input_entries) != inputs:
                self._log.error(faults.rule_inputs(number, len(rule.input_entries), inputs), rule.place)
            if len(rule.output_entries) != outputs:
                self._log.error(faults.rule_outputs(number, len(rule.output_entries), outputs), rule.place)
        if outputs > 1:
            names = [output.name for output in table.outputs]
            for output in table.outputs:
                if not output.name:
                    self._log.error(faults.output_without_name(), output.place)
                elif names.count(output.name) > 1:
                    self._log.error(faults.duplicate_output(output.name), output.place)
        if table.aggregation is not None and table.hit_policy is not HitPolicy.COLLECT:
            self._log.error(faults.aggregation_without_collect(table.hit_policy), table.place)

    def _choice(self, kind: type[_Choice], text: str, fault: faults.Choice, place: Place) -> _Choice | None:
        try:
            return kind(text)
        except ValueError:
            self._log.error(fault(text, [str(member) for member in kind]), place)
            return None


_EXPRESSIONS: Final[dict[str, Callable[[BoxedReader, XmlElement, Place], Expression]]] = {
    "literalExpression": BoxedReader._literal,
    "decisionTable": BoxedReader._decision_table,
    "invocation": BoxedReader._invocation,
    "context": BoxedReader._context,
    "list": BoxedReader._list,
    "relation": BoxedReader._relation,
    "functionDefinition": BoxedReader.function_definition,
    "conditional": BoxedReader._conditional,
    "filter": BoxedReader._filter,
    "for": BoxedReader._for,
    "some": BoxedReader._quantified,
    "every": BoxedReader._quantified,
}
