"""Tests beside decision tables: rows of inputs and expected outputs, and which rules they reach.

A test file is a list of blocks: ``decision`` (id or name) and ``cases``. A case has ``given`` (the facts), and
``expect`` (the value, dates and durations as ISO texts) or ``rule`` (the number of the rule that matches, a list of
them, or null for none), or both; ``at`` is the instant that ``now()`` and ``today()`` answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from server.dmn.compiled_graph import PlacedTable
from server.dmn.decision_model import DecisionModel
from server.dmn.differences import ABSENT, differences
from server.dmn.errors import DmnError
from server.dmn.trace import DecisionTrace, MatchedRule
from server.messages import LendloomError, Message

_BLOCK_KEYS: Final = frozenset({"decision", "cases", "explained"})
_CASE_KEYS: Final = frozenset({"given", "expect", "rule", "at", "name"})


@dataclass(frozen=True, slots=True)
class TableCase:
    """One row: what is asked, and what is expected; ``rules`` is None where the matching rules are left open."""

    decision: str
    number: int
    given: Mapping[str, Any]
    expect: Any = ABSENT
    rules: tuple[int, ...] | None = None
    at: dt.datetime | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What came of a row; a row that passed has no problem."""

    case: TableCase
    problem: Message | None = None


@dataclass(frozen=True, slots=True)
class UncoveredRule:
    """A rule that no row reaches."""

    element_id: str
    rule_index: int
    annotation: str


@dataclass(frozen=True, slots=True)
class TableTestReport:
    """The outcome of all rows of a file, and how many of the model's rules they reach."""

    outcomes: tuple[CaseOutcome, ...]
    rules: int
    uncovered: tuple[UncoveredRule, ...]
    reached: frozenset[RuleIdentity] = frozenset()

    @property
    def failures(self) -> tuple[CaseOutcome, ...]:
        """The rows that did not pass."""
        return tuple(outcome for outcome in self.outcomes if outcome.problem is not None)

    @property
    def covered(self) -> int:
        """How many rules were reached."""
        return self.rules - len(self.uncovered)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON data."""
        return {
            "cases": len(self.outcomes),
            "failures": [
                {
                    "decision": outcome.case.decision,
                    "case": outcome.case.number,
                    "code": outcome.problem.code,
                    "zh": outcome.problem.zh,
                    "en": outcome.problem.en,
                }
                for outcome in self.outcomes
                if outcome.problem is not None
            ],
            "rules": self.rules,
            "covered": self.covered,
            "uncovered": [
                {"decisionId": rule.element_id, "ruleIndex": rule.rule_index, "annotation": rule.annotation}
                for rule in self.uncovered
            ],
        }


def read_cases(data: Any) -> tuple[TableCase, ...]:
    """The rows of a test file's data; raises :class:`DmnError` where they have another form."""
    if not isinstance(data, list):
        raise _malformed("文件", "the file", "应为由 decision 和 cases 组成的列表", "a list of decision and cases")
    return tuple(case for block in data for case in _block_cases(block))


def explained_findings(data: Any) -> dict[str, dict[str, str]]:
    """The findings of the analysis that a test file explains: per decision, the reason by the finding's code."""
    found: dict[str, dict[str, str]] = {}
    for block in data if isinstance(data, list) else ():
        if isinstance(block, Mapping) and isinstance(block.get("explained"), Mapping):
            reasons = found.setdefault(str(block.get("decision")), {})
            reasons.update({str(code): str(reason) for code, reason in block["explained"].items()})
    return found


def run_cases(model: DecisionModel, cases: Iterable[TableCase]) -> TableTestReport:
    """Evaluates every row and counts the rules that matched, also those of required decisions and functions."""
    outcomes = []
    reached: set[tuple[str, str, int]] = set()
    for case in cases:
        problem, trace = _run(model, case)
        outcomes.append(CaseOutcome(case, problem))
        if trace is not None:
            reached.update(reached_rules(trace))
    rules = list(rules_of(model))
    uncovered = [UncoveredRule(rule[0], rule[2], annotation) for rule, annotation in rules if rule not in reached]
    return TableTestReport(tuple(outcomes), len(rules), tuple(uncovered), frozenset(reached))


# --- reading ---


def _block_cases(block: Any) -> Iterator[TableCase]:
    if not isinstance(block, Mapping) or not isinstance(block.get("decision"), str):
        raise _malformed("每一块", "every block", "须有决策编号 decision", "the decision's id as 'decision'")
    decision = block["decision"]
    _check_keys(block, _BLOCK_KEYS, decision)
    cases = block.get("cases")
    if not isinstance(cases, list):
        raise _malformed(f"“{decision}”", f"'{decision}'", "须有用例列表 cases", "its rows as 'cases'")
    for number, case in enumerate(cases, 1):
        yield _case(decision, number, case)


