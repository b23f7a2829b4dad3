"""The parser of FEEL: recursive descent straight over the characters, because names decide what is a token.

Precedence, loosest first (DMN 1.5, 10.3.1.2): ``or``; ``and``; comparison, ``between``, ``in``; ``+ -``; ``* /``;
``**``; unary ``-``; ``instance of``; path, filter and call. All of them associate to the left. Errors inside lists,
contexts and arguments do not end the reading, so that several can be reported at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from server.feel import ast, complaints
from server.feel.budget import MAX_NESTING, MAX_TEXT_LENGTH
from server.feel.complaints import Complaint
from server.feel.diagnostics import Diagnostic, DiagnosticKind, FeelSyntaxError, place
from server.feel.operand_syntax import OperandSyntax
from server.feel.ranges import OPERATORS
from server.feel.scanner import skip
from server.feel.types import FeelType

MAX_HEIGHT = 2 * MAX_NESTING
"""Levels of the finished tree, where chains such as a.b.c count one level a link."""

_COMPARISONS = ("<=", ">=", "!=", "<", ">", "=")
_OR, _AND, _COMPARISON, _SUM, _PRODUCT, _POWER = range(1, 7)
_ARITHMETIC = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "**": _POWER}
_T = TypeVar("_T", bound=ast.Node)


class Parser(OperandSyntax):
    """Reads one text. The methods read at ``self.at`` and leave it behind what they have read."""

    def expression(self, minimum: int = _OR) -> ast.Node:
        """An expression whose loosest operator binds at least as tightly as ``minimum``."""
        self.enter()
        node = self._operations(self.unary(), minimum)
        self.leave()
        return node

    def _operations(self, left: ast.Node, minimum: int) -> ast.Node:
        """``left`` with the operators behind it that bind at least as tightly as ``minimum``."""
        while True:
            operator, precedence, end = self._operator()
            if operator is None or precedence < minimum:
                return left
            left = self._continued(left, operator, precedence, end)

    def _operator(self) -> tuple[str | None, int, int]:
        """The binary operator at the current place, its precedence, and where it ends."""
        at = self.at = skip(self.text, self.at)
        two = self.text[at : at + 2]
        if two == "**":
            return two, _POWER, at + 2
        if two in _COMPARISONS:
            return two, _COMPARISON, at + 2
        one = two[:1]
        if one in _ARITHMETIC:
            return one, _ARITHMETIC[one], at + 1
        if one and one in "<>=":
            return one, _COMPARISON, at + 1
        word = self.word()
        if word in ("and", "or"):
            return word, _AND if word == "and" else _OR, at + len(word)
        if word in ("between", "in"):
            return word, _COMPARISON, at + len(word)
        return None, 0, at

    def _continued(self, left: ast.Node, operator: str, precedence: int, end: int) -> ast.Node:
        """``left`` with the operator at the current place and what follows it."""
        if precedence in (_SUM, _PRODUCT, _POWER):
            return self._chain(left, precedence)
        if precedence in (_AND, _OR):
            return self._junction(left, operator, precedence)
        self.at = end
        if operator == "between":
            low = self.expression(_SUM)
            self.expect_word("and")
            high = self.expression(_SUM)
            return ast.Between(start=left.start, end=self.at, value=left, low=low, high=high)
        if operator == "in":
            tests = self._membership()
            return ast.In(start=left.start, end=self.at, value=left, tests=tests)
        right = self.expression(_SUM)
        return ast.Comparison(start=left.start, end=right.end, operator=operator, left=left, right=right)

    def _chain(self, left: ast.Node, precedence: int) -> ast.Node:
        operators: list[str] = []
        operands = [left]
        while True:
            operator, found, end = self._operator()
            if operator is None or found != precedence:
                break
            self.at = end
            operators.append(operator)
            operands.append(self.expression(precedence + 1))
        return ast.Arithmetic(
            start=left.start, end=operands[-1].end, operators=tuple(operators), operands=tuple(operands)
        )

    def _junction(self, left: ast.Node, word: str, precedence: int) -> ast.Node:
        operands = [left]
        while True:
            operator, found, end = self._operator()
            if operator != word or found != precedence:
                break
            self.at = end
            operands.append(self.expression(precedence + 1))
        make = ast.And if word == "and" else ast.Or
        return make(start=left.start, end=operands[-1].end, operands=tuple(operands))

    def _membership(self) -> tuple[ast.Node, ...]:
        """What follows ``in``: one test, or several in parentheses."""
        self.skip()
        if not self.peek("("):
            return (self.test(_SUM),)
        start = self.at
        self.at += 1
        tests = self.without_endpoint(lambda: self._tests_or_low_endpoint(start))
        if len(tests) > 1:
            return tests
        # A single one may have been the beginning of an expression: x in (a).b
        return (self._operations(self._typed(self.postfix_of(tests[0])), _SUM),)

    def _tests_or_low_endpoint(self, start: int) -> tuple[ast.Node, ...]:
        tests = [self.test()]
        self.skip()
        if self.peek(".."):
            return (self.range_after(tests[0], start, low_included=False),)
        while self.accept(","):
            tests.append(self.test())
        self.expect(")", "”)“", "')'")
        return tuple(tests)

    def test(self, minimum: int = _OR) -> ast.Node:
        """A positive unary test: a comparison with an implied value, or any expression."""
        self.skip()
        return self.unary_comparison() or self.expression(minimum)

    def unary_comparison(self) -> ast.Node | None:
        """``> 5`` at the current place."""
        start = self.at
        for operator in sorted(OPERATORS, key=len, reverse=True):
            if self.peek(operator):
                self.at += len(operator)
                operand = self.expression(_SUM)
                return ast.UnaryComparison(start=start, end=self.at, operator=operator, operand=operand)
        return None

    def unary(self) -> ast.Node:
        """An operand with its signs and its ``instance of``."""
        self.skip()
        signs: list[int] = []
        while self.peek("-"):
            signs.append(self.at)
            self.at = skip(self.text, self.at + 1)
            if len(signs) > MAX_NESTING:
                raise complaints.too_deep(MAX_NESTING, self.at)
        node = self._typed(self.postfix_of(self.primary()))
        for start in reversed(signs):
            node = ast.Negation(start=start, end=node.end, operand=node)
        return node

    def _typed(self, node: ast.Node) -> ast.Node:
        """``node`` with the ``instance of`` behind it."""
        while self.accept_word("instance"):
            self.expect_word("of")
            type_ = self.type()
            node = ast.InstanceOf(start=node.start, end=self.at, value=node, type=type_)
        return node

    def tests(self) -> ast.Tests:
        """The whole text as unary tests: ``-``, tests separated by commas, or ``not(...)`` around them."""
        self.skip()
        start = self.at
        if self.peek("-") and skip(self.text, self.at + 1) == len(self.text):
            self.at = len(self.text)
            return ast.Tests(start=start, end=self.at, tests=())
        negated = self._negated_tests(start)
        if negated is not None:
            return negated
        tests = self._test_list()
        return ast.Tests(start=start, end=self.at, tests=tests)

    def _negated_tests(self, start: int) -> ast.Tests | None:
        """``not(...)`` around all tests; None where ``not`` is the function, inside a longer expression."""
        kept = len(self.problems)
        if not (self.accept_word("not") and self.accept("(")):
            self.at = start
            return None
        try:
            tests = self._test_list()
            self.expect(")", "“)”", "')'")
            self.skip()
            if self.at == len(self.text):
                return ast.Tests(start=start, end=self.at, tests=tests, negated=True)
        except Complaint:
            self.depth = 0
        del self.problems[kept:]
        self.at = start
        return None

    def _test_list(self) -> tuple[ast.Node, ...]:
        tests = [self.test()]
        while self.accept(","):
            tests.append(self.test())
        return tuple(tests)

    def whole(self, read: Callable[[], _T]) -> _T:
        """Read the whole text with ``read``; raises FeelSyntaxError with everything that is wrong in it."""
        node: _T | None = None
        try:
            if len(self.text) > MAX_TEXT_LENGTH:
                raise complaints.too_long(MAX_TEXT_LENGTH)
            node = read()
            self.skip()
            if self.at < len(self.text) and not self.problems:
                raise complaints.unexpected(self.text, self.at)
            if _height(node) > MAX_HEIGHT:
                raise complaints.too_deep(MAX_HEIGHT, 0)
        except Complaint as complaint:
            self.problems.append(complaint)
        except RecursionError:
            self.problems.append(complaints.too_deep(MAX_NESTING, self.at))
        if node is None or self.problems:
            raise _syntax_error(self.text, self.problems)
        return node


def _height(node: ast.Node) -> int:
    highest = 0
    pending = [(node, 1)]
    while pending:
        current, level = pending.pop()
        highest = max(highest, level)
        pending.extend((child, level + 1) for child in ast.children(current))
    return highest


def _syntax_error(text: str, problems: list[Complaint]) -> FeelSyntaxError:
    found = []
    for problem in sorted(problems, key=lambda each: each.at):
        line, column = place(text, problem.at)
        found.append(Diagnostic(DiagnosticKind.SYNTAX, problem.message, line, column))
    return FeelSyntaxError(tuple(found), text)


def parse_expression(text: str, names: Iterable[str] = (), types: Mapping[str, FeelType] | None = None) -> ast.Node:
    """The tree of an expression; ``names`` are in scope, ``types`` are the model's own."""
    parser = Parser(text, names, types or {})
    return parser.whole(parser.expression)


def parse_unary_tests(text: str, names: Iterable[str] = (), types: Mapping[str, FeelType] | None = None) -> ast.Tests:
    """The tree of a cell's unary tests."""
    parser = Parser(text, names, types or {})
    return parser.whole(parser.tests)
