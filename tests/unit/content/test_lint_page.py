"""docs/lint.md tells of every finding of the gate, and of none that there is not."""

from __future__ import annotations

import re
from pathlib import Path

from server.bpmn.style_rules import RULES, RULES_OF_THE_GATE

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/lint.md").read_text(encoding="utf-8")
GATE = (
    *sorted((ROOT / "server/bpmn").glob("gate*.py")),
    *(ROOT / f"server/bpmn/{name}.py" for name in ("constants", "data_flow", "reader", "references", "soundness")),
    *sorted((ROOT / "server/bpmn").glob("dialect*.py")),
    ROOT / "server/bpmn/collected_results.py",
    ROOT / "server/bpmn/connections.py",
    ROOT / "server/bpmn/data_objects.py",
    ROOT / "server/bpmn/extension_places.py",
    ROOT / "server/bpmn/fixed_values.py",
    ROOT / "server/bpmn/function_calls.py",
    ROOT / "server/bpmn/inferred_kinds.py",
    ROOT / "server/bpmn/juel.py",
    ROOT / "server/bpmn/past_times.py",
    ROOT / "server/runtime/calendars.py",
    ROOT / "server/runtime/callers.py",
    ROOT / "server/runtime/resources.py",
    ROOT / "server/runtime/lint.py",
)
CODE = re.compile(r'"((?:bpmn|deployment)\.[a-z-]+)"')
NOT_FINDINGS = {"deployment.refused"}  # the sentence over all of them
OF_EXPRESSIONS = {"bpmn.expression-failed", "bpmn.timer-value"}  # found when constants are tried out


def codes() -> set[str]:
    found = {code for file in GATE for code in CODE.findall(file.read_text(encoding="utf-8"))}
    return (found - NOT_FINDINGS) | OF_EXPRESSIONS


def test_every_code_of_the_gate_is_explained() -> None:
    assert codes() - set(re.findall(r"`((?:bpmn|deployment)\.[a-z-]+)`", PAGE)) == set()


def test_no_code_is_explained_that_there_is_not() -> None:
    assert set(re.findall(r"`((?:bpmn|deployment)\.[a-z-]+)`", PAGE)) - codes() == set()


def test_every_rule_has_its_row() -> None:
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE))
    assert rows == {*RULES, *RULES_OF_THE_GATE}
    for codes_ in RULES_OF_THE_GATE.values():
        assert all(f"`{code}`" in PAGE for code in codes_)