def _case(decision: str, number: int, case: Any) -> TableCase:
    zh, en = f"“{decision}”第 {number} 个用例", f"row {number} of '{decision}'"
    if not isinstance(case, Mapping) or not isinstance(case.get("given"), Mapping):
        raise _malformed(zh, en, "须有输入 given", "the facts as 'given'")
    _check_keys(case, _CASE_KEYS, decision)
    if "expect" not in case and "rule" not in case:
        raise _malformed(zh, en, "须有期望 expect 或 rule", "'expect' or 'rule'")
    rules = _expected_rules(case["rule"], zh, en) if "rule" in case else None
    at = _instant(case["at"], zh, en) if "at" in case else None
    return TableCase(decision, number, case["given"], case.get("expect", ABSENT), rules, at, str(case.get("name", "")))


def _expected_rules(value: Any, zh: str, en: str) -> tuple[int, ...]:
    listed = [] if value is None else value if isinstance(value, list) else [value]
    if not all(isinstance(rule, int) and not isinstance(rule, bool) for rule in listed):
        raise _malformed(
            zh, en, "rule 应为规则序号、序号列表或 null", "'rule' as a rule's number, a list of them or null"
        )
    return tuple(listed)


def _instant(value: Any, zh: str, en: str) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(str(value))
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise _malformed(zh, en, "at 应为带时区的 ISO 8601 时刻", "'at' as an ISO 8601 instant with its offset")
    return instant


def _check_keys(data: Mapping[str, Any], known: frozenset[str], decision: str) -> None:
    unknown = [str(key) for key in data if key not in known]
    if unknown:
        names = ", ".join(unknown)
        listed = ", ".join(sorted(known))
        raise DmnError(
            Message(
                "dmn.test.key",
                f"“{decision}”的测试中有不认识的项 {names}；可用的是 {listed}。",
                f"The tests of '{decision}' have unknown entries: {names}; there are {listed}.",
            )
        )


def _malformed(zh: str, en: str, wants_zh: str, wants_en: str) -> DmnError:
    return DmnError(
        Message("dmn.test.form", f"测试文件格式不对：{zh}{wants_zh}。", f"The test file: {en} needs {wants_en}.")
    )


# --- running ---


def _run(model: DecisionModel, case: TableCase) -> tuple[Message | None, DecisionTrace | None]:
    try:
        evaluation = model.evaluate(case.decision, case.given, clock=case.at)
    except LendloomError as error:
        return error.message, None
    trace = evaluation.trace
    hit = tuple(rule.rule_index for rule in trace.matched_rules)
    if case.rules is not None and hit != case.rules:
        return _other_rules(case.rules, hit, trace), trace
    if case.expect is not ABSENT:
        found = list(differences(case.expect, trace.to_json()["output"]))
        if found:
            return _other_value("; ".join(map(str, found[:5])), trace), trace
    return None, trace


def _other_rules(expected: Sequence[int], actual: Sequence[int], trace: DecisionTrace) -> Message:
    wanted, came = _listed(expected), _listed(actual)
    return Message(
        "dmn.test.rule",
        f"应命中规则 {wanted or '（无）'}，实际命中 {came or '（无）'}。{_noticed(trace, 'zh')}",
        f"Rule {wanted or '(none)'} was expected, but {came or '(none)'} matched. {_noticed(trace, 'en')}".rstrip(),
    )


def _other_value(shown: str, trace: DecisionTrace) -> Message:
    return Message(
        "dmn.test.value",
        f"期望与结果不符：{shown}。{_noticed(trace, 'zh')}",
        f"Expected is not what came: {shown}. {_noticed(trace, 'en')}".rstrip(),
    )


def _noticed(trace: DecisionTrace, language: str) -> str:
    return " ".join(diagnostic.message.text(language) for diagnostic in trace.diagnostics[:3])


def _listed(rules: Sequence[int]) -> str:
    return ", ".join(map(str, rules))


# --- coverage ---


RuleIdentity = tuple[str, str, int]
"""A rule by the element that its table belongs to, its id and its number."""


def rules_of(model: DecisionModel) -> Iterator[tuple[RuleIdentity, str]]:
    """Every rule of a model's tables, with its first annotation."""
    for placed in model.tables:
        for index, (identity, annotation) in enumerate(_rules(placed), 1):
            yield (placed.element.id, identity, index), annotation


def _rules(placed: PlacedTable) -> Iterator[tuple[str, str]]:
    for rule in placed.table.rules:
        yield rule.rule.id, next(iter(rule.rule.annotations), "")


def reached_rules(trace: DecisionTrace) -> Iterator[RuleIdentity]:
    """Every rule that matched in a trace: the element it belongs to, its id and number."""
    waiting = [trace]
    while waiting:
        current = waiting.pop()
        waiting.extend(current.required)
        for rule in current.matched_rules:
            yield _identity(current, rule)


def _identity(trace: DecisionTrace, rule: MatchedRule) -> tuple[str, str, int]:
    return trace.decision_id, rule.rule_id, rule.rule_index
