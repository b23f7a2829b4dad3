"""The compiler against a slow, obvious evaluator that walks the tree: random expressions give the same values."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.feel import BudgetExceeded, Fault, FeelDate, Range, ast, compile_expression, compile_unary_tests
from server.feel.arithmetic import OPERATIONS, negate
from server.feel.comparison import check_endpoints, compare, contains, equal, same
from server.feel.ranges import comparison_range
from server.feel.temporal import date_from_ordinal

CONTEXT: dict[str, Any] = {
    "a": 3,
    "b": Decimal("-1.5"),
    "s": "x",
    "t": True,
    "n": None,
    "l": [1, 2, 3],
    "c": {"a": 1, "k": {"a": 2}},
    "rows": [{"a": 1, "z": "p"}, {"a": 5}, {"z": "q", "a": None}],
}


class Walker:
    """FEEL by walking the tree; every error is None, as the specification says."""

    def value(self, node: ast.Node, scope: list[dict[str, Any]]) -> Any:
        try:
            return getattr(self, type(node).__name__.lower())(node, scope)
        except Fault:
            return None

    def literal(self, node: ast.Literal, scope: list[dict[str, Any]]) -> Any:
        return node.value

    def name(self, node: ast.Name, scope: list[dict[str, Any]]) -> Any:
        return next((level[node.name] for level in reversed(scope) if node.name in level), None)

    def listliteral(self, node: ast.ListLiteral, scope: list[dict[str, Any]]) -> Any:
        return [self.value(item, scope) for item in node.items]

    def contextliteral(self, node: ast.ContextLiteral, scope: list[dict[str, Any]]) -> Any:
        result: dict[str, Any] = {}
        for entry in node.entries:
            result[entry.key] = self.value(entry.value, [*scope, dict(result)])
        return result

    def path(self, node: ast.Path, scope: list[dict[str, Any]]) -> Any:
        return self._member(self.value(node.base, scope), node.member)

    def _member(self, base: Any, member: str) -> Any:
        if isinstance(base, list):
            return [self._member(item, member) for item in base]
        return base.get(member) if isinstance(base, dict) else None

    def filter(self, node: ast.Filter, scope: list[dict[str, Any]]) -> Any:
        base = self.value(node.base, scope)
        if base is None:
            return None
        items = base if isinstance(base, list) else [base]
        kept = []
        for item in items or [None]:
            entries = {"item": item, **item} if isinstance(item, dict) else {"item": item}
            verdict = self.value(node.condition, [*scope, entries])
            if isinstance(verdict, int | Decimal) and not isinstance(verdict, bool):
                index = int(verdict)
                inside = index == verdict and index != 0 and abs(index) <= len(items)
                return items[index - 1 if index > 0 else index] if inside else None
            if verdict is True:
                kept.append(item)
            elif verdict is not False and verdict is not None:
                return [] if not items else None
        return kept if items else []

    def arithmetic(self, node: ast.Arithmetic, scope: list[dict[str, Any]]) -> Any:
        result = self.value(node.operands[0], scope)
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            right = self.value(operand, scope)
            try:
                result = OPERATIONS[operator](result, right)
            except Fault:
                result = None
        return result

    def negation(self, node: ast.Negation, scope: list[dict[str, Any]]) -> Any:
        return negate(self.value(node.operand, scope))

    def comparison(self, node: ast.Comparison, scope: list[dict[str, Any]]) -> Any:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        if node.operator in ("=", "!="):
            return equal(left, right) is (node.operator == "=")
        return compare(node.operator, left, right)

    def between(self, node: ast.Between, scope: list[dict[str, Any]]) -> Any:
        value, low, high = (self.value(each, scope) for each in (node.value, node.low, node.high))
        return self._all([self._or_none(compare, ">=", value, low), self._or_none(compare, "<=", value, high)])

    def _or_none(self, operation: Callable[..., Any], *operands: Any) -> Any:
        try:
            return operation(*operands)
        except Fault:
            return None

    def _all(self, found: list[Any]) -> Any:
        return False if False in [x for x in found if isinstance(x, bool)] else all(x is True for x in found) or None

    def _any(self, found: list[Any]) -> Any:
        if any(x is True for x in found):
            return True
        return False if all(x is False for x in found) else None

    def in_(self, node: ast.In, scope: list[dict[str, Any]]) -> Any:
        value = self.value(node.value, scope)
        own = not any("?" in level for level in scope)
        inner = [*scope, {"?": value}] if own else scope
        return self._any([self._or_none(self._test, value, test, inner, own) for test in node.tests])

    def _test(self, value: Any, node: ast.Node, scope: list[dict[str, Any]], own: bool) -> Any:
        if isinstance(node, ast.UnaryComparison):
            operand = self.value(node.operand, scope)
            if node.operator in ("=", "!="):
                return equal(value, operand) is (node.operator == "=")
            return compare(node.operator, value, operand)
        if own and any(isinstance(each, ast.Name) and each.name == "?" for each in ast.walk(node)):
            found = self.value(node, scope)
            return found if isinstance(found, bool) else None
        return self._belongs(value, self.value(node, scope))

    def _belongs(self, value: Any, test: Any) -> Any:
        if isinstance(test, Range) and not isinstance(value, Range):
            if value is None:
                return None
            return contains(test, value)
        if isinstance(test, list):
            if isinstance(value, list) and same(value, test):
                return True
            return any(self._or_none(self._element, value, item) is True for item in test)
        return equal(value, test)

    def _element(self, value: Any, item: Any) -> Any:
        return self._belongs(value, item) if isinstance(item, Range) else equal(value, item)

    def and_(self, node: ast.And, scope: list[dict[str, Any]]) -> Any:
        return self._all([self.value(each, scope) for each in node.operands])

    def or_(self, node: ast.Or, scope: list[dict[str, Any]]) -> Any:
        return self._any([self.value(each, scope) for each in node.operands])

    def if_(self, node: ast.If, scope: list[dict[str, Any]]) -> Any:
        condition = self.value(node.condition, scope)
        if condition is not None and not isinstance(condition, bool):
            return None
        return self.value(node.consequence if condition is True else node.alternative, scope)

    def rangeliteral(self, node: ast.RangeLiteral, scope: list[dict[str, Any]]) -> Any:
        low, high = self.value(node.low, scope), self.value(node.high, scope)
        check_endpoints(low, high)
        return Range(low, high, node.low_included and low is not None, node.high_included and high is not None)

    def unarycomparison(self, node: ast.UnaryComparison, scope: list[dict[str, Any]]) -> Any:
        operand = self.value(node.operand, scope)
        if node.operator not in ("=", "!="):
            check_endpoints(operand, None)
        return comparison_range(node.operator, operand)

    def _domains(self, iterations: tuple[ast.Iteration, ...], scope: list[dict[str, Any]]) -> Any:
        """Every combination of the loop variables, as scopes; None where a domain cannot be looped over."""
        combined = [scope]
        for iteration in iterations:
            following = []
            for outer in combined:
                elements = self._elements(iteration, outer)
                if elements is None:
                    return None
                following += [[*outer, {iteration.variable: element}] for element in elements]
            combined = following
        return combined

    def _elements(self, iteration: ast.Iteration, scope: list[dict[str, Any]]) -> list[Any] | None:
        domain = self.value(iteration.domain, scope)
        if iteration.high is not None:
            high = self.value(iteration.high, scope)
            numbers = (int, Decimal)
            if type(domain) not in numbers or type(high) not in numbers or domain != int(domain) or high != int(high):
                return None
            low, high = int(domain), int(high)
            return [Decimal(n) for n in (range(low, high + 1) if low <= high else range(low, high - 1, -1))]
        if isinstance(domain, Range):
            return self._between(domain)
        return None if domain is None else domain if isinstance(domain, list) else [domain]

    def _between(self, domain: Range) -> list[Any] | None:
        """The whole numbers or dates of a range; None where they cannot be counted."""
        low, high = domain.start, domain.end
        if domain.operator is not None:
            return None
        counted: list[Any]
        if isinstance(low, FeelDate) and isinstance(high, FeelDate):
            counted = [date_from_ordinal(n) for n in range(low.ordinal, high.ordinal + 1)]
        elif type(low) in (int, Decimal) and type(high) in (int, Decimal) and low == int(low) and high == int(high):
            counted = [Decimal(n) for n in range(int(low), int(high) + 1)]
        else:
            return None
        return [n for n in counted if self._belongs(n, domain)]

    def for_(self, node: ast.For, scope: list[dict[str, Any]]) -> Any:
        combined = self._domains(node.iterations, scope)
        if combined is None:
            return None
        results: list[Any] = []
        for inner in combined:
            results.append(self.value(node.body, [*inner, {"partial": list(results)}]))
        return results

    def quantified(self, node: ast.Quantified, scope: list[dict[str, Any]]) -> Any:
        combined = self._domains(node.iterations, scope)
        if combined is None:
            return None
        found = [self.value(node.condition, inner) for inner in combined]
        return self._any(found) if node.quantifier == "some" else self._all(found)


for keyword in ("and", "or", "if", "for", "in"):
    setattr(Walker, keyword, getattr(Walker, f"{keyword}_"))

names = st.sampled_from(["a", "b", "s", "t", "n", "l", "c", "rows", "missing"])
literals = st.sampled_from(
    ["0", "1", "2", "3.5", "-1", '"x"', '"p"', "true", "false", "null", '@"P1D"', '@"2024-01-31"']
)
leaves = literals | names


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    operators = st.sampled_from(["+", "-", "*", "/", "**"])
    comparisons = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    brackets = st.sampled_from(["[]", "()", "[)", "(]"])
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda x: f"({x[0]} {x[1]} {x[2]})"),
        st.tuples(inner, operators, inner, operators, inner).map(lambda x: f"({' '.join(x)})"),
        st.tuples(inner, comparisons, inner).map(lambda x: f"({x[0]} {x[1]} {x[2]})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda x: f"({' and '.join(x)})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda x: f"({' or '.join(x)})"),
        st.tuples(inner, inner, inner).map(lambda x: f"(if {x[0]} then {x[1]} else {x[2]})"),
        st.tuples(inner, inner, inner).map(lambda x: f"({x[0]} between {x[1]} and {x[2]})"),
        pair.map(lambda x: f"({x[0]} in {x[1]})"),
        pair.map(lambda x: f"({x[0]} in (> {x[1]}, {x[0]}))"),
        pair.map(lambda x: f"({x[0]} in (? = {x[1]}))"),
        st.tuples(brackets, inner, inner).map(lambda x: f"{x[0][0]}{x[1]}..{x[2]}{x[0][1]}"),
        inner.map(lambda x: f"(-{x})"),
        st.lists(inner, max_size=3).map(lambda x: f"[{', '.join(x)}]"),
        pair.map(lambda x: f"{{a: {x[0]}, y: {x[1]}, z: a}}"),
        inner.map(lambda x: f"({x}).a"),
        pair.map(lambda x: f"({x[0]})[{x[1]}]"),
        pair.map(lambda x: f"({x[0]})[item = {x[1]}]"),
        pair.map(lambda x: f"({x[0]})[a > {x[1]}]"),
        pair.map(lambda x: f"(for x in {x[0]} return {x[1]})"),
        pair.map(lambda x: f"(for x in {x[0]}, y in [x, 1] return {x[1]} = y)"),
        pair.map(lambda x: f"(for a in -1..2 return [a, {x[0]}, count2, {x[1]}])"),
        pair.map(lambda x: f"(for b in {x[0]} return if {x[1]} = b then partial else b)"),
        pair.map(lambda x: f"(some a in {x[0]} satisfies {x[1]})"),
        pair.map(lambda x: f"(every s in {x[0]}, a in s satisfies {x[1]})"),
    )


texts = st.recursive(leaves, grow, max_leaves=14)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts)
def test_compiled_code_and_the_walker_agree(text):
    expression = compile_expression(text, names=CONTEXT)
    try:
        found = expression.evaluate(CONTEXT).value
    except BudgetExceeded:
        return
    expected = Walker().value(expression.ast, [CONTEXT])
    assert found == expected, text
    assert expression.value(CONTEXT) == expected, text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(texts, min_size=1, max_size=3), st.booleans(), st.sampled_from(list(CONTEXT.values())))
def test_unary_tests_and_the_walker_agree(parts, negated, value):
    text = f"not({', '.join(parts)})" if negated else ", ".join(parts)
    tests = compile_unary_tests(text, names=CONTEXT)
    walker = Walker()
    found = []
    for node in tests.ast.tests:
        scope = [CONTEXT, {"?": value}]
        mentions_input = any(isinstance(each, ast.Name) and each.name == "?" for each in ast.walk(node))
        answer = walker.value(node, scope) if not isinstance(node, ast.UnaryComparison) else None
        if isinstance(answer, bool) and not isinstance(value, bool) and not mentions_input:
            constant = isinstance(node, ast.Literal)
            found.append(walker._or_none(equal, value, answer) if constant else answer)
        else:
            found.append(walker._or_none(walker._test, value, node, scope, True))
    expected = walker._any(found)
    if tests.ast.negated and expected is not None:
        expected = not expected
    try:
        assert tests.matches(value, CONTEXT) is expected, text
    except BudgetExceeded:
        return
