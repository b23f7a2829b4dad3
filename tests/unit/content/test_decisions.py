"""Every rule of every shipped decision table answers as the rows beside the table say."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.dmn import DecisionModel, DecisionTable, read_dmn
from server.dmn.model import HitPolicy

DMN = Path(__file__).resolve().parents[3] / "dmn"
FILES = sorted(DMN.glob("*.dmn"))


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(DMN.glob("*.test.yaml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")):
            for case in block["cases"]:
                yield block["decision"], case


def exact(value: Any) -> Any:
    """Numbers as Decimal, so that 0.1 is compared as it is written."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {name: exact(inner) for name, inner in value.items()}
    return value


@pytest.mark.parametrize(("decision", "case"), list(rows()), ids=lambda value: str(value)[:90])
def test_a_row_answers_as_it_says(decision: str, case: dict[str, Any], decisions: dict[str, DecisionModel]) -> None:
    evaluation = decisions[decision].evaluate(decision, exact(case["given"]))

    assert evaluation.value == exact(case["expect"])
    hit = [rule.rule_index for rule in evaluation.trace.matched_rules]
    assert hit == ([] if case["rule"] is None else [case["rule"]])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_rule_has_a_row(path: Path) -> None:
    model = read_dmn(path.read_bytes(), resource=path.name)
    for identity, decision in model.decisions.items():
        if isinstance(decision.logic, DecisionTable):
            tested = {case["rule"] for name, case in rows() if name == identity}
            assert set(range(1, len(decision.logic.rules) + 1)) <= tested, identity


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_tables_are_unique_explained_and_free_of_findings(path: Path) -> None:
    model = read_dmn(path.read_bytes(), resource=path.name)

    assert model.findings == ()
    for identity, decision in model.decisions.items():
        if isinstance(decision.logic, DecisionTable):
            expected = HitPolicy.FIRST if identity == "fraud-policy" else HitPolicy.UNIQUE
            assert decision.logic.hit_policy is expected
            assert all(rule.annotations and rule.annotations[0] for rule in decision.logic.rules)
            assert all(clause.expression.type_ref for clause in decision.logic.inputs)
            assert all(clause.type_ref for clause in decision.logic.outputs)
