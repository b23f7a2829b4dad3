"""Every example of the designers' FEEL guide, and of the page on the lender's library, gives what is written there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from server.feel import compile_expression, compile_unary_tests
from server.feel.comparison import same
from server.feel.lender.library import LENDER

DOCS = Path(__file__).resolve().parents[3] / "docs"
TEXT = (DOCS / "feel-guide.zh-CN.md").read_text(encoding="utf-8")
LIBRARY = (DOCS / "feel-lender-library.md").read_text(encoding="utf-8")
GIVEN = re.compile("// (?:已知|given) (.+)")


def expressions(page: str) -> Iterator[tuple[dict[str, Any], str, str]]:
    """The facts, the expression and the expected value of every example."""
    for block in re.findall(r"```feel\n(.*?)```", page, re.DOTALL):
        for example in re.split(r"\n\s*\n", block.strip()):
            lines = example.splitlines()
            given = GIVEN.fullmatch(lines[0])
            facts = json.loads(given[1], parse_float=Decimal) if given else {}
            lines = lines[1:] if given else lines
            assert lines[-1].startswith("// = "), example
            yield facts, "\n".join(lines[:-1]), lines[-1].removeprefix("// = ")


def cells() -> Iterator[tuple[str, str, bool]]:
    """The cell, the input and whether it matches, of every row of the table of cells."""
    for cell, value, matches in re.findall(r"^\| `(.+?)` \| `(.+?)` \| (是|否) \|$", TEXT, re.MULTILINE):
        yield cell, value, matches == "是"


@pytest.mark.parametrize(
    ("facts", "text", "expected"), [*expressions(TEXT), *expressions(LIBRARY)], ids=lambda part: str(part)[:60]
)
def test_an_expression_gives_what_the_guide_says(facts: dict[str, Any], text: str, expected: str) -> None:
    found = compile_expression(text, names=facts).value(facts)
    wanted = compile_expression(expected).value({})

    assert same(found, wanted), f"{found!r} is not {wanted!r}"


@pytest.mark.parametrize(("cell", "value", "matches"), list(cells()), ids=str)
def test_a_cell_matches_as_the_guide_says(cell: str, value: str, matches: bool) -> None:
    given = compile_expression(value).value({})

    assert (compile_unary_tests(cell).matches(given) is True) is matches


def test_the_guide_has_its_examples() -> None:
    assert len(list(expressions(TEXT))) >= 60
    assert len(list(expressions(LIBRARY))) >= 20
    assert len(list(cells())) == TEXT.count("| 是 |") + TEXT.count("| 否 |") >= 15


def test_the_page_on_the_library_lists_every_function_with_its_parameters() -> None:
    listed = re.findall(r"^\| `([a-z ]+\(.+?\))` \|", LIBRARY, re.MULTILINE)
    declared = [
        f"{name}({', '.join(f'[{each.name}]' if each.optional else each.name for each in function.parameters)})"
        for name, function in LENDER.items()
    ]

    assert sorted(listed) == sorted(declared)


def test_the_guide_names_every_function_of_the_library() -> None:
    assert [name for name in LENDER if f"`{name}" not in TEXT] == []
