"""Compiled expressions and unary tests, and the caches that keep them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from server.feel import ast
from server.feel import budget as limits
from server.feel.arithmetic import out_of_numbers
from server.feel.budget import Budget
from server.feel.compiler import Compiled, compile_tests, compile_tree
from server.feel.diagnostics import Diagnostic, Evaluation
from server.feel.parser import parse_expression, parse_unary_tests
from server.feel.runtime import UNMETERED, Runtime
from server.feel.scanner import normal_name
from server.feel.types import FeelType

CACHE_SIZE = 4_096
_NO_CONTEXT: Mapping[str, Any] = {}


class Expression:
    """A FEEL expression, compiled once and evaluated any number of times in any thread."""

    __slots__ = ("_metered", "_run", "ast", "code", "names", "paths", "possible_names", "text")

    def __init__(self, text: str, tree: ast.Node, compiled: Compiled) -> None:
        self.text = text
        """What the designer wrote."""
        self.ast = tree
        """Its syntax tree."""
        self.names = compiled.names
        """The variables that it reads from its context."""
        self.possible_names = compiled.possible_names
        """Names inside of filters that are entries of the elements, or variables where an element has none."""
        self.paths = compiled.paths
        """The variables with the members behind them, the longest of each."""
        self.code = compiled.run
        """The emitted function, ``code(context, runtime)``, for callers that share one runtime among expressions."""
        self._run = compiled.run
        self._metered = compiled.metered

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def evaluate(
        self, context: Mapping[str, Any], *, budget: Budget | None = None, clock: datetime | None = None
    ) -> Evaluation:
        """The value with its diagnostics. ``clock`` is what ``now()`` and ``today()`` answer."""
        found: list[Diagnostic] = []
        runtime = Runtime(budget, clock=clock, diagnostics=found)
        value = _guarded(self._run, runtime, context, runtime)
        return Evaluation(value, tuple(found))

    def value(self, context: Mapping[str, Any], *, budget: Budget | None = None, clock: datetime | None = None) -> Any:
        """The value alone, without collecting diagnostics."""
        if budget is None and not self._metered:
            try:
                return self._run(context, UNMETERED)
            except (ArithmeticError, RecursionError):
                pass
        runtime = Runtime(budget, clock=clock)
        return _guarded(self._run, runtime, context, runtime)


class UnaryTests:
    """The tests of a decision table's cell."""

    __slots__ = ("_metered", "_run", "ast", "code", "names", "paths", "possible_names", "text")

    def __init__(self, text: str, tree: ast.Tests, compiled: Compiled) -> None:
        self.text = text
        self.ast = tree
        self.names = compiled.names
        self.paths = compiled.paths
        self.possible_names = compiled.possible_names
        self.code = compiled.run
        """The emitted function, ``code(value, context, runtime)``."""
        self._run = compiled.run
        self._metered = compiled.metered

    def __repr__(self) -> str:
        return f"UnaryTests({self.text!r})"

    def matches(
        self,
        value: Any,
        context: Mapping[str, Any] = _NO_CONTEXT,
        *,
        budget: Budget | None = None,
        clock: datetime | None = None,
    ) -> bool | None:
        """Whether the value passes; None where FEEL cannot tell."""
        if budget is None and not self._metered:
            try:
                return self._run(value, context, UNMETERED)  # type: ignore[no-any-return]
            except (ArithmeticError, RecursionError):
                pass
        runtime = Runtime(budget, clock=clock)
        return _guarded(self._run, runtime, value, context, runtime)  # type: ignore[no-any-return]

    def evaluate(
        self,
        value: Any,
        context: Mapping[str, Any] = _NO_CONTEXT,
        *,
        budget: Budget | None = None,
        clock: datetime | None = None,
    ) -> Evaluation:
        """Whether the value passes, with the diagnostics."""
        found: list[Diagnostic] = []
        runtime = Runtime(budget, clock=clock, diagnostics=found)
        return Evaluation(_guarded(self._run, runtime, value, context, runtime), tuple(found))


def _guarded(run: Any, runtime: Runtime, *arguments: Any) -> Any:
    """Run emitted code; what Python itself gives up on becomes an error of ours or null."""
    try:
        return run(*arguments)
    except RecursionError:
        raise limits.depth_exceeded(runtime.budget.max_depth) from None
    except ArithmeticError:
        runtime.fail(out_of_numbers(), (1, 1))
        return None


def compile_expression(
    text: str, *, names: Iterable[str] = (), types: Mapping[str, FeelType] | None = None
) -> Expression:
    """The compiled expression; raises FeelSyntaxError.

    ``names`` are the variables in scope: needed where a name contains spaces next to keywords or signs such as
    ``a-b``, and where a variable is called like a built-in function. ``types`` are the model's item definitions.
    """
    return _expression(text, _frozen(names), tuple(sorted((types or {}).items(), key=lambda item: item[0])))


def compile_unary_tests(
    text: str, *, names: Iterable[str] = (), types: Mapping[str, FeelType] | None = None
) -> UnaryTests:
    """The compiled unary tests; raises FeelSyntaxError. ``-`` passes everything."""
    return _unary_tests(text, _frozen(names), tuple(sorted((types or {}).items(), key=lambda item: item[0])))


def _frozen(names: Iterable[str]) -> frozenset[str]:
    return frozenset(normal_name(name) for name in names)


@lru_cache(maxsize=CACHE_SIZE)
def _expression(text: str, names: frozenset[str], types: tuple[tuple[str, FeelType], ...]) -> Expression:
    tree = parse_expression(text, names, dict(types))
    return Expression(text, tree, compile_tree(tree, text, names))


@lru_cache(maxsize=CACHE_SIZE)
def _unary_tests(text: str, names: frozenset[str], types: tuple[tuple[str, FeelType], ...]) -> UnaryTests:
    tree = parse_unary_tests(text, names, dict(types))
    return UnaryTests(text, tree, compile_tests(tree, text, names))
