"""Decisions of the DMN conformance suite that are a single FEEL expression.

The whole suite is run by the decision engine's tests; here only literal expressions without inputs from other
decisions are evaluated, so that a fault of the language shows as one of the language.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from server.feel import (
    FeelSyntaxError,
    compile_expression,
    parse_date,
    parse_date_and_time,
    parse_duration,
    parse_time,
)
from server.feel.comparison import same

SHARED = Path(os.environ.get("LENDLOOM_SHARED", Path(__file__).resolve().parents[3] / "../shared"))
SUITE = SHARED / "tck"
BEYOND_FEEL = ("itemDefinition", "businessKnowledgeModel", "decisionService", "import")
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
READERS = {
    "string": str,
    "boolean": lambda text: text.strip() == "true",
    "decimal": lambda text: Decimal(text.strip()),
    "date": parse_date,
    "time": parse_time,
    "dateTime": parse_date_and_time,
    "duration": parse_duration,
}
CLOCK = datetime(2024, 1, 1, tzinfo=UTC)

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SUITE.is_dir(), reason=f"no conformance suite at {SUITE}; set LENDLOOM_SHARED"),
]


def folders() -> list[Path]:
    return sorted(SUITE.glob("compliance-level-*/*")) if SUITE.is_dir() else []


def stated(holder: Any) -> Any:
    """The value below an ``expected`` or ``component`` element."""
    components = holder.findall("{*}component")
    if components:
        return {each.get("name"): None if each.get(NIL) == "true" else stated(each) for each in components}
    items = holder.find("{*}list")
    if items is not None:
        return None if items.get(NIL) == "true" else [stated(item) for item in items.findall("{*}item")]
    value = holder.find("{*}value")
    if value is None or value.get(NIL) == "true":
        return None
    kind = (value.get(TYPE) or "string").split(":")[-1]
    return READERS["decimal" if kind in ("double", "integer") else kind](value.text or "")


def close(found: Any, expected: Any) -> bool:
    """Equal, numbers up to the suite's tolerance."""
    if isinstance(expected, Decimal):
        return isinstance(found, Decimal | int) and abs(found - expected) <= Decimal("1e-8")
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(close, found, expected))
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(close(found.get(key), expected[key]) for key in expected)
    return type(found) is type(expected) and same(found, expected)


def cases(folder: Path) -> Iterator[tuple[str, str, Any]]:
    """Name, text and expected value of every decision that is one expression without requirements."""
    models = list(folder.glob("*.dmn"))
    root = etree.parse(models[0]).getroot()
    if len(models) > 1 or any(root.find(f"{{*}}{element}") is not None for element in BEYOND_FEEL):
        return
    texts = {}
    for decision in root.findall("{*}decision"):
        variable = decision.find("{*}variable")
        typed = variable is not None and variable.get("typeRef") not in (None, "Any")
        text = decision.find("{*}literalExpression/{*}text")
        if text is not None and not typed and decision.find("{*}informationRequirement") is None:
            texts[decision.get("name")] = text.text
    for suite in folder.glob("*.xml"):
        for case in etree.parse(suite).getroot().findall("{*}testCase"):
            for result in case.findall("{*}resultNode"):
                if result.get("name") in texts:
                    name = f"{case.get('id')} {result.get('name')}"
                    yield name, texts[result.get("name")], stated(result.find("{*}expected"))


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_literal_expressions_of_the_suite(folder):
    wrong = []
    for name, text, expected in cases(folder):
        try:
            found = compile_expression(text).value({}, clock=CLOCK)
        except FeelSyntaxError:
            found = None
        if not close(found, expected):
            wrong.append((name, text, found, expected))
    assert not wrong


def test_the_suite_holds_many_of_them():
    assert sum(1 for folder in folders() for _ in cases(folder)) > 500
