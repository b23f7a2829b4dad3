"""The analysis of random tables says what trying every input says."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from server.dmn import DecisionModel
from server.dmn.analysis import analyse
from server.dmn.analysis_report import TableAnalysis, TableFinding
from server.feel import compile_unary_tests

NUMBERS = tuple(Decimal(n) / 2 for n in range(-3, 11))
TEXTS = ("A", "B", "C", "other")
DOMAINS: dict[str, tuple[Any, ...]] = {"n": NUMBERS, "m": NUMBERS, "t": TEXTS, "b": (True, False)}
"""Every value that could make a difference, by input: the tables name whole numbers from 0 to 4 and three texts."""

number = st.integers(0, 4).map(str)
ranges = st.tuples(st.sampled_from("[("), number, number, st.sampled_from("])")).map(
    lambda t: f"{t[0]}{min(t[1], t[2])}..{max(t[1], t[2])}{t[3]}"
)
compared = st.tuples(st.sampled_from(["<", "<=", ">", ">="]), number).map(" ".join)
numeric = st.sampled_from(["-", "-"]) | number | ranges | compared | st.tuples(number, compared).map(", ".join)
text = st.sampled_from(['"A"', '"B"', '"C"'])
textual = st.sampled_from(["-"]) | text | st.tuples(text, text).map(", ".join) | text.map(lambda t: f"not({t})")
boolean = st.sampled_from(["-", "true", "false"])
CELLS = {"n": numeric, "m": numeric, "t": textual, "b": boolean}
ALLOWED = {"n": [None, "[0..4]", "> 1"], "m": [None], "t": [None, '"A","B","C"'], "b": [None]}


@dataclass(frozen=True)
class Table:
    """A random table: inputs, allowed values, and rules of input cells followed by one output."""

    inputs: tuple[str, ...]
    allowed: tuple[str | None, ...]
    rules: tuple[tuple[str, ...], ...]

    def points(self) -> list[dict[str, Any]]:
        """Every input that could make a difference."""
        domains = []
        for name, allowed in zip(self.inputs, self.allowed, strict=True):
            domains.append([v for v in DOMAINS[name] if allowed is None or passes(allowed, v)])
        return [dict(zip(self.inputs, values, strict=True)) for values in itertools.product(*domains)]

    def matches(self, point: dict[str, Any]) -> list[int]:
        """The rules that match, from 1."""
        return [
            number
            for number, rule in enumerate(self.rules, 1)
            if all(passes(cell, point[name]) for name, cell in zip(self.inputs, rule, strict=False))
        ]

    def output(self, rule: int) -> str:
        """What a rule concludes."""
        return self.rules[rule - 1][-1]


def passes(tests: str, value: Any) -> bool:
    """Whether a value passes the tests of a cell."""
    return compile_unary_tests(tests).matches(value) is True


@st.composite
def tables(draw: st.DrawFn) -> Table:
    inputs = draw(st.lists(st.sampled_from(sorted(DOMAINS)), min_size=1, max_size=3, unique=True))
    allowed = tuple(draw(st.sampled_from(ALLOWED[name])) for name in inputs)
    cells = st.tuples(*(CELLS[name] for name in inputs), st.sampled_from(['"x"', '"y"', '"z"']))
    rules = draw(st.lists(cells, min_size=1, max_size=6))
    return Table(tuple(inputs), allowed, tuple(rules))


def analysed(dmn: Any, table: Table, policy: str) -> tuple[DecisionModel, TableAnalysis]:
    text = dmn.table(
        table.inputs,
        ["out"],
        table.rules,
        policy=policy,
        allowed=table.allowed,
        values=['"x","y","z"'],
        types=["string"],
    )
    model = dmn.decide(text)
    (found,) = analyse(model, limit=10_000)
    assert found.complete
    return model, found


def of(found: TableAnalysis, code: str) -> list[TableFinding]:
    return [finding for finding in found.findings if finding.message.code == f"dmn.analysis.{code}"]


def within(region: Sequence[tuple[str, str]], point: dict[str, Any]) -> bool:
    return all(passes(tests, point[name]) for name, tests in region)


@settings(max_examples=150, deadline=None)
@given(tables())
def test_gaps_are_exactly_where_no_rule_matches(dmn: Any, table: Table) -> None:
    _, found = analysed(dmn, table, "UNIQUE")
    gaps = of(found, "gap")
    for point in table.points():
        inside = [gap for gap in gaps if within(gap.region, point)]
        assert len(inside) == (0 if table.matches(point) else 1), point
    for gap in gaps:
        example = {each.expression: each.value for each in gap.example}
        assert table.matches({**table.points()[0], **example}) == []


@settings(max_examples=150, deadline=None)
@given(tables())
def test_overlaps_are_exactly_the_rules_that_match_together(dmn: Any, table: Table) -> None:
    model, found = analysed(dmn, table, "UNIQUE")
    expected = {pair for point in table.points() for pair in itertools.combinations(table.matches(point), 2)}
    overlaps = of(found, "overlap")
    assert {finding.rules for finding in overlaps} == expected
    for finding in overlaps:
        example = {**table.points()[0], **{each.expression: each.value for each in finding.example}}
        assert set(finding.rules) <= set(table.matches(example))
        assert within(finding.region, example)
        assert model.evaluate("D", example).failed


@settings(max_examples=100, deadline=None)
@given(tables())
def test_any_accepts_overlaps_that_agree(dmn: Any, table: Table) -> None:
    _, found = analysed(dmn, table, "ANY")
    expected = {
        (a, b)
        for point in table.points()
        for a, b in itertools.combinations(table.matches(point), 2)
        if table.output(a) != table.output(b)
    }
    assert {finding.rules for finding in of(found, "overlap")} == expected


def first(table: Table, matched: Sequence[int]) -> int:
    """The deciding rule of a FIRST table."""
    return min(matched)


def highest(table: Table, matched: Sequence[int]) -> int:
    """The deciding rule of a PRIORITY table."""
    return min(matched, key=lambda rule: (table.output(rule), rule))


def check_idle_rules(dmn: Any, table: Table, policy: str, decides: Callable[[Table, Sequence[int]], int]) -> None:
    _, found = analysed(dmn, table, policy)
    matches = [table.matches(point) for point in table.points()]
    reachable = {rule for matched in matches for rule in matched}
    deciding = {decides(table, matched) for matched in matches if matched}
    assert {finding.rules[0] for finding in of(found, "masked")} == reachable - deciding

    def outcomes(removed: set[int]) -> list[str | None]:
        left = [[rule for rule in matched if rule not in removed] for matched in matches]
        return [table.output(decides(table, matched)) if matched else None for matched in left]

    redundant = {finding.rules[0] for finding in of(found, "redundant")}
    idle = redundant | (reachable - deciding)
    assert outcomes(idle) == outcomes(set())
    for rule in deciding - idle:
        assert outcomes(idle | {rule}) != outcomes(set()), rule


@settings(max_examples=150, deadline=None)
@given(tables())
def test_rules_that_never_decide_in_a_first_table(dmn: Any, table: Table) -> None:
    check_idle_rules(dmn, table, "FIRST", first)


@settings(max_examples=150, deadline=None)
@given(tables())
def test_rules_that_never_decide_in_a_priority_table(dmn: Any, table: Table) -> None:
    check_idle_rules(dmn, table, "PRIORITY", highest)


@settings(max_examples=100, deadline=None)
@given(tables())
def test_rules_that_can_never_match(dmn: Any, table: Table) -> None:
    _, found = analysed(dmn, table, "COLLECT")
    reachable = {rule for point in table.points() for rule in table.matches(point)}
    told = {rule for code in ("never-matches", "domain", "type") for f in of(found, code) for rule in f.rules}
    never = set(range(1, len(table.rules) + 1)) - reachable
    assert never <= told
    assert {rule for finding in of(found, "never-matches") for rule in finding.rules} <= never
