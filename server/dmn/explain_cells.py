"""A cell of a decision table in words: "低于 400", "is at least 400 and below 550"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from server.feel import (
    FeelDate,
    FeelDateTime,
    FeelSyntaxError,
    FeelTime,
    UnaryTests,
    ast,
    compile_expression,
    compile_unary_tests,
)
from server.feel.durations import DaysTimeDuration, YearsMonthsDuration

from .explain_values import ANYWHERE, Column, value_text

_TEMPORAL: Final = (FeelDate, FeelDateTime, FeelTime)
_DURATIONS: Final = (DaysTimeDuration, YearsMonthsDuration)
_COMPARED: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str], tuple[str, str]]]] = {
    # operator: words in zh and en for an amount, for a point in time and for a length of time
    "<": (("低于", "is below"), ("早于", "is before"), ("短于", "is shorter than")),
    "<=": (("不高于", "is at most"), ("不晚于", "is not after"), ("不长于", "is at most")),
    ">": (("高于", "is above"), ("晚于", "is after"), ("长于", "is longer than")),
    ">=": (("不低于", "is at least"), ("不早于", "is not before"), ("不短于", "is at least")),
    "=": (("等于", "is"), ("等于", "is"), ("等于", "is")),
    "!=": (("不等于", "is not"), ("不等于", "is not"), ("不等于", "is not")),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell to be read: its text, the input's value, values of other names in scope, names with spaces, its column."""

    text: str
    value: Any
    known: Mapping[str, Any]
    names: frozenset[str]
    column: Column = ANYWHERE


def condition(reading: Reading, language: str) -> str | None:
    """The words for value and cell, such as "385 低于 400"; None for a cell that passes everything."""
    value = value_text(reading.value, language, reading.column)
    try:
        tests = compile_unary_tests(reading.text, names=reading.names)
    except FeelSyntaxError:
        return f"{value} ({reading.text})"
    tree = tests.ast
    assert isinstance(tree, ast.Tests)
    if not tree.tests:
        return None
    words = _Words(reading, tests, language)
    if tree.negated:
        return words.negated(tree.tests)
    for test in tree.tests:
        if len(tree.tests) == 1 or words.passes(test):
            return words.passed(test, alone=len(tree.tests) == 1)
    return f"{value} ({reading.text})"


class _Words:
    def __init__(self, reading: Reading, tests: UnaryTests, language: str) -> None:
        self._reading = reading
        self._text = tests.text
        self._chinese = language == "zh"
        self._language = language
        self._value = value_text(reading.value, language, reading.column)

    def passes(self, test: ast.Node) -> bool:
        """Whether the input passes one of several tests."""
        part = self._text[test.start : test.end]
        tests = compile_unary_tests(part, names=self._reading.names)
        return tests.matches(self._reading.value, self._reading.known) is True

    def passed(self, test: ast.Node, *, alone: bool) -> str:
        """The value, and what it was found to be."""
        match test:
            case ast.UnaryComparison(operator=operator, operand=operand):
                return f"{self._value} {self._compared(operator, operand)}"
            case ast.RangeLiteral(low=low, high=high, low_included=low_in, high_included=high_in):
                joint = " 且" if self._chinese else " and "
                lower = self._compared(">=" if low_in else ">", low)
                upper = self._compared("<=" if high_in else "<", high)
                if not self._chinese:
                    upper = upper.removeprefix("is ")
                return f"{self._value} {lower}{joint}{upper}"
            case ast.Literal(value=None):
                return "没有值" if self._chinese else "is missing"
            case ast.Literal() | ast.Negation() | ast.Call() | ast.Name() | ast.Path():
                return self._is(test)
        return self._otherwise(self._text[test.start : test.end])

    def _is(self, test: ast.Node) -> str:
        """Equal to a value; the value is said once."""
        if isinstance(test, ast.Call) and not isinstance(self._reading.value, _TEMPORAL):
            text = self._text[test.start : test.end]
            if self._reading.value is True or not text.startswith(("date", "time", "duration")):
                return self._otherwise(text)
        return f"为 {self._value}" if self._chinese else f"is {self._value}"

    def negated(self, tests: tuple[ast.Node, ...]) -> str:
        """The value, and what it was found not to be."""
        parts = [self._operand(test) for test in tests]
        if self._chinese:
            return f"{self._value} 不是 {'、'.join(parts)}"
        return f"{self._value} is not {' or '.join(parts)}"

    def _otherwise(self, text: str) -> str:
        return f"{self._value} 满足 {text}" if self._chinese else f"{self._value} satisfies {text}"

    def _compared(self, operator: str, operand: ast.Node) -> str:
        amount, point, length = _COMPARED[operator]
        values = (self._reading.value, self._operand_value(operand))
        words = amount
        if any(isinstance(value, _TEMPORAL) for value in values):
            words = point
        elif any(isinstance(value, _DURATIONS) for value in values):
            words = length
        return f"{words[0] if self._chinese else words[1]} {self._operand(operand)}"

    def _operand(self, operand: ast.Node) -> str:
        """An operand by its value; one that depends on facts also by its text."""
        value = self._operand_value(operand)
        text = self._text[operand.start : operand.end]
        if value is None:
            return text
        shown = value_text(value, self._language, self._reading.column)
        mentions = any(isinstance(node, ast.Name) and node.name != "?" for node in ast.walk(operand))
        if mentions and not isinstance(operand, ast.Call):
            return f"{shown} ({text})"
        return shown

    def _operand_value(self, operand: ast.Node) -> Any:
        text = self._text[operand.start : operand.end]
        try:
            return compile_expression(text, names=self._reading.names).value(dict(self._reading.known))
        except FeelSyntaxError:
            return None
